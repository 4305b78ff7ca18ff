/**
 * Permissions with a story: given, given more time, ended; to people one permission, to the box grants of their own. In
 * workerd, with a box on the line.
 */
import { runInDurableObject } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { settingOf } from '../../dashboard-worker/accounts/directory.ts';
import { makePairingCode } from '../../dashboard-worker/accounts/pairing.ts';
import { giveChoices } from '../../dashboard-worker/setting/give-choices.ts';
import { findStory, habits } from '../../dashboard-worker/setting/grant-stories.ts';
import {
  acknowledgeGrants,
  extendStory,
  type GrantWish,
  giveGrant,
  grantsPayload,
  noteGrant,
} from '../../dashboard-worker/setting/grants.ts';
import { calendarOf, instantOf } from '../../dashboard-worker/setting/opening.ts';
import { commonScope, commonTarget } from '../../dashboard-worker/setting/overlapping.ts';
import { previewChange } from '../../dashboard-worker/setting/policy-preview.ts';
import { isSentAlready } from '../../dashboard-worker/setting/sent-twice.ts';
import type { Setting } from '../../dashboard-worker/setting/setting.ts';
import { Store } from '../../dashboard-worker/setting/store.ts';
import { recordSentence } from '../../dashboard-worker/views/pages.ts';
import type { GrantScope } from '../../policy-rules/grants.ts';
import {
  applyMigrations,
  Box,
  type Browser,
  bindings,
  device,
  hostRequest,
  otherSetting,
  setUpAndSignIn,
} from './worker-fixtures.ts';

const actor = { id: 'user-1', name: 'Tracey Field' };
const deputy = { id: 'user-2', name: 'Sam Deputy' };
const facebook: GrantWish = {
  targets: [{ device: 'office-pc' }],
  scope: { service: 'facebook' },
  until: { minutes: 30 },
  purpose: 'personal',
  mode: 'verbal',
  reason: 'Reply to a parent on our page',
  askedBy: 'Jo',
};
const MINUTE_MS = 60_000;

beforeAll(applyMigrations);

describe('more time', () => {
  it('is a second grant of the same story, which the box takes as any, and one permission on the page', async () => {
    const { id, remote, box } = await connectedSetting();
    const { story, until } = await give(remote);
    const [first] = await rows(id, 'SELECT * FROM grants');
    await box.next('grants');
    expect(await remote.extendGrant(story, { minutes: 10 }, until, deputy)).toMatchObject({
      ok: true,
      id: story,
      acknowledged: true,
    });
    const { grants } = await box.readGrants(await box.next('grants'));
    expect(grants).toMatchObject([
      { id: story, until },
      { until: until + 10 * MINUTE_MS, grantedBy: 'Sam Deputy', target: facebook.targets[0], scope: facebook.scope },
    ]);
    expect(grants[1]!.id).not.toBe(story);
    // No row is changed by it.
    expect((await rows(id, 'SELECT * FROM grants'))[0]).toEqual(first);
    const now = await remote.now(actor);
    expect(now.grants).toMatchObject([
      {
        id: story,
        targets: [{ name: 'Office PC' }],
        until: until + 10 * MINUTE_MS,
        grantedBy: 'Tracey Field',
        state: { kind: 'in-force' },
        told: [
          { kind: 'given', by: 'Tracey Field', until },
          { kind: 'extended', by: 'Sam Deputy', until: until + 10 * MINUTE_MS },
        ],
      },
    ]);
    expect(await remote.grant(grants[1]!.id)).toMatchObject({ grant: { id: story } });
    expect(await permissionEvents(remote)).toEqual(['grant-given', 'grant-extended']);
    expect(await rows(id, 'SELECT DISTINCT granted_by_id FROM grants ORDER BY 1')).toEqual([
      { granted_by_id: 'user-1' },
      { granted_by_id: 'user-2' },
    ]);
    expect((await remote.year(null, null, false, actor)).grants).toMatchObject({ total: 1, endedEarly: 0 });
  });

  it('comes once from two taps, also of two people', async () => {
    const { remote } = await connectedSetting();
    const { story, until } = await give(remote);
    await Promise.all([actor, deputy].map((who) => remote.extendGrant(story, { minutes: 10 }, until, who)));
    expect((await remote.now(actor)).grants).toMatchObject([{ until: until + 10 * MINUTE_MS }]);
    expect(await permissionEvents(remote)).toEqual(['grant-given', 'grant-extended']);
  });

  it('is not for what has ended, what is not there, nor for longer than a day: then nothing is written', async () => {
    const { id, remote } = await connectedSetting();
    const { story, until } = await give(remote);
    const extend = (minutes: number, grant = story) => remote.extendGrant(grant, { minutes }, until, actor);
    expect(await extend(24 * 60)).toEqual({ ok: false, problem: 'too-long' });
    expect(await extend(10, crypto.randomUUID())).toEqual({ ok: false, problem: 'time-over' });
    await remote.endGrant(story, actor);
    expect(await extend(10)).toEqual({ ok: false, problem: 'time-over' });
    expect(await permissionEvents(remote)).toEqual(['grant-given', 'grant-ended-early']);
    expect(await rows(id, 'SELECT count(*) AS total FROM grants')).toEqual([{ total: 1 }]);
  });

  it('is ended with all the rest by one tap, whichever part the person was shown', async () => {
    const { id, remote, box } = await connectedSetting();
    const { story, until } = await give(remote);
    await remote.extendGrant(story, { minutes: 10 }, until, deputy);
    const [part] = await rows(id, `SELECT id FROM grants WHERE id <> story`);
    expect(await remote.endGrant(String(part!.id), deputy)).toEqual({ acknowledged: true });
    expect((await box.readGrants(box.received.findLast((message) => message.type === 'grants')!)).grants).toEqual([]);
    const { grants } = await remote.now(actor);
    expect(grants).toMatchObject([{ id: story, state: { kind: 'ended', early: 'Sam Deputy' } }]);
    expect(grants[0]!.told.map(({ kind }) => kind)).toEqual(['given', 'extended', 'ended']);
    expect(await permissionEvents(remote)).toEqual(['grant-given', 'grant-extended', 'grant-ended-early']);
    expect((await remote.year(null, null, false, actor)).grants).toMatchObject({ total: 1, endedEarly: 1 });
    const again = await remote.repeatGrant(story, actor);
    if (again?.ok !== true) throw new Error('it was not given again');
    const repeated = (await remote.grant(again.id))!.grant;
    expect(repeated.until - repeated.from).toBe(40 * MINUTE_MS);
  });

  it('is on its way while the box has only the first part', async () => {
    const { remote, box } = await connectedSetting();
    const { story, until } = await give(remote);
    box.acknowledges = false;
    expect(await remote.extendGrant(story, { minutes: 10 }, until, actor)).toMatchObject({ acknowledged: false });
    expect((await remote.now(actor)).grants).toMatchObject([{ state: { kind: 'sending' } }]);
  });
});

describe('several devices', () => {
  const both: GrantWish = { ...facebook, targets: [{ device: 'office-pc' }, { device: 'tablet' }] };

  it('get one permission, in one version for the box, with a line each in the record', async () => {
    const { remote, box } = await connectedSetting();
    const { story, until } = await give(remote, both);
    const { version, grants } = await box.readGrants(await box.next('grants'));
    expect(grants.map(({ id, target }) => [id === story, target])).toEqual([
      [true, { device: 'office-pc' }],
      [false, { device: 'tablet' }],
    ]);
    expect(await remote.extendGrant(story, { minutes: 10 }, until, actor)).toMatchObject({ ok: true });
    const more = await box.readGrants(await box.next('grants'));
    expect([more.version, more.grants.length]).toEqual([version + 1, 4]);
    expect((await remote.now(actor)).grants).toMatchObject([
      { targets: [{ name: 'Office PC' }, { name: 'Tablet' }], told: [{ kind: 'given' }, { kind: 'extended' }] },
    ]);
    await remote.endGrant(story, actor);
    const given = ['grant-given', 'grant-given', 'grant-extended', 'grant-extended'];
    expect(await permissionEvents(remote)).toEqual([...given, 'grant-ended-early', 'grant-ended-early']);
    expect((await remote.year(null, null, false, actor)).grants).toMatchObject({ total: 1 });
    expect((await remote.give('')).usual).toMatchObject([{ targets: [{ name: 'Office PC' }, { name: 'Tablet' }] }]);
  });

  it('get it all, or none of them', async () => {
    const { id, remote } = await connectedSetting();
    const targets = [{ device: 'office-pc' }, { device: 'gone-meanwhile' }];
    expect(await remote.giveGrant({ ...facebook, targets }, actor)).toEqual({ ok: false, problem: 'no-such-target' });
    expect(await rows(id, 'SELECT id FROM grants')).toEqual([]);
    expect(await permissionEvents(remote)).toEqual([]);
  });

  it('get one from two taps, and another one when the form is sent again with another device', async () => {
    const { remote } = await connectedSetting();
    const form = crypto.randomUUID();
    await Promise.all([both, both].map((wish) => remote.giveGrant(wish, actor, '', form)));
    expect((await remote.now(actor)).grants).toHaveLength(1);
    await remote.giveGrant(facebook, actor, '', form);
    expect((await remote.now(actor)).grants).toHaveLength(2);
  });

  it('keep it when one of them is removed', async () => {
    const { remote, box } = await connectedSetting();
    const { story } = await give(remote, both);
    await box.next('grants');
    await remote.changePolicy({ kind: 'remove-device', id: 'tablet' }, actor);
    expect((await box.readGrants(await box.next('grants'))).grants).toMatchObject([{ id: story }]);
    expect((await remote.now(actor)).grants).toMatchObject([{ state: { kind: 'in-force' } }]);
  });
});

describe('the same again while it is in force', () => {
  const training: GrantWish = { ...facebook, until: { minutes: 60 }, reason: 'Training', askedBy: 'Aisha' };

  it('is one permission with the later end, whose story says who allowed what, and ends with one tap', async () => {
    const { remote, box } = await connectedSetting();
    const { story, until } = await give(remote);
    const joined = await remote.giveGrant(training, deputy);
    if (!joined.ok) throw new Error(joined.problem);
    const { grants } = await remote.now(actor);
    const later = grants[0]!.until;
    expect(later).toBeGreaterThan(until + 29 * MINUTE_MS);
    expect(grants).toMatchObject([
      {
        id: story,
        until: later,
        also: [],
        told: [
          { kind: 'given', by: 'Tracey Field', until },
          { kind: 'joined', by: 'Sam Deputy', until: later, person: 'Aisha', reason: 'Training', purpose: 'personal' },
        ],
      },
    ]);
    expect((await remote.grant(joined.id))!.grant.id).toBe(story);
    const { entries } = await remote.record({ kind: 'permission', from: '', to: '' }, 1);
    const sentences = entries.map((entry) => recordSentence(entry, 'Europe/London'));
    const said =
      /^Sam Deputy allowed Facebook on Office PC until [^(]+ \(it was allowed until [^)]+ already\): Training$/;
    expect(sentences.filter((sentence) => said.test(sentence))).toHaveLength(1);
    // Two people decided.
    expect((await remote.year(null, null, false, actor)).grants).toMatchObject({ total: 2, endedEarly: 0 });
    await remote.endGrant(story, actor);
    expect((await box.readGrants(box.received.findLast((message) => message.type === 'grants')!)).grants).toEqual([]);
    expect((await remote.now(actor)).grants).toMatchObject([{ id: story, state: { kind: 'ended' } }]);
    expect((await permissionEvents(remote)).slice(2)).toEqual(['grant-ended-early']);
  });

  it('keeps the later end where the second one is shorter, and gives more time after it', async () => {
    const { remote } = await connectedSetting();
    const { until } = await give(remote);
    const shorter = await remote.giveGrant({ ...training, until: { minutes: 5 } }, deputy);
    if (!shorter.ok) throw new Error(shorter.problem);
    expect((await remote.now(actor)).grants).toMatchObject([{ until }]);
    await remote.extendGrant(shorter.id, { minutes: 10 }, until, deputy);
    const [line] = (await remote.now(actor)).grants;
    expect(line).toMatchObject({ until: until + 10 * MINUTE_MS });
    expect(line!.told.map(({ kind }) => kind)).toEqual(['given', 'joined', 'extended']);
  });

  it('counts as for themselves where it is, though the first one was for somebody else', async () => {
    const { remote } = await connectedSetting();
    await give(remote);
    await remote.giveGrant({ ...training, askedBy: 'Sam Deputy' }, deputy);
    expect((await remote.now(actor)).grants).toMatchObject([{ toSelf: true, grantedBy: 'Tracey Field' }]);
    expect((await remote.selfGrants(1)).grants).toMatchObject([{ by: 'Sam Deputy', reason: 'Training', targets: 1 }]);
    expect((await remote.year(null, null, false, actor)).grants).toMatchObject({ total: 2, toSelf: 1 });
  });

  it('comes once from two taps on the form that joined it', async () => {
    const { remote } = await connectedSetting();
    await give(remote);
    const form = crypto.randomUUID();
    await Promise.all([training, training].map((wish) => remote.giveGrant(wish, deputy, '', form)));
    expect(await permissionEvents(remote)).toEqual(['grant-given', 'grant-given']);
  });

  it.each([
    ['for another service', { scope: { service: 'tiktok' } }],
    ['for another device', { targets: [{ device: 'tablet' }] }],
    ['booked for later', { from: slotIn(10) }],
  ] as const)('is a line of its own %s, and says nothing of the other', async (_, change) => {
    const { remote } = await connectedSetting();
    await give(remote);
    await give(remote, { ...training, ...change });
    const { grants } = await remote.now(actor);
    expect(grants.map(({ also }) => also)).toEqual([[], []]);
  });

  it('is a line of its own where it opens more or less, and each says what stays open by the other', async () => {
    const { remote } = await connectedSetting();
    const narrow = await give(remote);
    const wide = await give(remote, { ...training, targets: [{ group: 'setting' }], scope: { allSocial: true } });
    const office = { name: 'Office PC' };
    const { grants } = await remote.now(actor);
    const also = { scope: { name: 'Facebook' }, targets: [office], by: 'Tracey Field' };
    expect(grants).toMatchObject([
      { id: narrow.story, also: [{ ...also, id: wide.story, until: wide.until }] },
      { id: wide.story, also: [{ ...also, id: narrow.story, until: narrow.until }] },
    ]);
    await remote.endGrant(narrow.story, actor);
    expect((await remote.grant(wide.story))!.grant.also).toEqual([]);
    expect((await remote.grant(narrow.story))!.grant.also).toEqual([]);
  });
});

describe('what two permissions both open', () => {
  const facebook = { service: 'facebook' };
  const networks = { category: 'social-networking' };
  const all = { allSocial: true } as const;
  it.each<[string, GrantScope, GrantScope, GrantScope | null]>([
    ['a service and itself', facebook, facebook, facebook],
    ['two services', facebook, { service: 'tiktok' }, null],
    ['a service and its category', facebook, networks, facebook],
    ['a service and another category', facebook, { category: 'video-sharing' }, null],
    ['a service and all social media', facebook, all, facebook],
    ['a service that is not social, and all social media', { service: 'of-no-catalogue' }, all, null],
    ['a category and all social media', networks, all, networks],
    ['two categories', networks, { category: 'video-sharing' }, null],
    ['all social media and itself', all, all, all],
  ])('of %s is the narrower one, or nothing', (_, one, other, both) => {
    expect([commonScope(one, other), commonScope(other, one)]).toEqual([both, both]);
  });

  it('is for the device that is in the group, and for nobody else', async () => {
    const { remote } = await connectedSetting();
    const { policy } = await remote.policy();
    const [office, own, guests] = [{ device: 'office-pc' }, { group: 'setting' }, { group: 'guest' }];
    const pairs = [
      [office, own, office],
      [office, guests, null],
      [office, { device: 'tablet' }, null],
      [office, office, office],
      [own, own, own],
      [own, guests, null],
    ] as const;
    for (const [one, other, both] of pairs) {
      expect([commonTarget(policy, one, other), commonTarget(policy, other, one)]).toEqual([both, both]);
    }
  });
});

describe('a change of the opening hours', () => {
  it('says on the record what was changed, and nothing of openings that are over', async () => {
    const { id, remote } = await connectedSetting();
    const { hours } = (await remote.policy()).policy;
    const fete = { name: "Last year's fête", date: '2025-06-14', from: '10:00', to: '12:00' };
    const withMonday = (...monday: { from: string; to: string }[]) => ({ ...hours, week: { ...hours.week, monday } });
    const change = async (changed: typeof hours) =>
      expect(await remote.changePolicy({ kind: 'hours', hours: changed }, actor)).toMatchObject({ ok: true });
    await change({ ...withMonday({ from: '08:00', to: '18:00' }), openings: [fete] });
    const shorter = withMonday({ from: '08:00', to: '12:00' }, { from: '13:00', to: '17:30' });
    const shown = await runInDurableObject(stubOf(id), (_: Setting, { storage }) =>
      previewChange(new Store(storage), { kind: 'hours', hours: shorter }, Date.now()),
    );
    expect(shown).toMatchObject({ ok: true, changes: { facts: [{ fact: 'day', weekday: 'monday' }] } });
    await change(shorter);
    const { entries } = await remote.record({ kind: 'hours', from: '', to: '' }, 1);
    expect(recordSentence(entries[0]!, 'Europe/London')).toBe(
      'Tracey Field changed the opening hours: Monday: open 08:00 to 12:00, 13:00 to 17:30. Before: open 08:00 to 18:00.',
    );
  });
});

describe('until the end of the session', () => {
  const monday = Date.UTC(2026, 10, 23);
  const at = (time: string) => monday + (Number(time.slice(0, 2)) * 60 + Number(time.slice(3))) * MINUTE_MS;
  const whole: GrantWish = { ...facebook, until: { session: true } };

  it('is the end of the period that is running, and stays that when the periods are changed', async () => {
    const { id, remote } = await connectedSetting();
    const { hours } = (await remote.policy()).policy;
    const sessions = async (...periods: { from: string; to: string }[]) => {
      const changed = { ...hours, week: { ...hours.week, monday: periods } };
      expect(await remote.changePolicy({ kind: 'hours', hours: changed }, actor)).toMatchObject({ ok: true });
    };
    const inStore = <Answer>(work: (store: Store) => Answer): Promise<Answer> =>
      runInDurableObject(stubOf(id), (_: Setting, { storage }) => work(new Store(storage)));
    await sessions({ from: '08:00', to: '12:00' }, { from: '12:00', to: '15:00' }, { from: '15:00', to: '17:30' });
    const untilOf = (wish: GrantWish, nowMs: number) =>
      inStore((store) => {
        const given = giveGrant(store, wish, actor, nowMs);
        return given.ok ? findStory(store, given.id, { kind: 'none' }, nowMs)!.until : given.problem;
      });
    expect(await untilOf(whole, at('11:59'))).toBe(at('12:00'));
    expect(await untilOf({ ...whole, scope: { service: 'tiktok' } }, at('12:00'))).toBe(at('15:00'));
    expect(await untilOf({ ...whole, scope: { service: 'reddit' } }, at('15:00'))).toBe(at('17:30'));
    expect(await untilOf(whole, at('17:30'))).toBe('no-session');
    // Of the period in which it begins.
    const booked = { ...whole, from: { date: '2026-11-23', time: '12:30' }, scope: { service: 'pinterest' } };
    expect(await untilOf(booked, at('09:00'))).toBe(at('15:00'));
    const shown = await inStore((store) =>
      [at('09:00'), at('15:30'), at('18:00')].map((now) => giveChoices(store, now)),
    );
    // The last one ends at closing time, which is offered as such.
    expect(shown.map(({ sessionEndsAt }) => sessionEndsAt)).toEqual([at('12:00'), null, null]);
    await sessions({ from: '08:00', to: '10:00' });
    expect(await untilOf(facebook, at('11:45'))).toBe(at('12:15'));
    const rows = await inStore((store) => store.select('SELECT until_at FROM grants ORDER BY granted_at'));
    expect(rows.map(({ until_at }) => until_at)).toContain(at('12:00'));
  });

  it('is more time for what is in force, and none where no session is running', async () => {
    const { id, remote } = await connectedSetting();
    const { hours } = (await remote.policy()).policy;
    const periods = [{ from: '08:00', to: '12:00' }];
    await remote.changePolicy({ kind: 'hours', hours: { ...hours, week: { ...hours.week, monday: periods } } }, actor);
    const told = await runInDurableObject(stubOf(id), (_: Setting, { storage }) => {
      const store = new Store(storage);
      const given = giveGrant(store, facebook, actor, at('11:00'));
      if (!given.ok) throw new Error(given.problem);
      const late = giveGrant(store, { ...facebook, scope: { service: 'tiktok' } }, actor, at('12:10'));
      if (!late.ok) throw new Error(late.problem);
      return [
        extendStory(store, given.id, { session: true }, at('11:30'), actor, at('11:10')),
        findStory(store, given.id, { kind: 'none' }, at('11:10'))!.until,
        extendStory(store, given.id, { session: true }, at('12:00'), actor, at('11:20')),
        extendStory(store, late.id, { session: true }, at('12:40'), actor, at('12:20')),
      ];
    });
    expect(told).toMatchObject([
      { ok: true },
      at('12:00'),
      { ok: false, problem: 'closed' },
      { ok: false, problem: 'no-session' },
    ]);
  });
});

describe('a booked slot', () => {
  it('is on the box before it begins, and in force from then on', async () => {
    const { id, remote, box } = await connectedSetting();
    const from = slotIn(2 * 60);
    const { story } = await give(remote, { ...facebook, from });
    const { grants } = await box.readGrants(await box.next('grants'));
    expect(grants).toMatchObject([{ id: story, from: from.at, until: from.at + 30 * MINUTE_MS }]);
    expect((await remote.now(actor)).grants).toMatchObject([{ id: story, state: { kind: 'booked', from: from.at } }]);
    const seenAt = (nowMs: number) =>
      runInDurableObject(stubOf(id), (_: Setting, { storage }) => {
        const working = { kind: 'working', lastHeardAt: nowMs } as const;
        return findStory(new Store(storage), story, working, nowMs)?.state;
      });
    expect(await seenAt(from.at - 1)).toEqual({ kind: 'booked', from: from.at });
    expect(await seenAt(from.at)).toEqual({ kind: 'in-force', since: from.at });
    expect(await seenAt(from.at + 30 * MINUTE_MS)).toMatchObject({ kind: 'ended', early: null });
    expect(await permissionEvents(remote)).toEqual(['grant-booked']);
    const { entries } = await remote.record({ kind: 'permission', from: '', to: '' }, 1);
    expect(entries.map((entry) => recordSentence(entry, 'Europe/London'))[0]).toContain('Office PC, booked for ');
  });

  it('is on its way until the box has it, gets more time at its end, and can be cancelled', async () => {
    const { remote, box } = await connectedSetting();
    box.acknowledges = false;
    const from = slotIn(24 * 60);
    const { story, until } = await give(remote, { ...facebook, from });
    expect((await remote.now(actor)).grants).toMatchObject([{ state: { kind: 'sending' } }]);
    box.acknowledges = true;
    await remote.extendGrant(story, { minutes: 10 }, until, actor);
    expect((await remote.now(actor)).grants).toMatchObject([
      { from: from.at, until: until + 10 * MINUTE_MS, state: { kind: 'booked' } },
    ]);
    await remote.endGrant(story, actor);
    expect((await box.readGrants(box.received.findLast((message) => message.type === 'grants')!)).grants).toEqual([]);
    expect((await remote.now(actor)).grants).toMatchObject([{ state: { kind: 'ended', early: 'Tracey Field' } }]);
  });

  it('may last a day and lie four weeks ahead, not longer and not in the past', async () => {
    const { id, remote } = await connectedSetting();
    const book = (minutes: number, long = 10) =>
      remote.giveGrant({ ...facebook, from: slotIn(minutes), until: { minutes: long } }, actor);
    expect(await book(-2)).toEqual({ ok: false, problem: 'start-over' });
    expect(await book(28 * 24 * 60 + 2)).toEqual({ ok: false, problem: 'too-far' });
    expect(await book(60, 24 * 60 + 1)).toEqual({ ok: false, problem: 'too-long' });
    expect(await rows(id, 'SELECT id FROM grants')).toEqual([]);
    expect(await book(27 * 24 * 60, 24 * 60)).toMatchObject({ ok: true });
  });

  it('comes once from two taps, and beside a permission from now on', async () => {
    const { remote } = await connectedSetting();
    const formId = crypto.randomUUID();
    const wish = { ...facebook, from: slotIn(60) };
    await Promise.all([wish, wish].map((each) => remote.giveGrant(each, actor, '', formId)));
    expect((await remote.now(actor)).grants).toHaveLength(1);
    await remote.giveGrant(facebook, actor, '', formId);
    expect((await remote.now(actor)).grants.map(({ state }) => state.kind).toSorted()).toEqual(['booked', 'in-force']);
  });
});

describe('the same as the day before', () => {
  it('is what began on the last day with any, each once, and not said again as the usual', async () => {
    const { id, remote } = await connectedSetting();
    // A Monday; given on it, on Friday, and on Thursday.
    const [monday, friday, thursday] = [23, 20, 19].map((day) => Date.UTC(2026, 10, day, 10, 0));
    const seenAt = (nowMs: number) =>
      runInDurableObject(stubOf(id), (_: Setting, { storage }) => habits(new Store(storage), nowMs));
    await runInDurableObject(stubOf(id), (_: Setting, { storage }) => {
      const give = (nowMs: number, change: Partial<GrantWish>) =>
        expect(giveGrant(new Store(storage), { ...facebook, ...change }, actor, nowMs)).toMatchObject({ ok: true });
      give(thursday!, { until: { minutes: 10 } });
      // Booked on Thursday for Friday: of the day on which it began.
      give(thursday!, { from: { date: '2026-11-20', time: '15:00' }, scope: { service: 'tiktok' } });
      give(friday!, {});
      give(friday! + 3 * 60 * MINUTE_MS, {});
      give(friday!, { purpose: 'emergency', scope: { allSocial: true } });
      give(monday!, { until: { minutes: 60 } });
    });
    const { dayBefore, usual } = await seenAt(monday! + MINUTE_MS);
    expect(dayBefore?.grants).toMatchObject([
      { scope: { name: 'Facebook' }, minutes: 30 },
      { scope: { name: 'TikTok' }, minutes: 30 },
    ]);
    expect(usual.map(({ minutes }) => minutes)).toEqual([60, 10]);
    expect((await seenAt(Date.UTC(2026, 10, 30, 23, 59))).dayBefore?.grants).toHaveLength(1);
    expect((await seenAt(Date.UTC(2026, 11, 1, 0, 0))).dayBefore).toBeNull();
    const given = await remote.repeatGrant(dayBefore!.grants[1]!.grantId, deputy);
    if (given?.ok !== true) throw new Error('it was not given again');
    const { grant } = (await remote.grant(given.id))!;
    expect(grant).toMatchObject({ scope: { name: 'TikTok' }, grantedBy: 'Sam Deputy' });
    expect([grant.from, grant.until - grant.from]).toEqual([grant.grantedAt, 30 * MINUTE_MS]);
  });
});

describe('a permission that is noted afterwards', () => {
  it('is on the record, and the box is never told, whatever its clock says', async () => {
    const { id, remote, box } = await connectedSetting();
    const version = 'SELECT grants_version FROM setting';
    const before = await rows(id, version);
    const noted = await runInDurableObject(stubOf(id), (setting: Setting, { storage }) => {
      // At noon of a day, so that it is the same day whenever this runs.
      const noon = Date.UTC(2026, 10, 12, 12, 0);
      const wish = { ...facebook, from: { date: null, time: '09:00' }, until: { time: '09:20' } };
      const note = (change: Partial<GrantWish>, noteId = crypto.randomUUID()) =>
        noteGrant(new Store(storage), { ...wish, ...change }, actor, noon, noteId);
      expect(note({ until: { time: '12:01' } })).toEqual({ ok: false, problem: 'not-over' });
      expect(note({ until: { time: '08:59' } })).toEqual({ ok: false, problem: 'time-over' });
      expect(note({ scope: { category: 'bypass' } })).toEqual({ ok: false, problem: 'protected' });
      const given = note({ mode: 'written' });
      const sentAlready = (again: GrantWish) =>
        isSentAlready(new Store(storage), (given as { id: string }).id, again, 'noted', noon);
      expect(sentAlready(wish)).toBe(true);
      expect(sentAlready({ ...wish, reason: 'x' })).toBe(false);
      expect(isSentAlready(new Store(storage), (given as { id: string }).id, wish, 'given', noon)).toBe(false);
      // A box whose clock stands at nine, and a dashboard's that was set back.
      acknowledgeGrants(new Store(storage), 100, Date.UTC(2026, 10, 12, 9, 0), noon);
      expect(grantsPayload(new Store(storage), Date.UTC(2026, 10, 12, 9, 0)).grants).toEqual([]);
      expect(setting).toBeDefined();
      return given;
    });
    expect(noted).toMatchObject({ ok: true });
    expect(await rows(id, version)).toEqual(before);
    expect(await rows(id, 'SELECT after_the_fact, in_force_at, mode, until_at - from_at AS ms FROM grants')).toEqual([
      { after_the_fact: 1, in_force_at: null, mode: 'verbal', ms: 20 * MINUTE_MS },
    ]);
    const { entries } = await remote.record({ kind: 'permission', from: '', to: '' }, 1);
    expect(entries.map((entry) => recordSentence(entry, 'Europe/London'))).toEqual([
      'Tracey Field noted afterwards that Facebook had been allowed on Office PC, from 09:00 until 09:20: Reply to a parent on our page',
    ]);
    expect(box.received.filter(({ type }) => type === 'grants')).toEqual([]);
    expect((await remote.give('')).usual).toEqual([]);
  });
});

describe('the pages', () => {
  let browser: Browser;

  beforeAll(async () => {
    await hostRequest('/host/start');
    await Box.connected();
    browser = await setUpAndSignIn();
  });

  it('offers the end of the session while one is running that ends before closing time', async () => {
    const remote = settingOf(bindings, await browser.setting());
    const { hours } = (await remote.policy()).policy;
    const day = [
      { from: '00:00', to: '12:00' },
      { from: '12:00', to: '24:00' },
    ];
    const week = Object.fromEntries(Object.keys(hours.week).map((name) => [name, day])) as typeof hours.week;
    const always = { ...hours, week, terms: [], closures: [], bankHolidays: 'none' as const };
    await remote.changePolicy({ kind: 'hours', hours: always }, actor);
    const noon = instantOf('Europe/London', calendarOf('Europe/London', Date.now()).date, '12:00');
    expect((await remote.give('')).sessionEndsAt).toBe(noon);
    expect(await browser.page('/give')).toContain('name="until" value="session"');
    const given = await browser.post('/give', { ...form, target: 'device:office-pc', until: 'session' });
    expect(given.status).toBe(303);
    const { grant } = (await remote.grant(given.headers.get('location')!.split('/').at(-1)!))!;
    expect(grant.until).toBe(noon);
  });

  it('take a form with several ticks, and one without any they give back', async () => {
    const targets = ['device:office-pc', 'group:setting', 'device:office-pc'].map((key) => ['target', key]);
    const given = await browser.post('/give', [...Object.entries(form), ...targets]);
    expect(given.status).toBe(303);
    const page = await browser.page(given.headers.get('location')!);
    expect(page).toMatch(/Facebook on Office PC and every device in “[^”]+” until/);
    await browser.post(`${given.headers.get('location')}/end`, { back: 'now' });
    const none = await browser.post('/give', form);
    expect(none.status).toBe(422);
    expect(await none.text()).toContain('Choose a device, or all devices of a group.');
    const wrong = await browser.post('/give', [...Object.entries(form), ...targets, ['target', 'everything']]);
    expect(wrong.status).toBe(422);
    const many = Array.from({ length: 301 }, (_, index) => ['target', `device:d${index}`]);
    expect((await browser.post('/give', [...Object.entries(form), ...many])).status).toBe(400);
  });

  it('book a slot, and say what is missing of one', async () => {
    const { date, time } = slotIn(90);
    const wish = { ...form, target: 'device:office-pc' };
    const booked = await browser.post('/give', { ...wish, fromDate: date, fromTime: time });
    const address = booked.headers.get('location')!;
    expect(await browser.page(address)).toContain('It is booked');
    expect(await browser.page('/')).toContain('Cancel the booking');
    await browser.post(`${address}/end`, { back: 'now' });
    for (const [fields, words] of [
      [{ fromDate: date, fromTime: '' }, 'Write the time at which it begins'],
      [{ fromDate: '', fromTime: '25:00' }, 'Write the time at which it begins'],
      [{ fromDate: '2026-02-30', fromTime: time }, 'Write a date'],
      [{ fromDate: '2020-01-01', fromTime: time }, 'That time is over'],
      [{ fromDate: '2090-01-01', fromTime: time }, 'within the next four weeks'],
    ] as const) {
      const wrong = await browser.post('/give', { ...wish, ...fields });
      expect([wrong.status, (await wrong.text()).includes(words)], JSON.stringify(fields)).toEqual([422, true]);
    }
  });

  it('note what was allowed earlier, and say what is wrong with a note', async () => {
    expect(await browser.page('/give')).toContain('href="/give/note"');
    expect(await browser.page('/give/note')).toContain('Put it on the record');
    const wish = { ...form, target: 'device:office-pc', until: 'time', fromTime: '00:00', untilTime: '23:59' };
    for (const [fields, words] of [
      [{ fromTime: '' }, 'Write a time, for example 09:30'],
      [{ untilTime: '00:00' }, 'That time is over'],
      [{ untilTime: '' }, 'Write a time, for example 15:30'],
    ] as const) {
      const wrong = await browser.post('/give/note', { ...wish, ...fields });
      expect([wrong.status, (await wrong.text()).includes(words)], JSON.stringify(fields)).toEqual([422, true]);
    }
    const [from, until] = [slotIn(-3), slotIn(-2)];
    // In the first minutes of a day there is nothing of the same day that could be over.
    if (from.date !== slotIn(0).date) return;
    const noted = await browser.post('/give/note', { ...wish, fromTime: from.time, untilTime: until.time });
    const page = await browser.page(noted.headers.get('location')!);
    expect(page).toContain('It is on the record');
    expect(page).not.toContain('/end');
    expect(await browser.page('/')).toContain('for the record only');
  });

  it('give more time with one tap, from Now and from the permission’s own page', async () => {
    const address = (await browser.post('/give', { ...form, target: 'device:office-pc' })).headers.get('location')!;
    const ends = async (path: string) => /name="ends" value="(\d+)"/.exec(await browser.page(path))?.[1] ?? '';
    const shown = await ends('/');
    const extended = await browser.post(`${address}/extend`, { more: '10', ends: shown, back: 'now' });
    expect(extended.headers.get('location')).toBe('/?done=grant-extended');
    expect(await browser.page('/')).toContain('Tracey Field gave more time at ');
    expect(Number(await ends(address))).toBe(Number(shown) + 10 * MINUTE_MS);
    // The tab that still shows the end from before adds nothing.
    await browser.post(`${address}/extend`, { more: '30', ends: shown, back: 'grant' });
    expect(Number(await ends(address))).toBe(Number(shown) + 10 * MINUTE_MS);
    expect(await browser.page('/record')).toContain('Tracey Field extended Facebook on Office PC until ');
    await browser.post(`${address}/end`, { back: 'grant' });
    const late = await browser.post(`${address}/extend`, { more: '30', ends: shown, back: 'grant' });
    expect(late.headers.get('location')).toBe(`${address}?done=grant-not-extended`);
    expect(await browser.page(`${address}?done=grant-not-extended`)).toContain('No time was added');
    expect((await browser.post('/grants/none/extend', { more: '10', ends: shown, back: 'now' })).status).toBe(404);
    expect((await browser.post(`${address}/extend`, { more: '9999', ends: shown, back: 'now' })).status).toBe(400);
  });
});

const form = {
  scope: 'service:facebook',
  until: '10',
  untilTime: '',
  reason: 'training',
  reasonText: '',
  purpose: 'official',
  mode: 'verbal',
  forWhom: 'me',
  askedBy: '',
  request: '',
};

async function give(remote: Remote, wish: GrantWish = facebook): Promise<{ story: string; until: number }> {
  const given = await remote.giveGrant(wish, actor);
  if (!given.ok) throw new Error(given.problem);
  const { grant } = (await remote.grant(given.id))!;
  return { story: given.id, until: grant.until };
}

/** Oldest first, without what the box said. */
async function permissionEvents(remote: Remote): Promise<string[]> {
  const { entries } = await remote.record({ kind: 'permission', from: '', to: '' }, 1);
  return entries
    .map(({ event }) => event.type)
    .filter((type) => type !== 'grant-in-force')
    .toReversed();
}

/** The whole minute that is so many minutes away, as a form sends it. */
function slotIn(minutes: number): { date: string; time: string; at: number } {
  const at = Math.ceil(Date.now() / MINUTE_MS + minutes) * MINUTE_MS;
  const [date = '', time = ''] = new Date(at)
    .toLocaleString('sv-SE', { timeZone: 'Europe/London', dateStyle: 'short', timeStyle: 'short' })
    .split(' ');
  return { date, time, at };
}

type Remote = Awaited<ReturnType<typeof otherSetting>>['remote'];

function stubOf(id: string): DurableObjectStub<Setting> {
  return bindings.SETTING.get(bindings.SETTING.idFromName(id));
}

function rows(id: string, sql: string): Promise<Record<string, SqlStorageValue>[]> {
  return runInDurableObject(stubOf(id), (_: Setting, state) => state.storage.sql.exec(sql).toArray());
}

async function connectedSetting() {
  const { id, remote } = await otherSetting();
  const box = await Box.enrolled((await makePairingCode(bindings, id, null)).code);
  box.policy = { ...box.policy, devices: [...box.policy.devices, device('tablet', 'Tablet', '192.168.1.30')] };
  await box.connect();
  await box.next('policy');
  await box.next('grants');
  return { id, remote, box };
}
