/**
 * Packets that no stub and no resolver sends, the same ones for the same seed; and a second opinion on which of them are
 * queries.
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

  /**
   * What a sound upstream says to a query with one question for the wire name `name`: data for its type, behind an alias
   * now and then, or that there are none, with what such answers bring along.
   */
  reply(query: Buffer, name: Buffer): Buffer {
    const end = 12 + name.length + 4;
    const head = Buffer.from(query.subarray(0, end));
    const type = query.readUInt16BE(end - 4);
    const answers: Buffer[] = [];
    const authority: Buffer[] = [];
    const additional: Buffer[] = [];
    let owner = pointer(12);
    if (this.below(3) === 0) {
      answers.push(this.#record(owner, 5, Buffer.concat([Buffer.from('\x05alias', 'latin1'), pointer(12)])));
      owner = pointer(end + 12);
    }
    const isNegative = this.below(5) === 0;
    if (!isNegative) for (let left = 1 + this.below(3); left > 0; left--) answers.push(this.#answerRecord(owner, type));
    if (isNegative || this.below(4) === 0) {
      const names = Buffer.concat([pointer(12), Buffer.from('\x04mail', 'latin1'), pointer(12)]);
      authority.push(this.#record(pointer(12), 6, Buffer.concat([names, this.bytes(16), Buffer.of(0, 0, 0, 60)])));
    }
    if (this.below(4) === 0) additional.push(this.#record(pointer(12), 1, this.bytes(4)));
    if (query.readUInt16BE(10) > 0) additional.push(Buffer.of(0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0));
    const rcode = isNegative && answers.length === 0 && this.below(2) === 0 ? 3 : 0;
    Buffer.of(0x81, 0x80 | rcode).copy(head, 2);
    for (const [at, count] of [1, answers.length, authority.length, additional.length].entries()) {
      head.writeUInt16BE(count, 4 + 2 * at);
    }
    return Buffer.concat([head, ...answers, ...authority, ...additional]);
  }

  /** The message damaged in one to four places. */
  damaged(message: Buffer): Buffer {
    let damaged = message;
    for (let changes = 1 + this.below(4); changes > 0; changes--) damaged = this.#damage(damaged);
    return damaged;
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

  #answerRecord(owner: Buffer, type: number): Buffer {
    const name = pointer(12);
    const data: Readonly<Record<number, () => Buffer>> = {
      1: () => this.bytes(4),
      5: () => Buffer.concat([Buffer.of(1, 97 + this.below(26)), name]),
      12: () => name,
      15: () => Buffer.concat([this.bytes(2), name]),
      16: () => Buffer.concat([Buffer.of(5), this.bytes(5)]),
      28: () => this.bytes(16),
      // ServiceMode with alpn and one address to begin with (RFC 9460 section 7).
      65: () => Buffer.of(0, 1, 0, 0, 1, 0, 3, 2, 104, 50, 0, 4, 0, 4, 192, 0, 2, this.below(256)),
      257: () => Buffer.concat([Buffer.from('\x00\x05issue', 'latin1'), this.bytes(this.below(20))]),
    };
    return this.#record(owner, type, (data[type] ?? (() => this.bytes(this.below(40))))());
  }

  /** TTL 1 to 300 s. */
  #record(owner: Buffer, type: number, data: Buffer): Buffer {
    const fixed = [this.#uint16(type), this.#uint16(1), this.#uint16(0), this.#uint16(1 + this.below(300))];
    return Buffer.concat([owner, ...fixed, this.#uint16(data.length), data]);
  }

  #uint16(value: number): Buffer {
    return Buffer.of(value >> 8, value & 255);
  }
}

/** A compressed name (RFC 1035 section 4.1.4). */
function pointer(to: number): Buffer {
  return Buffer.of(0xc0 | (to >> 8), to & 255);
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
