/**
 * Writes a message anew, where it cannot be kept as it came: without the strays that a walk found (stored-message.ts),
 * behind the alias of a safe host, or with its service bindings reduced. Off the hot path: it is done once, when an
 * answer is stored, and it allocates.
 *
 * When what is taken out of HTTPS and SVCB records: `ipv4hint`, `ipv6hint` and `ech` (RFC 9460 §7.3, RFC 9848) go where
 * some rule speaks of a name of the chain, be it the question's, one that a CNAME or DNAME leads to, or a TargetName; so
 * of everything that a service, a list or safe search may decide on, now or at the next change of schedule, grant or
 * group. A client then takes the address from a look-up that is judged, and is capped at 30 seconds, and a router that is
 * the box sees which of these it opens. Answers of which no rule speaks keep everything: their privacy is nobody's here
 * to take. What was changed is not what its owner signed, so AD goes too, and the signatures over it.
 */
import {
  endOfName,
  endOfPlainName,
  HEADER_BYTES,
  NAME_LIMIT_BYTES,
  putUint16,
  Rcode,
  Type,
  uint16,
} from './dns-question.ts';
import { expandName, isBinding, isHint, SvcParam, type Walk, walkMessage } from './stored-message.ts';

/** A message's length is 16 bits over TCP (RFC 1035 §4.2.2). */
const MESSAGE_LIMIT_BYTES = 65_535;
/** Whoever gets the alias gets it with the cap for names of which a rule speaks; the records behind it end it sooner. */
const ALIAS_TTL_SECONDS = 3600;
const AUTHENTIC = 0x20;
const TRUNCATED = 0x02;
const RCODE_BITS = 0x0f;
/** Where a compression pointer can lead (RFC 1035 §4.1.4). */
const POINTER_LIMIT = 0x4000;

/** Both on the wire, uncompressed. */
export interface Alias {
  readonly name: Uint8Array;
  /** The question's name of the message to be remade. */
  readonly target: Uint8Array;
}

/** An upstream's reply as it is kept: its id gone, its additional section too, and the strays. Null: not to be given. */
export function toStoredMessage(reply: Uint8Array, walk: Walk): Uint8Array | null {
  if (!walkMessage(reply, reply.length, null, walk)) return null;
  if (walk.strayCount > 0) {
    const remade = remakeMessage(reply, walk, null, false);
    return remade !== null && walkMessage(remade, remade.length, null, walk) ? remade : null;
  }
  const message = reply.slice(0, walk.end);
  putUint16(message, 0, 0);
  putUint16(message, 10, 0);
  return message;
}

/**
 * `walk`: of this very message. With `alias` the question becomes the alias's name, and a CNAME leads from there to the
 * target, behind which the answer stands; a failure or a truncated answer stays without records. Null when the message
 * is malformed in what a walk does not look at, or would become too long.
 */
export function remakeMessage(
  message: Uint8Array,
  walk: Walk,
  alias: Alias | null,
  withoutHints: boolean,
): Uint8Array | null {
  const writer = new Writer(message);
  const typeAndClass = message.subarray(walk.questionEnd - 4, walk.questionEnd);
  const rcode = message[3]! & RCODE_BITS;
  writer.bytes(message.subarray(0, HEADER_BYTES));
  writer.name(alias?.name ?? message.subarray(HEADER_BYTES, walk.questionEnd - 4));
  writer.bytes(typeAndClass);

  let answers = 0;
  let authorities = 0;
  const isFailure = rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN;
  const isEmpty = alias !== null && (isFailure || (message[2]! & TRUNCATED) !== 0);
  if (alias !== null && !isEmpty) {
    writer.alias(alias, typeAndClass);
    answers++;
  }
  const given = uint16(message, 6);
  // A CNAME is all that there is at its name, and so all that a question for CNAME is told.
  const isTold = alias !== null && uint16(typeAndClass, 0) === Type.CNAME;
  for (let i = 0; i < walk.ttlCount && !isEmpty; i++) {
    if (walk.strays[i] === 1 || isTold) continue;
    const typeAt = walk.ttlOffsets[i]! - 4;
    if (withoutHints && signsBinding(message, typeAt)) continue;
    const ownerAt = i === 0 ? walk.questionEnd : endOfRecord(message, walk.ttlOffsets[i - 1]!);
    if (!writer.record(ownerAt, typeAt, withoutHints) || writer.isTooLong) return null;
    if (i < given) answers++;
    else authorities++;
  }
  const remade = writer.end();
  if (remade === null) return null;
  if (alias !== null || withoutHints) remade[3] = remade[3]! & ~AUTHENTIC;
  // Whether the target exists is another question (RFC 2308 §2.1).
  if (isTold && !isEmpty) remade[3] = remade[3]! & ~RCODE_BITS;
  putUint16(remade, 0, 0);
  putUint16(remade, 4, 1);
  putUint16(remade, 6, answers);
  putUint16(remade, 8, authorities);
  putUint16(remade, 10, 0);
  return remade;
}

/** Whether the record is a signature over HTTPS or SVCB records: the type that it covers comes first (RFC 4034 §3.1). */
function signsBinding(message: Uint8Array, typeAt: number): boolean {
  return (
    uint16(message, typeAt) === Type.RRSIG &&
    uint16(message, typeAt + 8) >= 2 &&
    isBinding(uint16(message, typeAt + 10))
  );
}

/** `ttlAt`: offset of a record's TTL, with its data's length and data behind it. */
export function endOfRecord(message: Uint8Array, ttlAt: number): number {
  return ttlAt + 6 + uint16(message, ttlAt + 4);
}

/**
 * Where names stand in the data of types that may compress them (RFC 1035 §3.3, RFC 3597 §4, and SVCB's, which may not):
 * octets before them, and how many names.
 */
const namesIn: ReadonlyMap<number, readonly [before: number, names: number]> = new Map<number, [number, number]>([
  ...[2, 3, 4, 5, 7, 8, 9, 12, 30, 39].map((type): [number, [number, number]] => [type, [0, 1]]),
  ...[6, 14, 17].map((type): [number, [number, number]] => [type, [0, 2]]),
  ...[15, 18, 21, 36, 64, 65].map((type): [number, [number, number]] => [type, [2, 1]]),
  [24, [18, 1]],
  [26, [2, 2]],
  [33, [6, 1]],
]);

/** Copies out of `from`. A name that was written before in full is pointed to. */
class Writer {
  readonly #from: Uint8Array;
  readonly #to = new Uint8Array(MESSAGE_LIMIT_BYTES);
  /** Names written in full, as latin1 of their folded octets → where. */
  readonly #names = new Map<string, number>();
  readonly #name = new Uint8Array(NAME_LIMIT_BYTES + 1);
  /** Where the name was written in full that a pointer of `from` leads to, by that pointer. */
  readonly #byPointer = new Map<number, number>();
  #at = 0;
  isTooLong = false;

  constructor(from: Uint8Array) {
    this.#from = from;
  }

  end(): Uint8Array | null {
    return this.isTooLong ? null : this.#to.slice(0, this.#at);
  }

  bytes(octets: Uint8Array): void {
    if (this.#at + octets.length > MESSAGE_LIMIT_BYTES) {
      this.isTooLong = true;
      return;
    }
    this.#to.set(octets, this.#at);
    this.#at += octets.length;
  }

  /** `octets`: uncompressed, with the final zero. Returns where the name stands in full, where a pointer can say so. */
  name(octets: Uint8Array): number | undefined {
    const key = keyOf(octets);
    const known = this.#names.get(key);
    if (known === undefined || octets.length === 1) return this.#fullName(octets, key);
    this.#uint16(0xc000 | known);
    return known;
  }

  /** In the data of a record, so that nobody need follow a pointer there. */
  #fullName(octets: Uint8Array, key = keyOf(octets)): number | undefined {
    const at = this.#at < POINTER_LIMIT ? this.#at : undefined;
    if (at !== undefined && !this.#names.has(key)) this.#names.set(key, at);
    this.bytes(octets);
    return at;
  }

  alias({ name, target }: Alias, typeAndClass: Uint8Array): void {
    this.name(name);
    this.#uint16(Type.CNAME);
    this.bytes(typeAndClass.subarray(2));
    this.#uint16(0);
    this.#uint16(ALIAS_TTL_SECONDS);
    this.#uint16(target.length);
    this.#fullName(target);
  }

  /** The record whose owner begins at `ownerAt` and whose type stands at `typeAt`. False when it is malformed. */
  record(ownerAt: number, typeAt: number, withoutHints: boolean): boolean {
    const from = this.#from;
    const type = uint16(from, typeAt);
    const dataEnd = endOfRecord(from, typeAt + 4);
    if (!this.#copyName(ownerAt, typeAt)) return false;
    this.bytes(from.subarray(typeAt, typeAt + 8));
    const lengthAt = this.#at;
    this.#uint16(0);
    if (!this.#data(type, typeAt + 10, dataEnd, withoutHints)) return false;
    if (!this.isTooLong) putUint16(this.#to, lengthAt, this.#at - lengthAt - 2);
    return true;
  }

  #data(type: number, data: number, dataEnd: number, withoutHints: boolean): boolean {
    const from = this.#from;
    const [before, names] = namesIn.get(type) ?? [0, 0];
    let at = data + before;
    if (at > dataEnd) return false;
    this.bytes(from.subarray(data, at));
    for (let i = 0; i < names; i++) {
      const nameEnd = endOfName(from, at, dataEnd);
      if (nameEnd < 0 || !expandName(from, at, dataEnd, this.#name)) return false;
      this.#fullName(this.#name.subarray(0, endOfPlainName(this.#name, 0, this.#name.length)));
      at = nameEnd;
    }
    if (!withoutHints || !isBinding(type)) {
      this.bytes(from.subarray(at, dataEnd));
      return true;
    }
    return this.#params(at, dataEnd);
  }

  /** SvcParams: key, length, value (RFC 9460 §2.2). */
  #params(start: number, end: number): boolean {
    const from = this.#from;
    for (let at = start; at < end; ) {
      if (at + 4 > end) return false;
      const next = at + 4 + uint16(from, at + 2);
      if (next > end) return false;
      const key = uint16(from, at);
      if (key === SvcParam.MANDATORY) this.#mandatory(at + 4, next);
      else if (!isHint(key)) this.bytes(from.subarray(at, next));
      at = next;
    }
    return true;
  }

  /** A key that is listed as mandatory and missing makes the record malformed (RFC 9460 §8): it leaves the list too. */
  #mandatory(start: number, end: number): void {
    const kept: number[] = [];
    for (let at = start; at + 2 <= end; at += 2) if (!isHint(uint16(this.#from, at))) kept.push(uint16(this.#from, at));
    if (kept.length === 0) return;
    this.#uint16(SvcParam.MANDATORY);
    this.#uint16(2 * kept.length);
    for (const key of kept) this.#uint16(key);
  }

  #copyName(at: number, end: number): boolean {
    const pointer = uint16(this.#from, at);
    const known = this.#byPointer.get(pointer);
    if (known !== undefined) {
      this.#uint16(0xc000 | known);
      return true;
    }
    if (!expandName(this.#from, at, end, this.#name)) return false;
    const written = this.name(this.#name.subarray(0, endOfPlainName(this.#name, 0, this.#name.length)));
    if (pointer >= 0xc000 && written !== undefined) this.#byPointer.set(pointer, written);
    return true;
  }

  #uint16(value: number): void {
    this.bytes(Uint8Array.of(value >>> 8, value & 0xff));
  }
}

function keyOf(name: Uint8Array): string {
  const folded = Buffer.from(name);
  for (let i = 0; i < folded.length; i++) if (folded[i]! >= 0x41 && folded[i]! <= 0x5a) folded[i]! += 32;
  return folded.toString('latin1');
}
