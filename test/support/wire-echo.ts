/**
 * An answer made from the octets of the query alone, for names that dns-packet would read as others (a dot within a
 * label, octets that are no UTF-8): the question as it came, and one address for it.
 */

const HEADER_OCTETS = 12;

/** Labels of any octets to a wire name. */
export function wireName(...labels: readonly (string | Uint8Array)[]): Buffer {
  const parts = labels.flatMap((label) => {
    const octets = Buffer.from(typeof label === 'string' ? Buffer.from(label, 'latin1') : label);
    return [Buffer.of(octets.length), octets];
  });
  return Buffer.concat([...parts, Buffer.of(0)]);
}

/** A query without EDNS, RD set, class IN. */
export function wireQuery(id: number, name: Uint8Array, type = 1): Buffer {
  const header = Buffer.of(id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0);
  return Buffer.concat([header, name, Buffer.of(type >> 8, type & 255, 0, 1)]);
}

/** The name of the only question, which no compression shortens in a query (RFC 1035 section 4.1.4). */
export function questionName(message: Buffer): Buffer {
  let at = HEADER_OCTETS;
  while (message[at]! > 0) at += 1 + message[at]!;
  return message.subarray(HEADER_OCTETS, at + 1);
}

/** NOERROR with one A record, 192.0.2.1, whose owner points at the question. */
export function addressReply(query: Buffer): Buffer {
  const head = reply(query, 1);
  const ownClass = head.subarray(-2);
  return Buffer.concat([head, Buffer.of(0xc0, 0x0c, 0, 1), ownClass, Buffer.of(0, 0, 1, 44, 0, 4, 192, 0, 2, 1)]);
}

/** NOERROR, and that there is no such record, without the SOA that would let anybody keep it. */
export function emptyReply(query: Buffer): Buffer {
  return reply(query, 0);
}

function reply(query: Buffer, answers: number): Buffer {
  const head = Buffer.from(query.subarray(0, HEADER_OCTETS + questionName(query).length + 4));
  head.writeUInt16BE(0x8180, 2);
  for (const [at, count] of [1, answers, 0, 0].entries()) head.writeUInt16BE(count, 4 + 2 * at);
  return head;
}
