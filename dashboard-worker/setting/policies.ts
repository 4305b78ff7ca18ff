/**
 * The setting's policy: its versions, and changes to the newest.
 *
 * A change is told as what to do (save this device), not as a whole document, and is made to the newest version within
 * one transaction: two people who change two devices at once both get what they wanted.
 */
import { defaultPolicy } from '../../policy-rules/default-policy.ts';
import type { Device, Group, OpeningHours, Policy, SafeSearch } from '../../policy-rules/policy.ts';
import { hoursDifference, sameUser } from '../../policy-rules/policy-difference.ts';
import { safeSearchOf } from '../../policy-rules/safe-search.ts';
import { type Problem, parsePolicy } from '../../policy-rules/validate-policy.ts';
import type { GroupRules } from '../views/models.ts';
import { withGroupRules } from './group-rules.ts';
import { groupName } from './naming.ts';
import { calendarOf, withoutPastOpenings } from './opening.ts';
import { type Actor, writeRecord } from './record.ts';
import type { RecordEvent } from './record-events.ts';
import type { Store } from './store.ts';

/** `seen`: the version that the form was filled in from; what it replaces must still be as it was there. */
export type PolicyChange =
  /** `id` null is a new device. */
  | {
      readonly kind: 'save-device';
      readonly id: string | null;
      readonly device: Omit<Device, 'id'>;
      readonly seen?: number;
    }
  | { readonly kind: 'remove-device'; readonly id: string }
  /** `group`: its id. */
  | { readonly kind: 'safe-search'; readonly group: string; readonly safeSearch: SafeSearch; readonly seen?: number }
  | { readonly kind: 'first-names'; readonly names: readonly string[]; readonly seen?: number }
  | { readonly kind: 'group-rules'; readonly group: string; readonly rules: GroupRules; readonly seen?: number }
  /** Of each network, by its range, the group of devices there that nobody has named. */
  | { readonly kind: 'networks'; readonly groups: Readonly<Record<string, string>>; readonly seen?: number }
  | { readonly kind: 'hours'; readonly hours: OpeningHours; readonly seen?: number }
  | { readonly kind: 'opening'; readonly opening: OpeningHours['openings'][number] }
  /** Takes back the version, which must be the newest. */
  | { readonly kind: 'undo'; readonly version: number }
  | { readonly kind: 'rename'; readonly settingName: string };

export type PolicyChanged = { readonly ok: true; readonly version: number } | PolicyUnchanged;

/** Why nothing was changed. */
export type PolicyUnchanged =
  | { readonly ok: false; readonly reason: 'no-such-device' }
  | { readonly ok: false; readonly reason: 'no-such-group' }
  | { readonly ok: false; readonly reason: 'nothing-to-undo' }
  | { readonly ok: false; readonly reason: 'changed-meanwhile' }
  | { readonly ok: false; readonly reason: 'problems'; readonly problems: readonly Problem[] };

/** The newest version; null until there is one. Shared by all who ask, and therefore frozen. */
export function currentPolicy(store: Store): Policy | null {
  const newest = store.first((db) =>
    db.selectFrom('policy_versions').select('version').orderBy('version', 'desc').limit(1),
  );
  if (newest === undefined) return null;
  const { version } = newest;
  return store.kept('policy', version, () => {
    const { document_json } = store.first((db) =>
      db.selectFrom('policy_versions').select('document_json').where('version', '=', version),
    )!;
    return JSON.parse(document_json, (_key, value) => Object.freeze(value)) as Policy;
  });
}

/** The newest version, or before there is one what a new setting begins with (version 0). */
export function policyOf(store: Store): Policy {
  return currentPolicy(store) ?? defaultPolicy(settingName(store));
}

export function changePolicy(store: Store, change: PolicyChange, actor: Actor, nowMs: number): PolicyChanged {
  return store.transaction(() => {
    const prepared = prepareChange(store, change, nowMs);
    if (!prepared.ok) return prepared;
    const { policy, subject, events } = prepared;
    saveVersion(store, policy, nowMs, { savedBy: actor.id, undoes: change.kind === 'undo' ? change.version : null });
    for (const event of events) writeRecord(store, { at: nowMs, by: actor, subject, event });
    return { ok: true, version: policy.version };
  });
}

export interface PreparedChange {
  readonly ok: true;
  readonly before: Policy;
  /** With the version under which it would be saved. */
  readonly policy: Policy;
  readonly subject: string;
  readonly events: readonly RecordEvent[];
}

/** What the change would make of the newest policy; nothing is written. */
export function prepareChange(store: Store, change: PolicyChange, nowMs: number): PreparedChange | PolicyUnchanged {
  const before = policyOf(store);
  if (hasChangedSinceSeen(store, before, change)) return { ok: false, reason: 'changed-meanwhile' };
  const edited =
    change.kind === 'undo' ? undo(lastChange(store, nowMs)) : edit(before, change, usedDeviceIds(store, before), nowMs);
  if (edited === null) return { ok: false, reason: missing[change.kind] ?? 'no-such-device' };
  const version = nextVersion(store, before);
  // Not held against the catalogue: an id that a newer box knows must not stop a device's change.
  const parsed = parsePolicy({ ...edited.policy, version });
  const problems = 'problems' in parsed ? parsed.problems : alikeNames(before, change);
  if ('problems' in parsed || problems.length > 0) return { ok: false, reason: 'problems', problems };
  return { ok: true, before, policy: parsed.policy, subject: edited.subject, events: edited.events(version) };
}

/**
 * Where permission is given, and in the record, a device is its name: no other may take it. What is alike already may be
 * saved as it is.
 */
function alikeNames({ devices }: Policy, change: PolicyChange): Problem[] {
  if (change.kind !== 'save-device') return [];
  const alike = (name: string) => name.trim().replaceAll(/\s+/g, ' ').toLowerCase();
  const wanted = alike(change.device.name);
  const at = devices.findIndex(({ id }) => id === change.id);
  const own = devices[at];
  if (own !== undefined && alike(own.name) === wanted) return [];
  const other = devices.find(({ name }) => alike(name) === wanted);
  if (other === undefined) return [];
  const index = at < 0 ? devices.length : at;
  const message = `There is a device called “${other.name}” already; call this one otherwise, so that nobody takes one for the other.`;
  return [{ path: `devices[${index}].name`, keys: ['devices', index, 'name'], message }];
}

const missing: { readonly [Kind in PolicyChange['kind']]?: 'no-such-group' | 'nothing-to-undo' } = {
  'safe-search': 'no-such-group',
  'group-rules': 'no-such-group',
  undo: 'nothing-to-undo',
};

/** How long a change can be taken back: what was before it stays whole so long (retention.ts). */
export const UNDO_DAYS = 30;

export interface SavedChange {
  readonly version: number;
  readonly savedAt: number;
  /** The id of the person. */
  readonly savedBy: string;
  readonly undoes: number | null;
  readonly before: Policy;
  readonly after: Policy;
}

/** The newest change, if it can still be taken back: a person made it, and not long ago. */
export function lastChange(store: Store, nowMs: number): SavedChange | null {
  const after = currentPolicy(store);
  const [newest, previous] = store.run((db) =>
    db.selectFrom('policy_versions').selectAll().orderBy('version', 'desc').limit(2),
  );
  if (after === null || newest === undefined || newest.saved_by === null) return null;
  if (newest.saved_at < nowMs - UNDO_DAYS * DAY_MS) return null;
  const { version, saved_at: savedAt, saved_by: savedBy, undoes } = newest;
  // The first version is a change of what a new setting begins with.
  const old: Policy = previous === undefined ? defaultPolicy(after.settingName) : JSON.parse(previous.document_json);
  // The name is also the account's (setting.ts, rename): it stays.
  const before = { ...old, settingName: after.settingName };
  return { version, savedAt, savedBy, undoes, before, after };
}

/** Only of what the change replaces: two people may change two devices at once. */
function hasChangedSinceSeen(store: Store, now: Policy, change: PolicyChange): boolean {
  if (change.kind === 'undo') return change.version !== now.version;
  if (!('seen' in change) || change.seen === undefined) return false;
  if (change.seen === now.version) return false;
  const { seen } = change;
  const row = store.first((db) =>
    db.selectFrom('policy_versions').select('document_json').where('version', '=', seen).limit(1),
  );
  const before: Policy = row === undefined ? defaultPolicy(settingName(store)) : JSON.parse(row.document_json);
  const replaced = (policy: Policy): unknown => {
    if (change.kind === 'hours') return policy.hours;
    if (change.kind === 'networks') return policy.networks;
    if (change.kind === 'first-names') return policy.firstNames ?? [];
    if (change.kind === 'save-device') return policy.devices.find(({ id }) => id === change.id);
    const group = policy.groups.find(({ id }) => id === change.group);
    if (group === undefined) return undefined;
    return change.kind === 'safe-search' ? safeSearchOf(group) : [group.categories, group.services];
  };
  // A device that is gone is told as such.
  return replaced(now) !== undefined && JSON.stringify(replaced(now)) !== JSON.stringify(replaced(before));
}

/** Makes a box's own policy the setting's first version. False when it cannot be a policy. */
export function adoptPolicy(store: Store, policy: Policy, settingName: string, nowMs: number): boolean {
  const parsed = parsePolicy({ ...policy, settingName, version: 1 });
  if ('problems' in parsed) return false;
  saveVersion(store, parsed.policy, nowMs);
  writeRecord(store, { at: nowMs, by: null, subject: '', event: { type: 'policy-adopted', version: 1 } });
  return true;
}

/**
 * What somebody saved here before any box was paired was made without knowing the setting's networks: those, its groups
 * and its zone come from the first box, since the default's would filter and count guests. What was chosen here stays:
 * devices and hours, beside the box's own devices, and the rules of a group, or the group of a network, that the box has
 * as well. False when the box's policy cannot be taken.
 */
export function joinFirstPolicy(store: Store, own: Policy, box: Policy, nowMs: number): boolean {
  const fresh = defaultPolicy(own.settingName);
  const used = new Set(own.devices.map(({ group }) => group));
  const known = new Set(box.groups.map(({ id }) => id));
  const named = new Set(own.devices.flatMap(({ id, name, addresses, macs }) => [id, name, ...addresses, ...macs]));
  const others = box.devices.filter(
    ({ id, name, addresses, macs }) => ![id, name, ...addresses, ...macs].some((word) => named.has(word)),
  );
  const version = Math.max(own.version, box.version) + 1;
  const chosen = own.groups.filter((group) => !hasRulesOf(group, fresh.groups));
  const groups = [
    ...box.groups.map((group) => withRulesOf(group, chosen)),
    ...own.groups.filter(({ id }) => used.has(id) && !known.has(id)),
  ];
  const moved = own.networks.filter(
    ({ range, group }) =>
      groups.some(({ id }) => id === group) &&
      fresh.networks.some((network) => network.range === range && network.group !== group),
  );
  const parsed = parsePolicy({
    ...box,
    version,
    settingName: own.settingName,
    firstNames: own.firstNames ?? box.firstNames,
    groups,
    networks: box.networks.map((network) => ({
      ...network,
      group: moved.find(({ range }) => range === network.range)?.group ?? network.group,
    })),
    devices: [...others, ...own.devices.map((device) => ownOnly(device, groups))],
    hours: JSON.stringify(own.hours) === JSON.stringify(fresh.hours) ? box.hours : own.hours,
  });
  if ('problems' in parsed) return false;
  saveVersion(store, parsed.policy, nowMs);
  writeRecord(store, { at: nowMs, by: null, subject: '', event: { type: 'policy-adopted', version } });
  return true;
}

function rulesOf({ categories, services, safeSearch }: Group): Pick<Group, 'categories' | 'services' | 'safeSearch'> {
  return { categories, services, safeSearch };
}

function hasRulesOf(group: Group, groups: readonly Group[]): boolean {
  const same = groups.find(({ id }) => id === group.id);
  return same !== undefined && JSON.stringify(rulesOf(same)) === JSON.stringify(rulesOf(group));
}

/** A group of another kind is another group, whatever its id. */
function withRulesOf(group: Group, chosen: readonly Group[]): Group {
  const same = chosen.find(({ id, kind }) => id === group.id && kind === group.kind);
  return same === undefined ? group : { ...group, ...rulesOf(same) };
}

/**
 * Gives the newest policy a number above what the box has: after a restored backup, or when the box served another
 * setting before, its number may be higher than ours, and it refuses anything older. With `alsoEqual`, the same number
 * is not enough either.
 */
export function raiseVersionAbove(store: Store, boxVersion: number, alsoEqual: boolean, nowMs: number): void {
  const policy = currentPolicy(store);
  if (policy === null || policy.version > boxVersion || (policy.version === boxVersion && !alsoEqual)) return;
  const version = boxVersion + 1;
  store.transaction(() => {
    saveVersion(store, { ...policy, version }, nowMs);
    const summary = 'numbered anew, since the box had another under this number';
    writeRecord(store, { at: nowMs, by: null, subject: '', event: { type: 'policy-changed', version, summary } });
  });
}

interface Edited {
  readonly policy: Policy;
  readonly subject: string;
  readonly events: (version: number) => readonly RecordEvent[];
}

function undo(last: SavedChange | null): Edited | null {
  if (last === null) return null;
  const undone = last.version;
  return { policy: last.before, subject: '', events: (version) => [{ type: 'policy-undone', version, undone }] };
}

/** Null when what is to be changed is not there. */
function edit(
  policy: Policy,
  change: Exclude<PolicyChange, { kind: 'undo' }>,
  usedIds: ReadonlySet<string>,
  nowMs: number,
): Edited | null {
  const { hours } = policy;
  switch (change.kind) {
    case 'save-device':
      return saveDevice(policy, change.id, change.device, usedIds);
    case 'remove-device': {
      const device = policy.devices.find(({ id }) => id === change.id);
      if (device === undefined) return null;
      const devices = policy.devices.filter(({ id }) => id !== change.id);
      const event: RecordEvent = { type: 'device-removed', deviceName: device.name };
      return { policy: { ...policy, devices }, subject: device.id, events: () => [event] };
    }
    case 'safe-search': {
      const { safeSearch } = change;
      const group = policy.groups.find(({ id }) => id === change.group);
      if (group === undefined) return null;
      const groups = policy.groups.map((old) => (old.id === group.id ? { ...old, safeSearch } : old));
      const event: RecordEvent = { type: 'safe-search-changed', groupName: group.name, ...safeSearch };
      return { policy: { ...policy, groups }, subject: group.id, events: () => [event] };
    }
    case 'first-names': {
      const firstNames = [...change.names];
      const event: RecordEvent = { type: 'first-names-changed', count: firstNames.length };
      return { policy: { ...policy, firstNames }, subject: '', events: () => [event] };
    }
    case 'group-rules': {
      const group = policy.groups.find(({ id }) => id === change.group);
      if (group === undefined) return null;
      const { policy: changed, events } = withGroupRules(policy, group, change.rules);
      return { policy: changed, subject: group.id, events: () => events };
    }
    case 'networks': {
      const networks = policy.networks.map((old) => ({ ...old, group: change.groups[old.range] ?? old.group }));
      const changed = networks.filter(({ group }, at) => group !== policy.networks[at]?.group);
      const events = changed.map(({ name, group }): RecordEvent => {
        return { type: 'network-changed', networkName: name, groupName: groupName(policy, group) };
      });
      return { policy: { ...policy, networks }, subject: '', events: () => events };
    }
    case 'hours': {
      // That an opening is over is no change that anybody made.
      const today = calendarOf(policy.timeZone, nowMs).date;
      const facts = hoursDifference(withoutPastOpenings(hours, today), withoutPastOpenings(change.hours, today));
      const event: RecordEvent = { type: 'hours-changed', facts };
      return { policy: { ...policy, hours: change.hours }, subject: '', events: () => [event] };
    }
    case 'opening': {
      const openings = [...hours.openings, change.opening];
      const event: RecordEvent = { type: 'opening-added', ...change.opening };
      return { policy: { ...policy, hours: { ...hours, openings } }, subject: '', events: () => [event] };
    }
    case 'rename': {
      const { settingName } = change;
      return {
        policy: { ...policy, settingName },
        subject: '',
        events: (version) => [{ type: 'policy-changed', version, summary: `renamed to ${settingName}` }],
      };
    }
  }
}

function saveDevice(
  policy: Policy,
  id: string | null,
  fields: Omit<Device, 'id'>,
  usedIds: ReadonlySet<string>,
): Edited | null {
  const old = policy.devices.find((device) => device.id === id);
  if (id !== null && old === undefined) return null;
  const device = ownOnly({ id: id ?? newDeviceId(usedIds, fields.name), ...fields }, policy.groups);
  const devices =
    old === undefined ? [...policy.devices, device] : policy.devices.map((other) => (other === old ? device : other));
  const events: RecordEvent[] = [
    {
      type: old === undefined ? 'device-added' : 'device-changed',
      deviceName: device.name,
      groupName: groupName(policy, device.group),
    },
  ];
  if (device.user !== undefined && !sameUser(old?.user, device.user)) {
    const deviceName = device.name;
    events.push(
      device.user.kind === 'shared'
        ? { type: 'device-shared', deviceName }
        : { type: 'device-user-entered', deviceName, userName: device.user.name },
    );
  }
  return { policy: { ...policy, devices }, subject: device.id, events: () => events };
}

/** Of a device that is moved away, or never was the setting's own, nobody is kept as its user. */
function ownOnly(device: Device, groups: readonly Group[]): Device {
  if (groups.some(({ id, kind }) => id === device.group && kind === 'setting')) return device;
  const { user: _, ...others } = device;
  return others;
}

/** "office-pc" for "Office PC"; with a number when there is one already, or was. */
function newDeviceId(usedIds: ReadonlySet<string>, name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 50);
  const base = plain === '' ? 'device' : plain;
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!usedIds.has(id)) return id;
  }
}

/**
 * Ids that a new device may not have: those of devices that are or were here, whose figures it would inherit, and "new",
 * which is the address of the form.
 */
function usedDeviceIds(store: Store, policy: Policy): ReadonlySet<string> {
  const before = store.run((db) => db.selectFrom('record').select('subject').distinct().where('kind', '=', 'device'));
  return new Set(['new', ...policy.devices.map(({ id }) => id), ...before.map(({ subject }) => subject)]);
}

function settingName(store: Store): string {
  return store.first((db) => db.selectFrom('setting').select('name'))?.name ?? '';
}

function nextVersion(store: Store, policy: Policy): number {
  const box = store.first((db) =>
    db.selectFrom('boxes').select('policy_version').where('revoked_at', 'is', null).limit(1),
  );
  return Math.max(policy.version, box?.policy_version ?? 0) + 1;
}

/** `by` is left out where no person saved it. */
function saveVersion(
  store: Store,
  policy: Policy,
  nowMs: number,
  by: { readonly savedBy: string; readonly undoes: number | null } | null = null,
): void {
  store.change((db) =>
    db.insertInto('policy_versions').values({
      version: policy.version,
      saved_at: nowMs,
      document_json: JSON.stringify(policy),
      saved_by: by?.savedBy ?? null,
      undoes: by?.undoes ?? null,
    }),
  );
}

const DAY_MS = 86_400_000;
