/** Official channels: the register, entering and changing one, and closing it. */
import { Hono } from 'hono';
import { CHANNELS_MAX, type ChannelProblem } from '../setting/channels.ts';
import { spoken } from '../views/language.ts';
import { type ChannelForm, type FieldError, weekdays } from '../views/models.ts';
import { ChannelEditPage, ChannelsPage, NotFoundPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, frameOf, withFlash } from './context.ts';
import { formIdOf, isDate, isTime, oneOf, readFields, readForm } from './forms.ts';
import { needs } from './guard.ts';
import { checkName } from './new-account-form.ts';

const t = spoken.channels.problems;

const PURPOSE_MAX_LENGTH = 200;

const emptyForm: ChannelForm = {
  ...{ name: '', purpose: '', approvedBy: '', approvedOn: '', assessedOn: '', firstPerson: '', secondPerson: '' },
  ...{ device: '', service: '', days: [], from: '', to: '' },
};

export const channelRoutes = new Hono<AppEnv>()
  .get(paths.channels, needs('channel.change'), async (c) => {
    const { frame, channels } = await c.var.setting.channels();
    return c.html(ChannelsPage({ frame: frameOf(c, frame), channels }));
  })

  .post(paths.channels, needs('channel.change'), (c) => saveChannel(c, null))

  .get(paths.newChannel, needs('channel.change'), (c) => showChannel(c, null, emptyForm, []))

  .get('/channels/:id', needs('channel.change'), async (c) => {
    const id = c.req.param('id');
    const form = await c.var.setting.channelForm(id);
    return form === null ? c.html(NotFoundPage(), 404) : showChannel(c, id, form, []);
  })

  .post('/channels/:id', needs('channel.change'), (c) => saveChannel(c, c.req.param('id')))

  .post('/channels/:id/close', needs('channel.change'), async (c) => {
    if (!(await c.var.setting.closeChannel(c.req.param('id'), c.var.actor))) return c.html(NotFoundPage(), 404);
    return c.redirect(withFlash(paths.channels, 'channel-closed'), 303);
  });

async function saveChannel(c: AppContext, id: string | null): Promise<Response> {
  const form = await readChannel(c);
  if (id !== null && (await c.var.setting.channelForm(id)) === null) return c.html(NotFoundPage(), 404);
  const errors = channelProblems(form, id === null, await c.var.setting.today());
  if (errors.length > 0) return showChannel(c, id, form, errors);
  const saved = await c.var.setting.saveChannel(id, form, c.var.actor, null, await formIdOf(c));
  if (saved.ok) return c.redirect(withFlash(paths.channels, 'channel-saved'), 303);
  if (saved.problem === 'no-such-channel') return c.html(NotFoundPage(), 404);
  return showChannel(c, id, form, [channelProblem(saved.problem)]);
}

async function readChannel(c: AppContext): Promise<ChannelForm> {
  const fields = await readFields(c, [
    ...(['name', 'purpose', 'approvedBy', 'approvedOn', 'assessedOn', 'firstPerson', 'secondPerson'] as const),
    ...(['device', 'service', 'from', 'to'] as const),
  ]);
  const days = (await readForm(c, 'days')).getAll('days');
  return { ...fields, days: days.map((day) => oneOf('days', String(day), weekdays)) };
}

/** What is wrong with what was filled in, by itself; what it names is looked up when it is saved. */
export function channelProblems(form: ChannelForm, isNew: boolean, today: string): FieldError[] {
  const { name, purpose, approvedBy, firstPerson, secondPerson, device, service, days, from, to } = form;
  const errors = [...checkName('name', name, t.name), ...checkName('approvedBy', approvedBy, t.approvedBy)];
  const add = (field: keyof ChannelForm & string, message: string) => errors.push({ field, message });
  if (purpose === '') add('purpose', t.purpose);
  if (purpose.length > PURPOSE_MAX_LENGTH) add('purpose', t.tooLong(PURPOSE_MAX_LENGTH));
  for (const field of ['approvedOn', 'assessedOn'] as const) {
    if (!isDate(form[field]) || form[field] > today) add(field, `${spoken.channels[field]}: ${t.date}`);
  }
  for (const field of ['firstPerson', 'secondPerson'] as const) {
    if (form[field] !== '' || isNew) errors.push(...checkName(field, form[field], t.people));
  }
  if (firstPerson !== '' && firstPerson === secondPerson) add('secondPerson', t.people);
  if (service === '') add('service', t.service);
  if (device === '') add('device', t.device);
  if (days.length === 0) add('days', t.days);
  for (const field of ['from', 'to'] as const)
    if (!isTime(form[field])) add(field, `${spoken.channels[field]}: ${t.time}`);
  if (isTime(from) && isTime(to) && to <= from) add('to', t.order);
  return errors;
}

/** Why it was not saved, beside the field that it is of. */
export function channelProblem(problem: ChannelProblem): FieldError {
  if (problem === 'no-such-device') return { field: 'device', message: t.device };
  if (problem === 'no-such-service') return { field: 'service', message: t.service };
  return { field: 'name', message: t.tooMany(CHANNELS_MAX) };
}

async function showChannel(
  c: AppContext,
  channelId: string | null,
  values: ChannelForm,
  errors: readonly FieldError[],
): Promise<Response> {
  const { frame, ...choices } = await c.var.setting.channelChoices();
  const formId = crypto.randomUUID();
  const page = ChannelEditPage({ frame: frameOf(c, frame), channelId, formId, ...choices, values, errors });
  return c.html(page, errors.length > 0 ? 422 : 200);
}
