/** The keeper's own timers, through weeks of a clock that runs evenly; jumps and changes are test/scenarios' matter. */
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PolicyKeeper, type Rules } from '../../../filter-agent/control/policy-keeper.ts';
import type { Generation } from '../../../filter-agent/shared-memory.ts';
import { defaultPolicy } from '../../../policy-rules/default-policy.ts';
import type { Grant } from '../../../policy-rules/grants.ts';
import type { Policy } from '../../../policy-rules/policy.ts';
import { openImage } from '../../../policy-rules/trie/image.ts';
import { nextSituationChange, type SourceFacts, situationAt } from '../../../policy-rules/verdicts.ts';
import { seededNumbers } from '../../support/seeded-names.ts';
import { smallImage } from '../../support/small-policy.ts';

const SEED = 20261123;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const facts: readonly SourceFacts[] = ['social', 'video', 'malware', 'strict', 'site'].map((service) => ({
  kind: 'service',
  service,
  category: 'social-networking',
  protected: false,
  social: true,
  inForceByDefault: true,
}));
const rulesOf = (number: number, buffer: SharedArrayBuffer): Rules => ({
  number,
  buffer,
  image: openImage(buffer),
  facts,
});
const rules = rulesOf(
  1,
  smallImage([
    ['social', 'social.test'],
    ['video', 'video.test'],
  ]),
);

const policy: Policy = {
  ...defaultPolicy('Test nursery'),
  devices: [{ id: 'office-pc', name: 'Office PC', group: 'office', addresses: ['192.168.1.2'], macs: [] }],
};

let keeper: PolicyKeeper | null = null;
let published: Generation[];

beforeEach(() => {
  vi.useFakeTimers();
  published = [];
});
afterEach(() => {
  keeper?.stop();
  vi.useRealTimers();
});

async function startKeeper(grants: readonly Grant[], trusted = () => true, first = rules): Promise<PolicyKeeper> {
  keeper = new PolicyKeeper({
    policy,
    grants: { version: 1, grants: [...grants] },
    rules: first,
    clock: { nowMs: () => Date.now(), trusted },
    publish: async (generation) => void published.push(generation),
  });
  await keeper.start();
  return keeper;
}

function truthNow(grants: readonly Grant[]): Uint8Array {
  const moment = { policy, grants, nowMs: Date.now(), clockTrusted: true };
  return situationAt({ ...moment, sources: facts, ruleSets: rules.image.ruleSets }).verdicts;
}

function seededGrants(count: number, startMs: number): Grant[] {
  const next = seededNumbers(SEED);
  return Array.from({ length: count }, (_, index): Grant => {
    const from = startMs + (next() % (7 * 24 * 60)) * MINUTE_MS;
    const until = from + (1 + (next() % 180)) * MINUTE_MS + (next() % 1000);
    return {
      id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      target: next() % 2 === 0 ? { device: 'office-pc' } : { group: next() % 2 === 0 ? 'setting' : 'office' },
      scope: next() % 3 === 0 ? { allSocial: true } : { service: next() % 2 === 0 ? 'social' : 'video' },
      from,
      until,
      purpose: 'personal',
      mode: 'verbal',
      reason: 'seeded',
      askedBy: 'Sam',
      grantedBy: 'Tracey',
      grantedAt: startMs - 1,
    };
  });
}

describe('the keeper’s timer', () => {
  it.each([
    ['an ordinary week', Date.UTC(2026, 10, 16)],
    ['the week in which the clocks go forward', Date.UTC(2026, 2, 25)],
    ['the week in which they go back', Date.UTC(2026, 9, 21)],
    ['Christmas', Date.UTC(2026, 11, 22)],
  ])(
    `publishes at the very millisecond of every change, and no other matrix between (%s, seed ${SEED})`,
    async (_, startMs) => {
      vi.setSystemTime(startMs);
      const grants = seededGrants(60, startMs);
      const running = await startKeeper(grants);
      let changes = 0;
      for (;;) {
        const change = nextSituationChange(policy, grants, Date.now());
        if (change === null || change > startMs + 7 * DAY_MS) break;
        await vi.advanceTimersByTimeAsync(change - 1 - Date.now());
        expect(running.situation.verdicts).toEqual(truthNow(grants));
        await vi.advanceTimersByTimeAsync(1);
        expect(Date.now()).toBe(change);
        expect(running.situation.nowMs).toBe(change);
        expect(running.situation.verdicts).toEqual(truthNow(grants));
        changes++;
      }
      expect(changes).toBeGreaterThan(100);
      expect(published.map(({ number }) => number)).toEqual(
        Array.from({ length: changes + 1 }, (__, index) => index + 1),
      );
    },
  );

  it('notices within a minute that the trust in the clock has changed, also without being told', async () => {
    vi.setSystemTime(Date.UTC(2026, 10, 23, 20));
    let trusted = false;
    const running = await startKeeper([], () => trusted);
    expect(running.situation.open).toBe(true);
    trusted = true;
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect(running.situation).toMatchObject({ open: false, clockTrusted: true });
  });

  it('lets go of an image as soon as another is in force', async () => {
    vi.useRealTimers();
    const images = ['first.test', 'second.test'].map((name) => new WeakRef(smallImage([['social', name]])));
    const running = await startKeeper([], undefined, rulesOf(1, images[0]!.deref()!));
    await running.setRules(rulesOf(2, images[1]!.deref()!));
    await running.setRules(rules);
    published = [];
    // What a WeakRef was made for or has returned stays until the turn of the event loop is over.
    await setImmediate();
    setFlagsFromString('--expose-gc');
    runInNewContext('gc')();
    expect(images.map((image) => image.deref())).toEqual([undefined, undefined]);
  });

  it('publishes nothing more once it is stopped', async () => {
    vi.setSystemTime(Date.UTC(2026, 10, 23, 7, 59));
    const running = await startKeeper([]);
    running.stop();
    await vi.advanceTimersByTimeAsync(DAY_MS);
    await running.clockChanged();
    expect(published).toHaveLength(1);
  });
});
