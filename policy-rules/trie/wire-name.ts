/**
 * Names between text and wire (RFC 1035 section 3.1; escapes as in RFC 4343 section 2.1). Off the hot path: both sides
 * allocate. Owns the escapes; leaves out compression pointers and IDN.
 */
import { showText } from '../show-text.ts';

const MAX_LABEL_OCTETS = 63;
/** With all length octets and the root's zero (RFC 1035 section 2.3.4). */
export const MAX_WIRE_NAME_OCTETS = 255;

/**
 * "www.example.org", with or without a trailing dot, to length-prefixed labels and the zero octet; case is kept. A
 * backslash makes the next character part of the label, or names an octet by three decimal digits; "" and "." are the
 * root.
 * @param into written from its start when given, and then the result is a view of it; at most 255 octets are needed.
 * @throws RangeError for an empty or long label, a long name, a broken escape, or a character that is no octet.
 */
export function encodeName(text: string, into: Uint8Array = new Uint8Array(MAX_WIRE_NAME_OCTETS)): Uint8Array {
  if (text === '' || text === '.') {
    into[0] = 0;
    return into.subarray(0, 1);
  }
  let labelAt = 0;
  let end = 1;
  const closeLabel = (): void => {
    const length = end - labelAt - 1;
    if (length < 1 || length > MAX_LABEL_OCTETS) {
      throw refusal(text, `a label of ${length} octets, expected 1 to ${MAX_LABEL_OCTETS}`);
    }
    into[labelAt] = length;
    labelAt = end;
    end++;
  };
  for (let at = 0; at < text.length; ) {
    if (text[at] === '.') {
      closeLabel();
      at++;
      continue;
    }
    const { octet, next } = readOctet(text, at);
    // One more is needed for the root's zero.
    if (end >= Math.min(MAX_WIRE_NAME_OCTETS, into.length) - 1) {
      throw refusal(
        text,
        `too long, expected at most ${Math.min(MAX_WIRE_NAME_OCTETS, into.length)} octets on the wire`,
      );
    }
    into[end++] = octet;
    at = next;
  }
  if (end > labelAt + 1) closeLabel();
  into[labelAt] = 0;
  return into.subarray(0, labelAt + 1);
}

/**
 * A well-formed wire name at `offset` to text on one line that is safe in logs and tab-separated output: dots and
 * backslashes within labels, and whatever is not printable ASCII, are escaped; markup is the view's affair. No trailing
 * dot, but the root is ".". `encodeName` gives the same octets back.
 */
export function decodeName(bytes: Uint8Array, offset: number): string {
  const labels: string[] = [];
  let at = offset;
  for (let length = bytes[at] ?? 0; length !== 0; length = bytes[at] ?? 0) {
    let label = '';
    for (const octet of bytes.subarray(at + 1, at + 1 + length)) label += escapeOctet(octet);
    labels.push(label);
    at += 1 + length;
  }
  return labels.length === 0 ? '.' : labels.join('.');
}

function readOctet(text: string, at: number): { octet: number; next: number } {
  if (text[at] !== '\\') {
    const octet = text.charCodeAt(at);
    if (octet > 0x7f) throw refusal(text, `character ${at + 1} is not ASCII, expected A-labels or \\DDD`);
    return { octet, next: at + 1 };
  }
  const digits = /^\d{3}/.exec(text.slice(at + 1, at + 4))?.[0];
  if (digits !== undefined) {
    const octet = Number(digits);
    if (octet > 255) throw refusal(text, `escape \\${digits}, expected \\000 to \\255`);
    return { octet, next: at + 4 };
  }
  const octet = text.charCodeAt(at + 1);
  // NaN, where the text ends in the backslash, fails this test too.
  if (!(octet <= 0x7f) || /\d/.test(text[at + 1]!)) {
    throw refusal(text, `a broken escape at character ${at + 1}, expected \\ and a character, or \\DDD`);
  }
  return { octet, next: at + 2 };
}

function escapeOctet(octet: number): string {
  if (octet === 0x2e) return '\\.';
  if (octet === 0x5c) return '\\\\';
  if (octet > 0x20 && octet < 0x7f) return String.fromCharCode(octet);
  return `\\${String(octet).padStart(3, '0')}`;
}

function refusal(text: string, reason: string): RangeError {
  return new RangeError(`cannot encode name "${showText(text)}": ${reason}`);
}
