/**
 * Which devices are the setting's own: those that somebody has named, in a group of kind `setting`. The group's kind alone
 * decides. Nothing is told or kept of any other device by itself, and "" stands for it.
 */
import type { Device, Policy } from './policy.ts';

export function ownDevices({ groups, devices }: Pick<Policy, 'groups' | 'devices'>): readonly Device[] {
  const own = new Set(groups.filter(({ kind }) => kind === 'setting').map(({ id }) => id));
  return devices.filter(({ group }) => own.has(group));
}

/** The id when it is of one of the setting's own devices, "" for any other. */
export function ownDeviceId(policy: Pick<Policy, 'groups' | 'devices'>, id: string): string {
  return ownDevices(policy).some((device) => device.id === id) ? id : '';
}
