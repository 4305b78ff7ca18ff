/** Devices, safe search and opening hours: every change is a new version of the policy, sent to the box at once. */
import { type Context, Hono } from 'hono';
import type { Device, SafeSearch } from '../../policy-rules/policy.ts';
import { safeSearchOf } from '../../policy-rules/safe-search.ts';
import type { Problem } from '../../policy-rules/validate-policy.ts';
import { en } from '../views/messages.ts';
import type { DeviceForm, FieldError } from '../views/models.ts';
import {
  DeviceEditPage,
  DevicesPage,
  HoursPage,
  hoursFields,
  isHoursForm,
  isMostlyClosed,
  NotFoundPage,
  readHoursForm,
  SafeSearchPage,
} from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, frameOf, withFlash } from './context.ts';
import { BadForm, isTime, oneOf, REQUIRED, readFields } from './forms.ts';

export const policyRoutes = new Hono<AppEnv>()
  .get('/devices', async (c) => {
    const { frame, policy, unnamedDevices } = await c.var.setting.policy();
    const groups = policy.groups.map(({ id, name, kind, safeSearch }) => ({
      id,
      name,
      kind,
      safeSearch,
      devices: policy.devices.filter((device) => device.group === id),
    }));
    return c.html(DevicesPage({ frame: frameOf(c, frame), groups, unnamedDevices }));
  })

  .post('/devices', (c) => saveDevice(c, null))

  .get('/devices/new', async (c) => {
    const { policy } = await c.var.setting.policy();
    return showDevice(c, null, { name: '', group: policy.groups[0]?.id ?? '', addresses: '', macs: '' }, []);
  })

  .get('/devices/:id', async (c) => {
    const { policy } = await c.var.setting.policy();
    const device = policy.devices.find(({ id }) => id === c.req.param('id'));
    if (device === undefined) return c.html(NotFoundPage(), 404);
    const { id, name, group, addresses, macs } = device;
    return showDevice(c, id, { name, group, addresses: addresses.join('\n'), macs: macs.join('\n') }, []);
  })

  .post('/devices/:id', (c) => saveDevice(c, c.req.param('id')))

  .post('/devices/:id/remove', async (c) => {
    const changed = await c.var.setting.changePolicy({ kind: 'remove-device', id: c.req.param('id') }, c.var.actor);
    if (!changed.ok && changed.reason === 'no-such-device') return c.html(NotFoundPage(), 404);
    if (!changed.ok) throw new Error(`the device could not be removed: ${problemsOf(changed, '')[0]?.message}`);
    return c.redirect(withFlash(paths.devices, 'device-removed'), 303);
  })

  .get('/groups/:id/safe-search', (c) => showSafeSearch(c, null))

  .post('/groups/:id/safe-search', async (c) => {
    const form = await readFields(c, ['search', 'youtube', 'version']);
    const safeSearch: SafeSearch = {
      search: oneOf('search', form.search, ['on', 'off']) === 'on',
      youtube: oneOf('youtube', form.youtube, ['off', 'moderate', 'strict']),
    };
    const group = c.req.param('id');
    const seen = readVersion(form.version);
    const changed = await c.var.setting.changePolicy({ kind: 'safe-search', group, safeSearch, seen }, c.var.actor);
    if (changed.ok) return c.redirect(withFlash(paths.devices, 'safe-search-saved'), 303);
    if (changed.reason === 'changed-meanwhile') return showSafeSearch(c, safeSearch);
    if (changed.reason === 'no-such-group') return c.html(NotFoundPage(), 404);
    throw new Error(`safe search could not be saved: ${problemsOf(changed, '')[0]?.message}`);
  })

  .get('/hours', (c) => showHours(c, null, []))

  .post('/hours', async (c) => {
    const sent = await c.req.formData().catch(() => {
      throw new BadForm('hours');
    });
    if (!isHoursForm(sent)) throw new BadForm('hours');
    const seen = readVersion(sent.get(hoursFields.version));
    const { hours, errors } = readHoursForm(sent);
    if (errors.length === 0 && isMostlyClosed(hours.week) && sent.get(hoursFields.confirmWeek) !== 'yes') {
      errors.push({ field: hoursFields.confirmWeek, message: en.hours.problems.closedWeek });
    }
    if (errors.length > 0) return showHours(c, { hours, version: seen }, errors);
    const { today, version } = await c.var.setting.hours();
    // Openings that are over say nothing any more, and would fill the form.
    const lasting = { ...hours, openings: hours.openings.filter(({ date }) => date >= today) };
    const changed = await c.var.setting.changePolicy({ kind: 'hours', hours: lasting, seen }, c.var.actor);
    if (!changed.ok && changed.reason === 'changed-meanwhile') {
      return showHours(c, { hours, version }, [{ field: FIRST_HOURS_FIELD, message: en.hours.problems.changed }], 409);
    }
    if (!changed.ok) return showHours(c, { hours, version: seen }, problemsOf(changed, 'hours'));
    return c.redirect(withFlash(paths.hours, 'hours-saved'), 303);
  })

  .post('/hours/open-today', async (c) => {
    const form = await readFields(c, ['name', 'from', 'to']);
    const { today } = await c.var.setting.hours();
    const to = form.to === '00:00' ? '24:00' : form.to;
    const problem = !isTime(form.from) || !isTime(form.to) ? 'time' : form.from >= to ? 'order' : null;
    if (problem !== null) {
      return showHours(c, null, [{ field: 'from', message: en.hours.problems[problem] }]);
    }
    const opening = { name: form.name, date: today, from: form.from, to };
    const changed = await c.var.setting.changePolicy({ kind: 'opening', opening }, c.var.actor);
    if (!changed.ok) return showHours(c, null, problemsOf(changed, 'name'));
    return c.redirect(withFlash(paths.hours, 'opening-added'), 303);
  });

/** Where the eye goes when the whole form is meant. */
const FIRST_HOURS_FIELD = `${hoursFields.time('week', 'monday', 'from')}-0`;

/** Of the hidden field: the version that the form was filled in from. */
function readVersion(text: unknown): number {
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text)) throw new BadForm('version');
  return Number(text);
}

async function saveDevice(c: Context<AppEnv>, id: string | null): Promise<Response> {
  // No group is sent when none was chosen.
  const { version, ...form } = await readFields(c, ['name', 'group', 'addresses', 'macs', 'version']);
  const seen = readVersion(version);
  const device = deviceOf(form);
  const errors: FieldError[] = [];
  if (form.name === '') errors.push({ field: 'name', message: REQUIRED });
  if (device.addresses.length === 0 && device.macs.length === 0) {
    errors.push({ field: 'macs', message: 'Fill in one of the two addresses, or the box cannot know the device.' });
  }
  if (errors.length > 0) return showDevice(c, id, form, errors, seen);
  const changed = await c.var.setting.changePolicy({ kind: 'save-device', id, device, seen }, c.var.actor);
  if (changed.ok) return c.redirect(withFlash(paths.devices, 'device-saved'), 303);
  if (changed.reason === 'no-such-device' || changed.reason === 'no-such-group') return c.html(NotFoundPage(), 404);
  if (changed.reason === 'changed-meanwhile') {
    return showDevice(c, id, form, [{ field: 'name', message: en.hours.problems.changed }], null, 409);
  }
  return showDevice(c, id, form, changed.problems.map(deviceError), seen);
}

function deviceOf(form: DeviceForm): Omit<Device, 'id'> {
  const split = (text: string) => text.split(/[\s,;]+/).filter((part) => part !== '');
  return {
    name: form.name,
    group: form.group,
    addresses: split(form.addresses),
    // Windows writes hyphens and capitals.
    macs: split(form.macs).map((mac) => mac.toLowerCase().replaceAll('-', ':')),
  };
}

/** "devices[3].macs[0]" is the field `macs` of the form. */
function deviceError({ keys, message }: Problem): FieldError {
  const field = keys.find((key) => key === 'name' || key === 'group' || key === 'addresses' || key === 'macs');
  return { field: typeof field === 'string' ? field : 'name', message };
}

function problemsOf(
  changed: { readonly reason: string; readonly problems?: readonly Problem[] },
  field: string,
): FieldError[] {
  return (changed.problems ?? []).map(({ message }) => ({ field, message }));
}

async function showDevice(
  c: AppContext,
  deviceId: string | null,
  values: DeviceForm,
  errors: readonly FieldError[],
  seen: number | null = null,
  status: 409 | 422 = 422,
): Promise<Response> {
  const { frame, policy } = await c.var.setting.policy();
  const version = seen ?? policy.version;
  const page = DeviceEditPage({ frame: frameOf(c, frame), deviceId, version, groups: policy.groups, values, errors });
  return c.html(page, errors.length > 0 ? status : 200);
}

/** `sent`: what somebody wanted to save while somebody else saved another; null for a fresh form. */
async function showSafeSearch(c: AppContext, sent: SafeSearch | null): Promise<Response> {
  const { frame, policy } = await c.var.setting.policy();
  const group = policy.groups.find(({ id }) => id === c.req.param('id'));
  if (group === undefined) return c.html(NotFoundPage(), 404);
  const errors: FieldError[] = sent === null ? [] : [{ field: 'search', message: en.safeSearch.changed }];
  const values = sent ?? safeSearchOf(group);
  const page = SafeSearchPage({ frame: frameOf(c, frame), group, values, version: policy.version, errors });
  return c.html(page, sent === null ? 200 : 409);
}

async function showHours(
  c: AppContext,
  sent: Pick<Parameters<typeof HoursPage>[0], 'hours' | 'version'> | null,
  errors: readonly FieldError[],
  status: 409 | 422 = 422,
): Promise<Response> {
  const model = await c.var.setting.hours();
  const page = HoursPage({ ...model, ...sent, frame: frameOf(c, model.frame), errors });
  return c.html(page, errors.length > 0 ? status : 200);
}
