/** Connections to an upstream over TCP and TLS: shared, pipelined, closed when idle, given up when mute or out of step. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import packet, { type DecodedPacket } from 'dns-packet';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClockTrust } from '../../../filter-agent/resolving/clock-trust.ts';
import { createUpstream } from '../../../filter-agent/resolving/create-upstream.ts';
import type { Upstream, UpstreamQuestion } from '../../../filter-agent/resolving/upstream.ts';
import { createTcpUpstream } from '../../../filter-agent/resolving/upstream-tcp.ts';
import { encodeName } from '../../../policy-rules/trie/wire-name.ts';
import { type Certificate, createCertificateAuthority } from '../../support/certificates.ts';
import { frame } from '../../support/dns-client.ts';
import { lacks } from '../../support/name-servers.ts';
import { encodeReply } from '../../support/test-upstream.ts';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** One query as it came over a connection. */
interface Came {
  readonly connection: number;
  readonly socket: Socket;
  readonly message: Buffer;
  readonly query: DecodedPacket;
  readonly name: string;
  /** Sends the right answer, or these octets in its place. */
  answer(bytes?: Buffer): void;
}

interface Script {
  readonly port: number;
  readonly came: Came[];
  connections: number;
  open(): number;
}

type OnQuery = (came: Came) => void;

/** A server that does with each query what the test says. */
async function scripted(
  onQuery: OnQuery,
  makeServer: (serve: (socket: Socket) => void) => Server = createServer,
): Promise<Script> {
  const sockets = new Set<Socket>();
  const script = { port: 0, came: [] as Came[], connections: 0, open: () => sockets.size };
  const server = makeServer((socket) => {
    const connection = script.connections++;
    sockets.add(socket);
    let received = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const message = received.subarray(2, 2 + received.readUInt16BE(0));
        received = received.subarray(2 + message.length);
        const query = packet.decode(message);
        const name = query.questions![0]!.name;
        const answer = (bytes = right(query)) => void socket.write(frame(bytes));
        const came = { connection, socket, message, query, name, answer };
        script.came.push(came);
        onQuery(came);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  ends.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  script.port = (server.address() as { port: number }).port;
  return script;
}

function right(query: DecodedPacket): Buffer {
  const { name } = query.questions![0]!;
  return encodeReply(query, [{ type: 'A', name, ttl: 300, data: '192.0.2.1' }]);
}

function tcpTo({ port }: { port: number }): Upstream {
  const upstream = createTcpUpstream('tcp://test', '127.0.0.1', port);
  ends.push(() => upstream.close());
  return upstream;
}

function question(name: string, dnssecOk = false): UpstreamQuestion {
  return { name: encodeName(name), type: 1, class: 1, dnssecOk, checkingDisabled: false };
}

const names = (count: number, stem = 'n') => Array.from({ length: count }, (_, n) => `${stem}${n}.example`);
const askAll = (upstream: Upstream, all: readonly string[], timeoutMs = 3_000) =>
  Promise.all(all.map((name) => upstream.ask(question(name), timeoutMs)));
const nameOf = (reply: Uint8Array) => packet.decode(Buffer.from(reply)).questions![0]!.name;
const idOf = ({ query }: Came) => query.id;

describe('an upstream over TCP', () => {
  it('takes many queries on one connection, and their replies in any order', async () => {
    const held: Came[] = [];
    const server = await scripted((came) => {
      held.push(came);
      if (held.length < 100) return;
      for (const one of held.splice(0).reverse()) one.answer();
    });
    const asked = names(100);
    const replies = await askAll(tcpTo(server), asked);
    expect(replies.map(nameOf)).toEqual(asked);
    expect(server.connections).toBe(1);
    expect(new Set(server.came.map(idOf)).size).toBe(100);
  });

  it('takes replies octet by octet, and several in one segment', async () => {
    const server = await scripted(({ name, query, socket, answer }) => {
      if (name !== 'slow.example') answer();
      else for (const octet of frame(right(query))) socket.write(Buffer.of(octet));
    });
    const upstream = tcpTo(server);
    expect(nameOf(await upstream.ask(question('slow.example'), 3_000))).toBe('slow.example');
    expect((await askAll(upstream, names(20))).map(nameOf)).toEqual(names(20));
  });

  it('opens a second connection when the first is full, and no third', async () => {
    const held: Came[] = [];
    const server = await scripted((came) => held.push(came));
    const all = askAll(tcpTo(server), names(600), 5_000);
    await expect.poll(() => held.length, { timeout: 5_000 }).toBe(600);
    expect(server.connections).toBe(2);
    for (const came of held) came.answer();
    expect(await all).toHaveLength(600);
  });

  it('asks again on a new connection what was in flight when the server closed the old one', async () => {
    let closes = false;
    const server = await scripted((came) => {
      if (closes && came.connection === 0) came.socket.destroy();
      else came.answer();
    });
    const upstream = tcpTo(server);
    await upstream.ask(question('first.example'), 3_000);
    closes = true;
    expect((await askAll(upstream, names(50))).map(nameOf)).toEqual(names(50));
    expect(server.connections).toBe(2);
  });

  it('opens a new connection after the server closed an idle one', async () => {
    const server = await scripted((came) => came.answer());
    const upstream = tcpTo(server);
    await upstream.ask(question('a.example'), 3_000);
    server.came[0]!.socket.end();
    await expect.poll(() => server.open()).toBe(0);
    expect(nameOf(await upstream.ask(question('b.example'), 3_000))).toBe('b.example');
    expect(server.connections).toBe(2);
  });

  it('asks twice more at the most: a server that always closes is a failure', async () => {
    const server = await scripted((came) => void came.socket.destroy());
    const upstream = tcpTo(server);
    await expect(askAll(upstream, ['a.example', 'b.example'])).rejects.toMatchObject({ code: 'network' });
    // Two that both share, and then each its own.
    expect(server.connections).toBeLessThanOrEqual(4);
  });

  const breaks: readonly (readonly [string, OnQuery])[] = [
    ['is reset', ({ socket }) => void socket.resetAndDestroy()],
    ['is closed', ({ socket }) => void socket.end()],
    [
      'brings another question',
      ({ query, answer }) => answer(right({ ...query, questions: [{ type: 'A', name: 'other.example' }] })),
    ],
    ['brings empty messages', ({ socket }) => void socket.write(Buffer.alloc(64))],
    ['brings the head of a message that never ends', ({ socket }) => void socket.write(Buffer.of(0x40, 0, 1, 2))],
  ];
  it.each(breaks)(
    'answers the others at their ease while names are asked over which the connection %s',
    async (_, misbehave) => {
      const server = await scripted((came) => {
        if (came.name.startsWith('bad')) misbehave(came);
        else setTimeout(came.answer, 300);
      });
      const upstream = tcpTo(server);
      const good = askAll(upstream, names(10), 1_500);
      const going = setInterval(() => {
        upstream.ask(question(`bad${server.came.length}.example`), 1_000).catch(() => {});
      }, 20);
      ends.push(() => clearInterval(going));
      expect((await good).map(nameOf)).toEqual(names(10));
      clearInterval(going);
      // Two connections that it shared and lost, or one to garbage, and then one of its own.
      const asked = server.came.filter(({ name }) => name === 'n0.example');
      expect(asked.length).toBeGreaterThan(1);
      expect(asked.length).toBeLessThanOrEqual(3);
    },
  );

  it('serves all of many queries where the server answers one a connection', async () => {
    const server = await scripted((came) => {
      if (server.came.filter(({ connection }) => connection === came.connection).length > 1) return;
      came.answer();
      came.socket.end();
    });
    const upstream = tcpTo(server);
    // The first rounds find it out.
    for (let round = 0; round < 3; round++)
      await Promise.allSettled(names(4, `r${round}-`).map((name) => upstream.ask(question(name), 1_000)));
    expect((await askAll(upstream, names(20))).map(nameOf)).toEqual(names(20));
  });

  it('closes a connection that idles as long as the server allows (RFC 7828)', async () => {
    const keepalive = {
      type: 'OPT',
      name: '.',
      udpPayloadSize: 1232,
      extendedRcode: 0,
      ednsVersion: 0,
      flags: 0,
    } as const;
    const server = await scripted(({ query, answer }) => {
      const reply = packet.decode(right(query));
      const options = [{ code: 11, data: Buffer.of(0, 3) }];
      answer(packet.encode({ ...reply, additionals: [{ ...keepalive, options }] } as never));
    });
    const upstream = tcpTo(server);
    await upstream.ask(question('a.example'), 3_000);
    const answeredAtMs = performance.now();
    expect(server.open()).toBe(1);
    await expect.poll(() => server.open(), { timeout: 5_000 }).toBe(0);
    expect(performance.now() - answeredAtMs).toBeGreaterThanOrEqual(290);
  });

  it('leaves a connection that went mute, and goes on with another', async () => {
    const server = await scripted((came) => {
      if (came.connection > 0) came.answer();
    });
    const upstream = tcpTo(server);
    const lost = expect(upstream.ask(question('lost.example'), 2_500)).rejects.toMatchObject({ code: 'timeout' });
    await expect.poll(() => server.came.length).toBe(1);
    const mutedAtMs = performance.now();
    await expect.poll(() => performance.now() - mutedAtMs, { timeout: 3_000 }).toBeGreaterThan(1_100);
    expect((await askAll(upstream, names(10))).map(nameOf)).toEqual(names(10));
    await lost;
  });

  it('answers while clients wait after a pause in which a router has forgotten its connection, and leaves that', async () => {
    let isForgotten = false;
    const server = await scripted((came) => {
      if (!isForgotten || came.connection > 0) came.answer();
    });
    const upstream = tcpTo(server);
    await upstream.ask(question('before.example'), 3_000);
    isForgotten = true;
    const pausedAtMs = performance.now();
    await expect.poll(() => performance.now() - pausedAtMs, { timeout: 5_000 }).toBeGreaterThan(3_000);
    expect((await askAll(upstream, names(20), 1_400)).map(nameOf)).toEqual(names(20));
    expect(server.connections).toBe(2);
    await expect.poll(() => server.open()).toBe(1);
    expect((await askAll(upstream, names(20, 'after'), 300)).map(nameOf)).toEqual(names(20, 'after'));
  });

  it('goes on sharing connections when a router has forgotten two of them after one answer each', async () => {
    const forgotten = new Set<number>();
    const server = await scripted((came) => {
      if (!forgotten.has(came.connection)) came.answer();
    });
    const upstream = tcpTo(server);
    await upstream.ask(question('before.example'), 3_000);
    for (const connection of [0, 1]) {
      forgotten.add(connection);
      const pausedAtMs = performance.now();
      await expect.poll(() => performance.now() - pausedAtMs, { timeout: 5_000 }).toBeGreaterThan(3_000);
      expect(nameOf(await upstream.ask(question('after.example'), 1_400))).toBe('after.example');
    }
    await askAll(upstream, names(20));
    expect(server.connections).toBe(3);
  }, 15_000);

  it('asks once for a name that takes long after a pause, and beside it whether anybody is there', async () => {
    const server = await scripted((came) => void setTimeout(came.answer, came.name === 'long.example' ? 1_200 : 0));
    const upstream = tcpTo(server);
    await upstream.ask(question('before.example'), 3_000);
    const pausedAtMs = performance.now();
    await expect.poll(() => performance.now() - pausedAtMs, { timeout: 5_000 }).toBeGreaterThan(3_000);
    expect(nameOf(await upstream.ask(question('long.example'), 3_000))).toBe('long.example');
    expect(server.came.map(({ name }) => name)).toEqual(['before.example', 'long.example', '.']);
    expect(server.connections).toBe(1);
  });

  it('is not given another’s reply when one comes late', async () => {
    const held: Came[] = [];
    const server = await scripted((came) => {
      if (came.name === 'late.example') held.push(came);
      else came.answer();
    });
    const upstream = tcpTo(server);
    await expect(upstream.ask(question('late.example'), 100)).rejects.toThrow('no answer over TCP in time');
    held[0]!.answer();
    expect((await askAll(upstream, names(20))).map(nameOf)).toEqual(names(20));
    expect(server.connections).toBe(1);
  });

  const wrong: readonly (readonly [string, OnQuery])[] = [
    [
      'another question',
      ({ query, answer }) => answer(right({ ...query, questions: [{ type: 'A', name: 'other.example' }] })),
    ],
    ['another id', ({ query, answer }) => answer(right({ ...query, id: (query.id! + 1) & 0xffff }))],
    ['no message', ({ socket }) => void socket.write(Buffer.of(0, 0))],
    [
      'a length that is too short',
      ({ query, socket }) => void socket.write(Buffer.concat([Buffer.of(0, 20), right(query)])),
    ],
    ['an answer cut short', ({ query, answer }) => answer(encodeReply(query, [], packet.TRUNCATED_RESPONSE))],
  ];
  it.each(wrong)('rejects %s, and serves who shares the connection', async (_, misbehave) => {
    const server = await scripted((came) => (came.name === 'wrong.example' ? misbehave(came) : came.answer()));
    const upstream = tcpTo(server);
    await upstream.ask(question('first.example'), 3_000);
    const bad = upstream.ask(question('wrong.example'), 1_000).then(
      () => 'answered',
      () => 'rejected',
    );
    expect((await askAll(upstream, names(5))).map(nameOf)).toEqual(names(5));
    expect(await bad).toBe('rejected');
  });

  it('is refused where nobody listens, and waits for nobody once it is closed', async () => {
    const server = await scripted(() => {});
    const upstream = tcpTo(server);
    const asked = expect(upstream.ask(question('a.example'), 5_000)).rejects.toMatchObject({ code: 'closed' });
    await expect.poll(() => server.came.length).toBe(1);
    upstream.close();
    await asked;
    await expect.poll(() => server.open()).toBe(0);
    await expect(upstream.ask(question('b.example'), 100)).rejects.toMatchObject({ code: 'closed' });
    await expect(createTcpUpstream('tcp://test', '127.0.0.1', 9).ask(question('a.example'), 1_000)).rejects.toThrow(
      'ECONNREFUSED',
    );
  });

  it('passes DO and CD on, never pads, and asks once a connection how long it may idle', async () => {
    const server = await scripted((came) => came.answer());
    const upstream = tcpTo(server);
    for (const name of names(3)) await upstream.ask({ ...question(name, true), checkingDisabled: true }, 3_000);
    const options = server.came.map(({ query }) => optOf(query).options.map(({ code }) => code));
    expect(options).toEqual([[11], [], []]);
    expect(server.came.every(({ query }) => optOf(query).flag_do)).toBe(true);
    expect(server.came.every(({ message }) => (message[3]! & 0x10) !== 0)).toBe(true);
  });
});

describe.skipIf(lacks('openssl'))('an upstream over TLS', () => {
  let folder: string;
  let certificate: Certificate;
  let ca: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'stairgate-ca-'));
    const authority = createCertificateAuthority(folder);
    certificate = authority.issue('dns.example');
    ca = readFileSync(authority.ca, 'utf8');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function tlsServer(version: 'TLSv1.2' | 'TLSv1.3', resumed: boolean[]) {
    return (serve: (socket: Socket) => void): Server =>
      createTlsServer(
        {
          key: readFileSync(certificate.key),
          cert: readFileSync(certificate.certificate),
          minVersion: version,
          maxVersion: version,
        },
        (socket: TLSSocket) => {
          resumed.push(socket.isSessionReused());
          serve(socket);
        },
      );
  }

  function tlsTo(port: number): Upstream {
    const spec = { name: 'tls://test', protocol: 'tls', addresses: ['127.0.0.1'], port, path: null, ca } as const;
    const upstream = createUpstream({ ...spec, serverName: 'dns.example' }, new ClockTrust());
    ends.push(() => upstream.close());
    return upstream;
  }

  it('is asked in queries of 128 octets or twice that, whatever the name’s length (RFC 8467)', async () => {
    const server = await scripted((came) => came.answer(), tlsServer('TLSv1.3', []));
    const upstream = tlsTo(server.port);
    const lengths = [1, 20, 40, 63].map((length) => `${'a'.repeat(length)}.example`);
    await askAll(upstream, [...lengths, `${Array(3).fill('b'.repeat(60)).join('.')}.example`]);
    expect(server.came.map(({ message }) => message.length)).toEqual([128, 128, 128, 128, 256]);
    const codes = server.came.map(({ query }) => optOf(query).options.map(({ code }) => code));
    expect(codes).toEqual([[11, 12], [12], [12], [12], [12]]);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('resumes its session over %s', async (version) => {
    const resumed: boolean[] = [];
    const server = await scripted((came) => came.answer(), tlsServer(version, resumed));
    const upstream = tlsTo(server.port);
    for (const name of names(3)) {
      await upstream.ask(question(name), 3_000);
      server.came.at(-1)!.socket.end();
      await expect.poll(() => server.open()).toBe(0);
    }
    expect(resumed).toEqual([false, true, true]);
  });

  it('takes many queries on one connection, and their replies in any order', async () => {
    const held: Came[] = [];
    const server = await scripted(
      (came) => {
        held.push(came);
        if (held.length === 50) for (const one of held.splice(0).reverse()) one.answer();
      },
      tlsServer('TLSv1.3', []),
    );
    expect((await askAll(tlsTo(server.port), names(50))).map(nameOf)).toEqual(names(50));
    expect(server.connections).toBe(1);
  });
});

interface Opt {
  readonly flag_do: boolean;
  readonly options: readonly { readonly code: number }[];
}

function optOf(query: DecodedPacket): Opt {
  return query.additionals!.find(({ type }) => type === 'OPT') as unknown as Opt;
}
