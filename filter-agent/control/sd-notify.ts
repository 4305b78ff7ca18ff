/**
 * Tells systemd that the box is ready, what it is doing, that it is stopping, and that it is still well.
 *
 * Owns the datagram to $NOTIFY_SOCKET (sd_notify(3)) and the watchdog's beat. What "well" means is the caller's
 * `healthy`: a beat is skipped while it says no, so a box that runs but does not answer is restarted. Node has no unix
 * datagrams, hence the three libc calls; without the variable or without koffi everything here does nothing.
 */
import { createRequire } from 'node:module';

export interface ServiceManager {
  /** Whether anybody listens: false outside systemd. */
  readonly present: boolean;
  ready(status: string): void;
  status(text: string): void;
  stopping(): void;
  /** Begins to feed the watchdog, when the unit has one, at half its time; returns how to end it. */
  startWatchdog(healthy: () => boolean): () => void;
}

export function connectServiceManager(environment: NodeJS.ProcessEnv = process.env): ServiceManager {
  const send = openNotifySocket(environment.NOTIFY_SOCKET);
  const watchdogMs = watchdogTimeoutMs(environment);
  return {
    present: send !== null,
    ready: (status) => send?.(`READY=1\nSTATUS=${oneLine(status)}`),
    status: (text) => send?.(`STATUS=${oneLine(text)}`),
    stopping: () => send?.('STOPPING=1'),
    startWatchdog(healthy) {
      if (send === null || watchdogMs === null) return () => undefined;
      const beat = (): void => {
        if (healthy()) send('WATCHDOG=1');
      };
      beat();
      const timer = setInterval(beat, watchdogMs / 2);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}

/** WATCHDOG_PID names the process that is expected to feed; set for another process, it is not ours (sd_watchdog_enabled(3)). */
function watchdogTimeoutMs(environment: NodeJS.ProcessEnv): number | null {
  const microseconds = Number(environment.WATCHDOG_USEC);
  if (!Number.isFinite(microseconds) || microseconds <= 0) return null;
  if (environment.WATCHDOG_PID !== undefined && environment.WATCHDOG_PID !== String(process.pid)) return null;
  return microseconds / 1000;
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
/** Linux: never wait for a busy service manager, and never die of SIGPIPE. */
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** sun_path of unix(7), after the two bytes of the family. */
const MAX_PATH_BYTES = 108;

function openNotifySocket(name: string | undefined): ((text: string) => void) | null {
  if (name === undefined || process.platform !== 'linux' || !/^[/@]/.test(name)) return null;
  const address = unixAddress(name);
  if (address === null) return null;
  try {
    // Loaded only where it is needed: on other systems the box starts without it.
    const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
    const libc = koffi.load(null);
    const socket = libc.func('int socket(int domain, int type, int protocol)');
    const sendto = libc.func(
      'intptr_t sendto(int fd, const uint8_t *data, size_t length, int flags, const uint8_t *address, uint32_t size)',
    );
    const fd: number = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd < 0) return null;
    return (text) => {
      const bytes = Buffer.from(text);
      // A lost notice is not worth a retry: systemd's own time-out is the remedy for a box that cannot speak.
      sendto(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL, address, address.length);
    };
  } catch {
    return null;
  }
}

/**
 * struct sockaddr_un: the family in host order (little-endian on x64 and arm64), then the path; an abstract name ("@…")
 * begins with a zero byte instead.
 */
function unixAddress(name: string): Buffer | null {
  const path = Buffer.from(name);
  if (path.length >= MAX_PATH_BYTES) return null;
  const abstract = name.startsWith('@');
  if (abstract) path[0] = 0;
  const address = Buffer.alloc(2 + path.length + (abstract ? 0 : 1));
  address.writeUInt16LE(AF_UNIX, 0);
  path.copy(address, 2);
  return address;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
