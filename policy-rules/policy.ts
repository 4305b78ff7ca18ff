/**
 * The policy: who is restricted in what and when. A versioned document, made on the dashboard, obeyed by the box.
 *
 * Owns the shape. What one part of it must be to another is checked in validate-policy.ts; what follows from it at an
 * instant is in schedule.ts and verdicts.ts.
 */
import * as z from 'zod/mini';
import { oneLine } from './show-text.ts';

/** Kebab-case ids are stored in usage and grants, so they outlive a change of name. */
const Id = z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and hyphens'));
/** Cleaned first, wherever it comes from: names are shown in tables, sentences and logs. */
const Label = z
  .string()
  .check(z.overwrite(oneLine), z.minLength(1, 'expected a name'), z.maxLength(80, 'at most 80 characters'));
const TimeOfDay = z.string().check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'expected a time as HH:MM'));
const CalendarDate = z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a date as YYYY-MM-DD'));

/** Lower-case, colon-separated: "dc:a6:32:01:02:03". */
export const MacAddress = z
  .string()
  .check(z.regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/, 'expected a MAC address as aa:bb:cc:dd:ee:ff'));

/** When a category, a service or a list is blocked for a group. */
export const Restriction = z.enum(['never', 'opening-hours', 'always']);
export type Restriction = z.infer<typeof Restriction>;

/** A span within one day, in the setting's zone; `to` is excluded and later than `from`. */
export const Period = z.object({ from: TimeOfDay, to: TimeOfDay });
export type Period = z.infer<typeof Period>;

const Week = z.object({
  monday: z.array(Period),
  tuesday: z.array(Period),
  wednesday: z.array(Period),
  thursday: z.array(Period),
  friday: z.array(Period),
  saturday: z.array(Period),
  sunday: z.array(Period),
});
export type Week = z.infer<typeof Week>;

/** Whole days from `first` to `last`, both included. */
export const DateSpan = z.object({ name: Label, first: CalendarDate, last: CalendarDate });
export type DateSpan = z.infer<typeof DateSpan>;

export const OneOffOpening = z.object({ name: Label, date: CalendarDate, from: TimeOfDay, to: TimeOfDay });
export type OneOffOpening = z.infer<typeof OneOffOpening>;

export const OpeningHours = z.object({
  /** Several periods a day are allowed; an empty list is a closed day. */
  week: Week,
  /** Times within the opening periods when personal use is as free as after closing (Highfield). */
  breaks: Week,
  /** When not empty, the setting is open only on days within a term. */
  terms: z.array(DateSpan),
  closures: z.array(DateSpan),
  bankHolidays: z.enum(['england-and-wales', 'none']),
  /** One-off openings: they hold also on a closure, a bank holiday or out of term, beside the week's own periods. */
  openings: z.array(OneOffOpening),
});
export type OpeningHours = z.infer<typeof OpeningHours>;

/**
 * - `setting`: the setting's own devices; their use of restricted services is counted (4.2)
 * - `personal`, `guest`: never recorded, in any form (South Woodham)
 */
export const GroupKind = z.enum(['setting', 'personal', 'guest']);
export type GroupKind = z.infer<typeof GroupKind>;

/** What the group's devices see of search engines and YouTube (safe-search.ts). */
export const SafeSearch = z.object({
  /** Search engines show no explicit results. */
  search: z.boolean(),
  /** YouTube's restricted mode; a block of YouTube goes before it, and a grant does not end it. */
  youtube: z.enum(['off', 'moderate', 'strict']),
});
export type SafeSearch = z.infer<typeof SafeSearch>;

export const Group = z.object({
  id: Id,
  name: Label,
  kind: GroupKind,
  /**
   * Category id → restriction. A category that is not named follows the catalogue's default; for personal and guest
   * groups that is "never", save for the protected ones (verdicts.ts, restrictionOf).
   */
  categories: z.record(z.string(), Restriction),
  /** Service id → restriction; goes before its category's. */
  services: z.record(z.string(), Restriction),
  /** Without it the group's kind decides (safe-search.ts, safeSearchOf): policies from before the switch have none. */
  safeSearch: z.optional(SafeSearch),
});
export type Group = z.infer<typeof Group>;

/** A range of client addresses; the longest range that holds an address decides. Clients in none are REFUSED. */
export const Network = z.object({
  name: Label,
  /** CIDR, IPv4 or IPv6: "192.168.1.0/24". */
  range: z.string(),
  /** The group of devices here that nobody has named. */
  group: Id,
});
export type Network = z.infer<typeof Network>;

/** Who uses a device of the setting: one person, or several. A shared device is never attributed to a person. */
export const DeviceUser = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('shared') }),
  z.object({ kind: z.literal('person'), name: Label }),
]);
export type DeviceUser = z.infer<typeof DeviceUser>;

export const Device = z.object({
  id: Id,
  name: Label,
  group: Id,
  /** IP addresses or CIDR ranges. */
  addresses: z.array(z.string()),
  macs: z.array(MacAddress),
  /** Left out where nobody has said; staff's own and guests' devices never have one. */
  user: z.optional(DeviceUser),
});
export type Device = z.infer<typeof Device>;

/** What somebody goes by on the local site: "Aisha", or "Aisha B" where there are two. */
export const FirstName = Label.check(z.maxLength(40, 'at most 40 characters'));

/** A page of them; a larger organisation lets people type. */
export const FIRST_NAMES_MAX = 100;

export const Policy = z.object({
  /** 0 is the box's own file; the dashboard counts from 1. A box refuses a version older than the one it has. */
  version: z.int().check(z.minimum(0)),
  settingName: Label,
  /** IANA zone of the opening hours. */
  timeZone: z.string(),
  groups: z.array(Group).check(z.minLength(1, 'expected at least one group')),
  networks: z.array(Network).check(z.minLength(1, 'expected at least one network')),
  devices: z.array(Device),
  /** Offered to whoever asks for permission on a device of the setting; without it they type. */
  firstNames: z.optional(z.array(FirstName).check(z.maxLength(FIRST_NAMES_MAX, `at most ${FIRST_NAMES_MAX} names`))),
  hours: OpeningHours,
});
export type Policy = z.infer<typeof Policy>;
