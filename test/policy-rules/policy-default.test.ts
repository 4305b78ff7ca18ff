import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../policy-rules/default-policy.ts';
import { parsePolicy } from '../../policy-rules/validate-policy.ts';
import { restrictionOf } from '../../policy-rules/verdicts.ts';

describe('the policy of a new setting', () => {
  const policy = defaultPolicy('Halstead Nursery');

  it('passes its own validation', () => {
    expect(parsePolicy(policy)).toEqual({ policy, warnings: [] });
  });

  it('has the groups of the demo, each with its kind', () => {
    expect(policy.groups.map((group) => [group.id, group.kind])).toEqual([
      ['setting', 'setting'],
      ['office', 'setting'],
      ['official', 'setting'],
      ['staff-personal', 'personal'],
      ['guest', 'guest'],
    ]);
  });

  it.each([
    ['setting', ['opening-hours', 'never', 'always']],
    ['office', ['opening-hours', 'never', 'always']],
    ['official', ['opening-hours', 'never', 'always']],
    ['staff-personal', ['never', 'never', 'always']],
    ['guest', ['never', 'never', 'always']],
  ])('restricts %s in social, other and protected categories: %j', (id, expected) => {
    const group = policy.groups.find((candidate) => candidate.id === id)!;
    const facts = { kind: 'service', service: 's', category: 'c', social: true } as const;
    expect([
      restrictionOf(group, { ...facts, inForceByDefault: true, protected: false }),
      restrictionOf(group, { ...facts, inForceByDefault: false, protected: false }),
      restrictionOf(group, { ...facts, inForceByDefault: true, protected: true }),
    ]).toEqual(expected);
  });

  it('takes every private address for the setting’s own', () => {
    expect(policy.networks.map((network) => network.range)).toEqual([
      '127.0.0.0/8',
      '::1/128',
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      'fc00::/7',
      'fe80::/10',
    ]);
    expect(new Set(policy.networks.map((network) => network.group))).toEqual(new Set(['setting']));
  });

  it('is a new object each time, down to the periods', () => {
    const other = defaultPolicy('Halstead Nursery');
    other.hours.week.monday[0]!.to = '12:00';
    other.groups[0]!.categories.blogs = 'never';
    expect(other.hours.week.tuesday[0]!.to).toBe('18:00');
    expect(defaultPolicy('Halstead Nursery')).toEqual(policy);
  });
});
