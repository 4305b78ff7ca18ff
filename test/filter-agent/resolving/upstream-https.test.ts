/** An HTTPS upstream that answers in every way that HTTP/2 allows, and in some that it does not (RFC 8484, RFC 9113). */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import {
  constants,
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packet, { type DecodedPacket } from 'dns-packet';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClockTrust } from '../../../filter-agent/resolving/clock-trust.ts';
import { createUpstream } from '../../../filter-agent/resolving/create-upstream.ts';
import type { Upstream, UpstreamQuestion } from '../../../filter-agent/resolving/upstream.ts';
import { encodeName } from '../../../policy-rules/trie/wire-name.ts';
import { type Certificate, createCertificateAuthority } from '../../support/certificates.ts';
import { lacks } from '../../support/name-servers.ts';
import { encodeReply } from '../../support/test-upstream.ts';

const MEDIA_TYPE = 'application/dns-message';
const TTL_SECONDS = 300;

/** One query as it came. */
interface Came {
  /** Of the connection, from 0. */
  readonly connection: number;
  readonly session: ServerHttp2Session;
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly query: DecodedPacket;
  readonly name: string;
  /** Sends this body under these headers: the right ones, unless told. */
  answer(headers?: Readonly<Record<string, string | number>>, body?: Buffer): void;
}

interface Server {
  readonly port: number;
  readonly came: Came[];
  connections: number;
}

function question(name: string): UpstreamQuestion {
  return { name: encodeName(name), type: 1, class: 1, dnssecOk: false, checkingDisabled: false };
}

function right(query: DecodedPacket): Buffer {
  const { name } = query.questions![0]!;
  return encodeReply(query, [{ type: 'A', name, ttl: TTL_SECONDS, data: '192.0.2.1' }]);
}

const names = (count: number, stem = 'n') => Array.from({ length: count }, (_, n) => `${stem}${n}.example`);
const decoded = (reply: Uint8Array) => packet.decode(Buffer.from(reply));
const nameOf = (reply: Uint8Array) => decoded(reply).questions![0]!.name;
const askAll = (upstream: Upstream, all: readonly string[], timeoutMs = 3_000) =>
  Promise.all(all.map((name) => upstream.ask(question(name), timeoutMs)));

describe.skipIf(lacks('openssl'))('an upstream over HTTPS', () => {
  let folder: string;
  let certificate: Certificate;
  let ca: string;
  const ends: (() => Promise<void> | void)[] = [];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'stairgate-ca-'));
    const authority = createCertificateAuthority(folder);
    certificate = authority.issue('dns.example');
    ca = readFileSync(authority.ca, 'utf8');
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function serve(onQuery: (came: Came) => void, maxConcurrentStreams = 1_000): Promise<Server> {
    const server = createSecureServer({
      key: readFileSync(certificate.key),
      cert: readFileSync(certificate.certificate),
      settings: { maxConcurrentStreams },
    });
    const made: Server & { port: number } = { port: 0, came: [], connections: 0 };
    const sessions = new Map<ServerHttp2Session, number>();
    server.on('session', (session) => {
      sessions.set(session, made.connections++);
      session.on('error', () => {});
    });
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      const chunks: Buffer[] = [];
      stream.on('error', () => {});
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        // Whoever asked has gone.
        if (chunks.length === 0) return;
        const query = packet.decode(Buffer.concat(chunks));
        const session = stream.session as ServerHttp2Session;
        const answer: Came['answer'] = (given = {}, body = right(query)) => {
          stream.respond({ ':status': 200, 'content-type': MEDIA_TYPE, ...given });
          stream.end(body);
        };
        const { name } = query.questions![0]!;
        const came = { connection: sessions.get(session)!, session, stream, headers, query, name, answer };
        made.came.push(came);
        onQuery(came);
      });
    });
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
    ends.push(async () => {
      for (const session of sessions.keys()) session.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    });
    made.port = (server.address() as { port: number }).port;
    return made;
  }

  function upstreamAt({ port }: Server): Upstream {
    const usual = { name: 'https://test', protocol: 'https', addresses: ['127.0.0.1'], path: '/dns-query' } as const;
    const upstream = createUpstream({ ...usual, port, ca, serverName: 'dns.example' }, new ClockTrust());
    ends.push(() => upstream.close());
    return upstream;
  }

  it('is posted queries with id 0, of 128 octets, that say what they are', async () => {
    const server = await serve((came) => came.answer());
    const upstream = upstreamAt(server);
    await askAll(upstream, ['a.example', `${'b'.repeat(60)}.example`]);
    expect(server.connections).toBe(1);
    for (const { headers, query } of server.came) {
      expect(headers).toMatchObject({
        ':method': 'POST',
        ':scheme': 'https',
        ':path': '/dns-query',
        ':authority': `dns.example:${server.port}`,
        accept: MEDIA_TYPE,
        'content-type': MEDIA_TYPE,
        'content-length': '128',
      });
      expect(query.id).toBe(0);
      // Nothing that would tell one site from another (RFC 8484 §8.2).
      expect(Object.keys(headers).filter((key) => /agent|cookie|language|encoding/.test(key))).toEqual([]);
    }
  });

  it.each([
    ['200', 100],
    ['100000', 0],
    // No number of seconds (RFC 9111 §5.1).
    ['soon', TTL_SECONDS],
  ])('has its answer age by what a cache on the way says: %s (RFC 8484 §5.1)', async (age, ttl) => {
    const server = await serve((came) => came.answer({ age }));
    const reply = decoded(await upstreamAt(server).ask(question('a.example'), 3_000));
    expect(reply.answers).toEqual([expect.objectContaining({ ttl, data: '192.0.2.1' })]);
  });

  const wrong: readonly (readonly [string, RegExp, (came: Came) => void])[] = [
    ['a fault of its own', /status 503/, ({ answer }) => answer({ ':status': 503 })],
    ['too many queries', /status 429/, ({ answer }) => answer({ ':status': 429, 'retry-after': 60 })],
    ['another place', /status 302/, ({ answer }) => answer({ ':status': 302, location: 'https://evil.example/' })],
    ['a web page', /no DNS message/, ({ answer }) => answer({ 'content-type': 'text/html' }, Buffer.from('<p>hello'))],
    [
      'JSON',
      /no DNS message/,
      ({ answer }) => answer({ 'content-type': 'application/dns-json' }, Buffer.from('{"Status":0}')),
    ],
    ['nothing', /./, ({ answer }) => answer({}, Buffer.alloc(0))],
    ['a few octets', /another question/, ({ answer }) => answer({}, Buffer.alloc(5))],
    ['more than a message holds', /more than a DNS message holds/, ({ answer }) => answer({}, Buffer.alloc(70_000))],
    [
      'another question’s reply',
      /another question/,
      ({ query, answer }) => answer({}, right({ ...query, questions: [{ type: 'A', name: 'other.example' }] })),
    ],
    ['another id', /another question/, ({ query, answer }) => answer({}, right({ ...query, id: 1 }))],
    [
      'a reply cut short',
      /cut its answer short/,
      ({ query, answer }) => answer({}, encodeReply(query, [], packet.TRUNCATED_RESPONSE)),
    ],
    ['a length that lies', /./, ({ answer }) => answer({ 'content-length': 999 })],
    ['a reset', /./, ({ stream }) => void stream.close(constants.NGHTTP2_INTERNAL_ERROR)],
    [
      'half a reply and a reset',
      /./,
      ({ stream, query }) => {
        stream.respond({ ':status': 200, 'content-type': MEDIA_TYPE });
        stream.write(right(query).subarray(0, 20), () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
      },
    ],
  ];
  it.each(wrong)('fails when it answers with %s, and keeps nobody else waiting', async (_, reason, misbehave) => {
    const server = await serve((came) => (came.name === 'wrong.example' ? misbehave(came) : came.answer()));
    const upstream = upstreamAt(server);
    const startedAtMs = performance.now();
    const failed = expect(upstream.ask(question('wrong.example'), 3_000)).rejects.toThrow(reason);
    expect((await askAll(upstream, names(5))).map(nameOf)).toEqual(names(5));
    await failed;
    expect(performance.now() - startedAtMs).toBeLessThan(2_500);
    expect(server.came.every(({ headers }) => headers[':path'] === '/dns-query')).toBe(true);
  });

  it('takes the type of its reply with parameters and in any case', async () => {
    const server = await serve((came) => came.answer({ 'content-type': 'Application/DNS-Message; charset=x' }));
    expect(nameOf(await upstreamAt(server).ask(question('a.example'), 3_000))).toBe('a.example');
  });

  it('is asked again elsewhere for what it had not begun when it said goodbye (RFC 9113 §6.8)', async () => {
    const server = await serve((came) => {
      if (came.connection > 0 || came.name === 'first.example') came.answer();
      else came.session.goaway(constants.NGHTTP2_NO_ERROR, 1);
    });
    const upstream = upstreamAt(server);
    await upstream.ask(question('first.example'), 3_000);
    expect((await askAll(upstream, names(10))).map(nameOf)).toEqual(names(10));
    expect(server.connections).toBe(2);
  });

  it('still answers what it had begun when it said goodbye, and is asked no more there', async () => {
    const held: Came[] = [];
    const server = await serve((came) => {
      if (came.name !== 'held.example') {
        came.answer();
        return;
      }
      held.push(came);
      came.session.close();
    });
    const upstream = upstreamAt(server);
    await upstream.ask(question('first.example'), 3_000);
    const begun = upstream.ask(question('held.example'), 3_000);
    await expect.poll(() => held.length).toBe(1);
    expect(nameOf(await upstream.ask(question('next.example'), 3_000))).toBe('next.example');
    expect(server.connections).toBe(2);
    held[0]!.answer();
    expect(nameOf(await begun)).toBe('held.example');
    expect(held).toHaveLength(1);
  });

  it('is asked again for what it refused unseen (RFC 9113 §8.7), or lost with its connection', async () => {
    let refusals = 0;
    const server = await serve((came) => {
      if (came.connection > 0 || came.name === 'first.example') came.answer();
      else if (refusals++ === 0) came.stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else came.session.destroy();
    });
    const upstream = upstreamAt(server);
    await upstream.ask(question('first.example'), 3_000);
    expect((await askAll(upstream, names(4))).map(nameOf)).toEqual(names(4));
  });

  it('takes no answer that it pushes to what nobody asked (RFC 9113 §8.4)', async () => {
    const pushes: boolean[] = [];
    const server = await serve((came) => {
      pushes.push(came.stream.pushAllowed);
      came.answer();
    });
    await upstreamAt(server).ask(question('a.example'), 3_000);
    expect(pushes).toEqual([false]);
  });

  it('answers others at once while names fill all the streams of a connection that it never answers', async () => {
    const server = await serve((came) => {
      if (!came.name.startsWith('silent')) came.answer();
    }, 50);
    const upstream = upstreamAt(server);
    await upstream.ask(question('first.example'), 3_000);
    const silent = names(120, 'silent').map((name) => upstream.ask(question(name), 2_500).catch(() => null));
    await expect.poll(() => server.came.length).toBeGreaterThan(50);
    const startedAtMs = performance.now();
    expect((await askAll(upstream, names(10))).map(nameOf)).toEqual(names(10));
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
    await Promise.all(silent);
  });
});
