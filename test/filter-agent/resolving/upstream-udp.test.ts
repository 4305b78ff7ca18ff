/** An upstream over UDP: what is taken for its reply and what is not, ports and ids, the way to TCP, EDNS. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import packet, { type DecodedPacket } from 'dns-packet';
import { afterEach, describe, expect, it } from 'vitest';
import type { Upstream, UpstreamQuestion } from '../../../filter-agent/resolving/upstream.ts';
import { createUdpUpstream } from '../../../filter-agent/resolving/upstream-udp.ts';
import { encodeName } from '../../../policy-rules/trie/wire-name.ts';
import { frame } from '../../support/dns-client.ts';
import { freePort } from '../../support/free-port.ts';
import { encodeReply } from '../../support/test-upstream.ts';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Came {
  readonly query: DecodedPacket;
  /** As it was asked, case and all. */
  readonly name: string;
  readonly from: RemoteInfo;
  /** Sends octets back, from the server's own socket unless told. */
  send(bytes: Buffer, socket?: Socket): void;
}

interface Script {
  readonly port: number;
  readonly came: Came[];
  /** Names asked over TCP. */
  readonly overTcp: string[];
}

const TRUTH = '192.0.2.1';
const POISON = '192.0.2.66';

function answerTo(query: DecodedPacket, data = TRUTH, flags = 0): Buffer {
  const { name } = query.questions![0]!;
  return encodeReply(query, [{ type: 'A', name, ttl: 300, data }], flags);
}

/** The truth is to be had over TCP unless `tcp` is false: then nobody listens there. */
async function scripted(onQuery: (came: Came) => void, { tcp = true } = {}): Promise<Script> {
  const port = await freePort();
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind({ address: '127.0.0.1', port }, resolve));
  ends.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  const script: Script = { port, came: [], overTcp: [] };
  socket.on('message', (message, from) => {
    const query = packet.decode(message);
    const send = (bytes: Buffer, by = socket) => by.send(bytes, from.port, from.address);
    const came = { query, name: query.questions![0]!.name, from, send };
    script.came.push(came);
    onQuery(came);
  });
  if (tcp) {
    const server: Server = createServer((connection) => {
      ends.push(() => void connection.destroy());
      connection.on('data', (chunk: Buffer) => {
        const query = packet.decode(chunk.subarray(2));
        script.overTcp.push(query.questions![0]!.name);
        connection.write(frame(answerTo(query)));
      });
    });
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port }, resolve));
    ends.push(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  }
  return script;
}

function udpTo({ port }: { port: number }): Upstream {
  const upstream = createUdpUpstream('udp://test', '127.0.0.1', port);
  ends.push(() => upstream.close());
  return upstream;
}

function question(name: string): UpstreamQuestion {
  return { name: encodeName(name), type: 1, class: 1, dnssecOk: false, checkingDisabled: false };
}

const addressIn = (reply: Uint8Array) =>
  packet.decode(Buffer.from(reply)).answers!.map((answer) => 'data' in answer && answer.data);
const withName = (query: DecodedPacket, name: string): DecodedPacket => ({
  ...query,
  questions: [{ ...query.questions![0]!, name }],
});
const LONG = 'a-name-with-many-letters-to-mix.example';

describe('an upstream over UDP', () => {
  it('is asked from another port with another id each time, and in no order', async () => {
    const server = await scripted(({ query, send }) => send(answerTo(query)));
    const upstream = udpTo(server);
    for (let n = 0; n < 200; n++) await upstream.ask(question(`n${n}.example`), 2_000);
    const ports = server.came.map(({ from }) => from.port);
    const ids = server.came.map(({ query }) => query.id!);
    for (const figures of [ports, ids]) {
      expect(new Set(figures).size).toBeGreaterThanOrEqual(180);
      const neighbours = figures.filter((figure, n) => n > 0 && Math.abs(figure - figures[n - 1]!) === 1).length;
      expect(neighbours).toBeLessThanOrEqual(2);
    }
  });

  it('is asked in letters of random case, and answered in lower case', async () => {
    const server = await scripted(({ query, send }) => send(answerTo(query)));
    const upstream = udpTo(server);
    const replies = await Promise.all(Array.from({ length: 20 }, () => upstream.ask(question(LONG), 2_000)));
    const spellings = server.came.map(({ name }) => name);
    expect(new Set(spellings).size).toBeGreaterThanOrEqual(18);
    expect(new Set(spellings.map((name) => name.toLowerCase()))).toEqual(new Set([LONG]));
    expect(replies.every((reply) => packet.decode(Buffer.from(reply)).questions![0]!.name === LONG)).toBe(true);
    expect(server.overTcp).toEqual([]);
  });

  const forgeries: readonly (readonly [string, (came: Came) => Buffer])[] = [
    ['another id', ({ query }) => answerTo({ ...query, id: (query.id! + 1) & 0xffff }, POISON)],
    ['another name', ({ query }) => answerTo(withName(query, 'other.example'), POISON)],
    ['a longer name', ({ query, name }) => answerTo(withName(query, `${name}.example`), POISON)],
    ['another type', ({ query, name }) => answerTo({ ...query, questions: [{ type: 'AAAA', name }] }, POISON)],
    [
      'another class',
      ({ query, name }) => answerTo({ ...query, questions: [{ type: 'A', name, class: 'CH' }] }, POISON),
    ],
    ['a query', ({ query }) => changed(answerTo(query, POISON), (bytes) => bytes.writeUInt8(bytes[2]! & 0x7f, 2))],
    [
      'another opcode',
      ({ query }) => changed(answerTo(query, POISON), (bytes) => bytes.writeUInt8(bytes[2]! | 0x20, 2)),
    ],
    ['no question', ({ query }) => encodeReply({ ...query, questions: [] }, [])],
    ['two questions', ({ query }) => changed(answerTo(query, POISON), (bytes) => bytes.writeUInt16BE(2, 4))],
    ['an empty datagram', () => Buffer.alloc(0)],
    ['one octet', () => Buffer.alloc(1)],
    ['a header cut short', ({ query }) => answerTo(query, POISON).subarray(0, 11)],
    ['a question cut short', ({ query }) => answerTo(query, POISON).subarray(0, 20)],
    [
      'a question that points to itself',
      ({ query }) => changed(answerTo(query, POISON), (bytes) => bytes.writeUInt16BE(0xc00c, 12)),
    ],
  ];
  it.each(forgeries)('passes over %s, and takes the truth that comes after it', async (_, forge) => {
    const server = await scripted((came) => {
      came.send(forge(came));
      came.send(answerTo(came.query));
    });
    expect(addressIn(await udpTo(server).ask(question(LONG), 2_000))).toEqual([TRUTH]);
    expect(server.overTcp).toEqual([]);
  });

  it('passes over what comes from another port', async () => {
    const elsewhere = createSocket('udp4');
    ends.push(() => new Promise<void>((resolve) => elsewhere.close(() => resolve())));
    const server = await scripted((came) => {
      came.send(answerTo(came.query, POISON), elsewhere);
      setTimeout(() => came.send(answerTo(came.query)), 100);
    });
    expect(addressIn(await udpTo(server).ask(question(LONG), 2_000))).toEqual([TRUTH]);
  });

  const doubtful: readonly (readonly [string, (came: Came) => Buffer])[] = [
    ['is cut short', ({ query }) => encodeReply(query, [], packet.TRUNCATED_RESPONSE)],
    ['is in another case', ({ query, name }) => answerTo(withName(query, inverted(name)), POISON)],
    [
      'is in another case and cut short',
      ({ query, name }) => encodeReply(withName(query, inverted(name)), [], packet.TRUNCATED_RESPONSE),
    ],
    ['has a record that ends behind it', ({ query }) => answerTo(query, POISON).subarray(0, -2)],
    [
      'has fewer records than it says',
      ({ query }) => changed(encodeReply(query, []), (bytes) => bytes.writeUInt16BE(3, 6)),
    ],
  ];
  it.each(doubtful)('is asked over TCP where its reply %s', async (_, forge) => {
    const server = await scripted((came) => came.send(forge(came)));
    expect(addressIn(await udpTo(server).ask(question(LONG), 2_000))).toEqual([TRUTH]);
    expect(server.overTcp).toEqual([LONG]);
  });

  it('is taken at its word in another case where it has no TCP, but not cut short', async () => {
    const server = await scripted(({ query, name, send }) => send(answerTo(withName(query, name.toLowerCase()))), {
      tcp: false,
    });
    expect(addressIn(await udpTo(server).ask(question(LONG), 2_000))).toEqual([TRUTH]);
    const short = await scripted(({ query, send }) => send(encodeReply(query, [], packet.TRUNCATED_RESPONSE)), {
      tcp: false,
    });
    await expect(udpTo(short).ask(question(LONG), 2_000)).rejects.toThrow('ECONNREFUSED');
  });

  it('is awaited when there was a forgery in another case, and no room over TCP to ask for the truth', async () => {
    const server = await scripted(
      (came) => {
        const { query, name, send } = came;
        if (!/^forged/i.test(name)) {
          send(encodeReply(query, [], packet.TRUNCATED_RESPONSE));
          return;
        }
        send(answerTo(withName(query, inverted(name)), POISON));
        setTimeout(() => send(answerTo(query)), 200);
      },
      { tcp: false },
    );
    let taken = 0;
    const sockets = new Set<{ destroy(): unknown }>();
    // One answer a connection, and then none at all.
    const tcp = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.once('data', (chunk: Buffer) => {
        const query = packet.decode(chunk.subarray(2, 2 + chunk.readUInt16BE(0)));
        if (/^silent/.test(query.questions![0]!.name)) taken++;
        else socket.end(frame(answerTo(query)));
      });
    });
    await new Promise<void>((resolve) => tcp.listen({ host: '127.0.0.1', port: server.port }, resolve));
    ends.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => void tcp.close(() => resolve()));
    });
    const upstream = udpTo(server);
    const askAll = (names: readonly string[], ms: number) =>
      Promise.allSettled(names.map((name) => upstream.ask(question(name), ms)));
    for (let n = 0; n < 4; n++)
      await askAll(
        [1, 2, 3, 4].map((label) => `n${n}-${label}.example`),
        1_000,
      );
    const silent = askAll(
      Array.from({ length: 64 }, (_, n) => `silent${n}.example`),
      2_000,
    );
    await expect.poll(() => taken).toBe(64);
    expect(addressIn(await upstream.ask(question(`forged-${LONG}`), 1_000))).toEqual([TRUTH]);
    await silent;
  });

  it('is no longer asked in mixed case when it has answered without several times', async () => {
    const server = await scripted(({ query, name, send }) => send(answerTo(withName(query, name.toLowerCase()))));
    const upstream = udpTo(server);
    for (let n = 0; n < 6; n++) expect(addressIn(await upstream.ask(question(`${n}-${LONG}`), 2_000))).toEqual([TRUTH]);
    expect(server.overTcp).toHaveLength(3);
    expect(server.came.slice(3).map(({ name }) => name)).toEqual([3, 4, 5].map((n) => `${n}-${LONG}`));
  });

  it('fails at once where nobody listens', async () => {
    const startedAtMs = performance.now();
    await expect(udpTo({ port: await freePort() }).ask(question(LONG), 5_000)).rejects.toThrow('ECONNREFUSED');
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  });

  it('waits for nobody once it is closed', async () => {
    const server = await scripted(() => {});
    const upstream = udpTo(server);
    const asked = expect(upstream.ask(question(LONG), 5_000)).rejects.toMatchObject({ code: 'closed' });
    await expect.poll(() => server.came.length).toBe(1);
    const startedAtMs = performance.now();
    upstream.close();
    await asked;
    expect(performance.now() - startedAtMs).toBeLessThan(500);
  });

  it('is asked without EDNS for a while once it has complained of it several times', async () => {
    const server = await scripted(({ query, send }) => send(hasEdns(query) ? encodeReply(query, 1) : answerTo(query)));
    const upstream = udpTo(server);
    for (let n = 0; n < 6; n++)
      expect(addressIn(await upstream.ask(question(`n${n}.example`), 2_000))).toEqual([TRUTH]);
    expect(server.came.map(({ query }) => hasEdns(query))).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it('is still asked with EDNS where its complaints are not of that, or are not always', async () => {
    const server = await scripted(({ query, name, send }) => {
      const odd = /^odd/i.test(name);
      if (odd && hasEdns(query)) send(encodeReply(query, 1));
      else send(answerTo(query));
    });
    const upstream = udpTo(server);
    for (let n = 0; n < 4; n++)
      for (const stem of ['odd', 'good']) await upstream.ask(question(`${stem}${n}.example`), 2_000);
    expect(server.came.filter(({ query }) => hasEdns(query))).toHaveLength(8);
    const lost = await scripted(({ query, send }) => send(encodeReply(query, 4)));
    const never = udpTo(lost);
    for (let n = 0; n < 5; n++) await never.ask(question(`n${n}.example`), 2_000);
    expect(lost.came.filter(({ query }) => hasEdns(query))).toHaveLength(5);
  });
});

function hasEdns(query: DecodedPacket): boolean {
  return (query.additionals ?? []).length > 0;
}

function changed(bytes: Buffer, change: (bytes: Buffer) => void): Buffer {
  change(bytes);
  return bytes;
}

/** Each letter in the other case. */
function inverted(name: string): string {
  return name.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}
