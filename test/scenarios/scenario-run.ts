/**
 * Plays a scenario on the real box: its threads, its sockets on loopback, its database in a folder of its own, an
 * authoritative server as the internet. Only its clock is the scenario's. What the manager does reaches it as in life,
 * signed, over the line to a dashboard; the answer is asked for once the box has acknowledged it.
 */
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type packet from 'dns-packet';
import { Temporal } from 'temporal-polyfill';
import { expect, vi } from 'vitest';
import { parseConfig } from '../../filter-agent/config.ts';
import { enrol } from '../../filter-agent/control/box-identity.ts';
import { activeMinutes } from '../../filter-agent/control/usage-counter.ts';
import { openStore } from '../../filter-agent/control/usage-store.ts';
import { type Box, startBox } from '../../filter-agent/main.ts';
import { defaultPolicy } from '../../policy-rules/default-policy.ts';
import type { Grant, GrantScope, GrantTarget } from '../../policy-rules/grants.ts';
import type { Policy } from '../../policy-rules/policy.ts';
import { type ProtocolDashboard, startProtocolDashboard } from '../filter-agent/control/protocol-dashboard.ts';
import { askTcp, askUdp, dataOf, type Reply, type Server } from '../support/dns-client.ts';
import { freePort } from '../support/free-port.ts';
import { type Expected, isPolicySentence, type PolicySentence, type Scenario, type Step } from './scenario-language.ts';

export const UPSTREAM_ADDRESS = '192.0.2.1';

const MINUTE_MS = 60_000;
/** How often the box looks at its clock here; once a second in life. */
const TICK_MS = 10;
/** A clock that moved by less than this is taken for one that was corrected (trusted-clock.ts). */
const NOTICED_MS = 2_000;
/** RFC 2308: a blocked answer may stay in a client's cache for so long. */
const BLOCKED_TTL_SECONDS = 10;
/** So soon clients hear of a change. */
const RULED_TTL_SECONDS = 30;
const BLOCKED_EDE = 15;
const EDE_OPTION = 15;

/**
 * Resolves with how long each grant and policy took from the dashboard's hand to the hot path, in milliseconds. Throws
 * what the first sentence that does not come true throws, with its line.
 */
export async function runScenario(scenario: Scenario, file: string, upstream: Server): Promise<readonly number[]> {
  const run = new Run(upstream);
  try {
    for (const [index, step] of scenario.steps.entries()) {
      try {
        await run.play(step, scenario.steps[index + 1]);
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`${file}:${step.line}: ${step.text}\n${message}`, { cause });
      }
    }
  } finally {
    await run.end();
  }
  return run.changesMs;
}

type ListStep = Extract<Step, { kind: 'list' }>;

class Run {
  readonly changesMs: number[] = [];
  readonly #upstream: Server;
  readonly #folder = mkdtempSync(join(tmpdir(), 'stairgate-scenario-'));
  readonly #lists: ListStep[] = [];
  readonly #grants = new Map<string, Grant>();
  readonly #fatal: Error[] = [];
  #policy: Policy = defaultPolicy('Scenario nursery');
  #networksAreDefault = true;
  #clockMode: 'auto' | 'trust-system' = 'trust-system';
  /** What the box takes for the system's clock is this much ahead of this machine's. */
  #aheadMs = 0;
  #dashboard: ProtocolDashboard | null = null;
  #box: Box | null = null;
  #server: Server = { address: '127.0.0.1', port: 0 };
  #dashboardAheadMs = 0;
  #synchronised = true;
  #threads = 1;
  #siteName = 'stairgate.home.arpa';
  /** Every device that the policy has ever named, by id. */
  readonly #names = new Map([['', 'unnamed']]);
  #grantsVersion = 0;
  #away = false;
  #usage: Extract<Step, { kind: 'usage' }>[] = [];

  constructor(upstream: Server) {
    this.#upstream = upstream;
  }

  async play(step: Step, next: Step | undefined): Promise<void> {
    if (isPolicySentence(step)) {
      this.#edit(step);
      if (this.#box !== null && (next === undefined || !isPolicySentence(next))) await this.#sendPolicy();
      return;
    }
    switch (step.kind) {
      case 'at':
        this.#policy = { ...this.#policy, timeZone: step.timeZone };
        this.#aheadMs = this.#instantOf(step.time) - Date.now();
        return;
      case 'clock-mode':
        this.#clockMode = step.mode;
        return;
      case 'site':
        this.#siteName = step.name;
        return;
      case 'threads':
        this.#threads = step.count;
        return;
      case 'list':
        this.#lists.push(step);
        return;
      case 'dashboard-clock':
        this.#dashboardAheadMs = step.aheadMinutes * MINUTE_MS;
        return;
      case 'time-service':
        this.#synchronised = step.state === 'back';
        if (this.#synchronised && this.#box !== null) await this.#trusted();
        return;
    }
    await this.#start();
    switch (step.kind) {
      case 'query':
        this.#check(await this.#ask(step), step.expected);
        return;
      case 'grant':
        this.#give(step);
        return this.#sendGrants();
      case 'revoke':
        this.#revoke(step.id);
        return this.#sendGrants();
      case 'pass':
        return this.#setClock(this.#nowMs() + step.minutes * MINUTE_MS);
      case 'pass-to': {
        const instant = this.#instantOf(step.time);
        expect(instant, 'time passes forwards; "clock set to" sets a clock back').toBeGreaterThan(this.#nowMs());
        return this.#setClock(instant);
      }
      case 'set-clock':
        return this.#setClock(this.#instantOf(step.time));
      case 'wait-until':
        return this.#waitUntil(this.#instantOf(step.time));
      case 'dashboard':
        if (step.state === 'back') return this.#bringDashboardBack();
        this.#away = true;
        return this.#dashboardOf().goAway();
      case 'restart':
      case 'power-cut':
        await (step.kind === 'restart' ? this.#stop() : this.#cutPower());
        this.#aheadMs += step.afterMinutes * MINUTE_MS;
        return this.#start();
      case 'usage':
        this.#usage.push(step);
        if (next?.kind !== 'usage') await this.#checkUsage();
        return;
      case 'usage-none':
        return this.#checkUsage();
    }
  }

  async end(): Promise<void> {
    try {
      await this.#stop();
      expect(this.#dashboard?.violations ?? []).toEqual([]);
      expect(this.#fatal).toEqual([]);
    } finally {
      await this.#dashboard?.close();
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }

  // ---- the box -------------------------------------------------------------------------------------------------

  /** Nothing when it runs. A restarted one finds what the one before left behind. */
  async #start(): Promise<void> {
    if (this.#box !== null) return;
    const stateDir = join(this.#folder, 'state');
    if (this.#dashboard === null) {
      this.#dashboard = await startProtocolDashboard();
      const { url: dashboardUrl, code } = this.#dashboard;
      const { settingId } = await enrol({ stateDir, dashboardUrl, code: code!, boxName: 'Box' });
      await this.#tellPeople(stateDir, settingId);
      this.#server = { address: '127.0.0.1', port: await freePort() };
    }
    const { port } = this.#server;
    const settings = {
      listen: [`127.0.0.1:${port}`, `[::1]:${port}`],
      upstreams: [`udp://${this.#upstream.address}:${this.#upstream.port}`],
      stateDir,
      lists: this.#lists.map((list, index) => this.#writeList(list, index)),
      localSite: { name: this.#siteName, port: 0, listen: ['127.0.0.1'] },
      clock: { mode: this.#clockMode },
      answeringThreads: this.#threads,
      policy: { ...this.#policy, version: 0 },
    };
    const hellos = this.#dashboard.ofType('hello').length;
    this.#box = await startBox({
      config: parseConfig(JSON.stringify(settings), join(this.#folder, 'box.yaml')),
      version: 'test',
      log: () => undefined,
      systemNow: () => this.#nowMs(),
      machineClock: {
        tickIntervalMs: TICK_MS,
        probe: () => ({ synchronised: this.#synchronised, hasRealTimeClock: false }),
      },
      onFatal: (error) => this.#fatal.push(error),
    });
    if (!this.#away) await this.#hello(hellos + 1);
    await this.#listsInForce();
  }

  /** A new list is compiled beside the answering: until then the box filters by the catalogue alone. */
  async #listsInForce(): Promise<void> {
    const { keeper } = this.#boxOf();
    const known = () => keeper.rules.facts.filter(({ kind }) => kind === 'list').length;
    // Lists are compiled at the lowest priority: on a machine that does much else it takes its time.
    await vi.waitFor(() => expect(known()).toBe(this.#lists.length), { timeout: 40_000, interval: 5 });
    await keeper.inForce;
  }

  async #stop(): Promise<void> {
    await this.#box?.stop();
    this.#box = null;
  }

  /** What stood on the disk when the power went is all that the next box finds: what a stop would still write is lost. */
  async #cutPower(): Promise<void> {
    const [state, found] = [join(this.#folder, 'state'), join(this.#folder, 'found')];
    cpSync(state, found, { recursive: true });
    await this.#stop();
    rmSync(state, { recursive: true });
    renameSync(found, state);
  }

  #writeList({ name, isProtected, hosts }: ListStep, index: number) {
    const path = join(this.#folder, `list-${index}.txt`);
    writeFileSync(path, `${hosts.join('\n')}\n`);
    return { id: `list-${index}`, name, path, protected: isProtected };
  }

  // ---- the clock -----------------------------------------------------------------------------------------------

  #nowMs(): number {
    return Date.now() + this.#aheadMs;
  }

  /** "10:30" is today's in the setting's zone. */
  #instantOf(time: string): number {
    const { timeZone } = this.#policy;
    const text = time.includes('T')
      ? time
      : `${Temporal.Instant.fromEpochMilliseconds(this.#nowMs()).toZonedDateTimeISO(timeZone).toPlainDate()}T${time}`;
    return Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone).epochMilliseconds;
  }

  async #setClock(instantMs: number): Promise<void> {
    const movedMs = Math.abs(instantMs - this.#nowMs());
    expect(movedMs, 'a step of two seconds or less passes for a correction: wait instead').toBeGreaterThan(NOTICED_MS);
    // An event is counted by the clock a quarter of a second later: here that would be an hour later.
    await this.#boxOf().flushUsage();
    this.#aheadMs = instantMs - Date.now();
    await this.#judged((nowMs) => Math.abs(nowMs - this.#nowMs()) < NOTICED_MS);
  }

  async #waitUntil(instantMs: number): Promise<void> {
    expect(instantMs - this.#nowMs(), 'waiting is done in real time: at most 3 s').toBeLessThan(3_000);
    await this.#judged((nowMs) => nowMs >= instantMs);
  }

  async #trusted(): Promise<void> {
    const { keeper } = this.#boxOf();
    await vi.waitFor(() => expect(keeper.situation.clockTrusted).toBe(true), { timeout: 5_000, interval: 2 });
    await keeper.inForce;
  }

  /** Until the hot path reads what the policy means at such an instant. */
  async #judged(holds: (nowMs: number) => boolean): Promise<void> {
    const { keeper } = this.#boxOf();
    await vi.waitFor(() => expect(holds(keeper.situation.nowMs)).toBe(true), { timeout: 5_000, interval: 2 });
    await keeper.inForce;
  }

  // ---- the manager ---------------------------------------------------------------------------------------------

  #edit(sentence: PolicySentence): void {
    const policy = structuredClone(this.#policy);
    const { hours } = policy;
    switch (sentence.kind) {
      case 'open':
      case 'break':
        for (const day of sentence.days) {
          hours[sentence.kind === 'open' ? 'week' : 'breaks'][day] = [...sentence.periods];
        }
        break;
      case 'closure':
      case 'term':
        hours[sentence.kind === 'term' ? 'terms' : 'closures'].push({
          name: sentence.name,
          first: sentence.first,
          last: sentence.last,
        });
        break;
      case 'opening':
        hours.openings.push({ name: sentence.name, date: sentence.date, ...sentence.period });
        break;
      case 'network':
        if (this.#networksAreDefault) policy.networks = [];
        this.#networksAreDefault = false;
        policy.networks.push({ name: `Network ${sentence.range}`, range: sentence.range, group: sentence.group });
        break;
      case 'device': {
        const { name, addresses, group } = sentence;
        const device = { id: idOf(name), name, group, addresses: [...addresses], macs: [] };
        this.#names.set(device.id, name);
        const at = policy.devices.findIndex(({ id }) => id === device.id);
        policy.devices.splice(at < 0 ? policy.devices.length : at, at < 0 ? 0 : 1, device);
        break;
      }
      case 'forget':
        policy.devices = policy.devices.filter(({ name }) => name !== sentence.name);
        break;
      case 'restrict': {
        const group = policy.groups.find(({ id }) => id === sentence.group);
        const [kind, id = ''] = sentence.what.split(':');
        if (group === undefined) throw new Error(`there is no group ${sentence.group}`);
        group[kind === 'service' ? 'services' : 'categories'][id] = sentence.restriction;
        break;
      }
      case 'safe-search': {
        const group = policy.groups.find(({ id }) => id === sentence.group);
        if (group === undefined) throw new Error(`there is no group ${sentence.group}`);
        group.safeSearch = sentence.safeSearch;
        break;
      }
    }
    this.#policy = policy;
  }

  async #sendPolicy(): Promise<void> {
    this.#policy = { ...this.#policy, version: this.#policy.version + 1 };
    const dashboard = this.#dashboardOf();
    const { version } = this.#policy;
    const sentAtMs = performance.now();
    dashboard.sendSigned('policy', this.#policy);
    await vi.waitFor(() => this.#acknowledged('policy-ack', version), { timeout: 5_000, interval: 2 });
    this.changesMs.push(performance.now() - sentAtMs);
  }

  #give(step: Extract<Step, { kind: 'grant' }>): void {
    const nowMs = Math.floor(this.#nowMs() + this.#dashboardAheadMs);
    this.#grants.set(step.id, {
      id: randomUUID(),
      target: this.#targetOf(step.target),
      scope: scopeOf(step.scope),
      from: step.from === null ? nowMs : this.#instantOf(step.from),
      until: this.#instantOf(step.until),
      purpose: 'personal',
      mode: 'verbal',
      reason: 'the scenario asks for it',
      askedBy: 'Sam',
      grantedBy: 'Tracey',
      grantedAt: nowMs,
    });
  }

  #revoke(id: string): void {
    const grant = this.#grants.get(id);
    if (grant === undefined) throw new Error(`there is no grant ${id}`);
    const nowMs = Math.floor(this.#nowMs() + this.#dashboardAheadMs);
    this.#grants.set(id, { ...grant, revokedAt: nowMs, revokedBy: 'Tracey' });
  }

  async #sendGrants(): Promise<void> {
    const version = ++this.#grantsVersion;
    if (this.#away) return;
    const sentAtMs = performance.now();
    this.#dashboardOf().sendSigned('grants', { version, grants: [...this.#grants.values()] });
    await vi.waitFor(() => this.#acknowledged('grants-ack', version), { timeout: 5_000, interval: 2 });
    this.changesMs.push(performance.now() - sentAtMs);
  }

  #acknowledged(type: 'policy-ack' | 'grants-ack', version: number): void {
    const dashboard = this.#dashboardOf();
    const refusal = dashboard.ofType('refusal').at(-1);
    expect(refusal, 'the box refuses').toBeUndefined();
    expect(dashboard.ofType(type).map((ack) => ack.version)).toContain(version);
  }

  #targetOf(text: string): GrantTarget {
    if (text.startsWith('group:')) return { group: text.slice('group:'.length) };
    const device = this.#policy.devices.find(({ name }) => name === text);
    if (device === undefined) throw new Error(`there is no device "${text}"`);
    return { device: device.id };
  }

  async #bringDashboardBack(): Promise<void> {
    const dashboard = this.#dashboardOf();
    const hellos = dashboard.ofType('hello').length;
    this.#away = false;
    await dashboard.comeBack();
    await this.#hello(hellos + 1);
    // As the dashboard does when the box says which versions it has.
    const hello = dashboard.ofType('hello').at(-1)!;
    if (hello.grantsVersion < this.#grantsVersion) {
      this.#grantsVersion--;
      await this.#sendGrants();
    }
  }

  async #hello(count: number): Promise<void> {
    const dashboard = this.#dashboardOf();
    await vi.waitFor(() => expect(dashboard.ofType('hello').length).toBeGreaterThanOrEqual(count), {
      timeout: 10_000,
      interval: 2,
    });
  }

  // ---- what comes of it ----------------------------------------------------------------------------------------

  #ask(step: Extract<Step, { kind: 'query' }>): Promise<Reply> {
    const from = this.#policy.devices.find(({ name }) => name === step.from)?.addresses[0] ?? step.from;
    const server = { ...this.#server, address: from.includes(':') ? '::1' : '127.0.0.1' };
    const ask = step.transport === 'tcp' ? askTcp : askUdp;
    return ask(server, step.name, { type: step.type, from, payloadBytes: 1232 });
  }

  #check(reply: Reply, expected: Expected): void {
    const said = `${reply.rcode} ${dataOf(reply, 'A').join(' ')} ${extendedError(reply)?.text ?? ''}`;
    switch (expected.outcome) {
      case 'allowed':
        expect(said).toContain(`NOERROR ${UPSTREAM_ADDRESS}`);
        expect(extendedError(reply)).toBeNull();
        if (expected.maxTtl !== null) {
          for (const ttl of ttlsOf(reply.answers)) expect(ttl).toBeLessThanOrEqual(expected.maxTtl);
        }
        return;
      case 'blocked': {
        expect(said).toContain(expected.nodata ? 'NOERROR' : 'NXDOMAIN');
        expect(reply.answers).toEqual([]);
        const [soa] = reply.authorities ?? [];
        expect(soa).toMatchObject({ type: 'SOA', ttl: BLOCKED_TTL_SECONDS, data: { minimum: BLOCKED_TTL_SECONDS } });
        expect(extendedError(reply)?.code).toBe(BLOCKED_EDE);
        if (expected.because !== null) expect(extendedError(reply)?.text).toContain(expected.because);
        return;
      }
      case 'refused':
        expect(said).toContain('REFUSED');
        return;
      case 'shown by': {
        expect([reply.rcode, reply.answers?.[0]?.type, dataOf(reply, 'CNAME')]).toEqual([
          'NOERROR',
          'CNAME',
          [expected.host],
        ]);
        // Behind the alias is what the safe host has of that type, and nothing of the name that was asked for.
        expect(reply.answers?.slice(1).every(({ name }) => name === expected.host)).toBe(true);
        expect(dataOf(reply, 'A')).not.toContain(UPSTREAM_ADDRESS);
        expect(reply.flag_ad).toBe(false);
        for (const ttl of ttlsOf(reply.answers)) expect(ttl).toBeLessThanOrEqual(RULED_TTL_SECONDS);
        return;
      }
      case 'local-site':
        expect(said).toContain('NOERROR 127.0.0.1');
        return;
    }
  }

  /** The setting's notice is published and its assessment dated, so that use is counted for each of its devices. */
  async #tellPeople(stateDir: string, settingId: string): Promise<void> {
    const store = await openStore({ stateDir });
    await store.saveDeviceViews(settingId, { since: 0, toldAt: 0, reportingSince: 0, views: [] });
    await store.close();
  }

  /** All that the store holds, against all that the consecutive sentences say. */
  async #checkUsage(): Promise<void> {
    await this.#stop();
    const store = await openStore({ stateDir: join(this.#folder, 'state') });
    try {
      const counted: Record<string, string> = {};
      for (const [id, name] of this.#names) {
        const rows = await store.usageOfDevice(id, 0);
        for (const [key, group] of Map.groupBy(rows, (row) => `${name} ${row.service} ${row.verdict}`)) {
          counted[key] = tally(
            group.reduce((sum, { count }) => sum + count, 0),
            group.reduce((sum, row) => sum + activeMinutes(row), 0),
          );
        }
      }
      const said = Object.fromEntries(
        this.#usage.map((usage) => [
          `${usage.device} ${usage.service} ${usage.verdict}`,
          tally(usage.count, usage.minutes),
        ]),
      );
      expect(counted).toEqual(said);
      // Nor of anybody who is no device of the policy.
      const total = (await store.usageTotals(0)).reduce((sum, { count }) => sum + count, 0);
      expect(total).toBe(this.#usage.reduce((sum, { count }) => sum + count, 0));
    } finally {
      await store.close();
    }
    this.#usage = [];
  }

  #boxOf(): Box {
    if (this.#box === null) throw new Error('the box does not run');
    return this.#box;
  }

  #dashboardOf(): ProtocolDashboard {
    if (this.#dashboard === null) throw new Error('the dashboard does not run');
    return this.#dashboard;
  }
}

function idOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

function scopeOf(text: string): GrantScope {
  const [kind, id = ''] = text.split(':');
  if (kind === 'service') return { service: id };
  return kind === 'category' ? { category: id } : { allSocial: true };
}

function ttlsOf(records: packet.Answer[] | undefined): number[] {
  return (records ?? []).flatMap((record) => ('ttl' in record && record.ttl !== undefined ? [record.ttl] : []));
}

/** RFC 8914. */
function extendedError(reply: Reply): { code: number; text: string } | null {
  for (const record of reply.additionals ?? []) {
    if (record.type !== 'OPT') continue;
    // dns-packet types only the options that it knows by name.
    const options: readonly { code: number; data?: Buffer | undefined }[] = record.options;
    const data = options.find(({ code }) => code === EDE_OPTION)?.data;
    if (data !== undefined) return { code: data.readUInt16BE(0), text: data.subarray(2).toString('utf8') };
  }
  return null;
}

function tally(lookUps: number, minutes: number): string {
  return `${lookUps} look-ups in ${minutes} active minutes`;
}
