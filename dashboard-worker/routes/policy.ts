/** Devices and opening hours: every change is a new version of the policy, sent to the box at once. */
import { type Context, Hono } from 'hono';
import type { Device } from '../../policy-rules/policy.ts';
import type { Problem } from '../../policy-rules/validate-policy.ts';
import { en } from '../views/messages.ts';
import { type DeviceForm, type FieldError, paths } from '../views/models.ts';
import { DeviceEditPage, DevicesPage, HoursPage, NotFoundPage, readHoursForm } from '../views/pages.ts';
import { type AppContext, type AppEnv, frameOf, withFlash } from './context.ts';
import { BadForm, isTime, REQUIRED, readFields } from './forms.ts';

export const policyRoutes = new Hono<AppEnv>()
  .get('/devices', async (c) => {
    const { frame, policy, unnamedDevices } = await c.var.setting.policy();
    const groups = policy.groups.map(({ id, name, kind }) => ({
      id,
      name,
      kind,
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
    if (!changed.ok) throw new Error(`the device could not be removed: ${changed.problems[0]?.message}`);
    return c.redirect(withFlash(paths.devices, 'device-removed'), 303);
  })

  .get('/hours', (c) => showHours(c, null, []))

  .post('/hours', async (c) => {
    const sent = await c.req.formData().catch(() => {
      throw new BadForm('hours');
    });
    const { hours, errors } = readHoursForm(sent);
    if (errors.length > 0) return showHours(c, hours, errors);
    const changed = await c.var.setting.changePolicy({ kind: 'hours', hours }, c.var.actor);
    if (!changed.ok) return showHours(c, hours, problemsOf(changed, 'hours'));
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

async function saveDevice(c: Context<AppEnv>, id: string | null): Promise<Response> {
  // No group is sent when none was chosen.
  const form = await readFields(c, ['name', 'group', 'addresses', 'macs']);
  const device = deviceOf(form);
  const errors: FieldError[] = [];
  if (form.name === '') errors.push({ field: 'name', message: REQUIRED });
  if (device.addresses.length === 0 && device.macs.length === 0) {
    errors.push({ field: 'macs', message: 'Fill in one of the two addresses, or the box cannot know the device.' });
  }
  if (errors.length > 0) return showDevice(c, id, form, errors);
  const changed = await c.var.setting.changePolicy({ kind: 'save-device', id, device }, c.var.actor);
  if (changed.ok) return c.redirect(withFlash(paths.devices, 'device-saved'), 303);
  if (changed.reason === 'no-such-device') return c.html(NotFoundPage(), 404);
  return showDevice(c, id, form, changed.problems.map(deviceError));
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
): Promise<Response> {
  const { frame, policy } = await c.var.setting.policy();
  const page = DeviceEditPage({ frame: frameOf(c, frame), deviceId, groups: policy.groups, values, errors });
  return c.html(page, errors.length > 0 ? 422 : 200);
}

async function showHours(
  c: AppContext,
  sent: Parameters<typeof HoursPage>[0]['hours'] | null,
  errors: readonly FieldError[],
): Promise<Response> {
  const model = await c.var.setting.hours();
  const page = HoursPage({ ...model, frame: frameOf(c, model.frame), hours: sent ?? model.hours, errors });
  return c.html(page, errors.length > 0 ? 422 : 200);
}
