/**
 * Models of every page for the tests of the views: empty, one of each, many, and names that try to break out.
 * All that is random comes from a seed.
 */

import { rightIds } from '../../dashboard-worker/accounts/rights.ts';
import { delegable } from '../../dashboard-worker/accounts/roles.ts';
import type {
  AcceptInvitationModel,
  AccountModel,
  ActiveMinutes,
  BoxModel,
  CalendarModel,
  ChangeFact,
  DeviceEditModel,
  DevicesModel,
  DeviceUsageModel,
  FirstNamesModel,
  Frame,
  GiveModel,
  GrantModel,
  GrantResultModel,
  GroupRulesModel,
  HoursModel,
  InvitationModel,
  JoinModel,
  LastChangeModel,
  NetworksModel,
  NowModel,
  OwnPasswordModel,
  OwnRecordModel,
  PeopleModel,
  PreviewModel,
  RecordEntry,
  RecordModel,
  ReplaceAppModel,
  RequestModel,
  SafeSearchModel,
  SecondFactorModel,
  SelfGrant,
  SelfGrantsModel,
  SettingsModel,
  UnnamedDevicesModel,
  UsageModel,
  VerifyModel,
  YearModel,
} from '../../dashboard-worker/views/models.ts';
import { withoutDevices } from '../../dashboard-worker/views/pages.ts';
import { SEEN_MAX } from '../../policy-rules/agent-protocol.ts';
import { catalogue } from '../../policy-rules/catalogue/catalogue.ts';
import type { OpeningHours } from '../../policy-rules/policy.ts';
import { daysOfMonth } from '../../policy-rules/schedule.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Thursday 12 November 2026, 10:32:30 in London. */
export const nowMs = Date.UTC(2026, 10, 12, 10, 32, 30);

/** An apostrophe, an accent, and what would be markup if it were not escaped. */
export const awkward = `Zoë O'Neill <b>&"`;

export const frame: Frame = {
  settingId: '5d0e9a52-7c3b-4f0e-8a64-1f2b3c4d5e6f',
  settingName: 'Sunny Days Pre-school',
  belongsToSeveral: false,
  timeZone: 'Europe/London',
  nowMs,
  userId: '0b6c1c8e-4b1f-4a33-9d59-0c1d1f1f0a00',
  userName: 'Tracey',
  may: new Set(rightIds),
  requestsWaiting: 0,
  warnings: [],
};

const keyText = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

/** As long as an address of e-mail gets in real life. */
export const secondFactor: SecondFactorModel = {
  keyUri: `otpauth://totp/Stairgate:tracey.${'field'.repeat(8)}%40nursery.example?secret=${keyText}&issuer=Stairgate`,
  keyText,
  problem: null,
  plainHttp: false,
};

export const recoveryCodes = Array.from({ length: 10 }, (_, at) => `ACDE${at}-WXY34`);

const ipad =
  'Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1';

export const account: AccountModel = {
  frame,
  name: 'Tracey Field',
  email: 'tracey@nursery.example',
  appSetUpAt: nowMs - 30 * 24 * 60 * MINUTE,
  recoveryCodesLeft: 10,
  sessions: [{ id: 's1', since: nowMs - MINUTE, userAgent: ipad, strength: 'two-factors', own: true }],
  passkeys: [],
  passkeyPlace: { kind: 'elsewhere', url: 'http://localhost:8080/' },
  errors: [],
};

export const replacedApp: ReplaceAppModel = {
  frame,
  keyUri: secondFactor.keyUri,
  keyText,
  problems: { code: 'wrong', password: 'slow-down' },
};

export const troubledFrame: Frame = {
  ...frame,
  settingName: `St Brannoc's <Nursery> & Crèche`,
  userName: awkward,
  requestsWaiting: 2,
  warnings: [
    { kind: 'box-away', since: nowMs - 3 * 3_600_000 },
    { kind: 'clock-not-trusted' },
    { kind: 'plain-http' },
    { kind: 'no-box' },
  ],
  flash: 'device-saved',
};

export const troubledAccount: AccountModel = {
  frame: { ...troubledFrame, flash: 'session-ended' },
  name: awkward,
  email: `${'long.'.repeat(40)}@nursery.example`,
  appSetUpAt: null,
  recoveryCodesLeft: 0,
  sessions: Array.from({ length: 50 }, (_, nth) => ({
    id: `s${nth}`,
    since: nowMs - nth * 40 * MINUTE,
    userAgent: nth % 3 === 0 ? ipad : awkward,
    strength: nth % 7 === 1 ? ('password' as const) : ('two-factors' as const),
    own: nth === 0,
  })),
  passkeys: Array.from({ length: 20 }, (_, nth) => ({
    id: `k${nth}`,
    name: nth === 0 ? '' : awkward,
    addedAt: nowMs - nth * DAY,
    host: nth === 2 ? `${'long.'.repeat(40)}example` : ['', 'dashboard.nursery.example'][nth % 2]!,
  })),
  passkeyPlace: { kind: 'here', host: 'dashboard.nursery.example' },
  errors: [
    { field: 'currentPassword', message: 'That is not your password.' },
    { field: 'newPassword', message: 'Use at least 12 characters.' },
    { field: 'codesPassword', message: 'That is not your password.' },
    { field: 'passkeyPassword', message: 'That is not your password.' },
  ],
};

export function aGrant(changes: Partial<GrantModel> = {}): GrantModel {
  return {
    id: '0b6c1c8e-4b1f-4a33-9d59-0c1d1f1f0a01',
    targets: [{ kind: 'device', name: 'Office PC' }],
    scope: { kind: 'service', name: 'Facebook' },
    from: nowMs - MINUTE,
    until: Date.UTC(2026, 10, 12, 15, 0),
    purpose: 'official',
    mode: 'verbal',
    reason: 'reply to a parent on our page',
    askedBy: 'Aisha',
    grantedBy: 'Tracey',
    grantedAt: nowMs - MINUTE,
    toSelf: false,
    state: { kind: 'in-force', since: nowMs - MINUTE },
    told: [{ kind: 'given', at: nowMs - MINUTE, by: 'Tracey', until: Date.UTC(2026, 10, 12, 15, 0) }],
    also: [],
    ...changes,
  };
}

/** On several devices, given more time twice, once by somebody whose name has been erased. */
export const extendedGrant = aGrant({
  id: 'g7',
  targets: ['Office PC', awkward, 'Tablet 3', 'Tablet 4', 'Tablet 5'].map((name) => ({ kind: 'device', name })),
  told: [
    { kind: 'given', at: nowMs - 20 * MINUTE, by: 'Tracey', until: nowMs - 5 * MINUTE },
    { kind: 'extended', at: nowMs - 6 * MINUTE, by: awkward, until: nowMs + 4 * MINUTE },
    { kind: 'extended', at: nowMs - MINUTE, by: '', until: Date.UTC(2026, 10, 12, 15, 0) },
    {
      ...{ kind: 'joined', at: nowMs - MINUTE / 2, by: 'Sam', until: Date.UTC(2026, 10, 12, 14, 0) },
      ...{ purpose: 'official', person: awkward, reason: awkward },
    },
  ],
  also: ['Sam', awkward, '', 'Jo'].map((by, nth) => ({
    id: `g2${nth}`,
    scope: { kind: 'service', name: 'Facebook' },
    targets: [{ kind: 'device', name: awkward }],
    until: Date.UTC(2026, 10, 12, 16, 0),
    by,
  })),
});

export const bookedGrant = aGrant({
  id: 'g8',
  from: Date.UTC(2026, 10, 13, 14, 0),
  until: Date.UTC(2026, 10, 13, 14, 30),
  state: { kind: 'booked', from: Date.UTC(2026, 10, 13, 14, 0) },
});

export const notedGrant = aGrant({
  id: 'g9',
  from: Date.UTC(2026, 10, 12, 9, 0),
  until: Date.UTC(2026, 10, 12, 9, 20),
  state: { kind: 'noted' },
  told: [{ kind: 'noted', at: nowMs - MINUTE, by: 'Tracey', until: Date.UTC(2026, 10, 12, 9, 20) }],
});

export const request: RequestModel = {
  id: 'b2f0c1de-6a0e-4d0b-8f6e-3b6f6a4c7e10',
  deviceName: 'Toddler room tablet',
  scope: { kind: 'service', name: 'YouTube' },
  minutes: 30,
  reason: 'song for circle time',
  askedBy: 'Aisha',
  askedAt: nowMs - 2 * MINUTE,
};

export const emptyNow: NowModel = {
  frame,
  box: { kind: 'none' },
  opening: { kind: 'closed', until: null },
  closesAt: null,
  sessionEndsAt: null,
  grants: [],
  requests: [],
  attention: [
    { kind: 'lax-network', networkName: 'Nursery', groupName: awkward, strictestName: 'Setting devices' },
    { kind: 'user-left', device: 'office-pc', deviceName: awkward, personName: awkward },
    {
      kind: 'stray-addresses',
      device: 'office-pc',
      deviceName: awkward,
      addresses: ['203.0.113.9', '2001:db8:85a3:1234:5678:8a2e:370:7334'],
    },
    { kind: 'no-devices' },
  ],
};

export const busyNow: NowModel = {
  frame: { ...frame, requestsWaiting: 2 },
  box: { kind: 'working', lastHeardAt: nowMs - 10_000 },
  opening: { kind: 'open', until: Date.UTC(2026, 10, 12, 18, 0) },
  closesAt: Date.UTC(2026, 10, 12, 18, 0),
  sessionEndsAt: Date.UTC(2026, 10, 12, 12, 30),
  grants: [
    aGrant(),
    aGrant({ id: 'g2', state: { kind: 'sending' }, scope: { kind: 'all-social' }, purpose: 'emergency', toSelf: true }),
    aGrant({ id: 'g3', state: { kind: 'ending', boxAwaySince: null }, targets: [{ kind: 'group', name: 'Office' }] }),
    aGrant({ id: 'g4', state: { kind: 'ended', at: nowMs - 5 * MINUTE, early: null }, purpose: 'personal' }),
    aGrant({ id: 'g5', state: { kind: 'ended', at: nowMs - 6 * MINUTE, early: awkward } }),
    extendedGrant,
    bookedGrant,
    notedGrant,
    aGrant({ id: 'g6', state: { kind: 'refused', reason: 'the end lies before the start' } }),
  ],
  requests: [request, { ...request, id: 'r2', deviceName: null, askedBy: awkward, reason: awkward, minutes: 90 }],
  attention: [
    { kind: 'overlap', overlap: { serviceName: 'Facebook', listName: 'Family filter' } },
    { kind: 'alert', text: 'The disk is nearly full.', since: nowMs - DAY },
    { kind: 'refusal', of: 'policy', reason: 'version 3 is older than version 4' },
  ],
};

export const awayNow: NowModel = {
  ...busyNow,
  frame: troubledFrame,
  box: { kind: 'away', since: nowMs - 3 * 3_600_000 },
  opening: { kind: 'break', until: nowMs + 20 * MINUTE },
  grants: [aGrant({ state: { kind: 'waiting', boxAwaySince: nowMs - 3 * 3_600_000 } })],
};

const services = [
  'Facebook',
  'Instagram',
  'WhatsApp',
  'YouTube',
  'TikTok',
  'Snapchat',
  'X (formerly Twitter)',
  'Pinterest',
  'LinkedIn',
  'Reddit',
  'Discord',
  'Telegram',
  'Signal',
  'Tumblr',
  'Twitch',
  'Roblox',
  'Nextdoor',
  'Bluesky',
  'Mastodon',
  'Threads',
  'Messenger',
  'BeReal',
  'Blogger',
  awkward,
];

const categories = [
  'Social networking',
  'Video sharing',
  'Photo sharing',
  'Instant messaging',
  'Chatrooms',
  'Forums and bulletin boards',
  'Online gaming',
  'Virtual worlds',
  'Blogs',
  'Wikis',
  'Reviews',
  'Polls',
  'Comment streams',
  'Apps',
];

function give(deviceCount: number): GiveModel {
  const groups = ['Nursery devices', 'Office', 'Preschool room', awkward];
  return {
    frame,
    box: { kind: 'working', lastHeardAt: nowMs - 10_000 },
    opening: { kind: 'open', until: Date.UTC(2026, 10, 12, 18, 0) },
    sessionEndsAt: Date.UTC(2026, 10, 12, 12, 0),
    closesAt: Date.UTC(2026, 10, 12, 18, 0),
    today: '2026-11-12',
    usual: [],
    dayBefore: null,
    groups: groups.map((name, index) => ({ key: `group:g${index}`, name })),
    devices: Array.from({ length: deviceCount }, (_, index) => ({
      key: `device:d${index}`,
      name: index === 1 ? awkward : `Tablet ${index + 1}`,
      groupName: groups[index % groups.length] ?? '',
    })),
    formId: '0b9a3c1e-7b1e-4d3b-9a54-3b8e6f2d1c00',
    offered: [],
    categories: categories.map((name, index) => ({
      key: `category:c${index}`,
      name,
      category: name.toLowerCase().replaceAll(' ', '-'),
      services: Array.from({ length: 7 }, (_, nth) => ({
        key: `service:s${index}-${nth}`,
        name: services[(index * 7 + nth) % services.length] ?? '',
      })),
    })),
    emergency: { key: 'group:g0', name: 'Nursery devices' },
    values: {
      targets: ['device:d0'],
      scope: 'all-social',
      fromDate: '',
      fromTime: '',
      until: '30',
      untilTime: '',
      reason: 'parent-reply',
      reasonText: '',
      purpose: 'personal',
      mode: 'verbal',
      forWhom: 'me',
      askedBy: '',
      request: '',
    },
    request: null,
    errors: [],
  };
}

export const emptyGive: GiveModel = {
  ...give(0),
  box: { kind: 'none' },
  sessionEndsAt: null,
  closesAt: null,
  opening: { kind: 'closed', until: nowMs + DAY },
  emergency: null,
};

export const usualGive: GiveModel = {
  ...give(5),
  dayBefore: {
    at: nowMs - 3 * DAY,
    grants: [
      {
        grantId: 'g0',
        targets: [{ kind: 'device', name: awkward }],
        scope: { kind: 'all-social' },
        minutes: 120,
        reason: 'training',
      },
    ],
  },
  usual: [
    {
      grantId: 'g1',
      targets: [{ kind: 'device', name: 'Office PC' }],
      scope: { kind: 'service', name: 'Facebook' },
      minutes: 30,
      reason: 'reply to a parent on our page',
    },
    {
      grantId: 'g2',
      targets: [{ kind: 'group', name: 'Preschool room' }],
      scope: { kind: 'service', name: 'YouTube' },
      minutes: 10,
      reason: 'activity with the children',
    },
  ],
  formId: '0b9a3c1e-7b1e-4d3b-9a54-3b8e6f2d1c00',
  offered: [
    { key: 'service:s0-0', name: 'Facebook', category: 'social-networking' },
    { key: 'service:s0-3', name: 'YouTube', category: 'video-sharing' },
    { key: 'category:c3', name: 'Instant messaging', category: 'messaging' },
  ],
  values: { ...give(5).values, scope: 'service:s0-0' },
};

export const manyGive: GiveModel = {
  ...give(200),
  box: { kind: 'away', since: nowMs - DAY },
  request: { ...request, askedBy: awkward },
  values: {
    ...give(0).values,
    targets: ['device:d7', 'device:d11'],
    scope: 'service:s1-2',
    until: 'time',
    untilTime: '09:00',
    fromDate: '2026-11-11',
  },
  errors: [
    { field: 'fromTime', message: 'Write the time at which it begins, for example 14:00.' },
    { field: 'untilTime', message: 'The time must be later than now.' },
    { field: 'forWhom', message: 'Choose who it is for.' },
    { field: 'reasonText', message: 'Write a few words, or choose a reason.' },
    { field: 'target', message: 'Choose a device or a group.' },
  ],
};

export const wrongNote: GiveModel = {
  ...give(3),
  errors: [
    { field: 'fromTime', message: 'Write a time, for example 09:30.' },
    { field: 'untilTime', message: 'It must be over by now.' },
  ],
};

const closesAt = Date.UTC(2026, 10, 12, 18, 0);

export const grantResults: readonly GrantResultModel[] = [
  {
    frame,
    grant: aGrant(),
    sessionEndsAt: null,
    closesAt,
    overlaps: [
      { serviceName: 'Facebook', listName: 'Family filter' },
      { serviceName: awkward, listName: awkward },
    ],
  },
  { frame, grant: bookedGrant, sessionEndsAt: null, closesAt, overlaps: [] },
  { frame, grant: notedGrant, sessionEndsAt: null, closesAt, overlaps: [] },
  { frame, grant: aGrant({ state: { kind: 'sending' } }), sessionEndsAt: null, closesAt, overlaps: [] },
  {
    frame: troubledFrame,
    grant: aGrant({ state: { kind: 'waiting', boxAwaySince: nowMs - DAY } }),
    sessionEndsAt: null,
    closesAt,
    overlaps: [],
  },
  {
    frame,
    grant: aGrant({
      state: { kind: 'refused', reason: 'unknown service' },
      reason: awkward,
      askedBy: '',
      toSelf: true,
    }),
    sessionEndsAt: null,
    closesAt,
    overlaps: [],
  },
  {
    frame,
    grant: aGrant({ state: { kind: 'ended', at: nowMs, early: 'Tracey' } }),
    sessionEndsAt: null,
    closesAt,
    overlaps: [],
  },
  {
    frame,
    grant: aGrant({ state: { kind: 'ending', boxAwaySince: null } }),
    sessionEndsAt: null,
    closesAt,
    overlaps: [],
  },
];

export const extendedResult: GrantResultModel = {
  frame,
  grant: extendedGrant,
  sessionEndsAt: null,
  closesAt,
  overlaps: [],
};

function devices(count: number): DevicesModel {
  const groups = [
    { id: 'setting', name: 'Nursery devices', kind: 'setting' },
    { id: 'staff-personal', name: `Staff's own`, kind: 'personal' },
    { id: 'guest', name: 'Guests', kind: 'guest' },
  ] as const;
  return {
    frame,
    reporting: { on: false, missing: ['assessment', 'notice'] },
    groups: groups.map((group, index) => ({
      ...group,
      devices: Array.from({ length: index === 0 ? count : 0 }, (_, nth) => ({
        id: `d${nth}`,
        name: nth === 1 ? awkward : `Tablet ${nth + 1}`,
        addresses: [`192.168.1.${nth + 10}`],
        ...(nth % 3 === 0 ? {} : { user: nth % 3 === 1 ? { kind: 'person', name: awkward } : { kind: 'shared' } }),
        macs: nth % 2 === 0 ? [`dc:a6:32:01:02:${(nth % 256).toString(16).padStart(2, '0')}`] : [],
      })),
    })),
    ofLeavers: ['d1'],
    unnamedDevices: count,
  };
}

export const noDevices: DevicesModel = { ...devices(0), unnamedDevices: null };
export const oneDevice = devices(1);
export const manyDevices = devices(200);

function unnamed(count: number): UnnamedDevicesModel {
  return {
    frame,
    seen: {
      kind: 'seen',
      devices: Array.from({ length: count }, (_, nth) => ({
        mac: `${nth % 2 === 0 ? 'dc' : '0a'}:a6:32:01:02:${(nth % 256).toString(16).padStart(2, '0')}`,
        addresses: nth % 3 === 0 ? [`192.168.1.${nth + 10}`, `fe80::dea6:32ff:fe01:${nth}`] : [`192.168.1.${nth + 10}`],
        group: nth === 1 ? 'office' : 'setting',
        groupName: nth === 1 ? awkward : 'Nursery devices',
      })),
      more: count === SEEN_MAX ? 117 : 0,
    },
  };
}
export const noUnnamed = unnamed(0);
export const oneUnnamed = unnamed(1);
export const manyUnnamed = unnamed(SEEN_MAX);
export const unnamedTroubles: readonly UnnamedDevicesModel[] = (['away', 'too-old', 'unreadable'] as const).map(
  (kind) => ({ frame: kind === 'away' ? troubledFrame : frame, seen: { kind } }),
);

export const firstNames: FirstNamesModel = {
  frame,
  values: { names: ['Aisha', 'Jo', awkward].join('\n') },
  version: 3,
  errors: [],
};

export const lateFirstNames: FirstNamesModel = {
  ...firstNames,
  errors: [{ field: 'names', message: 'Somebody else has changed the list meanwhile.' }],
};

export const safeSearch: SafeSearchModel = {
  frame,
  group: { id: 'office', name: awkward, kind: 'setting' },
  values: { search: true, youtube: 'moderate' },
  version: 7,
  errors: [],
};

export const lateSafeSearch: SafeSearchModel = {
  ...safeSearch,
  group: { id: 'guest', name: 'Guests', kind: 'guest' },
  values: { search: false, youtube: 'off' },
  errors: [{ field: 'search', message: 'Somebody else changed this meanwhile.' }],
};

export const groupRules: GroupRulesModel = {
  frame,
  group: { id: 'setting', name: 'Nursery devices', kind: 'setting' },
  version: 7,
  rules: { categories: { c1: 'always', c2: 'never' }, services: { 's0-1': 'never', 's3-2': 'always' } },
  another: '',
  // As many as the catalogue has, and more.
  categories: Array.from({ length: 24 }, (_, nth) => ({
    id: `c${nth}`,
    name: `Kind ${nth}`,
    hint: 'The policy counts this as social media, and chat with strangers has no place in a nursery.',
    usual: nth % 3 === 0 ? 'never' : 'opening-hours',
  })),
  services: Array.from({ length: 24 }, (_, part) => ({
    categoryName: `Kind ${part}`,
    services: Array.from({ length: 12 }, (_unused, nth) => ({ id: `s${part}-${nth}`, name: `Service ${part} ${nth}` })),
  })),
  protectedNames: ['Ways round the filter'],
  errors: [],
};
export const plainGroupRules: GroupRulesModel = {
  ...groupRules,
  group: { id: 'guest', name: awkward, kind: 'guest' },
  rules: { categories: {}, services: {} },
};
export const wrongGroupRules: GroupRulesModel = {
  ...groupRules,
  another: 's2-2',
  errors: [{ field: 'anotherWhen', message: 'Choose when it is blocked.' }],
};

export const networks: NetworksModel = {
  frame,
  version: 7,
  groups: noDevices.groups,
  networks: [
    { name: awkward, range: '192.168.1.0/24', group: 'setting', stricter: awkward },
    { name: 'Guests', range: '192.168.50.0/24', group: 'guest', stricter: null },
    { name: 'Nursery (IPv6)', range: 'fc00::/7', group: 'setting', stricter: null },
  ],
  errors: [],
};
export const lateNetworks: NetworksModel = {
  ...networks,
  errors: [{ field: 'network-192.168.1.0/24', message: 'Somebody else changed this meanwhile.' }],
};

export const newDevice: DeviceEditModel = {
  frame,
  deviceId: null,
  staff: ['Aisha Khan', awkward],
  version: 7,
  groups: noDevices.groups,
  values: { name: '', group: 'setting', addresses: '', macs: '', user: 'unknown', userName: '' },
  errors: [],
};

export const wrongDevice: DeviceEditModel = {
  ...newDevice,
  deviceId: 'd1',
  version: 7,
  values: { name: awkward, group: '', addresses: '192.168.1.999', macs: 'zz', user: 'person', userName: '' },
  errors: [
    { field: 'group', message: 'Choose a group.' },
    { field: 'addresses', message: '“192.168.1.999” is not an address. It looks like 192.168.1.20.' },
    { field: 'userName', message: 'Write who uses it, or choose another answer.' },
    { field: 'macs', message: '“zz” is not a MAC address. It looks like dc:a6:32:01:02:03.' },
  ],
};

const day = [
  { from: '08:00', to: '12:00' },
  { from: '13:00', to: '18:00' },
];
const coffee = [{ from: '10:15', to: '10:45' }];

export const usualHours: OpeningHours = {
  week: { monday: day, tuesday: day, wednesday: day, thursday: day, friday: day, saturday: [], sunday: [] },
  breaks: {
    monday: coffee,
    tuesday: coffee,
    wednesday: [],
    thursday: coffee,
    friday: coffee,
    saturday: [],
    sunday: [],
  },
  terms: [{ name: 'Autumn term', first: '2026-09-02', last: '2026-12-18' }],
  closures: [{ name: `Children's half-term <break>`, first: '2026-10-26', last: '2026-10-30' }],
  bankHolidays: 'england-and-wales',
  openings: [{ name: `Parents' evening`, date: '2026-11-19', from: '18:00', to: '24:00' }],
};

export const noHours: OpeningHours = {
  week: { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] },
  breaks: { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] },
  terms: [],
  closures: [],
  bankHolidays: 'none',
  openings: [],
};

export const hoursModel: HoursModel = {
  frame,
  version: 7,
  opening: busyNow.opening,
  hours: usualHours,
  errors: [],
  nextBankHolidays: [
    { name: 'Christmas Day', date: '2026-12-25' },
    { name: 'Boxing Day (substitute day)', date: '2026-12-28' },
  ],
  today: '2026-11-12',
};

function calendar(hours: HoursModel['hours'], first: string): CalendarModel {
  const [year = 0, month = 1] = first.split('-').map(Number);
  const months = Array.from({ length: 12 }, (_, at) =>
    new Date(Date.UTC(year, month - 1 + at, 1)).toISOString().slice(0, 7),
  );
  return {
    frame,
    today: '2026-11-12',
    months: months.map((one) => ({ month: one, days: daysOfMonth(hours, one) })),
    earlier: '2025-11',
    later: '2027-11',
  };
}
export const usualCalendar = calendar({ ...usualHours, terms: [], closures: [], openings: [] }, '2026-11');
export const busyCalendar = calendar(
  {
    ...usualHours,
    bankHolidays: 'england-and-wales',
    terms: [
      { name: 'Autumn', first: '2026-09-03', last: '2026-12-18' },
      { name: 'Spring', first: '2027-01-05', last: '2027-03-24' },
      { name: 'Summer', first: '2027-04-13', last: '2027-07-21' },
    ],
    closures: [
      { name: 'Half term', first: '2027-02-15', last: '2027-02-19' },
      { name: awkward, first: '2027-05-28', last: '2027-06-04' },
    ],
    openings: [
      { name: 'Parents’ evening', date: '2026-11-12', from: '18:00', to: '20:00' },
      { name: awkward, date: '2026-12-05', from: '10:00', to: '24:00' },
    ],
  },
  '2026-11',
);
/** The calendar ends. */
export const lastCalendar: CalendarModel = { ...usualCalendar, months: usualCalendar.months.slice(0, 1), later: null };

export const emptyHours: HoursModel = { ...hoursModel, hours: noHours, nextBankHolidays: [] };

export const wrongHours: HoursModel = {
  ...hoursModel,
  hours: {
    ...usualHours,
    week: { ...usualHours.week, monday: [{ from: '18:00', to: '08:00' }], tuesday: [{ from: '00:00', to: '24:00' }] },
    closures: [{ name: '', first: 'never', last: '' }],
  },
  errors: [
    { field: 'week-monday-from-0', message: 'Monday: The end must be later than the start.' },
    { field: 'closures-name-0', message: 'Closures: Give it a name, for example “Summer holiday”.' },
    { field: 'closures-first-0', message: 'Closures: Fill in the first and the last day.' },
  ],
};

const preSchool = { id: 'setting', name: 'Nursery devices', kind: 'setting' } as const;
const guests = { id: 'guest', name: 'Guests', kind: 'guest' } as const;
const pc = { id: 'd1', name: awkward };
const onePeriod = [{ from: '07:30', to: '24:00' }];

/** One of each, and of each the ways in which it is told. */
export const changeFacts: readonly ChangeFact[] = [
  { fact: 'setting-name', before: awkward, after: 'Sunny Days' },
  { fact: 'time-zone', before: 'Europe/London', after: 'Europe/Dublin' },
  {
    fact: 'device',
    group: preSchool,
    before: null,
    after: { id: 'd2', name: 'Tablet', group: 'setting', addresses: [], macs: [] },
  },
  {
    fact: 'device',
    group: guests,
    before: { id: 'd3', name: awkward, group: 'guest', addresses: [], macs: [] },
    after: null,
  },
  { fact: 'device-name', device: pc, before: 'Office PC', after: awkward },
  { fact: 'device-group', device: pc, before: preSchool, after: guests },
  { fact: 'device-group', device: pc, before: preSchool, after: { ...preSchool, id: 'office', name: 'Office' } },
  { fact: 'device-addresses', device: pc, before: [], after: ['192.168.1.20', '192.168.1.21'] },
  { fact: 'device-macs', device: pc, before: ['dc:a6:32:01:02:03'], after: [] },
  { fact: 'device-user', device: pc, before: { kind: 'shared' }, after: { kind: 'person', name: awkward } },
  { fact: 'device-user', device: pc, before: null, after: { kind: 'shared' } },
  { fact: 'device-user', device: pc, before: { kind: 'shared' }, after: null },
  { fact: 'group', before: null, after: { ...preSchool, categories: {}, services: {} } },
  { fact: 'group', before: { ...guests, categories: {}, services: {} }, after: null },
  { fact: 'group-name', group: preSchool, before: 'Ours', after: preSchool.name },
  { fact: 'group-kind', group: preSchool, before: 'guest', after: 'setting' },
  { fact: 'first-names', before: ['Jo', awkward], after: ['Aisha', awkward] },
  {
    fact: 'safe-search',
    group: preSchool,
    before: { search: true, youtube: 'moderate' },
    after: { search: false, youtube: 'strict' },
  },
  {
    fact: 'restriction',
    group: preSchool,
    scope: { kind: 'category', name: 'Blogs' },
    before: null,
    after: 'opening-hours',
  },
  {
    fact: 'network',
    group: guests,
    before: null,
    after: { name: 'Visitors', range: '192.168.50.0/24', group: 'guest' },
  },
  {
    fact: 'network',
    group: guests,
    before: { name: 'Old', range: '192.168.51.0/24', group: 'guest' },
    after: null,
  },
  { fact: 'network-name', range: '192.168.1.0/24', before: 'LAN', after: 'Nursery' },
  { fact: 'network-group', range: '192.168.1.0/24', name: 'Nursery', before: guests, after: preSchool },
  ...(['monday', 'tuesday', 'wednesday'] as const).map(
    (weekday) => ({ fact: 'day', part: 'week', weekday, before: day, after: onePeriod }) as const,
  ),
  { fact: 'day', part: 'week', weekday: 'friday', before: day, after: [] },
  { fact: 'day', part: 'week', weekday: 'saturday', before: [], after: day },
  { fact: 'day', part: 'breaks', weekday: 'monday', before: coffee, after: [] },
  { fact: 'day', part: 'breaks', weekday: 'thursday', before: coffee, after: [] },
  { fact: 'term', before: null, after: { name: 'Spring', first: '2027-01-04', last: '2027-03-24' } },
  { fact: 'closure', before: { name: awkward, first: '2026-12-24', last: '2026-12-24' }, after: null },
  {
    fact: 'opening',
    before: { name: `Parents' evening`, date: '2026-11-19', from: '18:00', to: '20:00' },
    after: { name: `Parents' evening`, date: '2026-11-19', from: '18:00', to: '24:00' },
  },
  { fact: 'all-year', before: true, after: false },
  { fact: 'bank-holidays', before: 'none', after: 'england-and-wales' },
];

export const preview: PreviewModel = {
  frame,
  page: 'hours',
  changes: {
    facts: changeFacts.filter(({ fact }) => fact === 'day' || fact === 'closure'),
    blockedNow: { before: true, after: false },
  },
  action: '/hours',
  cancel: '/hours',
  fields: [
    ['version', '7'],
    ['closures-name', awkward],
    ['closures-name', ''],
  ],
  kind: 'form',
};

export const everyChange: PreviewModel = {
  ...preview,
  frame: troubledFrame,
  changes: { facts: changeFacts, blockedNow: { before: false, after: true } },
};

export const nothingChanges: PreviewModel = {
  ...preview,
  changes: { facts: [], blockedNow: { before: true, after: true } },
};

export const removal: PreviewModel = {
  ...preview,
  page: 'devices',
  changes: {
    facts: changeFacts.filter((change) => change.fact === 'device' && change.after === null),
    blockedNow: { before: true, after: true },
  },
  fields: [],
  kind: 'removal',
};

export const lastChange: LastChangeModel = {
  frame: { ...frame, flash: 'change-undone' },
  last: {
    version: 7,
    at: nowMs - DAY,
    who: awkward,
    isUndo: false,
    changesDevices: true,
    facts: preview.changes.facts,
    undoing: preview.changes,
  },
  isBeyondReader: false,
  isOvertaken: false,
};

export const lastUndone: LastChangeModel = {
  frame: troubledFrame,
  last: {
    version: 8,
    at: nowMs,
    who: '',
    isUndo: true,
    changesDevices: true,
    facts: changeFacts,
    undoing: everyChange.changes,
  },
  isBeyondReader: false,
  isOvertaken: true,
};

export const noLastChange: LastChangeModel = { frame, last: null, isBeyondReader: false, isOvertaken: true };

export const lastChangeOfDevices: LastChangeModel = { frame, last: null, isBeyondReader: true, isOvertaken: false };

export const emptyUsage: UsageModel = {
  frame,
  reporting: { on: true, missing: [] },
  devices: [],
  span: 'week',
  termName: null,
  first: '2026-11-09',
  last: '2026-11-12',
  byService: [],
  byHour: [],
};

export const oneUsage: UsageModel = {
  ...emptyUsage,
  reporting: { on: false, missing: ['notice'] },
  byService: [{ serviceName: 'Facebook', blocked: 1, granted: 0 }],
  byHour: [{ hour: 9, blocked: 1, granted: 0 }],
};

export const noDeviceUsage: DeviceUsageModel = {
  frame: troubledFrame,
  deviceId: 'pc-1',
  deviceName: awkward,
  user: { kind: 'shared' },
  reporting: { on: true, missing: [] },
  keptDays: 90,
  total: { blocked: 0, granted: 0 },
  weeks: [],
  week: null,
};

export const untoldDeviceUsage: DeviceUsageModel = {
  ...noDeviceUsage,
  reporting: { on: false, missing: ['notice', 'assessment'] },
};

/** Every day that is kept, with every kind of service. */
export function manyDeviceUsage(seed: number): DeviceUsageModel {
  return { ...noDeviceUsage, frame, user: { kind: 'person', name: awkward }, ...deviceDays(seed, 90, 12) };
}

/** So many days to a Thursday, each with so many kinds of service; its newest week is looked at. */
export function deviceDays(seed: number, dayCount: number, kinds: number): Partial<DeviceUsageModel> {
  const random = seeded(seed);
  const days = Array.from({ length: dayCount }, (_, day) => {
    const categories = Array.from({ length: kinds }, (_, kind) => ({
      categoryName: catalogue.categories[kind]?.name ?? awkward,
      blocked: Math.floor(random() ** 3 * 400),
      granted: Math.floor(random() ** 4 * 90),
    }));
    const at = nowMs - day * DAY;
    const monday = dateOf(at - ((new Date(at).getUTCDay() + 6) % 7) * DAY);
    return { monday, date: dateOf(at), categories, total: totalOf(categories) };
  });
  const weeks = [...Map.groupBy(days, ({ monday }) => monday)];
  const totals = weeks.map(([monday, inWeek]) => ({ monday, ...totalOf(inWeek.map(({ total }) => total)) }));
  return { total: totalOf(totals), weeks: totals, week: { monday: weeks[0]![0], days: weeks[0]![1] } };
}

const dateOf = (at: number) => new Date(at).toISOString().slice(0, 10);

function totalOf(parts: readonly ActiveMinutes[]): ActiveMinutes {
  const sum = (of: keyof ActiveMinutes) => parts.reduce((total, part) => total + part[of], 0);
  return { blocked: sum('blocked'), granted: sum('granted') };
}

export function manyUsage(seed: number): UsageModel {
  const random = seeded(seed);
  return {
    ...emptyUsage,
    devices: Array.from({ length: 200 }, (_, index) => ({ id: `pc-${index}`, name: `${awkward} ${index}` })),
    frame: troubledFrame,
    span: 'term',
    termName: 'Autumn term',
    first: '2026-09-02',
    last: '2026-12-18',
    byService: services.map((serviceName) => ({
      serviceName,
      blocked: Math.floor(random() ** 3 * 12_000),
      granted: Math.floor(random() ** 4 * 4_000),
    })),
    byHour: Array.from({ length: 24 }, (_, hour) => ({
      hour,
      blocked: hour > 7 && hour < 18 ? Math.floor(random() * 5_000) : 0,
      granted: hour > 7 && hour < 18 ? Math.floor(random() * 900) : 3,
    })),
  };
}

/** One of every kind of entry, two days long. */
const laterGrant = {
  target: { kind: 'device', name: 'Office PC' },
  scope: { kind: 'service', name: 'Facebook' },
  purpose: 'official',
  mode: 'verbal',
  reason: 'reply to a parent on our page',
  askedBy: 'Aisha',
  toSelf: false,
} as const;

const noPlace = { at: nowMs - MINUTE, browser: '', system: '' };

export const recordEntries: readonly RecordEntry[] = (
  [
    {
      type: 'grant-given',
      target: { kind: 'device', name: 'Office PC' },
      scope: { kind: 'service', name: 'Facebook' },
      from: nowMs,
      until: Date.UTC(2026, 10, 12, 15, 0),
      purpose: 'official',
      mode: 'verbal',
      reason: 'reply to a parent on our page',
      askedBy: 'Aisha',
      toSelf: false,
    },
    {
      type: 'grant-given',
      target: { kind: 'group', name: awkward },
      scope: { kind: 'all-social' },
      from: nowMs,
      until: nowMs + 30 * MINUTE,
      purpose: 'emergency',
      mode: 'verbal',
      reason: 'emergency',
      askedBy: '',
      toSelf: true,
    },
    { type: 'grant-ended-early', target: { kind: 'device', name: 'Office PC' }, scope: { kind: 'service', name: 'X' } },
    {
      type: 'grant-in-force',
      target: { kind: 'device', name: 'Office PC' },
      scope: { kind: 'category', name: 'Instant messaging' },
      at: nowMs,
    },
    {
      type: 'request-made',
      deviceName: null,
      scope: { kind: 'service', name: 'YouTube' },
      minutes: 30,
      reason: 'song for circle time',
    },
    {
      type: 'request-refused',
      askedBy: awkward,
      scope: { kind: 'service', name: 'TikTok' },
      reason: 'Please use your break',
    },
    { type: 'request-lapsed', askedBy: 'Aisha', scope: { kind: 'service', name: 'TikTok' } },
    { type: 'device-added', deviceName: 'Toddler room tablet', groupName: 'Nursery devices' },
    { type: 'device-changed', deviceName: 'Toddler room tablet', groupName: 'Office' },
    { type: 'device-removed', deviceName: awkward },
    { type: 'safe-search-changed', groupName: awkward, search: true, youtube: 'strict' },
    {
      type: 'hours-changed',
      facts: [
        {
          fact: 'day',
          part: 'week',
          weekday: 'monday',
          before: [{ from: '08:00', to: '18:00' }],
          after: [{ from: '08:00', to: '12:00' }],
        },
        { fact: 'closure', before: null, after: { name: awkward, first: '2026-12-21', last: '2027-01-01' } },
      ],
    },
    { type: 'opening-added', name: `Parents' evening`, date: '2026-11-19', from: '18:00', to: '20:00' },
    { type: 'policy-adopted', version: 1 },
    { type: 'policy-changed', version: 2, summary: 'Wikis are open for “Nursery devices”' },
    { type: 'policy-refused', version: 2, reason: 'older than version 3' },
    { type: 'box-enrolled', boxName: 'Cupboard' },
    { type: 'box-removed', boxName: 'Cupboard' },
    { type: 'pairing-code-made' },
    { type: 'setting-created' },
    { type: 'dashboard-set-up' },
    { type: 'signed-in', browser: 'Safari', system: 'iPad' },
    { type: 'usage-viewed' },
    { type: 'year-viewed' },
    { type: 'alert-viewed', deviceName: 'Baby room tablet' },
    { type: 'alert-viewed', deviceName: null },
    { ...laterGrant, type: 'grant-extended', from: nowMs, until: Date.UTC(2026, 10, 12, 15, 30) },
    { ...laterGrant, type: 'grant-booked', from: nowMs + DAY, until: nowMs + DAY + 30 * MINUTE },
    { ...laterGrant, type: 'grant-noted', from: nowMs - 40 * MINUTE, until: nowMs - 30 * MINUTE },
    { type: 'request-granted', askedBy: awkward, scope: { kind: 'all-social' }, reason: 'ten minutes are fine' },
    {
      type: 'channel-registered',
      channelName: 'Our page on Facebook',
      purpose: 'news for parents',
      approvedBy: 'Aisha',
      approvedOn: '2026-09-01',
    },
    { type: 'channel-changed', channelName: awkward },
    { type: 'channel-approved', channelName: 'Our page on Facebook', approvedBy: awkward, approvedOn: '2026-11-12' },
    { type: 'channel-person-named', channelName: 'Our page on Facebook', personName: awkward },
    { type: 'channel-person-left', channelName: 'Our page on Facebook', personName: 'Aisha' },
    { type: 'channel-closed', channelName: 'Our page on Facebook' },
    { type: 'notice-published', version: 2 },
    { type: 'notice-acknowledged', version: 2 },
    { type: 'notice-acknowledged-on-paper', version: 2, personName: 'Aisha' },
    { type: 'notice-reader-added', personName: awkward },
    { type: 'notice-reader-left', personName: 'Aisha' },
    { type: 'impact-assessment-dated', date: '2026-10-01' },
    { type: 'device-user-entered', deviceName: 'Office PC', userName: awkward },
    { type: 'device-shared', deviceName: 'Toddler room tablet' },
    {
      type: 'restriction-changed',
      groupName: awkward,
      scope: { kind: 'category', name: 'Instant messaging' },
      restriction: 'opening-hours',
    },
    { type: 'network-changed', networkName: 'Main Wi-Fi', groupName: 'Nursery devices' },
    { type: 'first-names-changed', count: 12 },
    { type: 'policy-undone', version: 9, undone: 8 },
    { type: 'sign-in-slowed', personName: 'Aisha' },
    { type: 'signed-in-with-recovery-code', browser: 'Firefox', system: 'Windows' },
    { type: 'password-changed' },
    { type: 'second-step-slowed', personName: awkward },
    { type: 'codes-app-set-up' },
    { type: 'recovery-codes-made' },
    { type: 'passkey-added', passkeyName: awkward },
    { type: 'passkey-removed', passkeyName: 'Tablet of Tracey' },
    { type: 'second-factor-reset', personName: 'Aisha' },
    { type: 'other-sessions-ended', count: 2 },
    { type: 'manager-recovered' },
    { type: 'person-invited', personName: awkward, role: 'deputy' },
    { type: 'invitation-withdrawn', personName: 'Aisha' },
    { type: 'person-joined', role: 'dsl' },
    { type: 'role-changed', personName: 'Aisha', role: 'chair' },
    { type: 'permission-delegated', personName: 'Aisha', permission: 'record.export' },
    { type: 'permission-taken-back', personName: 'Aisha', permission: 'record.export' },
    { type: 'person-removed', personName: awkward },
    { type: 'access-refused', permission: 'device-usage.see' },
    { type: 'key-made', keyName: 'Display in the hall' },
    { type: 'key-revoked', keyName: 'Display in the hall' },
    { type: 'device-usage-viewed', deviceName: 'Office PC' },
    { type: 'unnamed-devices-viewed' },
    { type: 'record-exported', format: 'csv', count: 1234 },
    { type: 'record-exported', format: 'ndjson', count: 12, part: true },
    { type: 'record-verified', count: 1234, firstWrong: null },
    { type: 'record-verified', count: 1234, firstWrong: 1001 },
    { type: 'record-contradicted', sequence: 1224 },
    { type: 'prefix-expired', sequence: 1000, hash: '0f'.repeat(32) },
  ] as const
).map((event, index) => ({
  sequence: 1234 - index,
  at: nowMs - index * 90 * MINUTE,
  who: index === 9 ? '' : event.type === 'policy-adopted' ? null : 'Tracey',
  event,
  session: [null, { at: nowMs - 9 * DAY, browser: 'Samsung Internet', system: 'Android' }, noPlace][index % 3] ?? null,
}));

export const emptyRecord: RecordModel = {
  frame,
  filter: { kind: '', from: '', to: '', person: '', device: '' },
  mayExport: false,
  errors: [],
  isOutline: false,
  entries: [],
  total: 0,
  page: 1,
  pageCount: 0,
};

export const fullRecord: RecordModel = {
  ...emptyRecord,
  filter: { kind: 'permission', from: '2026-09-01', to: '', person: awkward, device: '' },
  mayExport: true,
  entries: recordEntries,
  total: 1234,
  page: 2,
  pageCount: 25,
};

export const outlinedRecord: RecordModel = {
  ...fullRecord,
  frame: { ...frame, may: new Set(['year.see', 'self-grants.see', 'record.read', 'self']) },
  isOutline: true,
  entries: recordEntries.map(withoutDevices),
};

export const noOwnRecord: OwnRecordModel = {
  frame: { ...frame, may: new Set(['views.see', 'self']) },
  entries: [],
  total: 0,
  page: 1,
  pageCount: 1,
  views: [],
};

export const ownRecord: OwnRecordModel = {
  ...noOwnRecord,
  entries: recordEntries.slice(0, 50),
  total: 200,
  page: 2,
  pageCount: 4,
  views: recordEntries.filter(({ event }) => /^(device-usage|alert|unnamed-devices)-viewed$/.test(event.type)),
};

export const noSelfGrants: SelfGrantsModel = {
  frame: outlinedRecord.frame,
  yearFrom: Date.UTC(2025, 11, 1),
  inYear: 0,
  total: 0,
  grants: [],
  page: 1,
  pageCount: 1,
};

const selfGrant: SelfGrant = {
  by: awkward,
  person: '',
  scope: { kind: 'service', name: 'Facebook' },
  from: nowMs - 3 * DAY,
  until: nowMs - 3 * DAY + 30 * MINUTE,
  targets: 1,
  purpose: 'personal',
  mode: 'verbal',
  reason: `something that ${awkward} wrote`,
  noted: false,
  endedAt: null,
};

/** A full page of two hundred. */
export const manySelfGrants: SelfGrantsModel = {
  ...noSelfGrants,
  inYear: 1_180,
  total: 1_234,
  page: 2,
  pageCount: 25,
  grants: Array.from({ length: 50 }, (_, index) => ({
    ...selfGrant,
    from: selfGrant.from - Math.floor(index / 3) * DAY,
    until: selfGrant.until - Math.floor(index / 3) * DAY,
    ...(index === 1 && { scope: { kind: 'all-social' }, targets: 3, purpose: 'emergency', mode: 'written' }),
    ...(index === 2 && { noted: true, reason: 'break cover', scope: { kind: 'category', name: 'Instant messaging' } }),
    ...(index === 3 && { endedAt: selfGrant.from - DAY + 10 * MINUTE }),
    ...(index === 4 && { by: '', reason: '' }),
    ...(index === 5 && { until: nowMs - 2 * DAY }),
    ...(index === 6 && { by: 'Office calendar (a program)', person: awkward }),
  })),
};

export const neverVerified: VerifyModel = { frame, last: null, countersigned: null };

export const verifiedWhole: VerifyModel = {
  frame,
  last: verified(null),
  countersigned: { sequence: 1230, at: nowMs - DAY },
};

export const verifiedBroken: VerifyModel = { ...verifiedWhole, last: verified(1001) };

function verified(firstWrong: number | null): RecordEntry {
  const event = { type: 'record-verified', count: 1234, firstWrong } as const;
  return { sequence: 1235, at: frame.nowMs - 60_000, who: awkward, event };
}

const months = [
  '2025-11',
  '2025-12',
  ...Array.from({ length: 11 }, (_, m) => `2026-${String(m + 1).padStart(2, '0')}`),
];

export const emptyYear: YearModel = {
  frame,
  first: '2025-11-13',
  last: '2026-11-12',
  errors: [],
  monthChoices: null,
  months,
  services: [],
  grants: {
    total: 0,
    toSelf: 0,
    endedEarly: 0,
    byPurpose: { personal: 0, official: 0, emergency: 0 },
    byMode: { written: 0, verbal: 0 },
    reasons: [],
  },
  channels: { channels: 0, permissions: 0 },
  requests: { made: 0, refused: 0, lapsed: 0 },
  policyChanges: [],
  daysWithoutReport: null,
};

/** More than any nursery does in a year: every service used, long reasons, forty changes with long words. */
export const yearInMonths: YearModel = {
  ...emptyYear,
  first: '2026-02-01',
  last: '2026-10-31',
  errors: [{ field: 'to', message: 'Choose at most thirteen months.' }],
  monthChoices: ['2026-11', '2026-10', '2026-09', '2026-02'],
};

export function busyYear(seed: number): YearModel {
  const random = seeded(seed);
  const reasons = Array.from({ length: 40 }, (_, index) => ({
    reason:
      index < 8
        ? (['training', 'safeguarding', 'training (first aid)', 'break cover'][index % 4] ?? '')
        : `${awkward} ${index}: ${'a long story '.repeat(30)}`,
    count: Math.floor(random() ** 3 * 90) + 1,
  }));
  const total = reasons.reduce((sum, { count }) => sum + count, 0);
  return {
    ...emptyYear,
    frame: troubledFrame,
    services: services.map((serviceName) => ({
      serviceName,
      blocked: months.map(() => Math.floor(random() ** 4 * 12_000)),
      granted: months.map(() => Math.floor(random() ** 6 * 3_000)),
    })),
    grants: {
      total,
      toSelf: 3,
      endedEarly: 17,
      byPurpose: { personal: total - 104, official: 102, emergency: 2 },
      byMode: { written: 41, verbal: total - 41 },
      reasons,
    },
    channels: { channels: 3, permissions: 540 },
    requests: { made: 214, refused: 23, lapsed: 4 },
    policyChanges: Array.from({ length: 40 }, (_, index) => ({
      sequence: index + 1,
      at: nowMs - (40 - index) * 9 * DAY,
      who: index % 7 === 0 ? awkward : 'Tracey',
      event: {
        type: 'policy-changed',
        version: index + 2,
        summary: 'Instant messaging is restricted during opening hours for “Preschool room” and for “Office”',
      },
    })),
    daysWithoutReport: 2,
  };
}

export const ownPassword: OwnPasswordModel = {
  frame,
  page: 'people',
  matter: 'invitation',
  action: '/people/invitations',
  cancel: '/people',
  fields: [
    ['name', awkward],
    ['role', 'deputy'],
  ],
  problem: null,
};

export const people: PeopleModel = {
  frame,
  formId: '0b6c1c8e-4b1f-4a33-9d59-0c1d1f1f0a02',
  people: [
    {
      id: 'p1',
      name: 'Tracey',
      email: 'tracey@nursery.example',
      role: 'manager',
      extra: [],
      delegable: [],
      since: nowMs - 90 * DAY,
      hasSecondFactor: true,
      awaitsResetCode: false,
      isSelf: true,
      belongsElsewhere: false,
    },
    {
      id: 'p2',
      name: awkward,
      email: 'zoe@nursery.example',
      role: 'dsl',
      extra: ['grant.give', 'request.answer', 'record.export'],
      delegable: delegable('dsl'),
      since: nowMs - DAY,
      hasSecondFactor: true,
      awaitsResetCode: false,
      isSelf: false,
      belongsElsewhere: false,
    },
    {
      id: 'p3',
      name: 'Jo',
      email: 'jo@nursery.example',
      role: 'staff',
      extra: [],
      delegable: [],
      since: nowMs,
      hasSecondFactor: false,
      awaitsResetCode: true,
      isSelf: false,
      belongsElsewhere: false,
    },
  ],
  invitations: [{ id: 'i1', name: awkward, role: 'chair', expiresAt: nowMs + DAY }],
  values: { name: '', role: 'deputy' },
  errors: [],
};

export const wrongPeople: PeopleModel = {
  ...people,
  people: people.people.map((person) => ({ ...person, belongsElsewhere: person.id === 'p2' })),
  invitations: [],
  values: { name: awkward, role: 'staff' },
  errors: [
    { field: 'role-p1', message: 'There has to be one Nursery Manager.' },
    { field: 'rights-p2', message: 'Somebody else has just changed this person.' },
    { field: 'second-factor-p2', message: 'That was not done.' },
    { field: 'name', message: 'Write their name.' },
  ],
};

export const invitation: InvitationModel = {
  frame: troubledFrame,
  name: awkward,
  role: 'deputy',
  link: `http://192.168.1.2:8787/invitation/${'aB3_-'.repeat(8)}xyz`,
  expiresAt: nowMs + 3 * DAY,
};

export const join: JoinModel = {
  token: 'a/b',
  settingName: troubledFrame.settingName,
  role: 'installer',
  values: { name: awkward, email: '' },
  errors: [],
  plainHttp: true,
};

export const wrongJoin: JoinModel = {
  ...join,
  errors: [{ field: 'email', message: 'Somebody already signs in here with this email address.' }],
};

export const acceptInvitation: AcceptInvitationModel = {
  token: 'a/b',
  settingName: awkward,
  role: 'deputy',
  userId: 'u1',
  name: awkward,
  email: 'zoe@nursery.example',
  belongsAlready: false,
  plainHttp: false,
};

export const settings: SettingsModel = {
  frame: { ...frame, belongsToSeveral: true },
  settings: [
    { settingId: frame.settingId, settingName: frame.settingName, role: 'manager' },
    { settingId: 's2', settingName: awkward, role: 'chair' },
  ],
};

export const unpairedBox: BoxModel = {
  frame,
  presence: { kind: 'none' },
  pairing: { code: 'K7QM4XWT', expiresAt: nowMs + 15 * MINUTE },
  dashboardUrl: 'http://192.168.1.2:8787',
  details: null,
};

export const pairedBox: BoxModel = {
  ...unpairedBox,
  presence: { kind: 'working', lastHeardAt: nowMs - 10_000 },
  pairing: null,
  details: {
    name: awkward,
    softwareVersion: '0.1.0',
    pairedAt: nowMs - 90 * DAY,
    state: {
      startedAt: nowMs - 3 * DAY,
      clockTrusted: false,
      rules: 1_851_234,
      upstreams: [
        { name: 'Family filter upstream', healthy: true },
        { name: 'tls://192.0.2.53', healthy: false },
      ],
      unnamedDevices: 4,
      queriesTotal: 9_876_543,
      blockedTotal: 12_345,
    },
    policySaved: 12,
    policyInForce: 11,
  },
};

export const awayBox: BoxModel = {
  ...pairedBox,
  frame: troubledFrame,
  presence: { kind: 'away', since: nowMs - DAY },
  details: { ...pairedBox.details!, state: null },
};

/** mulberry32: enough for figures in pictures. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
