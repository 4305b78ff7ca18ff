import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../policy-rules/catalogue/service.ts';
import { defaultPolicy } from '../../policy-rules/default-policy.ts';
import { parseGrant, parsePolicy } from '../../policy-rules/validate-policy.ts';

const catalogue: Catalogue = {
  version: '2026.11.1',
  categories: [
    category('social-networking', 'Social networking', false),
    category('bypass', 'Ways around the filter', true),
  ],
  services: [service('facebook', 'Facebook', 'social-networking'), service('a-vpn', 'A VPN', 'bypass')],
};

type Draft = ReturnType<typeof draft>;

describe('a policy', () => {
  it('is taken as it is when it is sound', () => {
    const policy = defaultPolicy('Halstead Nursery');
    expect(parsePolicy(policy, catalogue)).toEqual({ policy, warnings: [] });
    expect(parsePolicy(JSON.parse(JSON.stringify(policy)), catalogue)).toEqual({ policy, warnings: [] });
  });

  it.each<[string, (policy: Draft) => void, string, string]>([
    [
      'who uses a guest’s device',
      (policy) => policy.devices.push(device('phone', 'Phone', { group: 'guest', user: { kind: 'shared' } })),
      'devices[0].user',
      'Device “Phone”: it is not in a group of the setting’s own devices; leave out who uses it',
    ],
    [
      'closing before opening',
      (policy) => set(policy.hours.week, 'tuesday', [{ from: '18:00', to: '08:00' }]),
      'hours.week.tuesday[0].to',
      'Opening hours, Tuesday: closes at 08:00, before it opens at 18:00; past midnight, end at 24:00 and begin again on the next day',
    ],
    [
      'an empty period',
      (policy) => set(policy.hours.breaks, 'friday', [{ from: '12:00', to: '12:00' }]),
      'hours.breaks.friday[0].to',
      'Breaks, Friday: begins and ends at 12:00; expected a later end (24:00 is the end of the day)',
    ],
    [
      'overlapping periods',
      (policy) =>
        set(policy.hours.week, 'monday', [
          { from: '11:00', to: '18:00' },
          { from: '08:00', to: '12:00' },
        ]),
      'hours.week.monday[0]',
      'Opening hours, Monday: 08:00–12:00 and 11:00–18:00 overlap; make them one, or let one begin when the other ends',
    ],
    [
      'a time that is none',
      (policy) => set(policy.hours.week, 'monday', [{ from: '8:00', to: '18:00' }]),
      'hours.week.monday[0].from',
      'Opening hours, Monday, number 1, from: found "8:00"; expected a time as HH:MM',
    ],
    [
      'a term that ends before it begins',
      (policy) => set(policy.hours, 'terms', [{ name: 'Autumn', first: '2026-12-18', last: '2026-09-02' }]),
      'hours.terms[0].last',
      'Term “Autumn”: its last day, 2026-09-02, is before its first, 2026-12-18; swap them',
    ],
    [
      'a day that the calendar lacks',
      (policy) => set(policy.hours, 'closures', [{ name: 'Inset', first: '2026-02-30', last: '2026-03-01' }]),
      'hours.closures[0].first',
      'Closure “Inset”: the calendar has no day 2026-02-30; expected a date as YYYY-MM-DD',
    ],
    [
      'a one-off opening that closes first',
      (policy) => set(policy.hours, 'openings', [{ name: 'Fair', date: '2026-12-05', from: '14:00', to: '10:00' }]),
      'hours.openings[0].to',
      'One-off opening “Fair”, 2026-12-05: closes at 10:00, before it opens at 14:00; past midnight, end at 24:00 and begin again on the next day',
    ],
    [
      'an unknown time zone',
      (policy) => set(policy, 'timeZone', 'Europe/Halstead'),
      'timeZone',
      'Time zone: "Europe/Halstead" is not known; expected one like Europe/London',
    ],
    [
      'an offset for a time zone',
      (policy) => set(policy, 'timeZone', '+01:00'),
      'timeZone',
      'Time zone: "+01:00" is not known; expected one like Europe/London',
    ],
    [
      'a group that is not there',
      (policy) => set(policy, 'devices', [device('pad', 'Tablet 1', { group: 'offce' })]),
      'devices[0].group',
      'Device “Tablet 1”: there is no group "offce"; did you mean "office"?',
    ],
    [
      'a network of a group that is not there',
      (policy) => set(policy.networks[0]!, 'group', 'everyone'),
      'networks[0].group',
      'Network “This box”: there is no group "everyone"; expected setting, office, official, staff-personal or guest',
    ],
    [
      'two devices with one id',
      (policy) => set(policy, 'devices', [device('pad', 'Tablet 1'), device('pad', 'Tablet 2')]),
      'devices[1].id',
      'Devices “Tablet 1” and “Tablet 2”: both have the id "pad"; give one another',
    ],
    [
      'two groups with one id',
      (policy) => policy.groups.push({ ...policy.groups[0]!, name: 'Again' }),
      'groups[5].id',
      'Groups “Setting devices” and “Again”: both have the id "setting"; give one another',
    ],
    [
      'two devices with one address, spelt in two ways',
      (policy) =>
        set(policy, 'devices', [
          device('a', 'Tablet 1', { addresses: ['fd00::5'] }),
          device('b', 'Tablet 2', { addresses: ['FD00:0::5/128'] }),
        ]),
      'devices[1].addresses[0]',
      'Devices “Tablet 1” and “Tablet 2”: both have the address FD00:0::5/128; leave it with the one that it belongs to',
    ],
    [
      'two devices with one MAC address',
      (policy) =>
        set(policy, 'devices', [
          device('a', 'Tablet 1', { macs: ['dc:a6:32:01:02:03'] }),
          device('b', 'Tablet 2', { macs: ['dc:a6:32:01:02:03'] }),
        ]),
      'devices[1].macs[0]',
      'Devices “Tablet 1” and “Tablet 2”: both have the MAC address dc:a6:32:01:02:03; leave it with the one that it belongs to',
    ],
    [
      'one device with one address twice',
      (policy) => set(policy, 'devices', [device('a', 'Tablet 1', { addresses: ['10.0.0.5', '10.0.0.5'] })]),
      'devices[0].addresses[1]',
      'Device “Tablet 1”: the address 10.0.0.5 is there twice',
    ],
    [
      'an address that is none',
      (policy) => set(policy, 'devices', [device('a', 'Tablet 1', { addresses: ['192.168.1.300'] })]),
      'devices[0].addresses[0]',
      'Device “Tablet 1”: "192.168.1.300" is no address; expected one like 192.168.1.20',
    ],
    [
      'a MAC address in another notation',
      (policy) => set(policy, 'devices', [device('a', 'Tablet 1', { macs: ['DC-A6-32-01-02-03'] })]),
      'devices[0].macs[0]',
      'Device “Tablet 1”, MAC address 1: found "DC-A6-32-01-02-03"; expected a MAC address as aa:bb:cc:dd:ee:ff',
    ],
    [
      'a range that is none',
      (policy) => set(policy.networks[2]!, 'range', '10.0.0.0/33'),
      'networks[2].range',
      'Network “Private network 10”: "10.0.0.0/33" is no address range; expected one like 192.168.1.0/24',
    ],
    [
      'an address in place of a range',
      (policy) => set(policy.networks[2]!, 'range', '10.0.0.1'),
      'networks[2].range',
      'Network “Private network 10”: "10.0.0.1" is no address range; expected one like 192.168.1.0/24',
    ],
    [
      'two networks of one range',
      (policy) => set(policy.networks[3]!, 'range', '10.1.2.3/8'),
      'networks[3].range',
      'Networks “Private network 10” and “Private network 172.16”: both are 10.1.2.3/8; remove one',
    ],
    [
      'a category that the catalogue lacks',
      (policy) => set(policy.groups[1]!.categories, 'social-networkin', 'never'),
      'groups[1].categories.social-networkin',
      'Group “Office”: the catalogue has no category "social-networkin"; did you mean "social-networking"?',
    ],
    [
      'a service that the catalogue lacks',
      (policy) => set(policy.groups[1]!.services, 'myspace', 'always'),
      'groups[1].services.myspace',
      'Group “Office”: the catalogue has no service "myspace"; expected facebook or a-vpn',
    ],
    [
      'a restriction that is none',
      (policy) => set(policy.groups[1]!.categories as Record<string, string>, 'bypass', 'sometimes'),
      'groups[1].categories.bypass',
      'Group “Office”, categories, bypass: found "sometimes"; expected never, opening-hours or always',
    ],
    [
      'no name',
      (policy) => set(policy, 'settingName', '  '),
      'settingName',
      'Name of the setting: found "  "; expected a name',
    ],
    [
      'a version below nought',
      (policy) => set(policy, 'version', -1),
      'version',
      'Version: found -1; expected at least 0',
    ],
    ['no groups', (policy) => set(policy, 'groups', []), 'groups', 'Groups: found a list; expected at least one group'],
    [
      'a part that is missing',
      (policy) => Reflect.deleteProperty(policy.hours, 'closures'),
      'hours.closures',
      'Closures: it is missing; expected a list',
    ],
  ])('with %s is refused in words', (_, spoil, path, message) => {
    const policy = draft();
    spoil(policy);
    const parsed = parsePolicy(policy, catalogue);
    const problems = 'problems' in parsed ? parsed.problems : [];
    expect(problems.map((problem) => [problem.path, problem.message])).toEqual([[path, message]]);
    const joined = problems[0]!.keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
    expect(joined).toBe(`.${path}`);
  });

  it('reports all that is wrong at once', () => {
    const policy = draft();
    policy.timeZone = 'Mars/Base';
    policy.hours.week.monday = [{ from: '09:00', to: '08:00' }];
    policy.networks[0]!.range = 'lan';
    const parsed = parsePolicy(policy);
    expect('problems' in parsed && parsed.problems).toHaveLength(3);
  });

  it('may name what the box’s own catalogue does not know, when none is given', () => {
    const policy = draft();
    policy.groups[0]!.services = { 'of-next-year': 'always' };
    expect(parsePolicy(policy)).toHaveProperty('policy');
    expect(parsePolicy(policy, catalogue)).toHaveProperty('problems');
  });

  it.each<[string, (policy: Draft) => void, string, string]>([
    [
      'a break outside opening hours',
      (policy) => set(policy.hours.breaks, 'saturday', [{ from: '12:00', to: '13:00' }]),
      'hours.breaks.saturday[0]',
      'Breaks, Saturday: 12:00–13:00 is not within opening hours, so part of it changes nothing',
    ],
    [
      'a slip of the pen in a key',
      (policy) => set(policy.hours as Record<string, unknown>, 'clozures', []),
      'hours.clozures',
      'Hours: there is no key "clozures" here; did you mean "closures"?',
    ],
    [
      'a key of another time within a list',
      (policy) => set(policy.groups[1]! as Record<string, unknown>, 'colour', 'red'),
      'groups[1].colour',
      'Group “Office”: there is no key "colour" here; expected id, name, kind, categories or services',
    ],
  ])('warns of %s, and is taken', (_, spoil, path, message) => {
    const policy = draft();
    spoil(policy);
    const parsed = parsePolicy(policy);
    const warnings = 'warnings' in parsed ? parsed.warnings : [];
    expect(warnings.map((warning) => [warning.path, warning.message])).toEqual([[path, message]]);
  });

  it('takes a break that spans two adjacent periods without a warning', () => {
    const policy = draft();
    policy.hours.week.monday = [
      { from: '12:30', to: '18:00' },
      { from: '08:00', to: '12:30' },
    ];
    policy.hours.breaks.monday = [{ from: '12:00', to: '13:00' }];
    expect(parsePolicy(policy)).toHaveProperty('warnings', []);
  });

  it.each([null, undefined, 7, 'policy', [], {}])('is not %j, and that is said without a throw', (value) => {
    const parsed = parsePolicy(value);
    expect('problems' in parsed && parsed.problems.length).toBeGreaterThan(0);
  });
});

describe('a grant', () => {
  const policy = { ...defaultPolicy('Test'), devices: [device('pad', 'Tablet 1')] };
  const grant = {
    id: '5e0f8c1e-9c1e-4d4e-8a36-0f0d5b8a7c11',
    target: { device: 'pad' },
    scope: { service: 'facebook' },
    from: 1_000,
    until: 2_000,
    purpose: 'personal',
    mode: 'verbal',
    reason: '',
    askedBy: 'Sam',
    grantedBy: 'Jo',
    grantedAt: 1_000,
  };

  it('is taken as it is when it is sound', () => {
    expect(parseGrant(grant, policy, catalogue)).toEqual({ grant });
    const group = { ...grant, target: { group: 'office' }, scope: { allSocial: true }, revokedAt: undefined };
    expect(parseGrant(group, policy, catalogue)).toHaveProperty('grant');
  });

  it.each([
    [
      'ends before it begins',
      { until: 500 },
      'until',
      'Permission: ends at 1970-01-01T00:00:00.5Z, not after it begins at 1970-01-01T00:00:01Z; choose a later end',
    ],
    [
      'names no device',
      { target: { device: 'gone' } },
      'target.device',
      'Permission: there is no device "gone"; name it under Devices first',
    ],
    [
      'names no group',
      { target: { group: 'ofice' } },
      'target.group',
      'Permission: there is no group "ofice"; did you mean "office"?',
    ],
    [
      'names no service',
      { scope: { service: 'facebok' } },
      'scope.service',
      'Permission: the catalogue has no service "facebok"; did you mean "facebook"?',
    ],
    [
      'names no category',
      { scope: { category: 'x' } },
      'scope.category',
      'Permission: the catalogue has no category "x"; expected social-networking or bypass',
    ],
    [
      'names a protected service',
      { scope: { service: 'a-vpn' } },
      'scope.service',
      'Permission: “A VPN” is protected (Ways around the filter) and can never be granted',
    ],
    [
      'names a protected category',
      { scope: { category: 'bypass' } },
      'scope.category',
      'Permission: “Ways around the filter” is protected (Ways around the filter) and can never be granted',
    ],
    [
      'names two targets',
      { target: { device: 'pad', group: 'office' } },
      'target.group',
      'Target: there is no key "group" here; expected device',
    ],
    ['has no id', { id: '1' }, 'id', 'Id: found "1"; expected an id in UUID form'],
    [
      'has an instant that no date has',
      { until: 9e15 },
      'until',
      'Until: found 9000000000000000; expected at most 8640000000000000',
    ],
  ])('that %s is refused in words', (_, more, path, message) => {
    const parsed = parseGrant({ ...grant, ...more }, policy, catalogue);
    expect('problems' in parsed && parsed.problems.map((problem) => [problem.path, problem.message])).toEqual([
      [path, message],
    ]);
  });
});

function draft() {
  return structuredClone(defaultPolicy('Test'));
}

function set<T extends object, K extends keyof T>(thing: T, key: K, value: T[K]): void {
  thing[key] = value;
}

function device(id: string, name: string, more: Partial<Draft['devices'][number]> = {}): Draft['devices'][number] {
  return { id, name, group: 'setting', addresses: [], macs: [], ...more };
}

function category(id: string, name: string, isProtected: boolean): Catalogue['categories'][number] {
  const flags = { social: !isProtected, inForceByDefault: true, protected: isProtected };
  return { id, name, clauses: ['7.1.2'], defaultReason: 'Test.', ...flags };
}

function service(id: string, name: string, of: string): Catalogue['services'][number] {
  const rules = { suffixes: [], hosts: [], exceptions: [], exceptionHosts: [] };
  return { id, name, category: of, clauses: [], byItself: false, notes: [], ...rules };
}
