/**
 * The names by which browsers, devices and relays learn whether a network filters: a whole box over its sockets, in front
 * of an upstream that would have an address for each of them.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alwaysOpenPolicy, type BoxProcess, prepareBox } from '../../support/box-process.ts';
import { askTcp, askUdp } from '../../support/dns-client.ts';
import { startTestUpstream, type TestUpstream } from '../../support/test-upstream.ts';
import { addressReply, questionName } from '../../support/wire-echo.ts';

/** Names that must not exist, with who asks and where it is written that this is the answer. */
const canaries: readonly (readonly [name: string, asks: string])[] = [
  ['use-application-dns.net', 'Firefox: support.mozilla.org, “Canary domain: use-application-dns.net”'],
  ['mask.icloud.com', 'Private Relay: developer.apple.com, “Prepare your network for iCloud Private Relay”'],
  ['mask-h2.icloud.com', 'Private Relay over HTTP/2: the same page'],
  ['mask-canary.icloud.com', 'Private Relay, as AdGuard Home’s list of services has it'],
  ['mask-api.icloud.com', 'Private Relay, as v2fly’s list has it'],
  ['mask.apple-dns.net', 'where mask.icloud.com leads'],
  ['mask-t.apple-dns.net', 'the same'],
  ['doh.dns.apple.com', 'Apple’s devices, for their own DNS over HTTPS'],
  ['dns-tunnel-check.googlezip.net', 'Chrome, before it fetches pages through Google’s proxy'],
  ['dns.google', 'Android and Chrome, for a resolver that they know'],
  ['chrome.cloudflare-dns.com', 'Chrome'],
  ['mozilla.cloudflare-dns.com', 'Firefox'],
  ['opera.cloudflare-dns.com', 'Opera'],
];
/** RFC 9462, section 6.4: the zone exists, and holds nothing where no encrypted resolver is offered. */
const designated = ['_dns.resolver.arpa', 'resolver.arpa'];
const types = ['A', 'AAAA', 'HTTPS', 'SVCB', 'TXT', 'NS', 'SOA', 'CNAME'];
const neighbours = [
  'gateway.icloud.com',
  'gsp-ssl.ls-apple.com.akadns.net',
  'example.apple-dns.net',
  'www.cloudflare.com',
];

const SETTING = '127.0.0.61';
const PHONE = '127.0.0.62';
const UNNAMED = '127.0.0.63';

describe('the names by which a device learns that the network filters', () => {
  let upstream: TestUpstream;
  let box: BoxProcess;

  beforeAll(async () => {
    upstream = await startTestUpstream(({ message }) => addressReply(message));
    box = await prepareBox({ upstreams: [upstream.url] });
    box.configure({
      policy: alwaysOpenPolicy({
        groups: [
          { id: 'setting', name: 'Setting devices', kind: 'setting' },
          { id: 'own', name: 'Staff’s own', kind: 'personal', categories: { bypass: 'always' } },
        ],
        networks: [{ name: 'Loopback', range: '127.0.0.0/8', group: 'setting' }],
        devices: [
          { id: 'tablet', name: 'Tablet', group: 'setting', addresses: [SETTING], macs: [] },
          { id: 'phone', name: 'Kim’s phone', group: 'own', addresses: [PHONE], macs: [] },
        ],
      }),
    });
    await box.start();
  });
  afterAll(async () => {
    await box?.remove();
    await upstream?.close();
  });

  const spellings = (name: string) => [name, name.toUpperCase(), `a.deep.${name}`];
  const eachWay = async (name: string, from: string) => {
    const asked = spellings(name).flatMap((spelling) => types.map((type) => ({ spelling, type })));
    const replies = await Promise.all(
      asked.flatMap(({ spelling, type }) => [
        askUdp(box.server, spelling, { type, from }),
        askTcp(box.server, spelling, { type, from }),
      ]),
    );
    return [...new Set(replies.map(({ rcode, answers = [] }) => `${rcode} with ${answers.length} records`))];
  };

  it.each(canaries)('does not exist, for every type, spelling and name below: %s (%s)', async (name) => {
    for (const from of [SETTING, PHONE, UNNAMED])
      expect(await eachWay(name, from)).toEqual(['NXDOMAIN with 0 records']);
  });

  it.each(designated)('offers no encrypted resolver at %s', async (name) => {
    expect(await eachWay(name, SETTING)).toEqual(['NOERROR with 0 records']);
  });

  it.each(neighbours)('leaves %s, which is near to them, open', async (name) => {
    const { rcode, answers } = await askUdp(box.server, name, { from: SETTING });
    expect([rcode, answers?.length]).toEqual(['NOERROR', 1]);
  });

  it('tells no upstream that they were asked', () => {
    const asked = new Set(upstream.asked.map(({ message }) => questionName(message).toString('latin1').toLowerCase()));
    expect(asked.size).toBe(neighbours.length);
  });
});
