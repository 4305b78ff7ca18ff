/**
 * Packets that no stub sends, the same ones for the same seed; and a second opinion on which of them are queries.
 *
 * `queryName` is written from RFC 1035 and RFC 6891 alone, slowly and plainly, so that it can disagree with the box.
 */
import { seededNumbers } from './seeded-names.ts';

const TYPES = [1, 28, 65, 16, 5, 255, 12, 6, 250, 251, 252, 41, 0, 65535];

export class PacketMaker {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seededNumbers(seed);
  }

  below(limit: number): number {
    return this.#next() % limit;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** Garbage, or a query that has been damaged in one to four places. */
  packet(): Buffer {
    if (this.below(5) === 0) return this.bytes(this.below(700));
    let packet = this.query();
    for (let changes = this.below(5); changes > 0; changes--) packet = this.#damage(packet);
    return packet;
  }

  /** What a stub might send, now and then with EDNS, options or too much of either. */
  query(): Buffer {
    const header = Buffer.from([
      this.below(256),
      this.below(256),
      this.below(4) === 0 ? this.below(256) : 1,
      0,
      0,
      1,
      0,
      0,
      0,
      0,
      0,
      0,
    ]);
    if (this.below(8) === 0) header[3] = this.below(256);
    const parts = [
      header,
      this.#name(),
      this.#uint16(TYPES[this.below(TYPES.length)]!),
      this.#uint16(this.below(20) === 0 ? this.below(65_536) : 1),
    ];
    if (this.below(3) === 0) {
      const options = this.below(3) === 0 ? this.bytes(this.below(40)) : Buffer.alloc(0);
      const opt = Buffer.concat([
        Buffer.of(0),
        this.#uint16(41),
        this.#uint16(this.below(65_536)),
        this.#uint16(this.below(4) === 0 ? this.below(65_536) : 0),
        this.#uint16(0x8000 * this.below(2)),
        this.#uint16(options.length),
        options,
      ]);
      header[11] = 1 + this.below(2);
      for (let count = header[11]; count > 0; count--) parts.push(opt);
    }
    return Buffer.concat(parts);
  }

  #name(): Buffer {
    const labels = Array.from({ length: this.below(5) }, () => {
      const length = this.below(12) === 0 ? this.below(70) : 1 + this.below(10);
      const plain = this.below(6) !== 0;
      const label = Buffer.from(Array.from({ length }, () => (plain ? 97 + this.below(26) : this.below(256))));
      return Buffer.concat([Buffer.of(length), label]);
    });
    return Buffer.concat([...labels, Buffer.from('\x07example\x00', 'latin1')]);
  }

  #damage(packet: Buffer): Buffer {
    const at = this.below(Math.max(1, packet.length));
    const changed = Buffer.concat([packet]);
    switch (this.below(6)) {
      case 0:
        return changed.subarray(0, at);
      case 1:
        return Buffer.concat([changed, this.bytes(this.below(300))]);
      case 2:
        return Buffer.concat([changed.subarray(0, at), this.bytes(1 + this.below(8)), changed.subarray(at)]);
      case 3:
        // Where a length or a pointer might stand.
        if (packet.length > 12) changed[12 + this.below(packet.length - 12)] = [0, 63, 64, 0xc0, 0xff][this.below(5)]!;
        return changed;
      case 4:
        // A count of the header.
        if (packet.length > 11) changed[4 + this.below(8)] = this.below(3);
        return changed;
      default:
        if (packet.length > 0) changed[at] = changed[at]! ^ (1 << this.below(8));
        return changed;
    }
  }

  #uint16(value: number): Buffer {
    return Buffer.of(value >> 8, value & 255);
  }
}

/** The question's name in lower case, its octets as latin1 between dots, if the packet is a query that may be looked up. */
export function queryName(packet: Buffer): string | null {
  if (packet.length < 12) return null;
  const isQuery = packet[2]! >> 3 === 0;
  if (!isQuery || packet.readUInt16BE(4) !== 1 || packet.readUInt16BE(6) !== 0 || packet.readUInt16BE(8) !== 0)
    return null;
  const labels: string[] = [];
  let at = 12;
  for (let length = packet[at]; length !== 0; length = packet[at]) {
    if (length === undefined || length > 63 || at + 1 + length > packet.length) return null;
    labels.push(packet.subarray(at + 1, at + 1 + length).toString('latin1'));
    at += 1 + length;
  }
  at += 1;
  const nameOctets = at - 12;
  if (nameOctets > 255 || at + 4 > packet.length) return null;
  at += 4;
  for (let left = packet.readUInt16BE(10), opts = 0; left > 0; left--) {
    const owner = at;
    for (let length = packet[at]; ; length = packet[at]) {
      if (length === undefined) return null;
      if (length >= 0xc0) {
        at += 2;
        break;
      }
      at += 1 + length;
      if (length > 63) return null;
      if (length === 0) break;
    }
    if (at + 10 > packet.length) return null;
    const isOpt = packet.readUInt16BE(at) === 41;
    if (isOpt && (packet[owner] !== 0 || ++opts > 1)) return null;
    // Only version 0 is known (RFC 6891 §6.1.3).
    if (isOpt && packet[at + 5] !== 0) return null;
    at += 10 + packet.readUInt16BE(at + 8);
    if (at > packet.length) return null;
  }
  return labels.join('.').toLowerCase();
}
