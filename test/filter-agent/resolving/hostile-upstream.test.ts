/**
 * An upstream that misbehaves by name, behind a real box: never the poison, the truth when it comes in time, SERVFAIL
 * within 2 s otherwise, and everybody else served in under 1 s meanwhile.
 *
 * What the upstream says is hostile-replies.ts's; here is what a client must see of it. The rows of a table are asked
 * side by side before the first is judged, or the time-outs alone would take minutes.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alwaysOpenPolicy, type BoxProcess, startBoxProcess } from '../../support/box-process.ts';
import { dataOf, type Reply } from '../../support/dns-client.ts';
import * as hostile from '../../support/hostile-replies.ts';
import { type HostileUpstream, startHostileUpstream, type TcpMode } from '../../support/hostile-upstream.ts';

/** A client is told of a failure after 1.8 s (RFC 8767 §5). */
const FAILS_WITHIN_MS = 2_000;
const OTHERS_WITHIN_MS = 1_000;
/** An upstream attempt may run so long to fill the cache. */
const ATTEMPT_MS = 5_000;
const GOOD_CLIENT = '127.0.0.2';
const GOOD_PAUSE_MS = 50;
/** All at once would be a test of how fast the test is. */
const BETWEEN_ROWS_MS = 25;

const transports = ['udp', 'tcp'] as const;
type Transport = (typeof transports)[number];

/** What is wrong with a reply, or null. */
type Judge = (reply: Reply, transport: Transport) => string | null;

interface Row {
  readonly label: string;
  readonly judge: Judge;
  readonly type?: string;
  /** Names beside this one that its answer spoke of: asked for afterwards, and to be the truth. */
  readonly victims?: readonly string[];
  /** It damages the connection that others share: asked on its own. */
  readonly alone?: boolean;
}

// ---- judges -----------------------------------------------------------------------------------------------------

const addressesOf = (reply: Reply) => dataOf(reply, 'A');
const said = (reply: Reply) => `${reply.rcode} with ${JSON.stringify(reply.answers)?.slice(0, 300)}`;

const isTruth: Judge = (reply) =>
  reply.rcode === 'NOERROR' && reply.answers?.length === 1 && addressesOf(reply)[0] === hostile.TRUTH_A
    ? null
    : `expected the truth, got ${said(reply)}`;
const isFailure: Judge = (reply) =>
  reply.rcode === 'SERVFAIL' && reply.answers?.length === 0 ? null : `expected SERVFAIL, got ${said(reply)}`;
const isTruthOrFailure: Judge = (reply, transport) =>
  isTruth(reply, transport) === null ? null : isFailure(reply, transport);
const hasNoAddress: Judge = (reply) =>
  addressesOf(reply).length === 0 ? null : `expected no address, got ${said(reply)}`;
const isNxdomain: Judge = (reply) => {
  if (reply.rcode !== 'NXDOMAIN' || reply.answers?.length !== 0) return `expected NXDOMAIN, got ${said(reply)}`;
  const longest = Math.max(0, ...(reply.authorities ?? []).map((record) => ('ttl' in record ? (record.ttl ?? 0) : 0)));
  // "Values exceeding one day have been found to be problematic" (RFC 2308 §5).
  return longest <= 86_400 ? null : `expected a negative TTL of at most a day, got ${longest} s`;
};
const isOneOf =
  (...rcodes: readonly string[]): Judge =>
  (reply) =>
    rcodes.includes(reply.rcode) && reply.answers?.length === 0 ? null : `expected ${rcodes}, got ${said(reply)}`;
/** More than a datagram holds: TC over UDP, and all of them over TCP. */
const isMany =
  (count: number): Judge =>
  (reply, transport) => {
    if (transport === 'udp') {
      const isCut = reply.flag_tc && reply.bytes.length <= 512;
      return isCut ? null : `expected TC in at most 512 octets, got ${reply.bytes.length}: ${said(reply)}`;
    }
    return addressesOf(reply).length === count ? null : `expected ${count} addresses, got ${said(reply)}`;
  };
const isTruthFor =
  (leastSeconds: number, mostSeconds: number): Judge =>
  (reply, transport) => {
    const [answer] = reply.answers ?? [];
    const ttl = answer !== undefined && 'ttl' in answer ? (answer.ttl ?? -1) : -1;
    const problem = isTruth(reply, transport);
    if (problem !== null) return problem;
    return ttl >= leastSeconds && ttl <= mostSeconds
      ? null
      : `expected a TTL of ${leastSeconds} to ${mostSeconds} s, got ${ttl}`;
  };

// ---- the tables -------------------------------------------------------------------------------------------------

function rowsOf(labels: Readonly<Record<string, unknown>>, judge: Judge, suffix = ''): Row[] {
  return Object.keys(labels).map((label) => ({ label: `${label}${suffix}`, judge }));
}

const contents: readonly Row[] = [
  { label: 'extra-in-answer', judge: isTruthOrFailure, victims: ['victim-a'] },
  { label: 'extra-before-answer', judge: isTruthOrFailure, victims: ['victim-b'] },
  { label: 'extra-in-authority', judge: isTruth, victims: ['victim-c', 'victim-d'] },
  { label: 'extra-in-additional', judge: isTruth, victims: ['victim-e'] },
  { label: 'alias-of-another', judge: hasNoAddress, victims: ['victim-f', 'elsewhere'] },
  {
    label: 'alias-with-address',
    judge: (reply) => (addressesOf(reply)[0] === hostile.CHAINED_A ? null : `expected its address, got ${said(reply)}`),
    victims: ['victim-g'],
  },
  { label: 'truth-then-poison', judge: isTruth, victims: ['truth-then-poison'] },
  { label: 'alias-to-itself', judge: hasNoAddress },
  { label: 'alias-loop', judge: hasNoAddress },
  {
    label: 'alias-chain-of-40',
    judge: (reply, transport) =>
      addressesOf(reply)[0] === hostile.TRUTH_A && addressesOf(reply).length === 1 ? null : isFailure(reply, transport),
  },
  { label: 'dname-bomb', judge: hasNoAddress },
  { label: 'records-300', judge: isMany(300) },
  { label: 'octets-60000', judge: isMany(3_740) },
  { label: 'opt-twice', judge: isTruthOrFailure },
  { label: 'opt-in-answer', judge: isTruthOrFailure },
  { label: 'cookie-junk', judge: isTruthOrFailure },
  { label: 'option-cut', judge: isTruthOrFailure },
  { label: 'badvers', judge: isFailure },
  { label: 'badvers-to-edns', judge: isTruth },
  { label: 'formerr-to-edns', judge: isTruth },
  { label: 'notimp-to-edns', judge: isTruth },
  { label: 'formerr-with-cut-question', judge: isFailure },
  { label: 'formerr', judge: isFailure },
  { label: 'notimp', judge: isFailure },
  { label: 'servfail', judge: isFailure },
  { label: 'refused', judge: isOneOf('REFUSED', 'SERVFAIL') },
  { label: 'rcode-of-nobody', judge: isOneOf('SERVFAIL', 'RCODE_13') },
  {
    label: 'unknown-type',
    type: 'UNKNOWN_65280',
    judge: (reply) =>
      reply.answers?.length === 1 && reply.bytes.includes(hostile.UNKNOWN_DATA)
        ? null
        : `expected its data as it was, got ${said(reply)}`,
  },
  {
    label: 'compressed-mx',
    type: 'MX',
    judge: (reply) => {
      const [mail] = dataOf(reply, 'MX') as { exchange?: string }[];
      return mail?.exchange === reply.questions?.[0]?.name ? null : `expected its own name, got ${said(reply)}`;
    },
  },
  {
    label: 'text-of-hostile-octets',
    type: 'TXT',
    judge: (reply) =>
      reply.answers?.length === 1 && reply.bytes.includes(hostile.HOSTILE_TEXT)
        ? null
        : `expected its octets as they were, got ${said(reply)}`,
  },
  { label: 'class-ch', judge: hasNoAddress },
  { label: 'trailing-octets', judge: isTruthOrFailure },
  {
    label: 'count-says-less',
    judge: (reply, transport) => (reply.answers?.length === 0 ? null : isTruth(reply, transport)),
  },
  // A TTL with the top bit set is zero (RFC 2181 §8); what is longer than a week is cut (RFC 8767 §4).
  { label: 'ttl-top-bit', judge: isTruthFor(0, 0) },
  { label: 'ttl-largest', judge: isTruthFor(1, 604_800) },
  { label: 'ttl-zero', judge: isTruthFor(0, 0) },
  { label: 'nxdomain-without-soa', judge: isNxdomain },
  { label: 'nxdomain-for-ever', judge: isNxdomain },
  { label: 'nxdomain-for-a', judge: isNxdomain },
  { label: 'referral', judge: hasNoAddress },
  { label: 'wrong-case', judge: isTruth },
  { label: 'wrong-case-forgery', judge: isTruth },
];

const tcpLines: readonly Row[] = [
  { label: 'tcp-octet-by-octet', judge: isTruth },
  // What was missing comes with the next reply on the connection: octets behind a message that is whole.
  { label: 'tcp-length-says-more', judge: isTruthOrFailure, alone: true },
  { label: 'tcp-length-says-less', judge: isFailure, alone: true },
  { label: 'tcp-length-zero', judge: isFailure, alone: true },
  { label: 'tcp-empty-frame-first', judge: isTruthOrFailure, alone: true },
  { label: 'tcp-reset', judge: isFailure, alone: true },
  { label: 'tcp-close', judge: isFailure, alone: true },
  { label: 'tcp-half-then-reset', judge: isFailure, alone: true },
  { label: 'tcp-half-then-close', judge: isFailure, alone: true },
  { label: 'tcp-half-then-hang', judge: isFailure, alone: true },
  { label: 'tcp-one-octet-then-hang', judge: isFailure, alone: true },
  { label: 'tcp-hang', judge: isFailure, alone: true },
  { label: 'tcp-still-truncated', judge: isFailure },
];

const lines: readonly Row[] = [
  { label: 'silence', judge: isFailure },
  { label: 'slow-1000', judge: isTruth },
  { label: 'slow-2500', judge: isFailure },
  { label: 'slow-4500', judge: isFailure },
  { label: 'tc-then-tcp', judge: isTruth },
];

const overUdp: readonly Row[] = [
  ...lines,
  ...rowsOf({ ...hostile.forgeries, ...hostile.strangers, ...hostile.scraps }, isFailure),
  ...rowsOf({ ...hostile.forgeries, ...hostile.strangers, ...hostile.scraps }, isTruth, '-then-truth'),
  ...rowsOf(hostile.broken, isFailure),
  // A reply that cannot be read has another chance over TCP, where no forger reaches.
  ...rowsOf(hostile.broken, isTruth, '-over-udp'),
  ...contents,
  ...tcpLines,
];

const overTcp: readonly Row[] = [
  ...lines,
  ...rowsOf({ ...hostile.forgeries, ...hostile.scraps }, isFailure),
  // On a connection nobody else can speak: a server that does so is broken, and may be believed or not.
  ...rowsOf({ ...hostile.forgeries, ...hostile.scraps }, isTruthOrFailure, '-then-truth'),
  ...rowsOf(hostile.broken, isFailure),
  ...contents,
  ...tcpLines,
];

// ---- asking -----------------------------------------------------------------------------------------------------

/** A reply, with what is wrong with it whatever was asked; or why there is none. */
interface Outcome {
  readonly reply: Reply | null;
  readonly problem: string | null;
  /** Without what the machine held this process up meanwhile. */
  readonly tookMs: number;
}

/** How long this process has been ready to run and was not run: what it measures across that is longer by as much. */
class HeldUp {
  static readonly #TICK_MS = 10;
  #lastMs = performance.now();
  readonly #timer = setInterval(() => this.#note(), HeldUp.#TICK_MS);
  #totalMs = 0;

  get totalMs(): number {
    this.#note();
    return this.#totalMs;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #note(): void {
    const nowMs = performance.now();
    const lateMs = nowMs - this.#lastMs - HeldUp.#TICK_MS;
    // A timer is a little late on any machine.
    if (lateMs > HeldUp.#TICK_MS) this.#totalMs += lateMs;
    this.#lastMs = nowMs;
  }
}

const heldUp = new HeldUp();
afterAll(() => heldUp.stop());

const poisons = [hostile.ipv4(hostile.POISON_A), hostile.ipv6(hostile.POISON_AAAA)];

async function ask(
  box: BoxProcess,
  name: string,
  transport: Transport,
  options: { readonly type?: string; readonly from?: string } = {},
): Promise<Outcome> {
  const heldUpMs = heldUp.totalMs;
  try {
    const reply = await (transport === 'udp' ? box.ask(name, options) : box.askTcp(name, options));
    return { reply, problem: generalProblem(name, reply), tookMs: reply.tookMs - (heldUp.totalMs - heldUpMs) };
  } catch (error) {
    const problem = `no reply that can be read: ${error instanceof Error ? error.message : error}`;
    return { reply: null, problem, tookMs: 0 };
  }
}

function generalProblem(name: string, reply: Reply): string | null {
  if (poisons.some((poison) => reply.bytes.includes(poison))) return `the poison was passed on: ${said(reply)}`;
  if (reply.questions?.length !== 1 || reply.questions[0]?.name !== name) return 'the question was not repeated';
  if (reply.type !== 'response') return 'it is no response';
  return null;
}

function judged(outcome: Outcome, judge: Judge, transport: Transport, withinMs: number): string | null {
  const { reply, problem, tookMs } = outcome;
  if (problem !== null || reply === null) return problem;
  const wrong = judge(reply, transport);
  if (wrong !== null) return wrong;
  return tookMs < withinMs ? null : `took ${Math.round(tookMs)} ms, expected less than ${withinMs}`;
}

/** A second client that asks good names one after the other; resolves with what was wrong when told to stop. */
function keepAsking(box: BoxProcess, tag: string): () => Promise<{ asked: number; wrong: string[] }> {
  let going = true;
  const wrong: string[] = [];
  const run = async () => {
    let asked = 0;
    for (; going; asked++) {
      const transport = transports[asked % 2]!;
      const outcome = await ask(box, `good-${asked}.${tag}.example`, transport, { from: GOOD_CLIENT });
      const problem = judged(outcome, isTruth, transport, OTHERS_WITHIN_MS);
      if (problem !== null) wrong.push(`good-${asked} over ${transport}: ${problem}`);
      await pause(GOOD_PAUSE_MS);
    }
    return { asked, wrong };
  };
  const running = run();
  return () => {
    going = false;
    return running;
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const nameOf = (label: string, transport: Transport, tag: string) => `${label}.${transport}-${tag}.example`;

/** One box, its upstream, and what its rows came to. */
class Table {
  readonly rows: readonly Row[];
  readonly outcomes = new Map<string, Outcome>();
  others: { asked: number; wrong: string[] } = { asked: 0, wrong: [] };
  readonly #upstream: Transport;
  #server: HostileUpstream | undefined;
  #box: BoxProcess | undefined;

  constructor(upstream: Transport, rows: readonly Row[]) {
    this.#upstream = upstream;
    this.rows = rows;
  }

  get server(): HostileUpstream {
    return this.#server!;
  }

  get box(): BoxProcess {
    return this.#box!;
  }

  async ask(): Promise<void> {
    this.#server = await startHostileUpstream();
    const url = this.#upstream === 'udp' ? this.server.udpUrl : this.server.tcpUrl;
    this.#box = await startBoxProcess({ upstreams: [url], settings: { policy: alwaysOpenPolicy() } });
    const stopAsking = keepAsking(this.box, this.#upstream);
    const asking: Promise<void>[] = [];
    for (const row of this.rows.filter(({ alone }) => alone !== true)) {
      asking.push(this.#askRow(row));
      await pause(BETWEEN_ROWS_MS);
    }
    await Promise.all(asking);
    for (const row of this.rows.filter(({ alone }) => alone === true)) await this.#askRow(row);
    this.others = await stopAsking();
  }

  async close(): Promise<void> {
    await this.#box?.remove();
    await this.#server?.close();
  }

  async #askRow({ label, type }: Row): Promise<void> {
    // Several clients, so that no share of one client is the limit.
    const from = `127.0.0.${10 + (this.outcomes.size % 40)}`;
    await Promise.all(
      transports.map(async (transport) => {
        const name = nameOf(label, transport, this.#upstream);
        this.outcomes.set(
          `${label} ${transport}`,
          await ask(this.box, name, transport, { from, ...(type && { type }) }),
        );
      }),
    );
  }
}

const tables = { udp: new Table('udp', overUdp), tcp: new Table('tcp', overTcp) } as const;
beforeAll(async () => {
  await Promise.all([tables.udp.ask(), tables.tcp.ask()]);
}, 120_000);
afterAll(async () => {
  await Promise.all([tables.udp.close(), tables.tcp.close()]);
});

describe.each(transports)('a hostile upstream over %s', (upstream) => {
  const table = tables[upstream];
  const { rows, outcomes } = table;
  const cases = rows.flatMap((row) => transports.map((transport) => ({ ...row, transport })));
  it.each(cases)('$label, asked over $transport', ({ label, transport, judge }) => {
    const outcome = outcomes.get(`${label} ${transport}`)!;
    expect(judged(outcome, judge, transport, FAILS_WITHIN_MS)).toEqual(null);
  });

  it('leaves nobody else waiting meanwhile', () => {
    expect(table.others.wrong).toEqual([]);
    expect(table.others.asked).toBeGreaterThan(20);
  });

  it('has poisoned no other name', async () => {
    const wrong: string[] = [];
    for (const { victims = [] } of rows) {
      for (const victim of victims) {
        for (const transport of transports) {
          const name = nameOf(victim, transport, upstream);
          const problem = judged(await ask(table.box, name, transport), isTruth, transport, FAILS_WITHIN_MS);
          if (problem !== null) wrong.push(`${name}: ${problem}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('fills the cache with an answer that came too late for its client', async () => {
    const again = async (label: string, transport: Transport) =>
      judged(await ask(table.box, nameOf(label, transport, upstream), transport), isTruth, transport, OTHERS_WITHIN_MS);
    // Asked anew, these would take as long once more.
    await expect
      .poll(async () => Promise.all(transports.map((transport) => again('slow-2500', transport))), {
        timeout: 2 * ATTEMPT_MS,
      })
      .toEqual([null, null]);
    await expect
      .poll(async () => Promise.all(transports.map((transport) => again('slow-4500', transport))), {
        timeout: 2 * ATTEMPT_MS,
      })
      .toEqual([null, null]);
  });

  it('does not keep what may not be kept', async () => {
    const count = async (name: string) => (await table.server.asked()).filter((asked) => asked.name === name).length;
    for (const label of ['ttl-zero', 'ttl-top-bit']) {
      const name = nameOf(label, 'udp', upstream);
      const before = await count(name);
      expect(judged(await ask(table.box, name, 'udp'), isTruthFor(0, 0), 'udp', FAILS_WITHIN_MS)).toEqual(null);
      expect(await count(name)).toBe(before + 1);
    }
  });

  it('says of one type that the name is not, and is not contradicted by the box', async () => {
    const name = nameOf('nxdomain-for-a', 'udp', upstream);
    const { reply } = await ask(table.box, name, 'udp', { type: 'AAAA' });
    // Either is right: the truth, or that nothing is there at all (RFC 8020).
    expect(['NOERROR', 'NXDOMAIN']).toContain(reply?.rcode);
    if (reply?.rcode === 'NOERROR') expect(dataOf(reply, 'AAAA')).toEqual([hostile.TRUTH_AAAA]);
    expect(judged(await ask(table.box, name, 'udp'), isNxdomain, 'udp', FAILS_WITHIN_MS)).toEqual(null);
  });

  if (upstream === 'udp') {
    it.each<TcpMode>(['refuse', 'reset', 'hang'])(
      'asks for TCP, and then has its connections meet: %s',
      async (mode) => {
        await table.server.setTcp(mode);
        const stopAsking = keepAsking(table.box, `tcp-${mode}`);
        const [udp, tcp] = await Promise.all(
          transports.map((transport) => ask(table.box, nameOf('tc-then-tcp', transport, mode), transport)),
        );
        const { wrong } = await stopAsking();
        expect([
          judged(udp!, isFailure, 'udp', FAILS_WITHIN_MS),
          judged(tcp!, isFailure, 'tcp', FAILS_WITHIN_MS),
        ]).toEqual([null, null]);
        expect(wrong).toEqual([]);
        await table.server.setTcp('serve');
        const well = await ask(table.box, nameOf('tc-then-tcp', 'udp', `after-${mode}`), 'udp');
        expect(judged(well, isTruth, 'udp', FAILS_WITHIN_MS)).toEqual(null);
      },
    );
  }

  it('is healthy still, for forgeries are none of its doing', async () => {
    expect(judged(await ask(table.box, 'good.after.example', 'udp'), isTruth, 'udp', OTHERS_WITHIN_MS)).toEqual(null);
    expect((await table.box.health()).upstreams).toEqual([expect.objectContaining({ healthy: true })]);
    expect(table.box.stderr).toBe('');
  });
});
