/** Devices: every change is shown before it is saved, and is then a new version of the policy, sent to the box at once. */
import { type Context, Hono } from 'hono';
import { parseIpRange } from '../../policy-rules/ip-range.ts';
import { type Device, MacAddress } from '../../policy-rules/policy.ts';
import type { Problem } from '../../policy-rules/validate-policy.ts';
import { spoken } from '../views/language.ts';
import type { DeviceForm, FieldError } from '../views/models.ts';
import { DeviceEditPage, DevicesPage, NotFoundPage, UnnamedDevicesPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, frameOf, withFlash } from './context.ts';
import { BadForm, oneOf, readFields } from './forms.ts';
import { needs } from './guard.ts';
import { answerPolicyForm, previewOrSave, problemsOf, readVersion } from './policy-forms.ts';

export const deviceRoutes = new Hono<AppEnv>()
  .get('/devices', needs('device.change'), async (c) => {
    const { frame, policy, unnamedDevices, reporting, ofLeavers } = await c.var.setting.policy();
    const groups = policy.groups.map(({ id, name, kind, safeSearch }) => ({
      id,
      name,
      kind,
      safeSearch,
      devices: policy.devices.filter((device) => device.group === id),
    }));
    return c.html(DevicesPage({ frame: frameOf(c, frame), groups, ofLeavers, unnamedDevices, reporting }));
  })

  .post('/devices', needs('device.change'), (c) => saveDevice(c, null))

  .get('/devices/new', needs('device.change'), async (c) => {
    const { policy } = await c.var.setting.policy();
    return showDevice(c, null, { ...emptyDevice, group: policy.groups[0]?.id ?? '' });
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
    return showDevice(c, null, { ...emptyDevice, group, macs: mac });
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
    return showDevice(c, id, form);
  })

  .post('/devices/:id', needs('device.change'), (c) => saveDevice(c, c.req.param('id')))

  .post('/devices/:id/remove', needs('device.change'), async (c) => {
    const id = c.req.param('id');
    const place = {
      page: 'devices',
      action: paths.removeDevice(id),
      cancel: paths.device(id),
      kind: 'removal',
    } as const;
    const saved = withFlash(paths.devices, 'device-removed');
    const outcome = await previewOrSave(c, { kind: 'remove-device', id }, { ...place, saved });
    if (outcome instanceof Response) return outcome;
    throw new Error(`the device could not be removed: ${problemsOf(outcome, '')[0]?.message}`);
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
  const wrong = (field: string, message: string) => errors.push({ field, message });
  if (form.name === '') wrong('name', spoken.devices.noName);
  if (form.user === 'person' && form.userName === '') wrong('userName', spoken.devices.noUserName);
  if (knowsNoAddress(device)) wrong('macs', spoken.devices.noAddress);
  const mac = device.macs.find((typed) => !MacAddress.safeParse(typed).success);
  if (mac !== undefined) wrong('macs', spoken.devices.notAMac(mac));
  const address = device.addresses.find((typed) => parseIpRange(typed) === undefined);
  if (address !== undefined) wrong('addresses', spoken.devices.notAnAddress(address));
  const action = id === null ? paths.devices : paths.device(id);
  return answerPolicyForm(c, {
    ...{ page: 'devices', action, cancel: paths.devices, kind: 'form' },
    saved: withFlash(paths.devices, 'device-saved'),
    change: { kind: 'save-device', id, device, seen },
    errors,
    field: 'name',
    errorOf: deviceError,
    showAgain: (newVersion, problems, status) => showDevice(c, id, form, newVersion, problems, status),
  });
}

/** Then the box could not tell which device it is. */
export function knowsNoAddress({ addresses, macs }: Pick<Device, 'addresses' | 'macs'>): boolean {
  return addresses.length === 0 && macs.length === 0;
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

/** `seen`: the version that the form was filled in from; null where that is the newest. */
async function showDevice(
  c: AppContext,
  deviceId: string | null,
  values: DeviceForm,
  seen: number | null = null,
  errors: readonly FieldError[] = [],
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  const { frame, policy, staff } = await c.var.setting.policy();
  const [version, { groups }] = [seen ?? policy.version, policy];
  const page = DeviceEditPage({ frame: frameOf(c, frame), deviceId, version, groups, staff, values, errors });
  return c.html(page, status);
}
