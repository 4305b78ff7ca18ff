/**
 * A box whose upstream must prove its name, in namespaces of this test's own: box – internet. The upstream is a real
 * unbound that answers DoT, DoH and plain DNS alike, so that whoever falls back to plain text gets an answer; nft counts
 * the box's packets to port 53, wherever they go.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Certificate, type CertificateAuthority, createCertificateAuthority } from '../support/certificates.ts';
import { endProcess, type Namespace, Namespaces } from './support/namespaces.ts';
import { dig, saidBy, startBoxProcess, WILDCARD_A } from './support/programs.ts';
import { lacks } from './support/requirements.ts';

const NAME = 'dns.upstream.example';
const OTHER_NAME = 'dns.elsewhere.example';

const RESOLVED = { status: 'NOERROR', addresses: [WILDCARD_A] };
const FAILED = { status: 'SERVFAIL', addresses: [] };

/** Where the servers are: one proves its name, the others do not, and at the last address nothing speaks TLS. */
const address = {
  right: '198.51.100.2',
  wrongName: '198.51.100.3',
  otherAuthority: '198.51.100.4',
  expired: '198.51.100.5',
  plainOnly: '198.51.100.6',
} as const;

const unbound = (folder: string, at: string, certificate: Certificate | null) => `server:
  interface: ${at}@53
${certificate === null ? '' : `  interface: ${at}@853\n  interface: ${at}@443\n  tls-service-pem: "${certificate.certificate}"\n  tls-service-key: "${certificate.key}"`}
  tls-port: 853
  https-port: 443
  access-control: 198.51.100.0/24 allow
  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: ""
  use-syslog: no
  verbosity: 1
  num-threads: 1
  do-daemonize: no
  do-ip6: no
  module-config: "iterator"
  local-zone: "test-names.example." redirect
  local-data: "test-names.example. 60 A ${WILDCARD_A}"
remote-control:
  control-enable: no
`;

describe.skipIf(lacks('a box with an encrypted upstream', ['root', 'namespaces', 'nft', 'unbound', 'dig', 'openssl']))(
  'a box with an encrypted upstream',
  () => {
    let folder: string;
    let namespaces: Namespaces | undefined;
    let box: Namespace;
    let authority: CertificateAuthority;
    let boxes = 0;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'stairgate-encrypted-'));
      const made = new Namespaces();
      namespaces = made;
      box = made.add('box');
      const internet = made.add('internet');
      made.cable(
        { in: box, name: 'wan0', addresses: ['198.51.100.1/24'] },
        { in: internet, name: 'eth0', addresses: Object.values(address).map((each) => `${each}/24`) },
      );
      box.exec('nft', 'add table inet watch');
      box.exec('nft', 'add chain inet watch out { type filter hook output priority 0 ; }');
      for (const [counter, ports] of [
        ['plain', '53'],
        ['encrypted', '{ 443, 853 }'],
      ] as const) {
        box.exec('nft', `add counter inet watch ${counter}`);
        box.exec(
          'nft',
          `add rule inet watch out oifname wan0 meta l4proto { tcp, udp } th dport ${ports} counter name ${counter}`,
        );
      }

      authority = createCertificateAuthority(folder);
      const stranger = createCertificateAuthority(folder, 'stranger');
      const certificates: Record<keyof typeof address, Certificate | null> = {
        right: authority.issue(NAME),
        wrongName: authority.issue(OTHER_NAME),
        otherAuthority: stranger.issue(NAME),
        expired: authority.issue(NAME, { isExpired: true }),
        plainOnly: null,
      };
      for (const [which, at] of Object.entries(address)) {
        const config = join(folder, `${which}.conf`);
        await writeFile(config, unbound(folder, at, certificates[which as keyof typeof address]));
        await saidBy(internet.spawn('unbound', ['-d', '-c', config]), /start of service/);
      }
    });
    afterAll(async () => {
      await namespaces?.close();
      await rm(folder, { recursive: true, force: true });
    });

    const packets = (counter: 'plain' | 'encrypted') =>
      Number(/packets (\d+)/.exec(box.exec('nft', 'list', 'counter', 'inet', 'watch', counter))?.[1]);

    /** A fresh box with this upstream, what it answers over UDP and over TCP, and the packets that it sent for it. */
    async function look(url: string, at: string) {
      const own = `127.0.0.${++boxes + 1}`;
      const settings = join(folder, `box-${boxes}.json`);
      const file = {
        listen: [`${own}:53`],
        upstreams: [{ url, addresses: [at], ca: authority.ca }],
        stateDir: join(folder, `state-${boxes}`),
        localSite: { name: 'stairgate.home.arpa', port: 8080, listen: [own] },
        clock: { mode: 'trust-system' },
      };
      await writeFile(settings, JSON.stringify(file));
      const before = { plain: packets('plain'), encrypted: packets('encrypted') };
      const { process } = await startBoxProcess(box, settings);
      const answers = await Promise.all(
        [false, true].map(async (tcp) => {
          const { status, addresses } = await dig(box, own, `${tcp ? 'tcp' : 'udp'}.test-names.example`, { tcp });
          return { status, addresses };
        }),
      );
      await endProcess(process);
      const sent = { plain: packets('plain') - before.plain, encrypted: packets('encrypted') - before.encrypted };
      return { answers, sent };
    }

    it('has an upstream that would have answered in plain text', async () => {
      for (const at of Object.values(address)) {
        expect(await dig(box, at, 'a.test-names.example')).toMatchObject(RESOLVED);
      }
      expect(packets('plain')).toBeGreaterThanOrEqual(Object.keys(address).length);
    });

    describe.each([
      ['DoT', `tls://${NAME}`],
      ['DoH', `https://${NAME}/dns-query`],
    ])('over %s', (_, url) => {
      it('is answered by the one that proves its name, and sends nothing to port 53', async () => {
        const { answers, sent } = await look(url, address.right);
        expect(answers).toEqual([RESOLVED, RESOLVED]);
        expect(sent.plain).toBe(0);
        expect(sent.encrypted).toBeGreaterThan(0);
      });

      it.each([
        ['has another name', address.wrongName],
        ['was signed by an authority that is not trusted', address.otherAuthority],
        ['has expired', address.expired],
      ])('answers SERVFAIL and sends nothing to port 53 when the certificate %s', async (_, at) => {
        const { answers, sent } = await look(url, at);
        expect(answers).toEqual([FAILED, FAILED]);
        expect(sent.plain).toBe(0);
        expect(sent.encrypted).toBeGreaterThan(0);
      });

      it('answers SERVFAIL and sends nothing to port 53 when only plain DNS is to be had', async () => {
        const { answers, sent } = await look(url, address.plainOnly);
        expect(answers).toEqual([FAILED, FAILED]);
        expect(sent.plain).toBe(0);
        expect(sent.encrypted).toBeGreaterThan(0);
      });
    });
  },
);
