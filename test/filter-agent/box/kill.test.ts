/**
 * kill -9 in the middle of traffic, twenty times: the box comes back by itself from its disk, filters from its first
 * answer, neither loses nor revives a grant, and counts no use twice. How soon the first answer comes is no matter of a
 * test on a busy machine: `npm run soak -- --part start` tells it.
 *
 * What SQLite has when the disk itself is cut back is usage-store.test.ts's. STAIRGATE_KILL_SEED repeats a run.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../../filter-agent/control/usage-store.ts';
import { catalogue } from '../../../policy-rules/catalogue/catalogue.ts';
import type { Grant } from '../../../policy-rules/grants.ts';
import { alwaysOpenPolicy, type BoxProcess, prepareBox } from '../../support/box-process.ts';
import { askTcp, askUdp } from '../../support/dns-client.ts';
import { seededNumbers } from '../../support/seeded-names.ts';
import { startTestUpstream, type TestUpstream } from '../../support/test-upstream.ts';

const seed = Number(process.env.STAIRGATE_KILL_SEED ?? Date.now() % 2 ** 32);
const KILLS = 20;
/** Every fifth run lives past the flush of usage (every 5 s); what it counted before must be there. */
const LONG_RUN_MS = 6_500;
const COUNTED_FOR_SURE_MS = 4_000;
const SHORT_RUN_LIMIT_MS = 800;
const HOUR_MS = 3_600_000;

const GRANTED = 'www.instagram.com';
const REVOKED = 'www.pinterest.com';
const ENDED = 'www.snapchat.com';

function grantOf(last: number, service: string, change: Partial<Grant> = {}): Grant {
  const now = Date.now();
  return {
    id: `5d0a7a3e-0f57-4c6c-9a55-0f0f5a3d7c1${last}`,
    target: { group: 'setting' },
    scope: { service },
    from: now - 2 * HOUR_MS,
    until: now + HOUR_MS,
    purpose: 'official',
    mode: 'written',
    reason: 'reply to a parent',
    askedBy: 'Sam',
    grantedBy: 'Tracey',
    grantedAt: now - 2 * HOUR_MS,
    ...change,
  };
}

const grants = [
  grantOf(1, 'instagram'),
  grantOf(2, 'pinterest', { revokedAt: Date.now() - HOUR_MS, revokedBy: 'Tracey' }),
  grantOf(3, 'snapchat', { until: Date.now() - HOUR_MS }),
];

/** One service for each run, so that what it counted can be told from the others'. */
const services = catalogue.services
  .filter(({ id, category }) => {
    const facts = catalogue.categories.find((candidate) => candidate.id === category);
    const granted = ['instagram', 'pinterest', 'snapchat'].includes(id);
    return facts?.social === true && facts.inForceByDefault && !facts.protected && !granted;
  })
  .flatMap(({ id, suffixes }) => (suffixes[0] === undefined ? [] : [{ id, name: `counted.${suffixes[0]}` }]))
  .slice(0, KILLS);

interface Run {
  readonly service: string;
  /** Queries for the run's service that left, and those answered so early that they must have been saved. */
  sent: number;
  surelyCounted: number;
}

describe(`a box that is killed ${KILLS} times in the middle of traffic (STAIRGATE_KILL_SEED=${seed})`, () => {
  const next = seededNumbers(seed);
  const wrong: string[] = [];
  const runs: Run[] = [];
  let answers = 0;
  let upstream: TestUpstream;
  let box: BoxProcess;

  beforeAll(async () => {
    upstream = await startTestUpstream();
    box = await prepareBox({ upstreams: [upstream.url], settings: { policy: alwaysOpenPolicy() } });
    const store = await openStore({ stateDir: box.stateDir });
    await store.saveGrants({ version: 7, grants });
    await store.close();
  });
  afterAll(async () => {
    await box?.remove();
    await upstream?.close();
  });

  /** Asks without pause until told to stop; an answer that is not the right one is noted, none at all is not. */
  async function ask(run: Run, readyAtMs: () => number, going: () => boolean, overTcp: boolean): Promise<void> {
    const counted = services[runs.length - 1]!.name;
    const expected: readonly (readonly [string, string])[] = [
      [counted, 'NXDOMAIN'],
      [GRANTED, 'NOERROR'],
      [REVOKED, 'NXDOMAIN'],
      [ENDED, 'NXDOMAIN'],
      ['open.example', 'NOERROR'],
    ];
    for (let turn = 0; going(); turn++) {
      const [name, rcode] = expected[turn % expected.length]!;
      if (name === counted) run.sent++;
      const reply = await (overTcp ? askTcp : askUdp)(box.server, name, { timeoutMs: 250 }).catch(() => null);
      if (reply === null) continue;
      answers++;
      // While it comes up a blocked name may be refused; SERVFAIL would say that somebody was asked about it.
      const isRight =
        rcode === 'NOERROR' ? reply.answers?.length === 1 : reply.rcode === 'NXDOMAIN' || reply.rcode === 'REFUSED';
      if (!isRight) wrong.push(`run ${runs.length}: ${name} ${reply.rcode} with ${reply.answers?.length} records`);
      if (name === counted && performance.now() - readyAtMs() < COUNTED_FOR_SURE_MS) run.surelyCounted++;
    }
  }

  it('filters from the first answer of every start', { timeout: 300_000 }, async () => {
    for (let kill = 1; kill <= KILLS; kill++) {
      const run: Run = { service: services[kill - 1]!.id, sent: 0, surelyCounted: 0 };
      runs.push(run);
      let going = true;
      let readyAtMs = Number.POSITIVE_INFINITY;
      const isLong = kill % 5 === 0;
      // Traffic is there before the box is, as after a power cut.
      const asking = [false, false, false, true].map((overTcp) =>
        ask(
          run,
          () => readyAtMs,
          () => going,
          overTcp,
        ),
      );
      // Some are killed before they are ready.
      if (next() % 6 === 0 && !isLong) {
        await box.startWithoutWaiting();
        await pause(next() % 400);
      } else {
        await box.start();
        readyAtMs = performance.now();
        await pause(isLong ? LONG_RUN_MS : next() % SHORT_RUN_LIMIT_MS);
      }
      await box.kill();
      going = false;
      await Promise.all(asking);
      if (!isLong) run.surelyCounted = 0;
    }
    expect(wrong).toEqual([]);
    expect(answers).toBeGreaterThan(KILLS * 10);
    // Nor did any of these go out before the rules were there: nobody gives the answer that nobody has.
    const blocked = new Set([REVOKED, ENDED, ...services.map(({ name }) => name)]);
    expect(upstream.asked.filter(({ name }) => blocked.has(name)).slice(0, 3)).toEqual([]);
    expect(upstream.timesAsked('open.example')).toBeGreaterThan(0);
    expect(box.stderr).toBe('');
  });

  it('has the grants that it had, a database that opens clean, and no use counted twice or lost after its flush', async () => {
    const store = await openStore({ stateDir: box.stateDir });
    try {
      expect(store.startReport).toEqual({ fresh: false, damagedMovedTo: null });
      expect(store.troubles()).toEqual([]);
      expect(await store.loadGrants()).toEqual({ version: 7, grants });
      const rows = await store.usageOfDevice('', 0);
      const counts = runs.map((run) => ({
        ...run,
        counted: rows.filter(({ service }) => service === run.service).reduce((sum, { count }) => sum + count, 0),
      }));
      expect(counts.filter(({ counted, sent }) => counted > sent)).toEqual([]);
      expect(counts.filter(({ counted, surelyCounted }) => counted < surelyCounted)).toEqual([]);
      expect(counts.filter(({ surelyCounted }) => surelyCounted > 100)).toHaveLength(KILLS / 5);
    } finally {
      await store.close();
    }
  });

  it('serves once more as if nothing had been', async () => {
    await box.start();
    expect((await box.ask(REVOKED)).answers).toEqual([]);
    expect((await box.ask(GRANTED)).answers).toHaveLength(1);
    expect(await box.stop()).toBe(0);
  });
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
