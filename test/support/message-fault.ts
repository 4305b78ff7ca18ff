/**
 * A second opinion on whether a message can be read, written from the RFCs alone, slowly and plainly, so that it can
 * disagree with the box: RFC 1035 section 4 (framing, names, compression), RFC 3596, 4034, 5155, 6891, 8659
 * and 9460.
 */

/** Where types hold names, and in which form: n a name that may be compressed, and the octets before it. */
const namesIn: Readonly<Record<number, { readonly before: number; readonly names: number; readonly after: number }>> = {
  2: { before: 0, names: 1, after: 0 },
  5: { before: 0, names: 1, after: 0 },
  6: { before: 0, names: 2, after: 20 },
  12: { before: 0, names: 1, after: 0 },
  15: { before: 2, names: 1, after: 0 },
  33: { before: 6, names: 1, after: 0 },
  39: { before: 0, names: 1, after: 0 },
};
const fixedLengths: Readonly<Record<number, number>> = { 1: 4, 28: 16 };

/** What is wrong with the message, in words; null for one that every resolver can read to its last octet. */
export function faultOf(message: Uint8Array): string | null {
  if (message.length < 12) return 'shorter than a header';
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let at = 12;

  /** Moves past a name that ends at or before `limit`; false when it is none. */
  const skipName = (limit: number): boolean => {
    let octets = 0;
    let read = at;
    let jumped = false;
    /** A pointer leads to a prior occurrence: each further back than the one before, so that none can circle. */
    let priorTo = at;
    for (;;) {
      const length = message[read];
      if (length === undefined || (!jumped && read >= limit)) return false;
      if (length >= 0xc0) {
        const low = message[read + 1];
        if (low === undefined || (!jumped && read + 2 > limit)) return false;
        const target = ((length & 0x3f) << 8) | low;
        if (target < 12 || target >= priorTo) return false;
        if (!jumped) at = read + 2;
        jumped = true;
        priorTo = target;
        read = target;
        continue;
      }
      if (length > 63) return false;
      octets += 1 + length;
      if (octets > 255) return false;
      if (length === 0) {
        if (!jumped) at = read + 1;
        return at <= limit;
      }
      read += 1 + length;
    }
  };

  /** Where compression is forbidden. */
  const skipPlainName = (limit: number): boolean => {
    let octets = 1;
    while (at < limit && message[at]! > 0) {
      if (message[at]! > 63) return false;
      octets += 1 + message[at]!;
      at += 1 + message[at]!;
    }
    at += 1;
    return at <= limit && octets <= 255;
  };

  const isTypeMap = (limit: number): boolean => {
    let previous = -1;
    while (at + 2 < limit) {
      const [window, octets] = [message[at]!, message[at + 1]!];
      if (window <= previous || octets < 1 || octets > 32) return false;
      previous = window;
      at += 2 + octets;
    }
    return at === limit;
  };

  const faultOfData = (type: number, end: number): string | null => {
    const fixed = fixedLengths[type];
    if (fixed !== undefined) return end - at === fixed ? null : `type ${type} with ${end - at} octets of data`;
    const names = namesIn[type];
    if (names !== undefined) {
      at += names.before;
      for (let name = 0; name < names.names; name++) if (!skipName(end)) return `type ${type}: no name in its data`;
      at += names.after;
      return at === end ? null : `type ${type}: its data end ${end - at} octets after its parts`;
    }
    if (type === 16) {
      if (at === end) return 'TXT without a string';
      while (at < end) at += 1 + message[at]!;
      return at === end ? null : 'TXT: a string beyond its data';
    }
    if (type === 41) {
      while (at + 4 <= end) at += 4 + view.getUint16(at + 2);
      return at === end ? null : 'OPT: an option beyond its data';
    }
    if (type === 43) {
      const isWhole = end - at > 4;
      at = end;
      return isWhole ? null : 'DS without a digest';
    }
    if (type === 257) {
      const tag = end - at < 2 ? 0 : message[at + 1]!;
      return tag > 0 && at + 2 + tag <= end ? null : 'CAA: no tag within its data';
    }
    if (type === 46) {
      at += 18;
      return skipPlainName(end) && at < end ? null : 'RRSIG: no signer and signature';
    }
    if (type === 47) return skipPlainName(end) && isTypeMap(end) ? null : 'NSEC: no name and types';
    if (type === 50) {
      at += 5 + (message[at + 4] ?? 0);
      at += 1 + (message[at] ?? 0);
      return at <= end && isTypeMap(end) ? null : 'NSEC3: no salt, hash and types';
    }
    if (type === 64 || type === 65) {
      at += 2;
      if (!skipName(end)) return `type ${type}: no target`;
      let previous = -1;
      while (at + 4 <= end) {
        const key = view.getUint16(at);
        if (key <= previous) return `type ${type}: parameters out of order`;
        previous = key;
        at += 4 + view.getUint16(at + 2);
      }
      return at === end ? null : `type ${type}: a parameter beyond its data`;
    }
    return null;
  };

  for (let left = view.getUint16(4); left > 0; left--) {
    if (!skipName(message.length) || at + 4 > message.length) return 'a question that cannot be read';
    at += 4;
  }
  for (const [section, countAt] of [6, 8, 10].entries()) {
    for (let left = view.getUint16(countAt); left > 0; left--) {
      if (!skipName(message.length) || at + 10 > message.length) return `section ${section}: a record cut short`;
      const type = view.getUint16(at);
      const end = at + 10 + view.getUint16(at + 8);
      if (end > message.length) return `section ${section}: data beyond the message`;
      at += 10;
      const fault = faultOfData(type, end);
      if (fault !== null) return `section ${section}: ${fault}`;
      at = end;
    }
  }
  return at === message.length ? null : `${message.length - at} octets after the last record`;
}
