/** Of the devices that the box sees, those that nobody has named. */
import type { Policy } from '../../policy-rules/policy.ts';
import type { UnnamedDevicesModel } from '../views/models.ts';
import type { SeenAnswer } from './box-line.ts';

/** Only of the setting's own groups: what is guests' or staff's own is not looked at. */
export function unnamedAmong(
  seen: Extract<SeenAnswer, { kind: 'seen' }>,
  { groups, devices: known }: Policy,
): UnnamedDevicesModel['seen'] {
  const own = new Map(groups.flatMap(({ id, name, kind }) => (kind === 'setting' ? [[id, name]] : [])));
  const named = new Set(known.flatMap(({ macs }) => macs));
  // The box may be a moment behind what was saved here.
  const devices = seen.devices.flatMap(({ mac, addresses, group }) => {
    const groupName = own.get(group);
    return groupName === undefined || named.has(mac) ? [] : [{ mac, addresses, group, groupName }];
  });
  return { kind: 'seen', devices, more: Math.max(0, seen.total - seen.devices.length) };
}
