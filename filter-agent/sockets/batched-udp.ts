/**
 * UDP by batches: poll ▸ recvmmsg ▸ OnQuery for each datagram, in place ▸ sendmmsg. One per answering thread, over one
 * block of memory that the kernel reads and writes; between listen() and close() nothing here allocates. No decisions.
 *
 * The block: SLOTS of each part, the i-th of each belonging to datagram i; the last slot is for answers that go out later.
 *
 *   ┌──────────────┬──────────────┬────────────────┬──────────┬──────────┬─────────┐
 *   │ mmsghdr      │ sockaddr     │ control        │ iovec    │ packet   │ pollfd  │
 *   │  ├ name ─────┼─▶ who asked  │                │          │          │         │
 *   │  ├ control ──┼──────────────┼─▶ which of our │          │          │         │
 *   │  ├ iov ──────┼──────────────┼── addresses ───┼─▶ base ──┼─▶ octets │         │
 *   │  └ msg_len   │              │                │   len    │          │         │
 *   └──────────────┴──────────────┴────────────────┴──────────┴──────────┴─────────┘
 *
 * The same headers go back to sendmmsg: an answer stands where its query stood, and leaves for whence it came. Before
 * the next recvmmsg only the lengths are written anew. Offsets come from koffi's own layout of the structs.
 */
import { isIPv6 } from 'node:net';
import { getSystemErrorName } from 'node:util';
import ipaddr from 'ipaddr.js';
import { addressText } from './client-address.ts';
import {
  AF_INET,
  AF_INET6,
  IF_NAMESIZE,
  type Linux,
  type Pointer,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
} from './linux.ts';
import {
  CLIENT_ADDRESS_BYTES,
  type OnQuery,
  PACKET_BYTES,
  PEER_BYTES,
  RECEIVE_BUFFER_BYTES,
  SEND_BUFFER_BYTES,
  type UdpListener,
  type UdpOptions,
  type UdpSockets,
} from './udp.ts';

/** Datagrams for one system call. With 200 queries on their way a batch holds 20 to 60; more saves nothing measurable. */
const BATCH = 64;
/** Slot of an answer that goes out by itself, after its look-up. */
const LATER = BATCH;
const SLOTS = BATCH + 1;
/** Addresses of one machine; a router with that many is a mistake. */
const LISTENERS_LIMIT = 255;

/** sockaddr_in6 has 28 octets, sockaddr_in 16 (their layout is RFC 3493's, and Linux's). */
const SOCKADDR_IN_BYTES = 16;
const SOCKADDR_BYTES = 28;
const SOCKADDR_STRIDE = 32;
/** One in6_pktinfo: 16 of cmsghdr, 20 of data, padded to 8. */
const CONTROL_BYTES = 40;
const CMSG_DATA = 16;
const IN_PKTINFO_BYTES = 12;
const PKTINFO_BYTES = 20;
/**
 * A cache line more than the packet: at 4096 apart, all headers would fall into one set of the processor's first cache,
 * and push each other out.
 */
const PACKET_STRIDE = PACKET_BYTES + 64;
const POLLFD_BYTES = 8;

const POLLIN = 1;
const POLLOUT = 4;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;

const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_REUSEPORT = 15;
const IPPROTO_IP = 0;
const IP_PKTINFO = 8;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const IPV6_RECVPKTINFO = 49;
const IPV6_PKTINFO = 50;

const EINTR = 4;
const EAGAIN = 11;

/** How long poll() sleeps when nothing comes: a wake that was lost costs that long, and an idle box one turn a second. */
const SLEEP_MS = 1000;
/** Turns before the thread's event loop gets its own; at full rate that is some ten milliseconds. */
const TURNS = 256;
/**
 * For a device's queue that is full, once a turn: the clients behind the other devices and the control messages wait
 * that long too. What it still does not take is lost.
 */
const SEND_WAIT_MS = 5;

/** Where a listener's kept peer holds what (PEER_BYTES). */
const PEER_CONTROL_LENGTH = SOCKADDR_BYTES;
const PEER_PKTINFO = SOCKADDR_STRIDE;
if (PEER_PKTINFO + PKTINFO_BYTES > PEER_BYTES) throw new Error('A peer does not fit its octets');

export class BatchedUdp implements UdpSockets {
  readonly tellsAsked = true;
  readonly #linux: Linux;
  readonly #onQuery: OnQuery;
  readonly #wakeFd: number;
  /** By position in the poll set, from 1: the wake descriptor has position 0. */
  readonly #listeners: Listener[] = [];

  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #halves: Uint16Array;
  /** Each slot's octets. */
  readonly #packets: readonly Uint8Array[];
  /** Each slot's header, as sendmmsg takes it: a run of answers may start at any. */
  readonly #headers: readonly Pointer[];
  readonly #pollfds: Pointer;
  readonly #pollOut: Pointer;
  readonly #wakeCount: Pointer;
  readonly #at: Layout;
  /** IPv4 clients stand in the last four octets, behind ::ffff:0:0/96. */
  readonly #client4 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0);
  readonly #client6 = new Uint8Array(CLIENT_ADDRESS_BYTES);
  /** The datagram at hand. */
  #slot = 0;
  /** Since this turn began. */
  #hasWaitedForRoom = false;

  /** `wakeFd`: readable once somebody wants the thread's attention (linux.ts, wake()). */
  constructor(linux: Linux, wakeFd: number, onQuery: OnQuery) {
    this.#linux = linux;
    this.#wakeFd = wakeFd;
    this.#onQuery = onQuery;
    const at = layOut(linux);
    const start = linux.koffi.alloc('uint8_t', at.end) as Pointer;
    const memory = linux.koffi.view(start, at.end);
    this.#at = at;
    this.#bytes = new Uint8Array(memory).fill(0);
    this.#words = new Uint32Array(memory);
    this.#halves = new Uint16Array(memory);
    const view = new DataView(memory);
    const point = (offset: number, to: number) => view.setBigUint64(offset, start + BigInt(to), true);
    for (let slot = 0; slot < SLOTS; slot++) {
      const header = at.headers + slot * at.headerBytes;
      const iovec = at.iovecs + slot * at.iovecBytes;
      point(header + at.name, at.names + slot * SOCKADDR_STRIDE);
      point(header + at.iov, iovec);
      point(header + at.control, at.controls + slot * CONTROL_BYTES);
      view.setBigUint64(header + at.iovLength, 1n, true);
      point(iovec + at.base, at.packets + slot * PACKET_STRIDE);
      this.#readyForQuery(slot);
    }
    const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
    this.#headers = slots.map((slot) => start + BigInt(at.headers + slot * at.headerBytes));
    this.#packets = slots.map((slot) => {
      const from = at.packets + slot * PACKET_STRIDE;
      return this.#bytes.subarray(from, from + PACKET_BYTES);
    });
    this.#pollfds = start + BigInt(at.pollfds);
    this.#pollOut = start + BigInt(at.pollOut);
    this.#wakeCount = start + BigInt(at.wakeCount);
    this.#watch(0, wakeFd);
  }

  async listen(options: UdpOptions): Promise<UdpListener> {
    if (this.#listeners.length >= LISTENERS_LIMIT) {
      throw new Error(`Cannot listen on ${options.address}: ${LISTENERS_LIMIT} addresses are listened on already`);
    }
    const { fd, port, isIPv6: six } = openSocket(this.#linux, options);
    let isOpen = true;
    const listener: Listener = {
      address: options.address,
      port,
      fd,
      isIPv6: six,
      onBroken: options.onBroken,
      keepPeer: (into, at) => this.#keepPeer(into, at),
      send: (packet, length, peers, at) => {
        if (isOpen) this.#sendLater(listener, packet, length, peers, at);
      },
      peerPort: () => this.#peerPort(),
      asked: () => this.#asked(listener),
      close: async () => {
        if (!isOpen) return;
        isOpen = false;
        this.#forget(listener);
        this.#linux.close(fd);
      },
    };
    this.#listeners.push(listener);
    this.#watch(this.#listeners.length, fd);
    return listener;
  }

  /**
   * Answers until somebody calls for attention, nothing came for a while, or it is the event loop's turn; to be called
   * again and again. `mayWait` is asked before each sleep, and says whether there is nothing else to do.
   */
  serve(mayWait: () => boolean, sleepMs: number = SLEEP_MS): void {
    for (let turn = 0; turn < TURNS; turn++) {
      this.#hasWaitedForRoom = false;
      const timeoutMs = mayWait() ? sleepMs : 0;
      const ready = this.#linux.poll(this.#pollfds, this.#listeners.length + 1, timeoutMs);
      if (ready < 0 && this.#linux.errno() !== EINTR) throw this.#error('poll');
      if (ready <= 0) {
        if (timeoutMs > 0 || sleepMs === 0) return;
        continue;
      }
      const isCalled = this.#revents(0) !== 0;
      // From the last: one that breaks gives its place to the last.
      for (let position = this.#listeners.length; position > 0; position--) {
        if (this.#revents(position) !== 0) this.#receive(this.#listeners[position - 1]!);
      }
      if (isCalled) {
        this.#linux.read(this.#wakeFd, this.#wakeCount, 8);
        return;
      }
    }
  }

  #receive(listener: Listener): void {
    const count = this.#linux.recvmmsg(listener.fd, this.#headers[0]!, BATCH, MSG_DONTWAIT, null);
    if (count < 0) {
      const errno = this.#linux.errno();
      if (errno !== EAGAIN && errno !== EINTR) this.#break(listener);
      return;
    }
    const { headers, headerBytes, length, flags, iovecs, iovecBytes, iovecLength } = this.#at;
    const words = this.#words;
    const nowMs = performance.now();
    // Answers that stand side by side go out together; a query that has none now ends a run.
    let runStart = 0;
    for (let slot = 0; slot < count; slot++) {
      const header = headers + slot * headerBytes;
      this.#slot = slot;
      const client = this.#clientOf(slot, listener);
      const answered = this.#isForUs(slot, words[(header + flags) >>> 2]!, listener)
        ? this.#onQuery(this.#packets[slot]!, words[(header + length) >>> 2]!, client, listener, nowMs)
        : 0;
      if (answered > 0) {
        words[(iovecs + slot * iovecBytes + iovecLength) >>> 2] = answered;
        continue;
      }
      if (slot > runStart) this.#send(listener.fd, runStart, slot);
      runStart = slot + 1;
    }
    if (count > runStart) this.#send(listener.fd, runStart, count);
    for (let slot = 0; slot < count; slot++) this.#readyForQuery(slot);
  }

  /** What is longer than the buffer cannot be a query, and port 0 cannot be answered. */
  #isForUs(slot: number, flags: number, listener: Listener): boolean {
    if ((flags & MSG_TRUNC) !== 0) return false;
    return this.#halves[(this.#at.names + slot * SOCKADDR_STRIDE + 2) >>> 1] !== 0 && this.#isUnicast(slot, listener);
  }

  /**
   * One question to everybody would make every box of a network answer whoever the sender says it is: what went to a
   * broadcast or multicast address is left alone. Of those the kernel names an address of ours to answer from
   * (spec_dst), which is not the one that the datagram went to. A socket on one address does not get them at all.
   */
  #isUnicast(slot: number, listener: Listener): boolean {
    const { headers, headerBytes, controlLength, controls } = this.#at;
    if (this.#words[(headers + slot * headerBytes + controlLength) >>> 2] === 0) return true;
    const info = controls + slot * CONTROL_BYTES + CMSG_DATA;
    if (listener.isIPv6) return this.#bytes[info] !== 0xff;
    return this.#words[(info + 4) >>> 2] === this.#words[(info + 8) >>> 2];
  }

  #peerPort(): number {
    const at = this.#at.names + this.#slot * SOCKADDR_STRIDE + 2;
    return (this.#bytes[at]! << 8) | this.#bytes[at + 1]!;
  }

  #clientOf(slot: number, listener: Listener): Uint8Array {
    const bytes = this.#bytes;
    const name = this.#at.names + slot * SOCKADDR_STRIDE;
    if (listener.isIPv6) {
      for (let i = 0; i < 16; i++) this.#client6[i] = bytes[name + 8 + i]!;
      return this.#client6;
    }
    for (let i = 0; i < 4; i++) this.#client4[12 + i] = bytes[name + 4 + i]!;
    return this.#client4;
  }

  /** The lengths that recvmmsg and an answer have changed. */
  #readyForQuery(slot: number): void {
    const { headers, headerBytes, nameLength, controlLength, iovecs, iovecBytes, iovecLength } = this.#at;
    const header = headers + slot * headerBytes;
    this.#words[(header + nameLength) >>> 2] = SOCKADDR_BYTES;
    this.#words[(header + controlLength) >>> 2] = CONTROL_BYTES;
    this.#words[(iovecs + slot * iovecBytes + iovecLength) >>> 2] = PACKET_BYTES;
  }

  /** Sends the answers in [from, to). One that the network refuses is passed over, as the others must go out. */
  #send(fd: number, from: number, to: number): void {
    for (let slot = from; slot < to; slot++) this.#clearInterface(slot);
    while (from < to) {
      const sent = this.#linux.sendmmsg(fd, this.#headers[from]!, to - from, MSG_DONTWAIT);
      if (sent > 0) {
        from += sent;
        continue;
      }
      const errno = this.#linux.errno();
      if (errno === EINTR) continue;
      if (errno !== EAGAIN) from++;
      else if (!this.#waitForRoom(fd)) return;
    }
  }

  #waitForRoom(fd: number): boolean {
    if (this.#hasWaitedForRoom) return false;
    this.#hasWaitedForRoom = true;
    const { pollOut } = this.#at;
    this.#words[pollOut >>> 2] = fd;
    this.#halves[(pollOut + 4) >>> 1] = POLLOUT;
    return this.#linux.poll(this.#pollOut, 1, SEND_WAIT_MS) > 0;
  }

  // ---- which of our addresses was asked -------------------------------------------------------------------------
  //
  // A socket on 0.0.0.0 or :: asks the kernel for it, and the answer goes out with the same control message, so that it
  // leaves from there (RFC 2181 §4.1). Only the interface is struck out: the routing table knows the way back.
  //
  //   byte 0       8      12     16
  //        ┌───────┬──────┬──────┬─────────────┬──────────────┬──────────┐
  //        │ length│ level│ type │ ifindex: 4  │ spec_dst: 4  │ addr: 4  │   in_pktinfo, length 28
  //        └───────┴──────┴──────┴─────────────┴──────────────┴──────────┘
  //        ┌───────┬──────┬──────┬─────────────────────┬──────────┐
  //        │ length│ level│ type │ addr: 16            │ifindex: 4│         in6_pktinfo, length 36
  //        └───────┴──────┴──────┴─────────────────────┴──────────┘

  #clearInterface(slot: number): void {
    const { headers, headerBytes, controlLength, controls } = this.#at;
    if (this.#words[(headers + slot * headerBytes + controlLength) >>> 2] === 0) return;
    const control = controls + slot * CONTROL_BYTES;
    const info = control + CMSG_DATA;
    if (this.#words[(control + 8) >>> 2] === IPPROTO_IP) {
      this.#words[info >>> 2] = 0;
    } else if (!this.#isLinkLocal(info)) {
      // A link-local address means nothing without its interface (RFC 4007 §6).
      this.#words[(info + 16) >>> 2] = 0;
    }
  }

  #asked(listener: Listener): string {
    const { headers, headerBytes, controlLength, controls } = this.#at;
    if (this.#words[(headers + this.#slot * headerBytes + controlLength) >>> 2] === 0) return listener.address;
    const info = controls + this.#slot * CONTROL_BYTES + CMSG_DATA;
    if (!listener.isIPv6) return addressText(this.#bytes.subarray(info + 8, info + 12));
    const address = addressText(this.#bytes.subarray(info, info + 16));
    return this.#isLinkLocal(info) ? address + zoneText(this.#linux, this.#words[(info + 16) >>> 2]!) : address;
  }

  #isLinkLocal(at: number): boolean {
    return this.#bytes[at] === 0xfe && (this.#bytes[at + 1]! & 0xc0) === 0x80;
  }

  // ---- answers that go out later --------------------------------------------------------------------------------

  #keepPeer(into: Uint8Array, at: number): void {
    const { names, controls, headers, headerBytes, controlLength } = this.#at;
    const slot = this.#slot;
    const name = names + slot * SOCKADDR_STRIDE;
    for (let i = 0; i < SOCKADDR_BYTES; i++) into[at + i] = this.#bytes[name + i]!;
    const length = this.#words[(headers + slot * headerBytes + controlLength) >>> 2]!;
    into[at + PEER_CONTROL_LENGTH] = length;
    if (length === 0) return;
    const info = controls + slot * CONTROL_BYTES + CMSG_DATA;
    for (let i = 0; i < PKTINFO_BYTES; i++) into[at + PEER_PKTINFO + i] = this.#bytes[info + i]!;
  }

  #sendLater(listener: Listener, packet: Uint8Array, length: number, peers: Uint8Array, at: number): void {
    const { names, controls, headers, headerBytes, nameLength, controlLength } = this.#at;
    const { iovecs, iovecBytes, iovecLength, packets } = this.#at;
    const bytes = this.#bytes;
    const name = names + LATER * SOCKADDR_STRIDE;
    for (let i = 0; i < SOCKADDR_BYTES; i++) bytes[name + i] = peers[at + i]!;
    const header = headers + LATER * headerBytes;
    this.#words[(header + nameLength) >>> 2] = listener.isIPv6 ? SOCKADDR_BYTES : SOCKADDR_IN_BYTES;
    const heldControl = peers[at + PEER_CONTROL_LENGTH]!;
    this.#words[(header + controlLength) >>> 2] = heldControl;
    if (heldControl > 0) {
      const control = controls + LATER * CONTROL_BYTES;
      this.#words[control >>> 2] = CMSG_DATA + (listener.isIPv6 ? PKTINFO_BYTES : IN_PKTINFO_BYTES);
      this.#words[(control + 4) >>> 2] = 0;
      this.#words[(control + 8) >>> 2] = listener.isIPv6 ? IPPROTO_IPV6 : IPPROTO_IP;
      this.#words[(control + 12) >>> 2] = listener.isIPv6 ? IPV6_PKTINFO : IP_PKTINFO;
      for (let i = 0; i < PKTINFO_BYTES; i++) bytes[control + CMSG_DATA + i] = peers[at + PEER_PKTINFO + i]!;
    }
    const octets = packets + LATER * PACKET_STRIDE;
    for (let i = 0; i < length; i++) bytes[octets + i] = packet[i]!;
    this.#words[(iovecs + LATER * iovecBytes + iovecLength) >>> 2] = length;
    this.#send(listener.fd, LATER, LATER + 1);
  }

  // ---- the poll set ---------------------------------------------------------------------------------------------

  #watch(position: number, fd: number): void {
    const entry = this.#at.pollfds + position * POLLFD_BYTES;
    this.#words[entry >>> 2] = fd;
    this.#halves[(entry + 4) >>> 1] = POLLIN;
    this.#halves[(entry + 6) >>> 1] = 0;
  }

  #revents(position: number): number {
    return this.#halves[(this.#at.pollfds + position * POLLFD_BYTES + 6) >>> 1]!;
  }

  #forget(listener: Listener): void {
    const index = this.#listeners.indexOf(listener);
    if (index < 0) return;
    const last = this.#listeners.pop()!;
    if (last === listener) return;
    this.#listeners[index] = last;
    this.#watch(index + 1, last.fd);
  }

  #break(listener: Listener): void {
    const error = this.#error('recvmmsg');
    void listener.close();
    listener.onBroken(error);
  }

  #error(call: string): Error {
    return systemError(call, this.#linux.errno());
  }
}

interface Listener extends UdpListener {
  readonly fd: number;
  readonly isIPv6: boolean;
  readonly onBroken: (error: Error) => void;
}

/** Offsets in octets: of the parts in the block, and of the members in their structs. */
type Layout = ReturnType<typeof layOut>;

function layOut({ koffi }: Linux) {
  const iovec = koffi.struct({ iov_base: 'void *', iov_len: 'size_t' });
  const msghdr = koffi.struct({
    msg_name: 'void *',
    msg_namelen: 'uint',
    msg_iov: 'void *',
    msg_iovlen: 'size_t',
    msg_control: 'void *',
    msg_controllen: 'size_t',
    msg_flags: 'int',
  });
  const mmsghdr = koffi.struct({ msg_hdr: msghdr, msg_len: 'uint' });
  const headerBytes = koffi.sizeof(mmsghdr);
  const iovecBytes = koffi.sizeof(iovec);
  let end = 0;
  const part = (octets: number) => {
    const start = end;
    end = Math.ceil((start + octets) / 64) * 64;
    return start;
  };
  return {
    headers: part(SLOTS * headerBytes),
    names: part(SLOTS * SOCKADDR_STRIDE),
    controls: part(SLOTS * CONTROL_BYTES),
    iovecs: part(SLOTS * iovecBytes),
    packets: part(SLOTS * PACKET_STRIDE),
    pollfds: part((1 + LISTENERS_LIMIT) * POLLFD_BYTES),
    pollOut: part(POLLFD_BYTES),
    wakeCount: part(8),
    end,
    headerBytes,
    iovecBytes,
    name: koffi.offsetof(msghdr, 'msg_name'),
    nameLength: koffi.offsetof(msghdr, 'msg_namelen'),
    iov: koffi.offsetof(msghdr, 'msg_iov'),
    iovLength: koffi.offsetof(msghdr, 'msg_iovlen'),
    control: koffi.offsetof(msghdr, 'msg_control'),
    controlLength: koffi.offsetof(msghdr, 'msg_controllen'),
    flags: koffi.offsetof(msghdr, 'msg_flags'),
    length: koffi.offsetof(mmsghdr, 'msg_len'),
    base: koffi.offsetof(iovec, 'iov_base'),
    iovecLength: koffi.offsetof(iovec, 'iov_len'),
  };
}

// ---- opening -------------------------------------------------------------------------------------------------------

function openSocket(linux: Linux, options: UdpOptions): { fd: number; port: number; isIPv6: boolean } {
  const [host = '', zone] = options.address.split('%');
  const six = isIPv6(host);
  const fd = linux.socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw systemError('socket', linux.errno(), options);
  try {
    const set = (call: string, level: number, option: number, value: number) => {
      if (linux.setsockopt(fd, level, option, Int32Array.of(value), 4) < 0) {
        throw systemError(call, linux.errno(), options);
      }
    };
    if (options.reusePort) set('SO_REUSEPORT', SOL_SOCKET, SO_REUSEPORT, 1);
    if (six) set('IPV6_V6ONLY', IPPROTO_IPV6, IPV6_V6ONLY, 1);
    // A socket on one address answers from it by itself.
    if (isUnspecified(host)) {
      if (six) set('IPV6_RECVPKTINFO', IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
      else set('IP_PKTINFO', IPPROTO_IP, IP_PKTINFO, 1);
    }
    set('SO_RCVBUF', SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
    set('SO_SNDBUF', SOL_SOCKET, SO_SNDBUF, SEND_BUFFER_BYTES);
    const address = socketAddress(linux, host, zone, options.port);
    if (linux.bind(fd, address, address.length) < 0) throw systemError('bind', linux.errno(), options);
    const length = Uint32Array.of(address.length);
    if (linux.getsockname(fd, address, length) < 0) throw systemError('getsockname', linux.errno(), options);
    return { fd, port: (address[2]! << 8) | address[3]!, isIPv6: six };
  } catch (error) {
    linux.close(fd);
    throw error;
  }
}

function isUnspecified(host: string): boolean {
  return ipaddr.parse(host).range() === 'unspecified';
}

function socketAddress(linux: Linux, host: string, zone: string | undefined, port: number): Uint8Array {
  const octets = ipaddr.parse(host).toByteArray();
  const bytes = new Uint8Array(octets.length === 4 ? SOCKADDR_IN_BYTES : SOCKADDR_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, octets.length === 4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  bytes.set(octets, octets.length === 4 ? 4 : 8);
  if (zone !== undefined) view.setUint32(24, /^\d+$/.test(zone) ? Number(zone) : linux.if_nametoindex(zone), true);
  return bytes;
}

/** "%eth0"; empty when the interface is gone. */
function zoneText(linux: Linux, index: number): string {
  const name = Buffer.alloc(IF_NAMESIZE);
  if (linux.if_indextoname(index, name) === null) return '';
  return `%${name.toString('utf8', 0, name.indexOf(0))}`;
}

/** As Node's own: `code` is the error's name, and the message says what was tried where. */
function systemError(call: string, errno: number, at?: { readonly address: string; readonly port: number }): Error {
  const code = getSystemErrorName(-errno);
  const where = at === undefined ? '' : ` ${at.address}:${at.port}`;
  return Object.assign(new Error(`${call} ${code}${where}`), { code, errno: -errno, syscall: call });
}
