/**
 * The unit's promise, from systemd's side: what the real box sends to $NOTIFY_SOCKET, and what it stops sending when it
 * no longer answers. A namespace gives it a network that the test can break.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { endProcess, type Namespace, Namespaces } from './support/namespaces.ts';
import { type StartedBox, startBoxProcess } from './support/programs.ts';
import { lacks } from './support/requirements.ts';

/** Shorter than the unit's 20 s, so that the test is too. */
const WATCHDOG_MS = 2_000;
/** self-check.ts waits so long for an answer. */
const PATIENCE_MS = 15_000;

describe.skipIf(lacks('the watchdog', ['root', 'namespaces', 'nft']))('the watchdog of the running box', () => {
  let folder: string;
  let namespaces: Namespaces | undefined;
  let network: Namespace;
  let manager: NotifySocket | undefined;
  let box: StartedBox;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stairgate-watchdog-'));
    manager = new NotifySocket(join(folder, 'notify'));
    namespaces = new Namespaces();
    network = namespaces.add('watchdog');
    const settings = join(folder, 'stairgate.yaml');
    await writeFile(
      settings,
      `listen: ["127.0.0.1:53"]\nupstreams: [udp://192.0.2.1]\nstateDir: ${join(folder, 'state')}\n`,
    );
    box = await startBoxProcess(network, settings, {
      NOTIFY_SOCKET: manager.path,
      WATCHDOG_USEC: String(WATCHDOG_MS * 1000),
      WATCHDOG_PID: undefined,
    });
  });

  afterAll(async () => {
    await namespaces?.close();
    manager?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('hears READY, and then a beat at least at every half of its time', async () => {
    await vi.waitFor(() => expect(manager?.count('READY=1')).toBe(1));
    await vi.waitFor(() => expect(manager?.count('WATCHDOG=1')).toBeGreaterThanOrEqual(5), { timeout: 10_000 });
    const gaps = manager!.gapsMs('WATCHDOG=1');
    // A quarter of slack for a machine that is busy with other tests.
    expect(Math.max(...gaps)).toBeLessThan(WATCHDOG_MS * 0.75);
    expect(manager!.firstOf('READY=1')).toBeLessThanOrEqual(manager!.lastOf('WATCHDOG=1'));
  });

  it('hears nothing from a box that is stopped, and is fed again when it goes on', async () => {
    box.process.kill('SIGSTOP');
    // What was sent before the stop is taken first.
    manager!.take();
    const { beats, silentMs } = await beatsWithin(WATCHDOG_MS * 1.5);
    expect(silentMs).toBeGreaterThanOrEqual(WATCHDOG_MS);
    expect(beats).toBe(0);
    box.process.kill('SIGCONT');
    await vi.waitFor(() => expect(manager!.take()).toContain('WATCHDOG=1'), { timeout: 5_000 });
  });

  it('hears nothing from a box that lives but cannot answer, and is fed again when it can', async () => {
    network.exec('nft', 'add table inet mute; add chain inet mute in { type filter hook input priority 0; }');
    network.exec('nft', 'add rule inet mute in udp dport 53 drop');
    await vi.waitFor(
      () => {
        expect(manager!.take()).toEqual([]);
        expect(performance.now() - manager!.lastOf('WATCHDOG=1')).toBeGreaterThan(WATCHDOG_MS);
      },
      { timeout: PATIENCE_MS + 4 * WATCHDOG_MS, interval: 100 },
    );
    expect(box.process.exitCode).toBeNull();
    network.exec('nft', 'delete table inet mute');
    await vi.waitFor(() => expect(manager!.take()).toContain('WATCHDOG=1'), { timeout: 5_000 });
  });

  it('hears that the box stops when it is told to', async () => {
    await endProcess(box.process);
    expect(box.process.exitCode).toBe(0);
    expect(manager!.take()).toContain('STOPPING=1');
  });

  async function beatsWithin(ms: number): Promise<{ beats: number; silentMs: number }> {
    const beganAtMs = performance.now();
    let beats = 0;
    await vi.waitFor(
      () => {
        beats += manager!.take().filter((line) => line === 'WATCHDOG=1').length;
        expect(performance.now() - beganAtMs).toBeGreaterThan(ms);
      },
      { timeout: ms + 2_000, interval: 100 },
    );
    return { beats, silentMs: performance.now() - beganAtMs };
  }
});

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;
const READ_EVERY_MS = 20;

/** Stands where systemd does: a bound unix datagram socket, read every few milliseconds with the time noted. */
class NotifySocket {
  readonly path: string;
  readonly #heard: { line: string; atMs: number }[] = [];
  #taken = 0;
  readonly #read: () => string | null;
  readonly #timer: NodeJS.Timeout;
  readonly #close: () => void;

  constructor(path: string) {
    this.path = path;
    const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
    const libc = koffi.load(null);
    const socket = libc.func('int socket(int domain, int type, int protocol)');
    const bind = libc.func('int bind(int fd, const uint8_t *address, uint32_t size)');
    const recv = libc.func('intptr_t recv(int fd, _Out_ uint8_t *data, size_t length, int flags)');
    const close = libc.func('int close(int fd)');
    const fd: number = socket(AF_UNIX, SOCK_DGRAM, 0);
    const address = Buffer.concat([Buffer.from([AF_UNIX, 0]), Buffer.from(`${path}\0`)]);
    if (bind(fd, address, address.length) !== 0) throw new Error(`cannot bind ${path}: errno ${koffi.errno()}`);
    const buffer = Buffer.alloc(4096);
    this.#read = () => {
      const length = Number(recv(fd, buffer, buffer.length, MSG_DONTWAIT));
      return length < 0 ? null : buffer.toString('utf8', 0, length);
    };
    this.#close = () => void close(fd);
    this.#timer = setInterval(() => this.#drain(), READ_EVERY_MS);
  }

  /** The lines that came since the last call. */
  take(): string[] {
    this.#drain();
    const lines = this.#heard.slice(this.#taken).map(({ line }) => line);
    this.#taken = this.#heard.length;
    return lines;
  }

  count(line: string): number {
    return this.#of(line).length;
  }

  firstOf(line: string): number {
    return this.#of(line)[0] ?? Number.NaN;
  }

  lastOf(line: string): number {
    return this.#of(line).at(-1) ?? Number.NaN;
  }

  gapsMs(line: string): number[] {
    const times = this.#of(line);
    return times.slice(1).map((atMs, index) => atMs - times[index]!);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#close();
  }

  #of(line: string): number[] {
    return this.#heard.filter((heard) => heard.line === line).map(({ atMs }) => atMs);
  }

  #drain(): void {
    for (let text = this.#read(); text !== null; text = this.#read()) {
      for (const line of text.split('\n')) this.#heard.push({ line, atMs: performance.now() });
    }
  }
}
