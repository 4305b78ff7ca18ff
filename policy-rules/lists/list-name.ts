/**
 * Names as lists write them → names as rules hold them: lower-case A-labels, no trailing dot, at most 253 octets.
 * Pure text: internationalised names need `toAscii` from the runtime (UTS 46 tables are not carried here).
 */
import { showText } from '../show-text.ts';

/** RFC 1035 section 2.3.4: 255 octets on the wire, of which the root and the first length octet are not text. */
export const MAX_NAME_LENGTH = 253;
export const MAX_LABEL_LENGTH = 63;

/** U-labels → A-labels for a whole name, e.g. `domainToASCII` of node:url. An empty answer or a throw means "not a name". */
export type ToAscii = (name: string) => string;

export interface NameFault {
  /** From 0, within the text that was read. */
  readonly offset: number;
  readonly message: string;
}

/** Character classes of ASCII; everything from 128 up is looked at by `toAscii`. */
const ILLEGAL = 0;
const LABEL = 1;
const UPPER = 2;
const DOT = 3;
const classes = new Uint8Array(128);
for (const char of 'abcdefghijklmnopqrstuvwxyz0123456789-_') classes[char.charCodeAt(0)] = LABEL;
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') classes[char.charCodeAt(0)] = UPPER;
classes[0x2e] = DOT;

/**
 * Whether text[from, to) is, as it stands, a rule's name of two labels or more that is no address. Allocates nothing:
 * it lets nearly all of a list of plain names pass without a look at its other possible meanings.
 */
export function isPlainName(text: string, from: number, to: number): boolean {
  const length = to - from;
  if (length < 3 || length > MAX_NAME_LENGTH) return false;
  let labelStart = from;
  let digitsOnly = true;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    const kind = code < 128 ? classes[code] : ILLEGAL;
    if (kind === LABEL) {
      if (code > 0x39 || code < 0x30) digitsOnly = false;
    } else if (kind === DOT) {
      if (at === labelStart || at - labelStart > MAX_LABEL_LENGTH) return false;
      labelStart = at + 1;
      digitsOnly = true;
    } else {
      return false;
    }
  }
  // A last label of digits is an address, or a fault that the slow path explains.
  return labelStart > from && to > labelStart && to - labelStart <= MAX_LABEL_LENGTH && !digitsOnly;
}

/** Reads one name. A trailing dot and a leading one (`.example.org`) are taken off; whether they fit is the caller's matter. */
export function readName(raw: string, toAscii: ToAscii | undefined): string | NameFault {
  const from = raw.startsWith('.') && raw.length > 1 ? 1 : 0;
  const to = raw.length > from + 1 && raw.endsWith('.') ? raw.length - 1 : raw.length;
  if (to === from) return { offset: 0, message: 'expected a name here' };
  const text = raw.slice(from, to);

  let ascii = text;
  const illegal = findIllegal(text);
  if (illegal !== -1) {
    const shown = showText(String.fromCodePoint(text.codePointAt(illegal)!));
    return {
      offset: from + illegal,
      message: `found "${shown}", expected letters, digits, hyphens, underscores or dots`,
    };
  }
  if (hasNonAscii(text)) {
    if (toAscii === undefined) {
      return {
        offset: from,
        message: `no converter for the international name "${showText(text)}", expected its xn-- form`,
      };
    }
    ascii = convert(text, toAscii);
    if (ascii === '' || hasNonAscii(ascii) || findIllegal(ascii) !== -1) {
      return {
        offset: from,
        message: `"${showText(text)}" is no valid international name (UTS 46), expected one or its xn-- form`,
      };
    }
    const fault = findLengthFault(ascii);
    return fault === undefined ? ascii.toLowerCase() : { offset: from, message: fault.message };
  }
  const fault = findLengthFault(ascii);
  return fault === undefined ? ascii.toLowerCase() : { offset: from + fault.offset, message: fault.message };
}

/** `1.2.3.4` with each part at most 255. */
export function isIpv4(text: string): boolean {
  return /^(?:\d{1,3}\.){3}\d{1,3}$/.test(text) && text.split('.').every((part) => Number(part) <= 255);
}

/** Loosely: what a list means as an address and cannot be a name. */
export function isIpv6(text: string): boolean {
  // The bound keeps the two runs, which can share a text in many ways, from costing the square of its length.
  return text.length <= 64 && /^[0-9a-f:.]*:[0-9a-f:.]*(?:%\S+)?$/i.test(text);
}

/** Addresses that lead nowhere: a list that maps a name to one blocks it. Any other address sends the client elsewhere. */
export function isNullAddress(text: string): boolean {
  // "0" is inet_aton's short form, which some hosts lists use to save space.
  if (text === '0' || text === '0.0.0.0' || text === '::' || text === '::1' || text === '::0') return true;
  if (text.startsWith('127.')) return isIpv4(text);
  return /^(?:0+:){7}0*[01]$|^::ffff:(?:0\.0\.0\.0|127\.0\.0\.1)$/i.test(text);
}

function findIllegal(text: string): number {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 128 && classes[code] === ILLEGAL) return at;
  }
  return -1;
}

function hasNonAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) >= 128) return true;
  return false;
}

function convert(text: string, toAscii: ToAscii): string {
  try {
    return toAscii(text);
  } catch {
    // "Not a name" in the runtime's own manner; the caller reports it with its position.
    return '';
  }
}

function findLengthFault(name: string): NameFault | undefined {
  if (name.length > MAX_NAME_LENGTH) {
    return { offset: 0, message: `a name of ${name.length} characters, expected at most ${MAX_NAME_LENGTH}` };
  }
  let offset = 0;
  let last = '';
  for (const label of name.split('.')) {
    if (label === '') return { offset, message: 'an empty label between two dots, expected 1 to 63 characters' };
    if (label.length > MAX_LABEL_LENGTH) {
      return { offset, message: `a label of ${label.length} characters, expected 1 to ${MAX_LABEL_LENGTH}` };
    }
    offset += label.length + 1;
    last = label;
  }
  // No top-level domain is a number (RFC 3696 section 2), so this is a cut or mistyped address.
  if (/^\d+$/.test(last) && !isIpv4(name)) {
    return {
      offset: name.length - last.length,
      message: `the name ends in the number ${last}, expected a top-level domain`,
    };
  }
  return undefined;
}
