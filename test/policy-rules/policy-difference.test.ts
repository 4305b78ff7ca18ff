import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../policy-rules/default-policy.ts';
import type { DateSpan, Device, Group, Network, OpeningHours, Period, Policy } from '../../policy-rules/policy.ts';
import { type PolicyFact, policyDifference } from '../../policy-rules/policy-difference.ts';
import { safeSearchOf } from '../../policy-rules/safe-search.ts';
import { weekdays } from '../../policy-rules/schedule.ts';
import { parsePolicy } from '../../policy-rules/validate-policy.ts';

describe('the difference of two policies', () => {
  const base = defaultPolicy('Nursery');
  const pc: Device = { id: 'office-pc', name: 'Office PC', group: 'office', addresses: ['192.168.1.20'], macs: [] };
  const withPc = { ...base, devices: [pc] };
  const office = { id: 'office', name: 'Office', kind: 'setting' } as const;
  const guests = { id: 'guest', name: 'Guests', kind: 'guest' } as const;
  const device = { id: 'office-pc', name: 'Office PC' };
  const hours = (changes: Partial<OpeningHours>): Policy => ({ ...base, hours: { ...base.hours, ...changes } });

  it.each<[string, Policy, Policy, readonly PolicyFact[]]>([
    ['a device that has come', base, withPc, [{ fact: 'device', group: office, before: null, after: pc }]],
    ['one that has gone', withPc, base, [{ fact: 'device', group: office, before: pc, after: null }]],
    [
      'one that moves to guests',
      withPc,
      { ...base, devices: [{ ...pc, group: 'guest' }] },
      [{ fact: 'device-group', device, before: office, after: guests }],
    ],
    [
      'one that is called otherwise, by that name throughout',
      withPc,
      { ...base, devices: [{ ...pc, name: 'Desk', macs: ['dc:a6:32:01:02:03'] }] },
      [
        { fact: 'device-name', device: { id: 'office-pc', name: 'Desk' }, before: 'Office PC', after: 'Desk' },
        {
          fact: 'device-macs',
          device: { id: 'office-pc', name: 'Desk' },
          before: [],
          after: ['dc:a6:32:01:02:03'],
        },
      ],
    ],
    [
      'a group whose switch for safe search says what its kind came to before',
      base,
      { ...base, groups: base.groups.map((group) => ({ ...group, safeSearch: safeSearchOf(group) })) },
      [],
    ],
    [
      'the list of first names',
      { ...base, firstNames: ['Jo', 'Aisha'] },
      { ...base, firstNames: ['Aisha', 'Sam'] },
      [{ fact: 'first-names', before: ['Jo', 'Aisha'], after: ['Aisha', 'Sam'] }],
    ],
    ['an empty list of first names', base, { ...base, firstNames: [] }, []],
    ['devices in another order', { ...base, devices: [pc, other()] }, { ...base, devices: [other(), pc] }, []],
    [
      'a closure that is longer',
      hours({ closures: [{ name: 'Summer', first: '2027-07-20', last: '2027-08-31' }] }),
      hours({ closures: [{ name: 'Summer', first: '2027-07-20', last: '2027-09-03' }] }),
      [
        {
          fact: 'closure',
          before: { name: 'Summer', first: '2027-07-20', last: '2027-08-31' },
          after: { name: 'Summer', first: '2027-07-20', last: '2027-09-03' },
        },
      ],
    ],
    [
      'a first term, which ends being open all year',
      base,
      hours({ terms: [{ name: 'Autumn', first: '2026-09-02', last: '2026-12-18' }] }),
      [
        { fact: 'term', before: null, after: { name: 'Autumn', first: '2026-09-02', last: '2026-12-18' } },
        { fact: 'all-year', before: true, after: false },
      ],
    ],
    [
      'a closed Monday',
      base,
      hours({ week: { ...base.hours.week, monday: [] } }),
      [{ fact: 'day', part: 'week', weekday: 'monday', before: [{ from: '08:00', to: '18:00' }], after: [] }],
    ],
    ['another version of the same', base, { ...base, version: 9 }, []],
  ])('of %s', (_, before, after, facts) => {
    expect(policyDifference(before, after)).toEqual(facts);
  });

  it('holds everything: applied to the first policy it makes the second', () => {
    let apart = 0;
    fc.assert(
      fc.property(anyPolicy(), anyPolicy(), (before, after) => {
        const facts = policyDifference(before, after);
        if (facts.length > 0) apart += 1;
        expect(meaning(facts.reduce(apply, before))).toEqual(meaning(after));
      }),
      { numRuns: 300 },
    );
    expect(apart).toBeGreaterThan(250);
  });

  it('is nothing of a policy and itself, however its lists are ordered', () => {
    fc.assert(
      fc.property(anyPolicy(), (policy) => {
        const backwards = {
          ...policy,
          devices: policy.devices.toReversed(),
          firstNames: policy.firstNames?.toReversed(),
          groups: policy.groups.toReversed(),
          networks: policy.networks.toReversed(),
          hours: {
            ...policy.hours,
            closures: policy.hours.closures.toReversed(),
            openings: policy.hours.openings.toReversed(),
            week: { ...policy.hours.week, monday: policy.hours.week.monday.toReversed() },
          },
        };
        expect(policyDifference(policy, backwards)).toEqual([]);
      }),
    );
  });

  it('of the other way round is the same facts with their sides exchanged', () => {
    fc.assert(
      fc.property(anyPolicy(), anyPolicy(), (before, after) => {
        const sides = ({ fact, before, after }: PolicyFact) => JSON.stringify([fact, before, after]);
        const there = policyDifference(before, after).map((fact) =>
          sides({ ...fact, before: fact.after, after: fact.before } as PolicyFact),
        );
        expect(policyDifference(after, before).map(sides).sort()).toEqual(there.sort());
      }),
    );
  });

  function other(): Device {
    return { id: 'tablet', name: 'Tablet', group: 'setting', addresses: ['192.168.1.30'], macs: [] };
  }
});

/** What a policy says, whatever the order in which it is written. */
function meaning(policy: Policy): object {
  const sorted = <Thing>(things: readonly Thing[]) => things.map((thing) => JSON.stringify(thing)).sort();
  const { hours } = policy;
  const week = (part: 'week' | 'breaks') => weekdays.map((day) => sorted(hours[part][day]));
  return {
    settingName: policy.settingName,
    timeZone: policy.timeZone,
    firstNames: sorted(policy.firstNames ?? []),
    groups: sorted(
      policy.groups.map((group) => [
        group.id,
        group.name,
        group.kind,
        safeSearchOf(group).search,
        safeSearchOf(group).youtube,
        Object.entries(group.categories).sort(),
        Object.entries(group.services).sort(),
      ]),
    ),
    networks: sorted(policy.networks.map(({ name, range, group }) => [name, range, group])),
    devices: sorted(
      policy.devices.map(({ id, name, group, addresses, macs, user }) => [
        id,
        name,
        group,
        addresses.toSorted(),
        macs.toSorted(),
        user?.kind === 'person' ? user.name : user?.kind,
      ]),
    ),
    hours: [
      week('week'),
      week('breaks'),
      sorted(hours.terms),
      sorted(hours.closures),
      sorted(hours.openings),
      hours.bankHolidays,
    ],
  };
}

/** Naive: does what the fact says, without a look at where it comes from. */
function apply(policy: Policy, fact: PolicyFact): Policy {
  const inGroup = (id: string, change: Partial<Group>): Policy => ({
    ...policy,
    groups: policy.groups.map((group) => (group.id === id ? { ...group, ...change } : group)),
  });
  const inDevice = (id: string, change: Partial<Device>): Policy => ({
    ...policy,
    devices: policy.devices.map((device) => (device.id === id ? { ...device, ...change } : device)),
  });
  const inNetwork = (range: string, change: Partial<Network>): Policy => ({
    ...policy,
    networks: policy.networks.map((network) => (network.range === range ? { ...network, ...change } : network)),
  });
  const inHours = (change: Partial<OpeningHours>): Policy => ({ ...policy, hours: { ...policy.hours, ...change } });
  /** One that is exactly `before` makes room for `after`. */
  const exchanged = <Thing>(things: readonly Thing[], before: Thing | null, after: Thing | null): Thing[] => {
    const at = things.findIndex((thing) => JSON.stringify(thing) === JSON.stringify(before));
    return [...things.filter((_, index) => index !== at), ...(after === null ? [] : [after])];
  };
  switch (fact.fact) {
    case 'setting-name':
      return { ...policy, settingName: fact.after };
    case 'time-zone':
      return { ...policy, timeZone: fact.after };
    case 'first-names':
      return { ...policy, firstNames: [...fact.after] };
    case 'group':
      return { ...policy, groups: exchanged(policy.groups, fact.before, fact.after) };
    case 'group-name':
      return inGroup(fact.group.id, { name: fact.after });
    case 'group-kind':
      // Of the kind alone: what searches show follows from it only where the policy does not say.
      return {
        ...policy,
        groups: policy.groups.map((group) =>
          group.id === fact.group.id ? { ...group, kind: fact.after, safeSearch: safeSearchOf(group) } : group,
        ),
      };
    case 'safe-search':
      return inGroup(fact.group.id, { safeSearch: fact.after });
    case 'restriction': {
      const part = 'category' in fact.scope ? 'categories' : 'services';
      const id = 'category' in fact.scope ? fact.scope.category : fact.scope.service;
      const group = policy.groups.find((candidate) => candidate.id === fact.group.id)!;
      const { [id]: _, ...others } = group[part];
      return inGroup(group.id, { [part]: fact.after === null ? others : { ...others, [id]: fact.after } });
    }
    case 'network':
      return { ...policy, networks: exchanged(policy.networks, fact.before, fact.after) };
    case 'network-name':
      return inNetwork(fact.range, { name: fact.after });
    case 'network-group':
      return inNetwork(fact.range, { group: fact.after.id });
    case 'device':
      return { ...policy, devices: exchanged(policy.devices, fact.before, fact.after) };
    case 'device-name':
      return inDevice(fact.device.id, { name: fact.after });
    case 'device-group':
      return inDevice(fact.device.id, { group: fact.after.id });
    case 'device-addresses':
      return inDevice(fact.device.id, { addresses: [...fact.after] });
    case 'device-macs':
      return inDevice(fact.device.id, { macs: [...fact.after] });
    case 'device-user':
      return inDevice(fact.device.id, { user: fact.after ?? undefined });
    case 'day':
      return inHours({ [fact.part]: { ...policy.hours[fact.part], [fact.weekday]: [...fact.after] } });
    case 'term':
      return inHours({ terms: exchanged(policy.hours.terms, fact.before, fact.after) });
    case 'closure':
      return inHours({ closures: exchanged(policy.hours.closures, fact.before, fact.after) });
    case 'opening':
      return inHours({ openings: exchanged(policy.hours.openings, fact.before, fact.after) });
    case 'bank-holidays':
      return inHours({ bankHolidays: fact.after });
    case 'all-year':
      return policy;
  }
}

const people = ['Aisha', 'Jo'].map((name) => ({ kind: 'person', name }) as const);

/** Of few names and addresses, so that two of them have much in common. */
function anyPolicy(): fc.Arbitrary<Policy> {
  const base = defaultPolicy('Nursery');
  const names = fc.constantFrom('Office', 'Summer', 'Tablet');
  const restriction = fc.constantFrom('never', 'opening-hours', 'always');
  const rules = fc.dictionary(fc.constantFrom('blogs', 'wikis', 'facebook'), restriction, { maxKeys: 3 });
  const group = (id: string): fc.Arbitrary<Group> =>
    fc.record(
      {
        id: fc.constant(id),
        name: names,
        kind: fc.constantFrom('setting', 'personal', 'guest'),
        categories: rules,
        services: rules,
        safeSearch: fc.record({ search: fc.boolean(), youtube: fc.constantFrom('off', 'moderate', 'strict') }),
      },
      { requiredKeys: ['id', 'name', 'kind', 'categories', 'services'] },
    );
  const groups = fc
    .subarray(['office', 'guest'])
    .chain((ids) => fc.tuple(group('setting'), ...ids.map(group)) as fc.Arbitrary<Group[]>);
  const span: fc.Arbitrary<DateSpan> = fc.record({
    name: names,
    first: fc.constantFrom('2027-01-04', '2027-02-01'),
    last: fc.constantFrom('2027-03-24', '2027-04-01'),
  });
  const periods: fc.Arbitrary<Period[]> = fc.subarray([
    { from: '08:00', to: '10:00' },
    { from: '10:00', to: '12:00' },
    { from: '13:00', to: '24:00' },
  ]);
  const week = fc.record(
    Object.fromEntries(weekdays.map((day) => [day, periods])) as Record<keyof OpeningHours['week'], typeof periods>,
  );
  const opening = fc.record({
    name: names,
    date: fc.constantFrom('2027-01-04', '2027-02-01'),
    from: fc.constantFrom('17:00', '18:00'),
    to: fc.constantFrom('20:00', '24:00'),
  });
  const hours: fc.Arbitrary<OpeningHours> = fc.record({
    week,
    breaks: week,
    terms: fc.array(span, { maxLength: 3 }),
    closures: fc.array(span, { maxLength: 3 }),
    bankHolidays: fc.constantFrom('england-and-wales', 'none'),
    openings: fc.array(opening, { maxLength: 3 }),
  });
  return groups
    .chain((made) => {
      const ids = fc.constantFrom(...made.map(({ id }) => id));
      const device = (id: string, at: number): fc.Arbitrary<Device> =>
        fc
          .record({
            id: fc.constant(id),
            name: names,
            group: ids,
            addresses: fc.subarray([`192.168.1.${at}`, `192.168.2.${at}`]),
            macs: fc.subarray([`dc:a6:32:01:02:0${at}`]),
            user: fc.constantFrom<Device['user']>(undefined, { kind: 'shared' }, ...people),
          })
          .map(({ user, ...fields }) => {
            const isOwn = made.some(({ id: group, kind }) => group === fields.group && kind === 'setting');
            return isOwn && user !== undefined ? { ...fields, user } : fields;
          });
      const network = (range: string): fc.Arbitrary<Network> =>
        fc.record({ name: names, range: fc.constant(range), group: ids });
      return fc.record({
        settingName: fc.constantFrom('Nursery', 'Pre-school'),
        timeZone: fc.constantFrom('Europe/London', 'Europe/Dublin'),
        groups: fc.constant(made),
        devices: fc
          .subarray(['tablet', 'desk', 'phone'])
          .chain((devices) => fc.tuple(...devices.map(device)) as fc.Arbitrary<Device[]>),
        networks: fc
          .subarray(['192.168.1.0/24', '192.168.2.0/24', 'fc00::/7'], { minLength: 1 })
          .chain((ranges) => fc.tuple(...ranges.map(network)) as fc.Arbitrary<Network[]>),
        firstNames: fc.subarray(['Aisha', 'Jo']),
        hours,
      });
    })
    .map((parts) => {
      const parsed = parsePolicy({ ...base, ...parts });
      if ('problems' in parsed) throw new Error(`no policy: ${parsed.problems[0]?.message}`);
      return parsed.policy;
    });
}
