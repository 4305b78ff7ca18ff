import { mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectServiceManager } from '../../../filter-agent/control/sd-notify.ts';

/** Stands where systemd does: a bound unix datagram socket, read without waiting (a datagram arrives with its send). */
interface Receiver {
  take(): string[];
  close(): void;
}

function bindDatagramSocket(name: string): Receiver {
  const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
  const libc = koffi.load(null);
  const socket = libc.func('int socket(int domain, int type, int protocol)');
  const bind = libc.func('int bind(int fd, const uint8_t *address, uint32_t size)');
  const recv = libc.func('intptr_t recv(int fd, _Out_ uint8_t *data, size_t length, int flags)');
  const close = libc.func('int close(int fd)');
  const fd: number = socket(1, 2, 0);
  const path = Buffer.from(name.startsWith('@') ? `\0${name.slice(1)}` : `${name}\0`);
  const address = Buffer.concat([Buffer.from([1, 0]), path]);
  if (bind(fd, address, address.length) !== 0) throw new Error(`cannot bind ${name}: errno ${koffi.errno()}`);
  return {
    take() {
      const taken: string[] = [];
      const buffer = Buffer.alloc(4096);
      for (
        let length = Number(recv(fd, buffer, 4096, 0x40));
        length >= 0;
        length = Number(recv(fd, buffer, 4096, 0x40))
      ) {
        taken.push(buffer.toString('utf8', 0, length));
      }
      return taken;
    },
    close: () => void close(fd),
  };
}

const linux = process.platform === 'linux';

describe.runIf(linux).each([
  ['a path', async () => join(await mkdtemp(join(tmpdir(), 'sd-notify-')), 'notify')],
  ['an abstract name', async () => `@stairgate-test-${process.pid}-${Math.random()}`],
])('the service manager at %s', (_, makeName) => {
  let name: string;
  let receiver: Receiver;

  beforeEach(async () => {
    name = await makeName();
    receiver = bindDatagramSocket(name);
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
    receiver.close();
  });

  it('hears that the box is ready, what it does, and that it stops', () => {
    const manager = connectServiceManager({ NOTIFY_SOCKET: name });
    expect(manager.present).toBe(true);
    manager.ready('filters 3 networks\nsince now');
    manager.status('the clock is not trusted');
    manager.stopping();
    expect(receiver.take()).toEqual([
      'READY=1\nSTATUS=filters 3 networks since now',
      'STATUS=the clock is not trusted',
      'STOPPING=1',
    ]);
  });

  it('is fed twice within the watchdog time, and not while the box is unwell', () => {
    let healthy = true;
    const manager = connectServiceManager({ NOTIFY_SOCKET: name, WATCHDOG_USEC: '10000000' });
    const stop = manager.startWatchdog(() => healthy);
    expect(receiver.take()).toEqual(['WATCHDOG=1']);
    vi.advanceTimersByTime(10_000);
    expect(receiver.take()).toEqual(['WATCHDOG=1', 'WATCHDOG=1']);
    healthy = false;
    vi.advanceTimersByTime(60_000);
    expect(receiver.take()).toEqual([]);
    healthy = true;
    vi.advanceTimersByTime(5_000);
    expect(receiver.take()).toEqual(['WATCHDOG=1']);
    stop();
    vi.advanceTimersByTime(60_000);
    expect(receiver.take()).toEqual([]);
  });

  it.each([
    ['a unit without a watchdog', {}],
    ['a watchdog that is meant for another process', { WATCHDOG_USEC: '10000000', WATCHDOG_PID: '1' }],
    ['a time that is none', { WATCHDOG_USEC: 'soon' }],
  ])('is not fed by %s', (_, environment) => {
    const stop = connectServiceManager({ NOTIFY_SOCKET: name, ...environment }).startWatchdog(() => true);
    vi.advanceTimersByTime(60_000);
    stop();
    expect(receiver.take()).toEqual([]);
  });

  it('does not stop the box when it has gone', () => {
    const manager = connectServiceManager({ NOTIFY_SOCKET: name });
    receiver.close();
    expect(() => manager.status('still here')).not.toThrow();
    receiver = bindDatagramSocket(`@stairgate-test-${process.pid}-${Math.random()}`);
  });
});

describe('without a service manager', () => {
  it.each([
    ['no variable', {}],
    ['an empty variable', { NOTIFY_SOCKET: '' }],
    ['a name that is neither a path nor abstract', { NOTIFY_SOCKET: 'notify' }],
    ['a path that is too long for a socket', { NOTIFY_SOCKET: `/${'x'.repeat(108)}` }],
  ])('does nothing with %s', (_, environment) => {
    const manager = connectServiceManager(environment);
    expect(manager.present).toBe(false);
    expect(() => {
      manager.ready('ready');
      manager.startWatchdog(() => true)();
      manager.stopping();
    }).not.toThrow();
  });
});
