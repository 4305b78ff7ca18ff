/**
 * The register of official channels, and the standing permission that follows from each.
 *
 * Permission stands as slots that are booked two weeks ahead: at every change, and once a day. So the box opens and
 * closes them by itself, a slot can be ended early like any permission, and nothing stands longer than the register
 * says when the dashboard is gone. A slot that somebody has ended is not booked again.
 */
import { catalogue } from '../../policy-rules/catalogue/catalogue.ts';
import { ownDevices } from '../../policy-rules/own-devices.ts';
import type { Policy } from '../../policy-rules/policy.ts';
import { en } from '../views/messages.ts';
import { type ChannelForm, type ChannelModel, type ChannelWarning, weekdays } from '../views/models.ts';
import { bookSlot, type ChannelSlot, endSlots, isPossible } from './channel-slots.ts';
import { serviceName } from './naming.ts';
import { addDays, calendarOf, instantOf } from './opening.ts';
import { policyOf } from './policies.ts';
import { type Actor, writeRecord } from './record.ts';
import type { Store } from './store.ts';
import type { SettingTables } from './tables.ts';

/** A nursery has a handful; a page of this many is still small. */
export const CHANNELS_MAX = 30;

const BOOKED_DAYS = 14;

type ChannelRow = SettingTables['channels'];

export type ChannelSaved = { readonly ok: true } | { readonly ok: false; readonly problem: ChannelProblem };

export type ChannelProblem =
  | 'no-such-channel'
  | 'no-such-device'
  | 'no-such-service'
  | 'too-many'
  /** It is not as whoever changes it has read it. */
  | 'changed-meanwhile';

/** Those that may be an official channel's: the setting's own. */
export function channelDevices(policy: Policy): { readonly id: string; readonly name: string }[] {
  return ownDevices(policy).map(({ id, name }) => ({ id, name }));
}

/**
 * The form has been checked for itself; whether its device and service exist is checked here. `id` null: a new one, which
 * a form of that `formId` makes once. `seen`: as whoever changes it has read it.
 */
export function saveChannel(
  store: Store,
  id: string | null,
  form: ChannelForm,
  actor: Actor,
  nowMs: number,
  seen: ChannelForm | null = null,
  formId = '',
): ChannelSaved {
  return store.transaction(() => {
    // A double tap, and not a form that was gone back to and filled in otherwise.
    const sent = id === null ? channelRow(store, formId) : undefined;
    if (sent !== undefined && isSame(sent, factsOf(form))) return { ok: true };
    const before = id === null ? null : openChannel(store, id);
    if (before === undefined) return { ok: false, problem: 'no-such-channel' };
    if (id !== null && seen !== null && JSON.stringify(channelForm(store, id)) !== JSON.stringify(seen)) {
      return { ok: false, problem: 'changed-meanwhile' };
    }
    if (!channelDevices(policyOf(store)).some(({ id: own }) => own === form.device)) {
      return { ok: false, problem: 'no-such-device' };
    }
    if (!isGrantable(form.service)) return { ok: false, problem: 'no-such-service' };
    if (before === null && openChannels(store).length >= CHANNELS_MAX) return { ok: false, problem: 'too-many' };
    const channelId = before?.id ?? (formId === '' || sent !== undefined ? crypto.randomUUID() : formId);
    const facts = factsOf(form);
    if (before === null) insert(store, channelId, facts, actor);
    else change(store, before, facts, actor, nowMs);
    const note = noteFor(store, channelId, form.name, actor, nowMs);
    if (before === null) {
      const { purpose, approvedBy, approvedOn } = form;
      note({ type: 'channel-registered', purpose, approvedBy, approvedOn });
    }
    namePeople(store, channelId, [form.firstPerson, form.secondPerson], nowMs, note);
    // With nobody left nothing stands open any more.
    if (peopleOf(store, channelId).length === 0) endSlots(store, channelId, actor, nowMs);
    bookChannels(store, nowMs);
    return { ok: true };
  });
}

/** False when there is no such channel, or it is closed already. */
export function closeChannel(store: Store, id: string, actor: Actor, nowMs: number): boolean {
  const channel = openChannel(store, id);
  if (channel === undefined) return false;
  store.transaction(() => {
    store.change((db) => db.updateTable('channels').set({ closed_at: nowMs }).where('id', '=', id));
    endSlots(store, id, actor, nowMs);
    noteFor(store, id, channel.name, actor, nowMs)({ type: 'channel-closed' });
  });
  return true;
}

/** Books what is missing of the next two weeks. */
export function bookChannels(store: Store, nowMs: number): void {
  for (const channel of openChannels(store)) {
    if (warningsOf(store, channel, nowMs).some((warning) => stopping.has(warning))) continue;
    for (const slot of slotsAhead(channel, policyOf(store), nowMs)) bookSlot(store, slot, nowMs);
  }
}

function slotsAhead(channel: ChannelRow, { timeZone }: Policy, nowMs: number): ChannelSlot[] {
  const today = calendarOf(timeZone, nowMs).date;
  const { days, from, to } = slotOf(channel);
  return (
    Array.from({ length: BOOKED_DAYS }, (_, ahead) => addDays(today, ahead))
      .filter((date) => days.includes(weekdayOf(date)))
      .map((date) => ({
        key: `${channel.id} ${channel.revision} ${date}`,
        channelId: channel.id,
        target: { device: channel.device },
        scope: { service: channel.service },
        from: Math.max(nowMs, instantOf(timeZone, date, from)),
        until: instantOf(timeZone, date, to),
        reason: en.channels.reason(channel.name),
        by: { id: channel.saved_by_id, name: channel.saved_by },
      }))
      // What is over today, and what the clocks skip.
      .filter((slot) => slot.until > slot.from)
  );
}

/** By name. */
export function channelModels(store: Store, nowMs: number): ChannelModel[] {
  const devices = channelDevices(policyOf(store));
  return openChannels(store).map((row) => ({
    id: row.id,
    name: row.name,
    purpose: row.purpose,
    approvedBy: row.approved_by,
    approvedOn: row.approved_on,
    assessedOn: row.assessed_on,
    people: peopleOf(store, row.id).map(({ name }) => name),
    deviceName: devices.find(({ id }) => id === row.device)?.name ?? null,
    serviceName: serviceName(row.service),
    ...slotOf(row),
    warnings: warningsOf(store, row, nowMs),
  }));
}

/** Null when there is no such channel, or it is closed. */
export function channelForm(store: Store, id: string): ChannelForm | null {
  const row = openChannel(store, id);
  if (row === undefined) return null;
  const [first, second] = peopleOf(store, id);
  return {
    name: row.name,
    purpose: row.purpose,
    approvedBy: row.approved_by,
    approvedOn: row.approved_on,
    assessedOn: row.assessed_on,
    firstPerson: first?.name ?? '',
    secondPerson: second?.name ?? '',
    device: row.device,
    service: row.service,
    ...slotOf(row),
  };
}

/** Closed channels and people who have left, once their names are of no more use. */
export function forgetChannels(store: Store, before: number): void {
  store.change((db) => db.deleteFrom('channel_people').where('left_at', '<', before));
  const closed = store.run((db) => db.deleteFrom('channels').where('closed_at', '<', before).returning('id'));
  for (const { id } of closed) store.change((db) => db.deleteFrom('channel_people').where('channel_id', '=', id));
}

const stopping: ReadonlySet<ChannelWarning> = new Set(['no-person', 'no-device', 'not-possible']);

function warningsOf(store: Store, row: ChannelRow, nowMs: number): ChannelWarning[] {
  const policy = policyOf(store);
  const today = calendarOf(policy.timeZone, nowMs).date;
  const warnings: ChannelWarning[] = [];
  const people = peopleOf(store, row.id).length;
  if (people === 0) warnings.push('no-person');
  if (people === 1) warnings.push('one-person');
  if (!channelDevices(policy).some(({ id }) => id === row.device)) warnings.push('no-device');
  else if (!canBeBooked(slotsAhead(row, policy, nowMs), policy, nowMs)) warnings.push('not-possible');
  const yearAgo = `${Number(today.slice(0, 4)) - 1}${today.slice(4)}`;
  if (row.approved_on < yearAgo) warnings.push('approval-old');
  return warnings;
}

/** The first stands for all: they differ in their times only. */
function canBeBooked([first]: readonly ChannelSlot[], policy: Policy, nowMs: number): boolean {
  return first === undefined || isPossible(first, policy, nowMs);
}

type Facts = Pick<
  ChannelRow,
  'name' | 'purpose' | 'approved_by' | 'approved_on' | 'assessed_on' | 'device' | 'service' | 'slot_json'
>;

function factsOf({
  name,
  purpose,
  approvedBy,
  approvedOn,
  assessedOn,
  device,
  service,
  days,
  from,
  to,
}: ChannelForm): Facts {
  return {
    ...{ name, purpose, device, service },
    approved_by: approvedBy,
    approved_on: approvedOn,
    assessed_on: assessedOn,
    slot_json: JSON.stringify({ days, from, to }),
  };
}

function insert(store: Store, id: string, facts: Facts, actor: Actor): void {
  const saved = { saved_by: actor.name, saved_by_id: actor.id };
  store.change((db) => db.insertInto('channels').values({ id, ...facts, ...saved, revision: 1, closed_at: null }));
}

function change(store: Store, before: ChannelRow, facts: Facts, actor: Actor, nowMs: number): void {
  const differs = (...fields: readonly (keyof Facts)[]) => fields.some((field) => before[field] !== facts[field]);
  const isMoved = differs('device', 'service', 'slot_json');
  const note = noteFor(store, before.id, facts.name, actor, nowMs);
  if (isMoved || differs('name', 'purpose', 'assessed_on')) note({ type: 'channel-changed' });
  if (differs('approved_by', 'approved_on')) {
    note({ type: 'channel-approved', approvedBy: facts.approved_by, approvedOn: facts.approved_on });
  }
  if (isMoved) endSlots(store, before.id, actor, nowMs);
  store.change((db) =>
    db
      .updateTable('channels')
      .set({ ...facts, saved_by: actor.name, saved_by_id: actor.id, revision: before.revision + (isMoved ? 1 : 0) })
      .where('id', '=', before.id),
  );
}

type Note = ReturnType<typeof noteFor>;
type ChannelEvent = Extract<Parameters<typeof writeRecord>[1]['event'], { type: `channel-${string}` }>;
type Unnamed<Event> = Event extends ChannelEvent ? Omit<Event, 'channelName'> : never;

function noteFor(store: Store, id: string, channelName: string, actor: Actor, nowMs: number) {
  return (event: Unnamed<ChannelEvent>) =>
    writeRecord(store, { at: nowMs, by: actor, subject: id, event: { ...event, channelName } as ChannelEvent });
}

/** Those who are not named any more have left; nobody is left when both have, and then nothing stands open. */
function namePeople(store: Store, channelId: string, wanted: readonly string[], nowMs: number, note: Note): void {
  const names = wanted.filter((name) => name !== '');
  const present = peopleOf(store, channelId);
  for (const { id, name } of present.filter((person) => !names.includes(person.name))) {
    store.change((db) => db.updateTable('channel_people').set({ left_at: nowMs }).where('id', '=', id));
    note({ type: 'channel-person-left', personName: name });
  }
  for (const name of names.filter((each) => present.every((person) => person.name !== each))) {
    store.change((db) =>
      db.insertInto('channel_people').values({ id: crypto.randomUUID(), channel_id: channelId, name, left_at: null }),
    );
    note({ type: 'channel-person-named', personName: name });
  }
}

/** Somebody has left the setting: whoever `is` them looks after no channel any more. */
export function leaveChannels(store: Store, is: (name: string) => boolean, actor: Actor, nowMs: number): void {
  for (const { id, name } of openChannels(store)) {
    const names = peopleOf(store, id).map((person) => person.name);
    const staying = names.filter((each) => !is(each));
    if (staying.length === names.length) continue;
    namePeople(store, id, staying, nowMs, noteFor(store, id, name, actor, nowMs));
    if (staying.length === 0) endSlots(store, id, actor, nowMs);
  }
}

function openChannels(store: Store): ChannelRow[] {
  return store.run((db) => db.selectFrom('channels').selectAll().where('closed_at', 'is', null).orderBy('name'));
}

function isSame(row: ChannelRow, facts: Facts): boolean {
  return (Object.keys(facts) as (keyof Facts)[]).every((field) => row[field] === facts[field]);
}

/** Closed or not. */
function channelRow(store: Store, id: string): ChannelRow | undefined {
  return store.first((db) => db.selectFrom('channels').selectAll().where('id', '=', id));
}

function openChannel(store: Store, id: string): ChannelRow | undefined {
  const row = channelRow(store, id);
  return row?.closed_at === null ? row : undefined;
}

function peopleOf(store: Store, channelId: string) {
  return store.run((db) =>
    db
      .selectFrom('channel_people')
      .select(['id', 'name'])
      .where('channel_id', '=', channelId)
      .where('left_at', 'is', null)
      .orderBy('name'),
  );
}

function slotOf({ slot_json }: ChannelRow): Pick<ChannelForm, 'days' | 'from' | 'to'> {
  return JSON.parse(slot_json) as Pick<ChannelForm, 'days' | 'from' | 'to'>;
}

function weekdayOf(date: string): (typeof weekdays)[number] {
  return weekdays[(new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7]!;
}

function isGrantable(service: string): boolean {
  const category = catalogue.services.find(({ id }) => id === service)?.category;
  return catalogue.categories.some(({ id, protected: isProtected }) => id === category && !isProtected);
}
