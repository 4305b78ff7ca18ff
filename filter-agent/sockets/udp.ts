/**
 * What the answering thread asks of UDP, whichever way the datagrams come: batched-udp.ts on Linux, dgram-udp.ts
 * elsewhere, under one contract suite. No decisions: bytes in, bytes out.
 */

/** Room for the largest query that is read, and for any answer that is written over it. */
export const PACKET_BYTES = 4096;
/** What a listener writes down of a peer, to answer it later. Only the listener that wrote it can read it. */
export const PEER_BYTES = 64;
/** A client's address: 16 octets in network order, IPv4 as ::ffff:a.b.c.d. */
export const CLIENT_ADDRESS_BYTES = 16;

/**
 * Called for each datagram, with the query in `packet[0, length)` and room up to PACKET_BYTES; returns the length of the
 * answer that it wrote over the query, or less than 1 for none now. `packet` and `client` are the caller's again when
 * it returns. `nowMs`: when the datagram was taken, by performance.now(). It must not throw.
 */
export type OnQuery = (
  packet: Uint8Array,
  length: number,
  client: Uint8Array,
  listener: UdpListener,
  nowMs: number,
) => number;

export interface UdpListener {
  readonly address: string;
  readonly port: number;
  /** Only within OnQuery: writes down who asked, as PEER_BYTES octets from `into[at]`. */
  keepPeer(into: Uint8Array, at: number): void;
  /** Only within OnQuery: the port that was asked from. */
  peerPort(): number;
  /**
   * Copies and sends `packet[0, length)` to the peer that keepPeer wrote at `peers[at]`, from the address that it had
   * asked. What the network refuses is lost, as any datagram may be; after close() nothing is sent.
   */
  send(packet: Uint8Array, length: number, peers: Uint8Array, at: number): void;
  /**
   * Only within OnQuery: the address that was asked, as text. A link-local one with its interface ("fe80::1%eth0"):
   * each may have the same, as the VLANs of one card do.
   */
  asked(): string;
  close(): Promise<void>;
}

export interface UdpOptions {
  readonly address: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Several threads may hold the same address and port; the kernel spreads clients over them. */
  readonly reusePort: boolean;
  /** A socket that broke: it is closed, and the caller decides when to open it again. */
  readonly onBroken: (error: Error) => void;
}

export interface UdpSockets {
  /** A listener on 0.0.0.0 or :: answers from the address that was asked, and tells which that was. */
  readonly tellsAsked: boolean;
  /** Opens and binds. Rejects with the system's error (EADDRINUSE, EACCES, EADDRNOTAVAIL). */
  listen(options: UdpOptions): Promise<UdpListener>;
}

/** Enough for a burst of a few thousand queries while a thread is busy; the kernel caps it at net.core.rmem_max. */
export const RECEIVE_BUFFER_BYTES = 1 << 20;

/**
 * Answers to a client that does not say where it is lie in its neighbour entry for up to 3 s, at most 212,992 octets of
 * memory each (net.ipv4.neigh.default.unres_qlen_bytes) and charged to the socket. That is also what a socket may send by
 * default: one absent client could silence the box for all. With this it takes nine; where the kernel caps it, at
 * net.core.wmem_max, by default two.
 */
export const SEND_BUFFER_BYTES = 1 << 20;
