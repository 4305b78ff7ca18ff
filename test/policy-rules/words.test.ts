import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../policy-rules/catalogue/service.ts';
import { defaultPolicy } from '../../policy-rules/default-policy.ts';
import { explanationFor } from '../../policy-rules/explanation.ts';
import type { Grant } from '../../policy-rules/grants.ts';
import type { Policy } from '../../policy-rules/policy.ts';
import { inForce, nextChange } from '../../policy-rules/schedule.ts';
import { Verdict, verdictNames } from '../../policy-rules/verdict-codes.ts';
import type { Client, Moment, SourceFacts } from '../../policy-rules/verdicts.ts';
import {
  clausesFor,
  describeGrant,
  describeSchedule,
  describeScope,
  describeTarget,
  english,
  explain,
  formatDate,
  formatTime,
} from '../../policy-rules/words.ts';

const LONDON = 'Europe/London';
const OPEN = at('2026-11-23T10:00Z');

const base = defaultPolicy('Test');
const policy: Policy = {
  ...base,
  devices: [{ id: 'pad', name: 'Tablet 1', group: 'setting', addresses: [], macs: [] }],
  hours: {
    ...base.hours,
    breaks: { ...base.hours.breaks, tuesday: [{ from: '12:00', to: '13:00' }] },
    closures: [{ name: 'Inset day', first: '2026-11-26', last: '2026-11-26' }],
  },
};
const rules = { byItself: false, suffixes: [], hosts: [], exceptions: [], exceptionHosts: [], notes: [] };
const catalogue: Catalogue = {
  version: '2026.11.1',
  categories: [
    {
      id: 'social',
      name: 'Social networking',
      clauses: ['7.1.2', '7.1.6'],
      social: true,
      inForceByDefault: true,
      defaultReason: 'Test.',
      protected: false,
    },
  ],
  services: [{ id: 'facebook', name: 'Facebook', category: 'social', clauses: ['7.1.1'], ...rules }],
};
const facebook: SourceFacts = {
  kind: 'service',
  service: 'facebook',
  category: 'social',
  protected: false,
  social: true,
  inForceByDefault: true,
};
const list = (isProtected: boolean): SourceFacts => ({
  kind: 'list',
  list: 'family',
  name: 'Family filter',
  protected: isProtected,
  groups: 'all',
});
const grant: Grant = {
  id: '5e0f8c1e-9c1e-4d4e-8a36-0f0d5b8a7c11',
  target: { device: 'pad' },
  scope: { service: 'facebook' },
  from: OPEN,
  until: OPEN + 30 * 60_000,
  purpose: 'official',
  mode: 'verbal',
  reason: 'Open day post',
  askedBy: 'Sam',
  grantedBy: 'Jo Smith',
  grantedAt: OPEN,
};

describe('a decision in words', () => {
  const pad: Client = { group: 'setting', device: 'pad' };
  const moment: Moment = { policy, grants: [], nowMs: OPEN, clockTrusted: true };
  const always = {
    ...policy,
    groups: policy.groups.map((group) => ({ ...group, services: { facebook: 'always' as const } })),
  };

  it.each<[Partial<Moment>, readonly SourceFacts[], string]>([
    [
      {},
      [facebook],
      'Facebook is blocked on this device during opening hours, until 18:00 (7.1.6, 7.1.2, 7.1.1). The manager can give permission.',
    ],
    [
      { nowMs: at('2026-11-23T19:00Z') },
      [facebook],
      'Facebook is allowed on this device outside opening hours, until Tuesday 08:00 (7.1.6, 7.1.2, 7.1.1).',
    ],
    [
      { nowMs: at('2026-11-24T12:30Z') },
      [facebook],
      'Facebook is allowed on this device during the break, until 13:00 (7.1.6, 7.1.2, 7.1.1).',
    ],
    [
      { grants: [grant] },
      [facebook, list(false)],
      'Facebook is allowed on this device by permission of Jo Smith, until 10:30 (7.1.6, 7.3.1, 7.1.2, 7.1.1).',
    ],
    [
      { grants: [{ ...grant, until: at('2026-11-23T20:00Z') }] },
      [facebook],
      'Facebook is allowed on this device by permission of Jo Smith, until 20:00 (7.1.6, 7.3.1, 7.1.2, 7.1.1).',
    ],
    [
      { policy: always },
      [facebook],
      'Facebook is blocked on this device at all hours (7.1.5, 7.1.2, 7.1.6, 7.1.1). The manager can give permission.',
    ],
    [
      {},
      [facebook, list(false)],
      'Facebook is blocked on this device at all hours: it is on the list “Family filter” (7.1.5, 7.1.2, 7.1.6, 7.1.1).',
    ],
    [
      {},
      [list(false)],
      'This address is blocked on this device at all hours: it is on the list “Family filter” (7.1.5).',
    ],
    [
      {},
      [list(true)],
      'This address is blocked on this device for everyone’s safety: it is on the list “Family filter” (7.1.5). No permission can open it.',
    ],
    [
      {},
      [{ ...facebook, protected: true }],
      'Facebook is blocked on this device for everyone’s safety (7.1.5, 7.1.2, 7.1.6, 7.1.1). No permission can open it.',
    ],
    [
      { clockTrusted: false },
      [facebook],
      'Facebook is blocked on this device until the box knows the time again (7.1.6, 7.1.2, 7.1.1). Permissions wait until then too.',
    ],
    [
      {},
      [{ ...facebook, inForceByDefault: false }],
      'Facebook is not restricted on this device (7.1.5, 7.1.2, 7.1.6, 7.1.1).',
    ],
    [{}, [], 'This address is open: no rule speaks of it.'],
    [{}, [{ kind: 'local' }], 'This is the page of the box itself.'],
    [
      {},
      [{ kind: 'safe-search', engine: 'google' }],
      'This address is open, and shown on this device with safe search.',
    ],
    [
      { nowMs: at('2026-11-23T19:00Z') },
      [facebook, { kind: 'safe-search', engine: 'youtube' }],
      'Facebook is allowed on this device outside opening hours, until Tuesday 08:00 (7.1.6, 7.1.2, 7.1.1). It is shown with safe search.',
    ],
    [
      {},
      [facebook, { kind: 'safe-search', engine: 'youtube' }],
      'Facebook is blocked on this device during opening hours, until 18:00 (7.1.6, 7.1.2, 7.1.1). The manager can give permission.',
    ],
  ])('%o: %s', (change, sources, sentence) => {
    expect(explanationFor({ ...moment, ...change }, pad, sources, catalogue).sentence).toBe(sentence);
  });

  it('names the device to a reader elsewhere, and carries what the sentence rests on', () => {
    const explanation = explanationFor(moment, pad, [facebook], catalogue, 'Tablet 1');
    expect(explanation).toEqual({
      verdict: Verdict.BLOCK_OPENING_HOURS,
      decider: facebook,
      until: at('2026-11-23T18:00Z'),
      clauses: ['7.1.6', '7.1.2', '7.1.1'],
      sentence:
        'Facebook is blocked on Tablet 1 during opening hours, until 18:00 (7.1.6, 7.1.2, 7.1.1). The manager can give permission.',
    });
  });

  it('calls a service by its id where the catalogue does not know it', () => {
    const explanation = explanationFor(moment, pad, [{ ...facebook, service: 'of-next-year' }], catalogue);
    expect(explanation.sentence).toMatch(/^of-next-year is blocked/);
  });

  it('has a sentence and, where a rule speaks, a clause for every verdict byte, and refuses others', () => {
    const explained = { timeZone: LONDON, nowMs: OPEN, until: null, onBreak: false, clauses: [] };
    for (const verdict of Object.keys(verdictNames).map(Number)) {
      expect(explain({ ...explained, verdict }, english)).toMatch(/^[A-Z].*\.$/);
      const ruled = verdict !== Verdict.ALLOW_NO_RULE && verdict !== Verdict.LOCAL_SITE;
      expect(clausesFor(verdict).length > 0, verdictNames[verdict as Verdict]).toBe(ruled);
    }
    expect(() => explain({ ...explained, verdict: 0x7f })).toThrow('127 is no verdict byte');
  });

  it('shows the emergency clause beside an emergency grant', () => {
    expect(clausesFor(Verdict.ALLOW_GRANTED, [], [], 'emergency')).toEqual(['7.1.6', '6.2.2']);
    expect(clausesFor(Verdict.BLOCK_ALWAYS, [], [], 'emergency')).toEqual(['7.1.5']);
  });
});

describe('the schedule in words', () => {
  it.each([
    ['2026-11-23T10:00Z', 'Open until 18:00.'],
    ['2026-11-23T18:00Z', 'Closed until Tuesday 08:00.'],
    ['2026-11-24T12:00Z', 'On a break until 13:00.'],
    ['2026-11-26T12:00Z', 'Closed until Friday 08:00 (Inset day).'],
    ['2026-12-25T12:00Z', 'Closed until Tuesday 08:00 (Christmas Day).'],
  ])('at %s: %s', (instant, expected) => {
    const nowMs = at(instant);
    const { hours } = policy;
    const state = inForce(hours, LONDON, nowMs);
    expect(describeSchedule(state, nextChange(hours, LONDON, nowMs), LONDON, nowMs)).toBe(expected);
  });

  it('says what kind of closing it is where nobody gave it a name', () => {
    const state = { open: false, onBreak: false, restricted: false, cause: 'out of term' } as const;
    expect(describeSchedule(state, null, LONDON, OPEN)).toBe('Closed (out of term).');
  });
});

describe('a grant in words', () => {
  it('says what, where, when, what for and by whom', () => {
    expect(describeGrant(grant, policy, catalogue, OPEN)).toBe(
      'Facebook on Tablet 1, from 10:00 until 10:30, for the setting’s own channel, given by Jo Smith (verbally).',
    );
    const ended: Grant = { ...grant, target: { group: 'office' }, scope: { allSocial: true }, purpose: 'emergency' };
    expect(describeGrant({ ...ended, mode: 'written', revokedAt: OPEN + 60_000 }, policy, catalogue, OPEN)).toBe(
      'all social media on every device of Office, from 10:00 until 10:01 (ended early), in an emergency, given by Jo Smith (in writing).',
    );
  });

  it('names scopes and targets, and falls back on ids', () => {
    expect(describeScope({ category: 'social' }, catalogue)).toBe('everything in Social networking');
    expect(describeScope({ service: 'gone' }, catalogue)).toBe('gone');
    expect(describeTarget({ device: 'gone' }, policy)).toBe('gone');
  });
});

describe('a time in words', () => {
  it.each([
    ['later today', '2026-11-23T18:00Z', '18:00'],
    ['earlier today', '2026-11-23T07:05Z', '07:05'],
    ['the end of today', '2026-11-24T00:00Z', 'midnight'],
    ['the end of tomorrow', '2026-11-25T00:00Z', 'Wednesday 00:00'],
    ['tomorrow', '2026-11-24T08:00Z', 'Tuesday 08:00'],
    ['in six days', '2026-11-29T08:00Z', 'Sunday 08:00'],
    ['in a week', '2026-11-30T08:00Z', '30 November 08:00'],
    ['yesterday', '2026-11-22T08:00Z', '22 November 08:00'],
    ['next year', '2027-01-04T08:00Z', '4 January 2027 08:00'],
  ])('%s', (_, instant, expected) => {
    expect(formatTime(at(instant), LONDON, OPEN)).toBe(expected);
  });

  it('is in the zone of the setting, on its day', () => {
    expect(formatTime(at('2026-07-01T17:00Z'), LONDON, at('2026-07-01T10:00Z'))).toBe('18:00');
    expect(formatTime(at('2026-07-01T07:00Z'), LONDON, at('2026-06-30T22:59Z'))).toBe('Wednesday 08:00');
    expect(formatTime(at('2026-07-01T07:00Z'), LONDON, at('2026-06-30T23:00Z'))).toBe('08:00');
    expect(formatDate(at('2026-06-30T23:00Z'), LONDON, OPEN)).toBe('1 July');
  });
});

function at(text: string): number {
  return Date.parse(text);
}
