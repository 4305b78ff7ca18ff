/** Devices: those that have a name, and those that the box sees without one. */
import * as z from 'zod/mini';
import { Device } from '../../../policy-rules/policy.ts';
import { spoken } from '../../views/language.ts';
import { knowsNoAddress } from '../devices.ts';
import { type Answer, type Call, notFound, ok, operation, seenVersion, wrongFields } from './operation.ts';
import { changePolicy, PolicyChanged, PreviewQuery } from './policy-changes.ts';

const { id: _, ...ofDevice } = Device.shape;

/** Lower-case MAC addresses; who uses it only where it is the setting's own. */
export const NewDevice = z.strictObject(ofDevice);

const Listed = z.object({ id: z.string(), name: z.string(), group: z.string() });

export const deviceOperations = [
  operation({
    name: 'listDevices',
    method: 'GET',
    path: '/devices',
    scope: 'now.see',
    summary: 'List the named devices',
    answer: z.object({ devices: z.array(Listed) }),
    run: async ({ setting }) => {
      const { policy } = await setting.policy();
      return ok({ devices: policy.devices.map(({ id, name, group }) => ({ id, name, group })) });
    },
  }),
  operation({
    name: 'readDevice',
    method: 'GET',
    path: '/devices/:id',
    scope: 'device.change',
    summary: 'Read a device with its addresses and its user',
    answer: Device,
    run: async ({ setting, id }) => {
      const { policy } = await setting.policy();
      const device = policy.devices.find((known) => known.id === id);
      return device === undefined ? notFound('device') : ok(device, policy.version);
    },
  }),
  operation({
    name: 'nameDevice',
    method: 'POST',
    path: '/devices',
    scope: 'device.change',
    summary: 'Name a device',
    query: PreviewQuery,
    body: NewDevice,
    answer: PolicyChanged,
    run: (call) => saveDevice(call, null),
  }),
  operation({
    name: 'changeDevice',
    method: 'PUT',
    path: '/devices/:id',
    scope: 'device.change',
    summary: 'Change a device: its name, group, addresses and user',
    query: PreviewQuery,
    body: NewDevice,
    answer: PolicyChanged,
    run: (call) => saveDevice(call, call.id),
  }),
  operation({
    name: 'removeDevice',
    method: 'DELETE',
    path: '/devices/:id',
    scope: 'device.change',
    summary: 'Remove a device, and end what is allowed on it',
    query: PreviewQuery,
    answer: PolicyChanged,
    run: (call) => changePolicy(call, { kind: 'remove-device', id: call.id }, 0),
  }),
  operation({
    name: 'listUnnamedDevices',
    method: 'GET',
    path: '/unnamed-devices',
    scope: 'device.change',
    summary: 'Ask the box which devices without a name are there now; that somebody looked is recorded',
    answer: z.object({
      /** "seen", or why the box cannot tell. */
      kind: z.enum(['seen', 'unreadable', 'away', 'too-old']),
      devices: z.array(
        z.object({ mac: z.string(), addresses: z.array(z.string()), group: z.string(), groupName: z.string() }),
      ),
      /** How many have no place in the list. */
      more: z.int(),
    }),
    run: async ({ setting, actor }) => {
      const { seen } = await setting.unnamedDevices(actor);
      return ok(seen.kind === 'seen' ? seen : { kind: seen.kind, devices: [], more: 0 });
    },
  }),
];

type DeviceCall = Call<z.infer<typeof PreviewQuery>, z.infer<typeof NewDevice>>;

async function saveDevice(call: DeviceCall, id: string | null): Promise<Answer> {
  const { body: device } = call;
  if (knowsNoAddress(device)) return wrongFields([{ field: 'macs', message: spoken.devices.noAddress }]);
  const change = { kind: 'save-device', id, device, ...seenVersion(call) } as const;
  return await changePolicy(call, change, 2);
}
