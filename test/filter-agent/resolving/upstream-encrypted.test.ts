/**
 * Upstreams over TLS and HTTPS, against unbound with certificates of the test's own making: only the right name is
 * spoken to, and whatever goes wrong, not one packet goes to the plain port.
 */
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClockTrust } from '../../../filter-agent/resolving/clock-trust.ts';
import { createUpstream } from '../../../filter-agent/resolving/create-upstream.ts';
import type { Upstream, UpstreamQuestion, UpstreamSpec } from '../../../filter-agent/resolving/upstream.ts';
import { encodeName } from '../../../policy-rules/trie/wire-name.ts';
import { type Certificate, type CertificateAuthority, createCertificateAuthority } from '../../support/certificates.ts';
import { freePort } from '../../support/free-port.ts';
import { lacks, type NameServer, startNsd, startUnbound } from '../../support/name-servers.ts';

const NAME = 'dns.example';
const NOERROR = 0;

function question(name: string): UpstreamQuestion {
  return { name: encodeName(name), type: 1, class: 1, dnssecOk: false, checkingDisabled: false };
}

const summary = (reply: Uint8Array) => ({
  rcode: reply[3]! & 0x0f,
  answers: reply[7],
  id: (reply[0]! << 8) | reply[1]!,
});

describe.skipIf(lacks('unbound', 'nsd', 'openssl'))('an encrypted upstream', () => {
  let own: CertificateAuthority;
  let other: CertificateAuthority;
  let nsd: NameServer;
  let folder: string;
  const ends: (() => Promise<void> | void)[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stairgate-ca-'));
    own = createCertificateAuthority(folder);
    other = createCertificateAuthority(folder, 'stranger');
    nsd = await startNsd();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  afterAll(async () => {
    await nsd.remove();
    rmSync(folder, { recursive: true });
  });

  const valid = () => own.issue(NAME);

  async function serve(
    issued: Certificate,
    address = '127.0.0.1',
  ): Promise<{ server: NameServer; tls: number; https: number }> {
    const [tls, https] = [await freePort(), await freePort()];
    const server = await startUnbound(nsd, { ...issued, address, tlsPort: tls, httpsPort: https });
    ends.push(() => server.remove());
    return { server, tls, https };
  }

  function upstream(
    protocol: 'tls' | 'https',
    port: number,
    over: Partial<UpstreamSpec> = {},
    clock = new ClockTrust(),
  ) {
    const path = protocol === 'https' ? '/dns-query' : null;
    const usual = { addresses: ['127.0.0.1'], serverName: NAME, ca: readFileSync(own.ca, 'utf8') };
    const made = createUpstream({ name: `${protocol}://test`, protocol, port, path, ...usual, ...over }, clock);
    ends.push(() => made.close());
    return made;
  }

  const ask = (made: Upstream, name = 'a.example') => made.ask(question(name), 3_000);
  const untrusted = () => {
    const clock = new ClockTrust();
    clock.set(false);
    return clock;
  };

  describe.each(['tls', 'https'] as const)('over %s', (protocol) => {
    it('answers, and goes on answering on the same connection', async () => {
      const { server: _, ...ports } = await serve(valid());
      const made = upstream(protocol, ports[protocol]);
      const names = Array.from({ length: 300 }, (_, n) => `n${n}.example`);
      const replies = await Promise.all(names.map((name) => ask(made, name)));
      expect(
        replies.map((reply) => summary(reply)).every(({ rcode, answers }) => rcode === NOERROR && answers === 1),
      ).toBe(true);
      // Each has its own: the question is the one that was asked.
      for (const [n, reply] of replies.entries()) {
        expect(Buffer.from(reply.subarray(12, 12 + encodeName(names[n]!).length))).toEqual(
          Buffer.from(encodeName(names[n]!)),
        );
      }
    });

    it('comes back when its server has been away', async () => {
      const { server, ...ports } = await serve(valid());
      const made = upstream(protocol, ports[protocol]);
      await ask(made);
      await server.kill();
      await expect(ask(made, 'b.example')).rejects.toMatchObject({ code: 'network' });
      await server.start();
      expect(summary(await ask(made, 'c.example'))).toMatchObject({ rcode: NOERROR, answers: 1 });
    });

    it('is found at its second address when the first says nothing', async () => {
      const { server: _, ...ports } = await serve(valid());
      const made = upstream(protocol, ports[protocol], { addresses: ['127.0.0.9', '127.0.0.1'] });
      // On 127.0.0.9 nobody listens, and then somebody who never speaks.
      expect(summary(await ask(made))).toMatchObject({ rcode: NOERROR });
      const mute = createServer();
      await new Promise<void>((resolve) => mute.listen({ host: '127.0.0.8', port: ports[protocol] }, resolve));
      ends.push(() => new Promise<void>((resolve) => void mute.close(() => resolve())));
      mute.on('connection', (socket) => ends.push(() => void socket.destroy()));
      const next = upstream(protocol, ports[protocol], { addresses: ['127.0.0.8', '127.0.0.1'] });
      expect(summary(await ask(next))).toMatchObject({ rcode: NOERROR });
    });

    it('may be known by an address in its certificate', async () => {
      const { server: _, ...ports } = await serve(own.issue('127.0.0.1'));
      expect(summary(await ask(upstream(protocol, ports[protocol], { serverName: '127.0.0.1' })))).toMatchObject({
        rcode: NOERROR,
      });
      await expect(ask(upstream(protocol, ports[protocol], { serverName: '127.0.0.2' }))).rejects.toThrow(
        /127\.0\.0\.2/,
      );
    });

    const faults: readonly (readonly [string, () => Certificate, RegExp])[] = [
      ['for another name', () => own.issue('other.example'), /dns\.example.*altnames/],
      ['for a name below', () => own.issue(`a.${NAME}`), /dns\.example.*altnames/],
      ['that names it in its subject alone', () => own.issue(NAME, { hasCommonNameOnly: true }), /no altnames/],
      ['of another authority', () => other.issue(NAME), /certificate|issuer|trusted/],
      ['for clients', () => own.issue(NAME, { usage: 'clientAuth' }), /purpose|not one for servers/],
    ];
    const dated: typeof faults = [
      ['that has expired', () => own.issue(NAME, { isExpired: true }), /expired/],
      ['of the future', () => own.issue(NAME, { isOfFuture: true }), /not yet valid/],
    ];
    it.each([...faults, ...dated])('is not asked with a certificate %s', async (_, issue, reason) => {
      const { server: __, ...ports } = await serve(issue());
      await expect(ask(upstream(protocol, ports[protocol]))).rejects.toThrow(reason);
    });

    it.each(dated)(
      'is asked with a certificate %s while the clock is not trusted, and no longer',
      async (_, issue, reason) => {
        const { server: __, ...ports } = await serve(issue());
        const clock = untrusted();
        const made = upstream(protocol, ports[protocol], {}, clock);
        expect(summary(await ask(made))).toMatchObject({ rcode: NOERROR });
        expect(summary(await ask(made, 'b.example'))).toMatchObject({ rcode: NOERROR });
        clock.set(true);
        await expect(ask(made, 'c.example')).rejects.toThrow(reason);
      },
    );

    const hidden: readonly (readonly [string, () => Certificate])[] = [
      ['another name', () => own.issue('other.example', { isExpired: true })],
      ['another authority', () => other.issue(NAME, { isExpired: true })],
      ['another authority, one below', () => other.issue(NAME, { isExpired: true, viaIntermediate: true })],
      ['another use', () => own.issue(NAME, { isExpired: true, usage: 'clientAuth' })],
    ];
    it.each(hidden)('is not asked with %s behind expired dates, trusted clock or not', async (_, issue) => {
      const { server: __, ...ports } = await serve(issue());
      await expect(ask(upstream(protocol, ports[protocol], {}, untrusted()))).rejects.toMatchObject({
        code: 'network',
      });
      await expect(ask(upstream(protocol, ports[protocol]))).rejects.toMatchObject({ code: 'network' });
    });

    it.each(faults)('is not asked with a certificate %s while the clock is not trusted', async (_, issue) => {
      const { server: __, ...ports } = await serve(issue());
      await expect(ask(upstream(protocol, ports[protocol], {}, untrusted()))).rejects.toMatchObject({
        code: 'network',
      });
    });

    it('is not asked where a certificate of the proof cannot be read, trusted clock or not', async () => {
      const { server: _, ...ports } = await serve(own.issue(NAME, { isExpired: true }));
      const ca = '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n';
      for (const clock of [untrusted(), new ClockTrust()]) {
        const made = upstream(protocol, ports[protocol], { ca }, clock);
        await expect(ask(made)).rejects.toMatchObject({ code: 'network' });
      }
    });

    it('may have an intermediate authority, with dates and without', async () => {
      const expired = own.issue(NAME, { isExpired: true, viaIntermediate: true });
      const sound = own.issue(NAME, { viaIntermediate: true });
      const first = await serve(sound);
      expect(summary(await ask(upstream(protocol, first[protocol])))).toMatchObject({ rcode: NOERROR });
      const second = await serve(expired);
      expect(summary(await ask(upstream(protocol, second[protocol], {}, untrusted())))).toMatchObject({
        rcode: NOERROR,
      });
    });

    it.skipIf(!mayListenAtPort53())('sends nothing in plain text when it fails', async () => {
      // An address of the test's own, so that whoever stands at its port 53 hears nobody else.
      const address = '127.0.0.77';
      const { server: _, ...ports } = await serve(own.issue('other.example'), address);
      const heard: string[] = [];
      ends.push(await listenUdp(address, heard), await listenTcp(address, heard));
      const made = upstream(protocol, ports[protocol], { addresses: [address] });
      for (const name of ['a.example', 'b.example', 'c.example'])
        await expect(ask(made, name)).rejects.toThrow('altnames');
      // What was sent before this one has come before it.
      const probe = createSocket('udp4');
      await new Promise((resolve) => probe.send('probe', 53, address, resolve));
      await expect.poll(() => heard).toEqual(['udp: probe']);
      probe.close();
    });

    it('ends what waits when it is closed', async () => {
      const mute = createServer();
      await new Promise<void>((resolve) => mute.listen({ host: '127.0.0.1', port: 0 }, resolve));
      mute.on('connection', (socket) => ends.push(() => void socket.destroy()));
      ends.push(() => new Promise<void>((resolve) => void mute.close(() => resolve())));
      const made = upstream(protocol, (mute.address() as { port: number }).port);
      const startedAtMs = performance.now();
      const asked = expect(made.ask(question('a.example'), 5_000)).rejects.toThrow();
      made.close();
      await asked;
      expect(performance.now() - startedAtMs).toBeLessThan(1_000);
    });
  });

  it('over https is not asked where HTTP/2 is not spoken', async () => {
    const { key, certificate } = valid();
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (socket) =>
      socket.resume(),
    );
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
    ends.push(() => new Promise<void>((resolve) => void server.close(() => resolve())));
    const { port } = server.address() as { port: number };
    await expect(ask(upstream('https', port))).rejects.toThrow('does not speak HTTP/2');
  });

  it('over https says which status it was answered with', async () => {
    const { https } = await serve(valid());
    await expect(ask(upstream('https', https, { path: '/elsewhere' }))).rejects.toThrow('HTTP status 404');
  });
});

async function listenUdp(address: string, heard: string[]): Promise<() => Promise<void>> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address, port: 53 }, resolve);
  });
  socket.on('message', (message) => heard.push(`udp: ${message}`));
  return () => new Promise((resolve) => socket.close(() => resolve()));
}

async function listenTcp(address: string, heard: string[]): Promise<() => Promise<void>> {
  const server = createServer((socket) => {
    heard.push('tcp');
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port: 53 }, resolve);
  });
  return () => new Promise((resolve) => void server.close(() => resolve()));
}

/** Linux lets others than root have them from this port on. */
function mayListenAtPort53(): boolean {
  if (process.getuid?.() === 0) return true;
  const from = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
  const may = existsSync(from) && Number(readFileSync(from, 'utf8')) <= 53;
  if (!may) process.stderr.write('skipped: only root may listen at port 53\n');
  return may;
}
