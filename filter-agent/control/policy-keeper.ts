/**
 * Turns policy, grants, clock, devices and rules into what the hot path reads, and again whenever one of them changes.
 *
 * Owns the current state of each and the timer for the next change. Leaves out where they come from and where they are
 * kept; the hot path is reached through `publish` alone.
 */
import type { GrantsPayload } from '../../policy-rules/agent-protocol.ts';
import type { Grant } from '../../policy-rules/grants.ts';
import type { Policy } from '../../policy-rules/policy.ts';
import { HORIZON_DAYS } from '../../policy-rules/schedule.ts';
import type { RuleImage } from '../../policy-rules/trie/image.ts';
import {
  type Moment,
  NO_DECIDER,
  nextSituationChange,
  type Situation,
  type SourceFacts,
  situationAt,
} from '../../policy-rules/verdicts.ts';
import {
  CLIENT_NOT_RECORDED,
  CLIENT_UNNAMED,
  type ClientEntry,
  type Generation,
  writeClientTable,
  writeMatrix,
} from '../shared-memory.ts';
import { type ClientRange, type DeviceProblem, identifyClients } from './devices.ts';
import type { Neighbour } from './neighbour-table.ts';

/** The rules in force. */
export interface Rules {
  /** Raised with every new image. */
  readonly number: number;
  readonly buffer: SharedArrayBuffer;
  readonly image: RuleImage;
  /** What each source of the image means, in the image's order. */
  readonly facts: readonly SourceFacts[];
}

export interface KeeperClock {
  nowMs(): number;
  trusted(): boolean;
}

export interface PolicyKeeperOptions {
  readonly policy: Policy;
  readonly grants: GrantsPayload;
  readonly rules: Rules;
  readonly clock: KeeperClock;
  /** Hands a generation to every reader; resolves when each has acknowledged it. */
  readonly publish: (generation: Generation) => Promise<void>;
}

/** Whose use an event tells of. */
export interface Decoded {
  /** A service's id. */
  readonly service: string;
  /** A device id of the policy; "" for unnamed devices together; null for devices that are never recorded. */
  readonly device: string | null;
}

/** setTimeout counts to 24.8 days; a minute also bounds the harm of a clock that was set without a notice. */
const LONGEST_SLEEP_MS = 60_000;
/** As far as a schedule is searched for its next change: behind it there may be one. */
const HORIZON_MS = HORIZON_DAYS * 86_400_000;
/** Events are drained four times a second, generations change a few times an hour; a burst of grants makes tens. */
const GENERATIONS_KEPT = 64;

/**
 * A generation, for events that are still in the rings when the next one is in force. Without its image: that has tens
 * of megabytes, and 64 generations may be weeks.
 */
interface Kept {
  readonly ruleSets: RuleImage['ruleSets'];
  readonly situation: Situation;
  readonly facts: readonly SourceFacts[];
  readonly devices: Policy['devices'];
}

export class PolicyKeeper {
  /** Not the other options: those are what the box started with, and the first image would stay with them. */
  readonly #options: Pick<PolicyKeeperOptions, 'clock' | 'publish'>;
  readonly #kept = new Map<number, Kept>();
  #policy: Policy;
  #grants: GrantsPayload;
  #rules: Rules;
  #neighbours: readonly Neighbour[] = [];
  #number = 0;
  #situation!: Situation;
  #ranges: readonly ClientRange[] = [];
  #problems: readonly DeviceProblem[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** When the situation may be another one, in ms since the epoch; null when never within the schedule's horizon. */
  #changesAtMs: number | null = null;
  #inForce: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: PolicyKeeperOptions) {
    this.#options = { clock: options.clock, publish: options.publish };
    this.#policy = options.policy;
    this.#grants = byOwnClock(options.grants, options.clock.nowMs());
    this.#rules = options.rules;
  }

  /** Publishes the first generation; resolves when the hot path reads it. */
  start(): Promise<void> {
    return this.#publish();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  get policy(): Policy {
    return this.#policy;
  }

  /** As they were received, save for instants that the dashboard's clock had put ahead of this one. */
  get grants(): GrantsPayload {
    return this.#grants;
  }

  get rules(): Rules {
    return this.#rules;
  }

  get situation(): Situation {
    return this.#situation;
  }

  /** Resolves when the hot path reads `situation`. */
  get inForce(): Promise<void> {
    return this.#inForce;
  }

  /** Sorted by address, as findClient of devices.ts takes them. */
  get clientRanges(): readonly ClientRange[] {
    return this.#ranges;
  }

  /** Claims of devices that could not be honoured. */
  get deviceProblems(): readonly DeviceProblem[] {
    return this.#problems;
  }

  /** The policy at this instant, for the functions of verdicts.ts. */
  moment(): Moment {
    const { clock } = this.#options;
    return { policy: this.#policy, grants: this.#grants.grants, nowMs: clock.nowMs(), clockTrusted: clock.trusted() };
  }

  /** Each resolves when the hot path reads the change. */
  setPolicy(policy: Policy): Promise<void> {
    this.#policy = policy;
    return this.#publish();
  }

  setGrants(grants: GrantsPayload): Promise<void> {
    this.#grants = byOwnClock(grants, this.#options.clock.nowMs());
    return this.#publish();
  }

  setRules(rules: Rules): Promise<void> {
    this.#rules = rules;
    return this.#publish();
  }

  setNeighbours(neighbours: readonly Neighbour[]): Promise<void> {
    this.#neighbours = neighbours;
    return this.#publish();
  }

  /** The clock jumped, or its trust changed. */
  clockChanged(): Promise<void> {
    return this.#publish();
  }

  /**
   * What an event says; null for a generation that is no longer known, or in which nobody knew the time, and where no
   * catalogued service is concerned. A list may have decided over a service's name: then the service is still what was
   * asked for.
   */
  decode(generation: number, profile: number, client: number, ruleSet: number): Decoded | null {
    const kept = this.#kept.get(generation);
    if (kept === undefined || !kept.situation.clockTrusted) return null;
    const decider = kept.situation.deciders[profile * kept.situation.ruleSetCount + ruleSet];
    if (decider === undefined || decider === NO_DECIDER) return null;
    const members = [decider, ...(kept.ruleSets[ruleSet] ?? [])];
    const source = members.map((index) => kept.facts[index]).find((facts) => facts?.kind === 'service');
    if (source?.kind !== 'service') return null;
    const { service } = source;
    if (client === CLIENT_NOT_RECORDED) return { service, device: null };
    return { service, device: client === CLIENT_UNNAMED ? '' : (kept.devices[client]?.id ?? '') };
  }

  #publish(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    const moment = this.moment();
    const { facts, image, buffer, number: imageNumber } = this.#rules;
    const situation = situationAt({ ...moment, sources: facts, ruleSets: image.ruleSets });
    const { ranges, problems } = identifyClients(this.#policy, this.#neighbours);
    this.#situation = situation;
    this.#ranges = ranges;
    this.#problems = problems;
    this.#number++;
    this.#kept.set(this.#number, { ruleSets: image.ruleSets, situation, facts, devices: this.#policy.devices });
    this.#kept.delete(this.#number - GENERATIONS_KEPT);
    this.#changesAtMs = nextSituationChange(this.#policy, moment.grants, moment.nowMs);
    this.#sleepUntilNextChange(moment.nowMs);
    this.#inForce = this.#options.publish({
      number: this.#number,
      imageNumber,
      image: buffer,
      matrix: writeMatrix(situation.profiles.length, situation.ruleSetCount, situation.verdicts),
      clients: writeClientTable(ranges.map((range) => this.#entryOf(range, situation))),
    });
    return this.#inForce;
  }

  #entryOf(range: ClientRange, situation: Situation): ClientEntry {
    const device = range.device < 0 ? undefined : this.#policy.devices[range.device];
    const profile =
      device === undefined ? situation.profileOfGroup.get(range.group) : situation.profileOfDevice.get(device.id);
    if (profile === undefined) throw new Error(`No profile for group ${range.group}: the policy was not validated`);
    const client =
      range.counted === 'never' ? CLIENT_NOT_RECORDED : range.counted === 'together' ? CLIENT_UNNAMED : range.device;
    return { first: octetsOf(range.first), last: octetsOf(range.last), profile, client };
  }

  #sleepUntilNextChange(nowMs: number): void {
    clearTimeout(this.#timer);
    const awayMs = (this.#changesAtMs ?? Number.POSITIVE_INFINITY) - nowMs;
    this.#timer = setTimeout(() => this.#wake(), Math.min(LONGEST_SLEEP_MS, Math.max(0, awayMs)));
  }

  /** A timer may fire a moment early: then it only sleeps again. */
  #wake(): void {
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    const due = nowMs >= (this.#changesAtMs ?? this.#situation.nowMs + HORIZON_MS);
    if (due || clock.trusted() !== this.#situation.clockTrusted)
      this.#publish().catch(() => {
        // Whoever hands generations over has told of it: no reader is left to serve.
      });
    else this.#sleepUntilNextChange(nowMs);
  }
}

/** How far apart two clocks are that both keep time; by more, one of them is wrong. */
const CLOCK_SKEW_MS = 2 * 60_000;

/**
 * The manager's "from now" and "end it now" carry the dashboard's instant. Where that clock is a little ahead, the first
 * would be held back and the second would let the permission run on: both hold from when they are heard. An end does so
 * however far apart the clocks are; a start only while both can be right, since its end is measured by this one.
 */
function byOwnClock(payload: GrantsPayload, nowMs: number): GrantsPayload {
  const now = Math.floor(nowMs);
  const grants = payload.grants.map((grant): Grant => {
    const startsAtOnce = grant.from <= grant.grantedAt && grant.from > now && grant.from - now <= CLOCK_SKEW_MS;
    const endsAtOnce = grant.revokedAt !== undefined && grant.revokedAt > now;
    return { ...grant, ...(startsAtOnce && { from: now }), ...(endsAtOnce && { revokedAt: now }) };
  });
  return { version: payload.version, grants };
}

function octetsOf(bits: bigint): Uint8Array {
  const octets = new Uint8Array(16);
  const view = new DataView(octets.buffer);
  view.setBigUint64(0, bits >> 64n);
  view.setBigUint64(8, bits & 0xffff_ffff_ffff_ffffn);
  return octets;
}
