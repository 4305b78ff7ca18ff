/**
 * Addresses and CIDR ranges as text, for the checks of a policy. Strict: what passes here, ipaddr.js reads the same way
 * on the box. Which range a client falls into is the box's business, not this file's.
 */

export interface IpRange {
  readonly family: 4 | 6;
  readonly prefixBits: number;
  /** The same for every spelling of the same range: bits behind the prefix are cleared. */
  readonly key: string;
}

/** An address ("192.168.1.5", "fd00::5") or a range ("192.168.1.0/24"); undefined when it is neither. */
export function parseIpRange(text: string): IpRange | undefined {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const groups = parseIpv4(address) ?? parseIpv6(address);
  if (groups === undefined) return undefined;
  const family = groups.length === 4 ? 4 : 6;
  const widthBits = family === 4 ? 32 : 128;
  const prefixBits = slash < 0 ? widthBits : parsePrefix(text.slice(slash + 1), widthBits);
  if (prefixBits === undefined) return undefined;
  const groupBits = widthBits / groups.length;
  const masked = groups.map((value, index) => maskGroup(value, groupBits, prefixBits - index * groupBits));
  return { family, prefixBits, key: `${family}:${masked.map((value) => value.toString(16)).join(':')}/${prefixBits}` };
}

/** Whether every address of the one is in the other; false where either is no range. */
export function isWithin(inner: string, outer: string): boolean {
  const [within, around] = [parseIpRange(inner), parseIpRange(outer)];
  if (within === undefined || around === undefined) return false;
  if (within.family !== around.family || within.prefixBits < around.prefixBits) return false;
  const [address = ''] = inner.split('/');
  return parseIpRange(`${address}/${around.prefixBits}`)?.key === around.key;
}

/** Four decimal octets. Leading zeros are refused, since some programs read them as octal. */
function parseIpv4(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const octets = parts.map(Number);
  return octets.every((octet) => octet <= 255) ? octets : undefined;
}

/**
 * Eight groups of 16 bits (RFC 4291, section 2.2). Refused: a zone ("%eth0"), which means nothing to another machine,
 * and a dotted tail ("::192.0.2.1"), which ipaddr.js reads as another address than the RFC does.
 */
function parseIpv6(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = [parseGroups(halves[0]!), parseGroups(halves[1] ?? '')];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

function parseGroups(text: string): readonly number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  if (!parts.every((part) => /^[0-9a-f]{1,4}$/i.test(part))) return undefined;
  return parts.map((part) => Number.parseInt(part, 16));
}

function parsePrefix(text: string, widthBits: number): number | undefined {
  if (!/^(0|[1-9]\d{0,2})$/.test(text)) return undefined;
  const bits = Number(text);
  return bits <= widthBits ? bits : undefined;
}

function maskGroup(value: number, groupBits: number, keptBits: number): number {
  if (keptBits >= groupBits) return value;
  if (keptBits <= 0) return 0;
  const unit = 2 ** (groupBits - keptBits);
  return value - (value % unit);
}
