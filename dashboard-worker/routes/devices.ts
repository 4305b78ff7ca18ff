/** Devices: every change is shown before it is saved, and is then a new version of the policy, sent to the box at once. */
import { type Context, Hono } from 'hono';
import { type Device, MacAddress } from '../../policy-rules/policy.ts';
import type { Problem } from '../../policy-rules/validate-policy.ts';
import { en } from '../views/messages.ts';
import type { DeviceForm, FieldError } from '../views/models.ts';
import { DeviceEditPage, DevicesPage, NotFoundPage, UnnamedDevicesPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, frameOf, withFlash } from './context.ts';
import { BadForm, oneOf, REQUIRED, readFields } from './forms.ts';
import { needs } from './guard.ts';
import { problemsOf, readStep, readVersion, showPreview } from './policy-forms.ts';

export const deviceRoutes = new Hono<AppEnv>()
  .get('/devices', needs('device.change'), async (c) => {
    const { frame, policy, unnamedDevices, reporting } = await c.var.setting.policy();
    const groups = policy.groups.map(({ id, name, kind, safeSearch }) => ({
      id,
      name,
      kind,
      safeSearch,
      devices: policy.devices.filter((device) => device.group === id),
    }));
    return c.html(DevicesPage({ frame: frameOf(c, frame), groups, unnamedDevices, reporting }));
  })

  .post('/devices', needs('device.change'), (c) => saveDevice(c, null))

  .get('/devices/new', needs('device.change'), async (c) => {
    const { policy } = await c.var.setting.policy();
    return showDevice(c, null, { ...emptyDevice, group: policy.groups[0]?.id ?? '' }, []);
  })

  .get(paths.unnamedDevices, needs('device.change'), async (c) => {
    const { frame, seen } = await c.var.setting.unnamedDevices(c.var.actor);
    return c.html(UnnamedDevicesPage({ frame: frameOf(c, frame), seen }));
  })

  .post(paths.nameDevice, needs('device.change'), async (c) => {
    const { mac, group } = await readFields(c, ['mac', 'group']);
    if (!MacAddress.safeParse(mac).success) throw new BadForm('mac');
    const { policy } = await c.var.setting.policy();
    if (!policy.groups.some(({ id }) => id === group)) return c.html(NotFoundPage(), 404);
    return showDevice(c, null, { ...emptyDevice, group, macs: mac }, []);
  })

  .get('/devices/:id', needs('device.change'), async (c) => {
    const { policy } = await c.var.setting.policy();
    const device = policy.devices.find(({ id }) => id === c.req.param('id'));
    if (device === undefined) return c.html(NotFoundPage(), 404);
    const { id, name, group, addresses, macs, user } = device;
    const form: DeviceForm = {
      name,
      group,
      addresses: addresses.join('\n'),
      macs: macs.join('\n'),
      user: user?.kind ?? 'unknown',
      userName: user?.kind === 'person' ? user.name : '',
    };
    return showDevice(c, id, form, []);
  })

  .post('/devices/:id', needs('device.change'), (c) => saveDevice(c, c.req.param('id')))

  .post('/devices/:id/remove', needs('device.change'), async (c) => {
    const id = c.req.param('id');
    const change = { kind: 'remove-device', id } as const;
    const outcome =
      (await readStep(c)) === 'save'
        ? await c.var.setting.changePolicy(change, c.var.actor)
        : await c.var.setting.previewPolicy(change);
    if (!outcome.ok && outcome.reason === 'no-such-device') return c.html(NotFoundPage(), 404);
    if (!outcome.ok) throw new Error(`the device could not be removed: ${problemsOf(outcome, '')[0]?.message}`);
    if ('version' in outcome) return c.redirect(withFlash(paths.devices, 'device-removed'), 303);
    const where = { action: paths.removeDevice(id), cancel: paths.device(id), kind: 'removal' } as const;
    return showPreview(c, outcome, { page: 'devices', ...where });
  });

async function saveDevice(c: Context<AppEnv>, id: string | null): Promise<Response> {
  // No group is sent when none was chosen.
  const { version, ...sent } = await readFields(c, [
    'name',
    'group',
    'addresses',
    'macs',
    'user',
    'userName',
    'version',
  ]);
  const form: DeviceForm = { ...sent, user: oneOf('user', sent.user, ['unknown', 'shared', 'person']) };
  const seen = readVersion(version);
  const device = deviceOf(form);
  const errors: FieldError[] = [];
  if (form.name === '') errors.push({ field: 'name', message: REQUIRED });
  if (device.addresses.length === 0 && device.macs.length === 0) {
    errors.push({ field: 'macs', message: 'Fill in one of the two addresses, or the box cannot know the device.' });
  }
  if (form.user === 'person' && form.userName === '') errors.push({ field: 'userName', message: REQUIRED });
  const step = await readStep(c);
  if (errors.length > 0 || step === 'edit') return showDevice(c, id, form, errors, seen);
  const change = { kind: 'save-device', id, device, seen } as const;
  const outcome =
    step === 'save' ? await c.var.setting.changePolicy(change, c.var.actor) : await c.var.setting.previewPolicy(change);
  if (outcome.ok && 'version' in outcome) return c.redirect(withFlash(paths.devices, 'device-saved'), 303);
  if (outcome.ok) {
    const action = id === null ? paths.devices : paths.device(id);
    return showPreview(c, outcome, { page: 'devices', action, cancel: paths.devices, kind: 'form' });
  }
  if (outcome.reason === 'changed-meanwhile') {
    return showDevice(c, id, form, [{ field: 'name', message: en.hours.problems.changed }], null, 409);
  }
  if (outcome.reason !== 'problems') return c.html(NotFoundPage(), 404);
  return showDevice(c, id, form, outcome.problems.map(deviceError), seen);
}

function deviceOf(form: DeviceForm): Omit<Device, 'id'> {
  const split = (text: string) => text.split(/[\s,;]+/).filter((part) => part !== '');
  return {
    name: form.name,
    group: form.group,
    addresses: split(form.addresses),
    // Windows writes hyphens and capitals.
    macs: split(form.macs).map((mac) => mac.toLowerCase().replaceAll('-', ':')),
    ...userOf(form),
  };
}

function userOf({ user, userName }: DeviceForm): Pick<Device, 'user'> {
  if (user === 'unknown') return {};
  return { user: user === 'shared' ? { kind: user } : { kind: user, name: userName } };
}

const emptyDevice: DeviceForm = { name: '', group: '', addresses: '', macs: '', user: 'unknown', userName: '' };

/** "devices[3].macs[0]" is the field `macs` of the form. */
function deviceError({ keys, message }: Problem): FieldError {
  if (keys.includes('user')) return { field: 'userName', message };
  const field = keys.find((key) => key === 'name' || key === 'group' || key === 'addresses' || key === 'macs');
  return { field: typeof field === 'string' ? field : 'name', message };
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
