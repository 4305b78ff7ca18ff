/**
 * The register of staff: one list of people, which is that of those who have to read the notice (acknowledgements.ts).
 *
 * Whoever is named for an official channel, or as the one who uses a device, is on it, and is put on it by being named.
 * Who leaves it looks after no channel any more, and is told of at the devices that have them as their user. First names
 * that are offered on the local site are the policy's own: a name there is what somebody goes by, not who they are.
 */
import type { Policy } from '../../policy-rules/policy.ts';
import { addReaders, keyOf, noteReaderLeft, presentReaders } from './acknowledgements.ts';
import { leaveChannels } from './channels.ts';
import type { Actor } from './record.ts';
import type { Store } from './store.ts';

/** By name. */
export function staffNames(store: Store): string[] {
  return presentReaders(store).map(({ name }) => name);
}

/** Of new names only: who is on the list already stays as they are. What is too many is not entered. */
export function enterStaff(store: Store, names: readonly string[], actor: Actor, nowMs: number): void {
  const wanted = names.filter((name) => name !== '');
  if (wanted.length > 0) addReaders(store, wanted, actor, nowMs);
}

/** False when there is nobody of that id, or they have left already. */
export function noteStaffLeft(store: Store, id: string, actor: Actor, nowMs: number): boolean {
  return store.transaction(() => {
    const person = presentReaders(store).find((reader) => reader.id === id);
    if (person === undefined || !noteReaderLeft(store, id, actor, nowMs)) return false;
    leaveChannels(store, (name) => keyOf(name) === person.name_key, actor, nowMs);
    return true;
  });
}

/** The devices of one person who has left. */
export function devicesOfLeavers(store: Store, { devices }: Policy): Policy['devices'] {
  const left = store.run((db) => db.selectFrom('notice_readers').select('name_key').where('left_at', 'is not', null));
  const keys = new Set(left.map(({ name_key }) => name_key));
  return devices.filter(({ user }) => user?.kind === 'person' && keys.has(keyOf(user.name)));
}
