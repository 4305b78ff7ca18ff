/**
 * The box under soak as it stands in a nursery: a large list, the catalogue, named devices, usage counted and saved, and
 * a dashboard at the other end of a real signed link. Beside it nsd, for which every name exists.
 *
 * Owns what is done to it: a list that changes, a grant, a restart, and which cores it may use.
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync, copyFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { enrol } from '../../filter-agent/control/box-identity.ts';
import { catalogue } from '../../policy-rules/catalogue/catalogue.ts';
import type { Grant } from '../../policy-rules/grants.ts';
import { type ProtocolDashboard, startProtocolDashboard } from '../filter-agent/control/protocol-dashboard.ts';
import { alwaysOpenPolicy, type BoxProcess, prepareBox } from '../support/box-process.ts';
import { type NameServer, startNsd } from '../support/name-servers.ts';
import { ONE_FOR_ALL } from './options.ts';
import { allowedCores, childrenOf, memoryOf, pin } from './process-accounting.ts';

/** Which core whom; the same one for both where there is only one. */
export interface Cores {
  readonly all: readonly number[];
  /** The box, with whatever it starts unless told otherwise. */
  readonly server: number;
  /** The load, the upstream and the dashboard. */
  readonly client: number;
}

/** Where the process that compiles the lists goes: it inherits the box's core, and may be moved to the other one. */
export type CompileCore = 'server' | 'client';

export interface Swap {
  /** From the changed file until a name that is new in it is blocked. */
  readonly inForceAfterMs: number;
  /** Of the process that compiled, as far as it was seen. */
  readonly compilerPeakMegabytes: number;
}

export interface GivenGrant {
  /** From the signed message until the answering threads read it, by the box's own account. */
  readonly inForceAfterMs: number;
}

/** Compiling at the lowest priority beside a full load takes as long as the load leaves over. */
const SWAP_TIMEOUT_MS = 5 * 60_000;
const LINK_TIMEOUT_MS = 30_000;
const WATCH_INTERVAL_MS = 100;
const GRANT_MS = 60_000;
const DEVICES = 200;
/** Longer than any run, so that what is cached stays so. */
const ANSWER_TTL_SECONDS = 86_400;

export class SoakBox {
  readonly box: BoxProcess;
  readonly cores: Cores;
  readonly #dashboard: ProtocolDashboard;
  readonly #nsd: NameServer;
  readonly #listPath: string;
  readonly #grants: Grant[] = [];
  readonly #grantSentAtMs = new Map<number, number>();
  #grantsVersion = 0;
  #swaps = 0;

  private constructor(box: BoxProcess, dashboard: ProtocolDashboard, nsd: NameServer, listPath: string) {
    const all = allowedCores();
    this.cores = { all, server: all[0]!, client: all.at(-1)! };
    this.box = box;
    this.#dashboard = dashboard;
    this.#nsd = nsd;
    this.#listPath = listPath;
  }

  /** Resolves when the list is in force. `listPath` is copied into `folder`, gzip or not. */
  static async start(folder: string, listPath: string): Promise<SoakBox> {
    const ownList = join(folder, listPath.endsWith('.gz') ? 'list.gz' : 'list.txt');
    copyFileSync(listPath, ownList);
    const nsd = await startNsd([`* ${ANSWER_TTL_SECONDS} A 192.0.2.1`, `* ${ANSWER_TTL_SECONDS} AAAA 2001:db8::1`]);
    const dashboard = await startProtocolDashboard();
    const box = await prepareBox({
      upstreams: [`udp://${nsd.address}:${nsd.port}`],
      settings: { policy: soakPolicy(), lists: [{ id: 'large', path: ownList }], lookUps: ONE_FOR_ALL },
      environment: { NODE_OPTIONS: `--import=${join(import.meta.dirname, 'soak-look-now.ts')}` },
    });
    const code = dashboard.code ?? '';
    await enrol({ stateDir: box.stateDir, dashboardUrl: dashboard.url, code, boxName: 'soak' });
    const soak = new SoakBox(box, dashboard, nsd, ownList);
    try {
      // With a marker in the list from the beginning, its first compilation shows as every later one does.
      soak.#markList();
      await box.start();
      await soak.#untilMarked(() => undefined);
      return soak;
    } catch (error) {
      await soak.remove();
      throw error;
    }
  }

  /** A new process with the image on disk, on all cores and with nothing counted; then everybody on their cores. */
  async restart(): Promise<void> {
    await this.box.stop();
    const helloes = this.#helloes();
    await this.box.start();
    await this.#untilLinked(helloes);
    this.separate();
  }

  /** The box on its core; this process, with what it starts from now on, and the upstream on the other. */
  separate(): void {
    pin(process.pid, [this.cores.client]);
    pin(this.box.pid, [this.cores.server]);
  }

  /** Everybody on all cores, as it runs where nobody measures. */
  unite(): void {
    pin(process.pid, this.cores.all);
  }

  /** Changes the list, has the box look, and waits until it compiled it and put it in force. */
  async swapList(compileCore: CompileCore): Promise<Swap> {
    const changedAtMs = performance.now();
    this.#markList();
    process.kill(this.box.pid, 'SIGUSR2');
    let compilerPeakMegabytes = 0;
    const moved = new Set<number>();
    await this.#untilMarked(() => {
      for (const compiler of childrenOf(this.box.pid).flatMap(childrenOf)) {
        compilerPeakMegabytes = Math.max(compilerPeakMegabytes, memoryOf(compiler).peakMegabytes);
        if (compileCore === 'server' || moved.has(compiler)) continue;
        moved.add(compiler);
        pin(compiler, [this.cores.client]);
      }
    });
    return { inForceAfterMs: performance.now() - changedAtMs, compilerPeakMegabytes };
  }

  /** A grant of a minute for the device that asks, of one service after the other. */
  giveGrant(): void {
    const now = Date.now();
    const open = catalogue.services.filter(({ category }) => !protectedCategories.has(category));
    this.#grantsVersion++;
    this.#grants.push({
      id: randomUUID(),
      target: { device: 'soak' },
      scope: { service: open[this.#grantsVersion % open.length]!.id },
      from: now,
      until: now + GRANT_MS,
      purpose: 'official',
      mode: 'verbal',
      reason: 'A soak',
      askedBy: 'The soak',
      grantedBy: 'The soak',
      grantedAt: now,
    });
    while (this.#grants[0] !== undefined && this.#grants[0].until <= now) this.#grants.shift();
    this.#grantSentAtMs.set(this.#grantsVersion, now);
    this.#dashboard.sendSigned('grants', { version: this.#grantsVersion, grants: this.#grants });
  }

  /** Of those that were given, all that the box has acknowledged. */
  grantsInForce(): GivenGrant[] {
    return this.#dashboard.ofType('grants-ack').flatMap(({ version, inForceAt }) => {
      const sentAtMs = this.#grantSentAtMs.get(version);
      return sentAtMs === undefined ? [] : [{ inForceAfterMs: inForceAt - sentAtMs }];
    });
  }

  grantsGiven(): number {
    return this.#grantsVersion;
  }

  /** Batches of counted use that have arrived at the dashboard. */
  usageBatches(): number {
    return this.#dashboard.ofType('usage-batch').length;
  }

  async remove(): Promise<void> {
    await this.box.remove();
    await this.#dashboard.close();
    await this.#nsd.remove();
  }

  /** One more name at the end of the list: a gzip file may have several parts. Never half a file under its name. */
  #markList(): void {
    const line = `${this.#marker(++this.#swaps)}\n`;
    const next = `${this.#listPath}.next`;
    copyFileSync(this.#listPath, next);
    appendFileSync(next, this.#listPath.endsWith('.gz') ? gzipSync(line) : line);
    renameSync(next, this.#listPath);
  }

  #marker(swap: number): string {
    return `swap-${swap}.soak-of-the-box.example.net`;
  }

  async #untilMarked(onLook: () => void): Promise<void> {
    const deadlineMs = performance.now() + SWAP_TIMEOUT_MS;
    for (;;) {
      onLook();
      const reply = await this.box.ask(this.#marker(this.#swaps), { timeoutMs: 2_000 }).catch(() => null);
      if (reply?.rcode === 'NXDOMAIN') return;
      if (!this.box.running || performance.now() > deadlineMs) {
        throw new Error(`the changed list is not in force:\n${this.box.stdout}${this.box.stderr}`);
      }
      await setTimeout(WATCH_INTERVAL_MS);
    }
  }

  #helloes(): number {
    return this.#dashboard.ofType('hello').length;
  }

  async #untilLinked(helloesBefore: number): Promise<void> {
    const deadlineMs = performance.now() + LINK_TIMEOUT_MS;
    while (this.#helloes() === helloesBefore) {
      if (performance.now() > deadlineMs) throw new Error(`the box does not link:\n${this.box.stderr}`);
      await setTimeout(WATCH_INTERVAL_MS);
    }
  }
}

const protectedCategories = new Set(catalogue.categories.filter((one) => one.protected).map(({ id }) => id));

/** The one that asks is a named device of the setting, so that what it asks is counted. */
function soakPolicy(): Record<string, unknown> {
  return alwaysOpenPolicy({
    devices: [
      { id: 'soak', name: 'The soak', group: 'setting', addresses: ['127.0.0.1'] },
      ...Array.from({ length: DEVICES - 1 }, (_, index) => ({
        id: `device-${index}`,
        name: `Device ${index}`,
        group: index % 2 === 0 ? 'setting' : 'guest',
        addresses: [`10.1.0.${index + 1}`, `fd00::${(index + 1).toString(16)}`],
      })),
    ],
  });
}
