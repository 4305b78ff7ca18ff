/**
 * The policy of a new setting, and of the demo: what `npm start` and a box without a policy of its own obey.
 *
 * Names no category: each follows the catalogue's default (see restrictionOf in verdicts.ts), so that a service
 * which the catalogue learns later is restricted without an edit here.
 */
import type { Group, GroupKind, Network, Policy, Week } from './policy.ts';

/** Open Monday to Friday 08:00 to 18:00; every private network belongs to the setting's own devices. */
export function defaultPolicy(settingName: string): Policy {
  return {
    version: 0,
    settingName,
    timeZone: 'Europe/London',
    groups: [
      group('setting', 'Setting devices', 'setting'),
      group('office', 'Office', 'setting'),
      // Restricted like the others: an official grant that names device, people and time opens a channel (7.3.1 to 7.3.6).
      // Its comments are read and answered there, and YouTube's restricted mode hides them.
      { ...group('official', 'Official channel devices', 'setting'), safeSearch: { search: true, youtube: 'off' } },
      group('staff-personal', 'Staff’s own devices', 'personal'),
      group('guest', 'Guests', 'guest'),
    ],
    networks: privateRanges.map(([name, range]): Network => ({ name, range, group: 'setting' })),
    devices: [],
    hours: {
      week: week([{ from: '08:00', to: '18:00' }]),
      breaks: week([]),
      terms: [],
      closures: [],
      bankHolidays: 'england-and-wales',
      openings: [],
    },
  };
}

/** RFC 1918, RFC 4193 and link-local: on a nursery's network nobody else has these addresses. */
const privateRanges: readonly (readonly [name: string, range: string])[] = [
  ['This box', '127.0.0.0/8'],
  ['This box (IPv6)', '::1/128'],
  ['Private network 10', '10.0.0.0/8'],
  ['Private network 172.16', '172.16.0.0/12'],
  ['Private network 192.168', '192.168.0.0/16'],
  ['Private network (IPv6)', 'fc00::/7'],
  ['Link-local (IPv6)', 'fe80::/10'],
];

function group(id: string, name: string, kind: GroupKind): Group {
  return { id, name, kind, categories: {}, services: {} };
}

function week(workday: Week['monday']): Week {
  const copy = () => workday.map((period) => ({ ...period }));
  return {
    monday: copy(),
    tuesday: copy(),
    wednesday: copy(),
    thursday: copy(),
    friday: copy(),
    saturday: [],
    sunday: [],
  };
}
