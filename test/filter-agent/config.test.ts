import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type Config,
  ConfigError,
  demoConfig,
  loadConfig,
  OverrideError,
  parseConfig,
  parseListen,
  withOverrides,
} from '../../filter-agent/config.ts';
import { configJsonSchema } from '../../filter-agent/config-schema.ts';
import { parseUpstream } from '../../filter-agent/config-upstreams.ts';
import { upstreamPresets } from '../../policy-rules/upstream-presets.ts';

const folder = mkdtempSync(join(tmpdir(), 'stairgate-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LEAST = 'upstreams: ["udp://192.0.2.53"]\n';
const POLICY = `${LEAST}policy:
  settingName: Test nursery
  groups: [{ id: setting, name: Setting, kind: setting }]
  networks: [{ name: LAN, range: 192.168.1.0/24, group: setting }]
  hours:
    week:
      monday: [{ from: 08:00, to: 18:00 }]
`;

/** The lines of the refusal, without the file's name. */
function refusal(text: string): string[] {
  try {
    parseConfig(text, 'box.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message.split('\n').map((line) => line.replace(/^box\.yaml:/, ''));
  }
  throw new Error(`expected a refusal of ${text}`);
}

describe('parseConfig', () => {
  it('needs nothing but an upstream, and gives the rest its usual value', () => {
    expect(parseConfig(LEAST, '/etc/stairgate/box.yaml')).toMatchObject({
      listen: [{ kind: 'every', address: '::', port: 53 }],
      upstreams: [{ url: 'udp://192.0.2.53', protocol: 'udp', addresses: ['192.0.2.53'], port: 53 }],
      forward: [],
      allowPrivateAnswers: [],
      stateDir: '/var/lib/stairgate',
      lists: [],
      localSite: { name: 'stairgate.home.arpa', port: 80, listen: [{ kind: 'every', address: '::', port: 80 }] },
      dashboard: null,
      clock: { mode: 'auto' },
      answeringThreads: 'auto',
      cache: { sizeMegabytes: 8 },
      lookUps: { perClientPerSecond: 100, exempt: [] },
      policy: { settingName: 'My nursery' },
    } satisfies { [K in keyof Config]: unknown });
  });

  it('takes paths to be beside the file, and fills in the policy that a person shortened', () => {
    const lists = 'lists: [{ id: family, path: family.txt, groups: [setting] }]\nstateDir: state\n';
    const config = parseConfig(POLICY + lists, '/etc/stairgate/box.yaml');
    expect(config.stateDir).toBe('/etc/stairgate/state');
    expect(config.lists).toEqual([
      { id: 'family', name: 'family', path: '/etc/stairgate/family.txt', protected: true, groups: ['setting'] },
    ]);
    expect(config.policy).toMatchObject({ version: 0, timeZone: 'Europe/London', devices: [] });
    expect(config.policy.hours.week.monday).toEqual([{ from: '08:00', to: '18:00' }]);
    expect(config.policy.hours.breaks.sunday).toEqual([]);
    expect(config.policy.groups[0]).toEqual({
      id: 'setting',
      name: 'Setting',
      kind: 'setting',
      categories: {},
      services: {},
    });
  });

  it.each<[string, string, string[]]>([
    ['an empty file', '', ['1:1: the file is empty, expected settings; the least is upstreams: [{ preset: quad9 }]']],
    [
      'comments alone',
      '# nothing\n',
      ['1:1: the file is empty, expected settings; the least is upstreams: [{ preset: quad9 }]'],
    ],
    ['a list', '- 1\n', ['1:1: got a list, expected a section with keys of its own']],
    ['no upstream', 'stateDir: /x\n', ['1:1: upstreams: it is missing, expected a list']],
    ['an empty key', 'upstreams:\n', ['1:1: upstreams: got nothing, expected a list']],
    [
      'a slip in a key',
      `${LEAST}lisen: [all:53]\n`,
      ['2:1: lisen: there is no such key in settings; did you mean "listen"?'],
    ],
    [
      'an unknown key below',
      `${LEAST}cache: { sizeMegabytes: 8, ways: 2 }\n`,
      ['2:28: cache.ways: there is no such key in cache; expected "sizeMegabytes"'],
    ],
    [
      'a key given twice',
      `${LEAST}stateDir: /a\nstateDir: /b\n`,
      ['3:1: stateDir: the key is given twice in this section; remove one'],
    ],
    ['a tab', 'upstreams:\n\t- udp://192.0.2.53\n', ['2:1: got a tab, expected spaces; indent with two spaces']],
    [
      'IPv6 without quotes',
      `${LEAST}listen:\n  - [::1]:53\n`,
      ['3:10: Unexpected scalar at node end; write "[::1]:53" in quotes'],
    ],
    ['two documents', `${LEAST}---\nx: 1\n`, ['2:1: got a second document after "---", expected one; remove the line']],
    [
      'an alias to nowhere',
      'upstreams: *x\n',
      ['1:1: Unresolved alias (the anchor must be set before the alias): x; write the value out'],
    ],
    [
      'a value that is not offered',
      `${LEAST}clock:\n  mode: trust-sytem\n`,
      ['3:9: clock.mode: got "trust-sytem", expected "auto" or "trust-system"; did you mean "trust-system"?'],
    ],
    [
      'an exempt client that is no address',
      `${LEAST}lookUps:\n  exempt: [192.168.1.2, router]\n`,
      ['3:25: lookUps.exempt[1]: got "router", expected an address or a range such as "192.168.1.2" or "10.0.0.0/24"'],
    ],
    [
      'a number out of range',
      `${LEAST}cache:\n  sizeMegabytes: 0\n`,
      ['3:18: cache.sizeMegabytes: got 0, expected at least 1'],
    ],
    [
      'too many threads',
      `${LEAST}answeringThreads: many\n`,
      ['2:19: answeringThreads: got "many", expected a whole number from 1 to 32, or "auto"'],
    ],
    [
      'one instead of a list',
      'upstreams: udp://192.0.2.53\n',
      ['1:12: upstreams: got "udp://192.0.2.53", expected a list; write ["udp://192.0.2.53"]'],
    ],
    [
      'yes instead of true',
      `${LEAST}dashboard: { url: "https://d.example", allowPlainHttp: yes }\n`,
      ['2:56: dashboard.allowPlainHttp: got "yes", expected true or false; write true'],
    ],
    [
      'plain http to another machine',
      `${LEAST}dashboard: { url: "http://d.example" }\n`,
      [
        '2:19: dashboard.url: got "http://d.example", expected https beyond this machine; use https://, or set allowPlainHttp: true and accept that it can be read on the way',
      ],
    ],
    [
      'the box itself as its upstream',
      'listen: ["127.0.0.1:53"]\nupstreams: ["udp://127.0.0.1"]\n',
      [
        '2:13: upstreams[0]: got "udp://127.0.0.1", which is this box itself: it would ask itself; name another upstream, or listen elsewhere',
      ],
    ],
    [
      'the box itself as its upstream, by any of its addresses',
      `listen: ["all:53"]\nupstreams: ["udp://127.0.0.1", "udp://127.0.0.1:5300"]\n`,
      ['2:13: upstreams[0]: got "udp://127.0.0.1", which is this box itself'],
    ],
    [
      'a preset that is not there',
      'upstreams: [{ preset: quad8 }]\n',
      ['1:23: upstreams[0].preset: got "quad8", expected one of "quad9", "cloudflare-malware", '],
    ],
    [
      'a provider without its addresses',
      'upstreams: [{ preset: broadband-provider }]\n',
      [
        '1:13: upstreams[0]: got "preset:broadband-provider" without addresses; write { preset: broadband-provider, addresses: [',
      ],
    ],
    [
      'addresses that a preset has itself',
      'upstreams: [{ preset: quad9, addresses: [192.0.2.1] }]\n',
      ['1:30: upstreams[0].addresses: the preset "quad9" has its own addresses; remove these'],
    ],
    [
      'a preset and a URL',
      'upstreams: [{ preset: quad9, url: "udp://192.0.2.1" }]\n',
      ['1:13: upstreams[0]: got both, expected either preset or url'],
    ],
    [
      'neither',
      'upstreams: [{ addresses: [192.0.2.1] }]\n',
      ['1:13: upstreams[0]: got neither, expected either preset or url'],
    ],
    [
      'an encrypted upstream without addresses',
      'upstreams:\n  - url: tls://dns.example\n',
      [
        '2:10: upstreams[0].url: got "tls://dns.example", expected its addresses too, so that the box need not look the name up; write { url: "tls://dns.example", addresses: [9.9.9.9] }, or "tls://dns.example@9.9.9.9"',
      ],
    ],
    [
      'an address that is none',
      'upstreams: [{ url: tls://dns.example, addresses: [192.0.2.1, dns.example] }]\n',
      ['1:62: upstreams[0].addresses[1]: got "dns.example", expected an IP address such as "9.9.9.9"'],
    ],
    [
      'a file of certificates that is not there',
      'upstreams: [{ url: tls://dns.example, addresses: [192.0.2.1], ca: none.pem }]\n',
      ['1:67: upstreams[0].ca: the file "'],
    ],
    [
      'certificates for plain text',
      'upstreams: [{ url: udp://192.0.2.1, ca: none.pem }]\n',
      ['1:41: upstreams[0].ca: got "none.pem", but udp:// has no certificate; remove it'],
    ],
    [
      'an upstream of a form that there is not',
      'upstreams: [53]\n',
      ['1:13: upstreams[0]: got 53, expected a URL, or a section with preset, or with url and addresses'],
    ],
    [
      'a slip in an upstream’s key',
      'upstreams: [{ presett: quad9 }]\n',
      ['1:13: upstreams[0]: got neither, expected', '1:15: upstreams[0].presett: there is no such key'],
    ],
    [
      'a zone with a star',
      `${LEAST}forward: [{ zones: ["*.lan"], upstream: "udp://192.0.2.1" }]\n`,
      ['2:21: forward[0].zones[0]: got "*.lan", expected a domain name; write "lan": all names below it are meant'],
    ],
    [
      'a zone given twice',
      `${LEAST}forward: [{ zones: [lan, LAN.], upstream: "udp://192.0.2.1" }]\n`,
      ['2:26: forward[0].zones[1]: got "LAN." a second time; remove one'],
    ],
    [
      'a zone’s upstream that is the box',
      `listen: ["127.0.0.1:53"]\n${LEAST}forward: [{ zones: [lan], upstream: "udp://127.0.0.1" }]\n`,
      ['3:37: forward[0].upstream: got "udp://127.0.0.1", which is this box itself'],
    ],
    [
      'a label that is too long',
      `${LEAST}allowPrivateAnswers: [${'a'.repeat(64)}.example]\n`,
      ['2:23: allowPrivateAnswers[0]: got "'],
    ],
    [
      'two lists of one id',
      `${LEAST}lists:\n  - { id: a, path: x }\n  - { id: a, path: y }\n`,
      ['4:11: lists[1].id: got "a" a second time; give each list an id of its own'],
    ],
    [
      'a list for a group that is not there',
      `${POLICY}lists: [{ id: a, path: x, groups: [seting] }]\n`,
      ['9:36: lists[0].groups[0]: got "seting", expected a group of the policy; did you mean "setting"?'],
    ],
    [
      'a site name that no browser would open',
      `${LEAST}localSite: { name: Stairgate }\n`,
      ['2:20: localSite.name: got "Stairgate", expected a lower-case host name such as "stairgate.home.arpa"'],
    ],
    [
      'a policy that contradicts itself',
      POLICY.replace('group: setting }]', 'group: office }]'),
      ['5:57: policy.networks[0].group: Network “LAN”: there is no group "office"; '],
    ],
    [
      'a weekday that is none',
      POLICY.replace('monday:', 'mondya:'),
      ['8:7: policy.hours.week.mondya: there is no such key in policy.hours.week; did you mean "monday"?'],
    ],
    [
      'a time without its nought',
      POLICY.replace('08:00', '8:00'),
      ['8:24: policy.hours.week.monday[0].from: got "8:00", expected a time as HH:MM'],
    ],
  ])('refuses %s, with its place and what was expected', (_, text, expected) => {
    const lines = refusal(text);
    expect(lines).toHaveLength(expected.length);
    for (const [index, line] of lines.entries())
      expect(line).toMatch(new RegExp(`^${RegExp.escape(expected[index]!)}`));
  });

  it('tells every mistake at once, in the order of the file', () => {
    expect(
      refusal('listen: [x]\nupstreams: [1.1.1.1]\nlocalSite: { name: "-" }\n').map((line) => line.split(': ')[1]),
    ).toEqual(['listen[0]', 'upstreams[0]', 'localSite.name']);
  });

  it('finds the place of a mistake behind an anchor', () => {
    const text = `${LEAST}cache: &c { sizeMegabytes: 0 }\nclock: { mode: auto }\n`;
    expect(refusal(text)).toEqual(['2:28: cache.sizeMegabytes: got 0, expected at least 1']);
  });

  it('shows hostile text as quoted text, not to the terminal', () => {
    expect(refusal(`${LEAST}stateDir: ["\\e[31m\\u202e"]\nclock: { mode: "\\e[2J\\u202e" }\n`)[1]).toBe(
      '3:16: clock.mode: got "\\u001b[2J?", expected "auto" or "trust-system"',
    );
  });

  it('never throws anything but a ConfigError, whatever the text', () => {
    const piece = fc.constantFrom(
      ...[
        'upstreams',
        'listen',
        'policy',
        'hours',
        'week',
        ': ',
        '\n',
        '  ',
        '- ',
        '[',
        ']',
        '{',
        '}',
        '"',
        '*a',
        '&a ',
        '<<',
        '|',
        '!x ',
        '~',
        '1',
        'udp://192.0.2.1',
        '\t',
        '\u0000',
        '#',
        '? ',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          parseConfig(pieces.join(''), 'box.yaml');
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('loadConfig', () => {
  const file = (name: string, bytes: string | Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  it('reads a file', () => {
    expect(loadConfig(file('good.yaml', LEAST)).config.upstreams).toHaveLength(1);
  });

  it.each<[string, () => string, RegExp]>([
    ['a file that is not there', () => join(folder, 'none.yaml'), /none\.yaml:1:1: there is no such file; /],
    ['a folder', () => folder, /:1:1: this is a folder, expected a settings file/],
    [
      'bytes that are not UTF-8',
      () => file('bytes.yaml', new Uint8Array([0x61, 0xff])),
      /:1:1: the file is not UTF-8 text/,
    ],
    [
      'a list in its place',
      () => file('large.yaml', '#'.repeat((1 << 20) + 1)),
      /has 1048577 bytes, expected at most 1048576; is it a list/,
    ],
  ])('refuses %s', (_, path, message) => {
    expect(() => loadConfig(path())).toThrow(message);
  });

  it('reads the example, whose values are the usual ones', () => {
    const example = new URL('../../hardware/stairgate.example.yaml', import.meta.url).pathname;
    const { upstreams: _, policy: __, ...rest } = loadConfig(example).config;
    const { upstreams: ___, policy: ____, ...usual } = parseConfig(LEAST, example);
    expect(rest).toEqual(usual);
    expect(readFileSync(example, 'utf8')).toContain(
      '# yaml-language-server: $schema=../filter-agent/config.schema.json',
    );
  });
});

describe('config.schema.json', () => {
  it('is what the schema says today (else run: node filter-agent/config-schema.ts && npm run format)', () => {
    const committed = readFileSync(new URL('../../filter-agent/config.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(committed)).toEqual(configJsonSchema());
  });
});

describe('parseListen', () => {
  it.each([
    ['192.168.1.2:53', { kind: 'address', address: '192.168.1.2', port: 53 }],
    ['[fd00::2]:5300', { kind: 'address', address: 'fd00::2', port: 5300 }],
    ['[fe80::1%eth0]:53', { kind: 'address', address: 'fe80::1%eth0', port: 53 }],
    ['0.0.0.0:53', { kind: 'every', address: '0.0.0.0', port: 53 }],
    ['[::]:53', { kind: 'every', address: '::', port: 53 }],
    ['all:0', { kind: 'every', address: '::', port: 0 }],
    ['eth0:53', { kind: 'interface', name: 'eth0', port: 53 }],
    ['eth0.20:53', { kind: 'interface', name: 'eth0.20', port: 53 }],
  ])('reads %s', (text, value) => {
    expect(parseListen(text)).toEqual({ value });
  });

  it.each([
    ['', 'an address with a port'],
    ['192.168.1.2', 'an address with a port'],
    ['192.168.1.2:65536', 'a port from 0 to 65535'],
    ['::1:53', 'write "[::1]:53"'],
    ['fd00::2', 'write "[fd00::2]:53"'],
    ['fd00::aaaa', 'write "[fd00::aaaa]:53"'],
    ['localhost:53', 'write "127.0.0.1:53" and "[::1]:53"'],
    ['box.example.org:53', '"eth0:53"'],
    ['[eth0]:53', '"eth0:53"'],
  ])('refuses %j', (text, expected) => {
    expect(parseListen(text)).toEqual({ expected: expect.stringContaining(expected) });
  });
});

describe('upstreams in the settings', () => {
  const plain = { preset: null, serverName: null, path: null, ca: null };
  const upstreamsOf = (text: string) => parseConfig(text, join(folder, 'box.yaml')).upstreams;

  it.each([
    ['udp://9.9.9.9', 'udp', '9.9.9.9', 53],
    ['tcp://9.9.9.9:5353/', 'tcp', '9.9.9.9', 5353],
    ['udp://[2620:fe::fe]:53', 'udp', '2620:fe::fe', 53],
  ] as const)('may be plain: %s', (url, protocol, address, port) => {
    const value = [{ ...plain, url, name: url, protocol, addresses: [address], port }];
    expect(parseUpstream(url)).toEqual({ value });
  });

  it.each([
    ['tls://dns.example@192.0.2.1', 'tls', 'dns.example', ['192.0.2.1'], 853, null],
    ['tls://DNS.example@192.0.2.1,[2001:db8::1]:8853', 'tls', 'dns.example', ['192.0.2.1', '2001:db8::1'], 8853, null],
    ['tls://192.0.2.1', 'tls', '192.0.2.1', ['192.0.2.1'], 853, null],
    ['tls://[2001:db8::1]', 'tls', '2001:db8::1', ['2001:db8::1'], 853, null],
    ['https://dns.example@192.0.2.1', 'https', 'dns.example', ['192.0.2.1'], 443, '/dns-query'],
    ['https://dns.example@192.0.2.1/other', 'https', 'dns.example', ['192.0.2.1'], 443, '/other'],
    ['https://192.0.2.1:8443/dns-query', 'https', '192.0.2.1', ['192.0.2.1'], 8443, '/dns-query'],
  ] as const)('may be encrypted: %s', (url, protocol, serverName, addresses, port, path) => {
    const value = [{ ...plain, url, name: url, protocol, serverName, addresses, port, path }];
    expect(parseUpstream(url)).toEqual({ value });
  });

  it('may have their addresses and their own certificates beside the URL', () => {
    writeFileSync(join(folder, 'ca.pem'), rootCertificates.slice(0, 2).join('\n'));
    const text = 'upstreams: [{ url: "https://dns.example:444", addresses: [192.0.2.1, "2001:db8::1"], ca: ca.pem }]\n';
    expect(upstreamsOf(text)).toEqual([
      {
        url: 'https://dns.example:444',
        name: 'https://dns.example:444',
        preset: null,
        protocol: 'https',
        addresses: ['192.0.2.1', '2001:db8::1'],
        port: 444,
        serverName: 'dns.example',
        path: '/dns-query',
        ca: expect.stringContaining('BEGIN CERTIFICATE'),
      },
    ]);
  });

  it('are refused with certificates that are none, or damaged', () => {
    const text = 'upstreams: [{ url: "https://dns.example", addresses: [192.0.2.1], ca: bad.pem }]\n';
    const [sound] = rootCertificates;
    const damaged = '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n';
    writeFileSync(join(folder, 'bad.pem'), `${sound}\n${damaged}`);
    expect(() => upstreamsOf(text)).toThrow(/certificate 2 of the file ".*bad\.pem" cannot be read/);
    writeFileSync(join(folder, 'bad.pem'), '-----BEGIN CERTIFICATE-----\n');
    expect(() => upstreamsOf(text)).toThrow(/bad\.pem" holds no certificate, expected PEM/);
  });

  it('may be a preset: encrypted, with its addresses', () => {
    const [entry, text] = ['upstreams: [{ preset: quad9 }]\n', 'upstreams: ["preset:quad9"]\n'].map(upstreamsOf);
    expect(entry).toEqual(text);
    expect(entry).toMatchObject([
      { name: 'Quad9', preset: 'quad9', protocol: 'tls', serverName: 'dns.quad9.net', port: 853 },
    ]);
    expect(entry![0]!.addresses).toContain('9.9.9.9');
  });

  it('may be the broadband provider’s, each of its addresses by itself', () => {
    expect(
      upstreamsOf('upstreams: [{ preset: broadband-provider, addresses: [203.0.113.1, 203.0.113.2] }]\n'),
    ).toMatchObject(
      ['203.0.113.1', '203.0.113.2'].map((address) => ({
        name: `The broadband provider’s own (${address})`,
        protocol: 'udp',
        addresses: [address],
        port: 53,
      })),
    );
  });

  it('may be others’ for zones of their own', () => {
    const text = `${LEAST}forward: [{ zones: [LAN., 1.168.192.in-addr.arpa], upstream: "udp://192.168.1.1" }]\nallowPrivateAnswers: [Intranet.example]\n`;
    const { forward, allowPrivateAnswers } = parseConfig(text, 'box.yaml');
    expect(forward).toMatchObject([
      { zones: ['lan', '1.168.192.in-addr.arpa'], upstreams: [{ protocol: 'udp', addresses: ['192.168.1.1'] }] },
    ]);
    expect(allowPrivateAnswers).toEqual(['intranet.example']);
  });

  it.each([
    ['9.9.9.9', 'write "udp://9.9.9.9"'],
    ['2620:fe::fe', 'write "udp://[2620:fe::fe]"'],
    ['tls://dns.example', 'its addresses too'],
    ['https://dns.example/dns-query', 'or "https://dns.example@9.9.9.9/dns-query"'],
    ['tls://dns.example@other.example', 'IP addresses after the @'],
    ['tls://dns_example@192.0.2.1', 'the name in its certificate'],
    ['tls://@192.0.2.1', 'the name in its certificate'],
    ['tls://192.0.2.1,192.0.2.2', 'the name in its certificate'],
    ['tls://dns.example@192.0.2.1/path', 'without a path'],
    ['udp://dns.example@192.0.2.1', 'an IP address after udp://, not a name'],
    ['udp://dns.example', 'expected an IP address after udp://, not a name'],
    ['udp://[9.9.9.9]', 'expected an IP address'],
    ['udp://9.9.9.9:0', 'a port from 1 to 65535'],
    ['udp://9.9.9.9/x', 'expected a URL such as'],
    ['ftp://9.9.9.9', 'expected a URL such as'],
    ['preset:quad', 'did you mean "quad9"?'],
    ['preset:broadband-provider', 'without addresses; write { preset: broadband-provider'],
    ['', 'expected a URL such as'],
  ])('are refused as %j', (text, expected) => {
    expect(parseUpstream(text)).toEqual({ expected: expect.stringContaining(expected) });
  });
});

describe('the presets', () => {
  it.each(upstreamPresets.map((preset) => [preset.id, preset] as const))(
    '%s says what it does and does not',
    (_, preset) => {
      expect(preset.filters).toMatch(/^Filters .+\.$/);
      expect(preset.doesNot).toMatch(/\.$/);
      // Whatever is chosen, people are told how it stands with illegal content, and nothing is promised.
      expect(`${preset.filters} ${preset.doesNot}`).toMatch(/IWF, CTIRU/);
      expect(JSON.stringify(preset)).not.toMatch(/compliant|DfE/i);
      if (preset.resolver === null) return;
      expect(
        upstreamPresets.filter(({ resolver }) => resolver?.serverName === preset.resolver?.serverName),
      ).toHaveLength(1);
      expect(preset.resolver.addresses.filter((address) => isIP(address) === 4).length).toBeGreaterThan(0);
      expect(preset.resolver.addresses.every((address) => isIP(address) !== 0)).toBe(true);
    },
  );
});

describe('demoConfig', () => {
  it('stays on loopback and asks whom the machine asks, but not itself', () => {
    const resolvConf = join(folder, 'resolv.conf');
    writeFileSync(
      resolvConf,
      '# made\nnameserver 127.0.0.1\nnameserver fd00::53\n nameserver 192.0.2.53 \nnameserver 192.0.2.54\n',
    );
    const usual = demoConfig({ stateDir: folder, resolvConf });
    expect(
      usual.listen.map((entry) => (entry.kind === 'address' ? `${entry.address} ${entry.port}` : entry.kind)),
    ).toEqual(['127.0.0.1 5300', '::1 5300']);
    expect(usual.upstreams.map(({ url }) => url)).toEqual(['udp://127.0.0.1', 'udp://[fd00::53]', 'udp://192.0.2.53']);
    expect(usual).toMatchObject({
      clock: { mode: 'trust-system' },
      dashboard: null,
      policy: { settingName: 'My nursery' },
    });
    const onPort53 = demoConfig({ stateDir: folder, resolvConf, listen: ['127.0.0.1:53'] });
    expect(onPort53.upstreams.map(({ url }) => url)).toEqual(['udp://[fd00::53]', 'udp://192.0.2.53']);
  });

  it('has no upstream on a machine without a resolver', () => {
    expect(demoConfig({ stateDir: folder, resolvConf: join(folder, 'absent') }).upstreams).toEqual([]);
  });
});

describe('withOverrides', () => {
  const config = parseConfig(LEAST, '/etc/box.yaml');

  it('puts addresses and upstreams in place of the file’s, and adds lists for every group', () => {
    const changed = withOverrides(config, {
      listen: ['127.0.0.1:0'],
      upstream: ['tcp://192.0.2.1'],
      list: ['/lists/My list.txt', '/other/my-list.txt', '/lists/….gz'],
    });
    expect(changed.listen).toEqual([{ kind: 'address', address: '127.0.0.1', port: 0 }]);
    expect(changed.upstreams.map(({ url }) => url)).toEqual(['tcp://192.0.2.1']);
    expect(changed.lists.map(({ id, path, protected: held, groups }) => [id, path, held, groups])).toEqual([
      ['my-list', '/lists/My list.txt', true, 'all'],
      ['my-list-2', '/other/my-list.txt', true, 'all'],
      ['list', '/lists/….gz', true, 'all'],
    ]);
    expect(withOverrides(config, {})).toEqual(config);
  });

  it.each([
    [{ listen: ['x'] }, '--listen: got "x", expected an address with a port'],
    [{ upstream: ['1.1.1.1'] }, '--upstream: got "1.1.1.1", expected a URL; write "udp://1.1.1.1"'],
    [{ list: [''] }, '--list: got nothing, expected the path of a list file'],
    [
      { listen: ['127.0.0.1:53'], upstream: ['udp://127.0.0.1'] },
      '--upstream: the box would ask itself at udp://127.0.0.1',
    ],
  ])('refuses %j by the name of the flag', (overrides, message) => {
    expect(() => withOverrides(config, overrides)).toThrow(OverrideError);
    expect(() => withOverrides(config, overrides)).toThrow(message);
  });
});

describe('a file that this user may not read', () => {
  it.skipIf(process.getuid?.() !== 0)('is refused as such (needs root, to become somebody else)', () => {
    const path = join(folder, 'secret.yaml');
    writeFileSync(path, LEAST, { mode: 0o000 });
    const program = `
      const { loadConfig } = await import(${JSON.stringify(new URL('../../filter-agent/config.ts', import.meta.url).href)});
      process.setuid(65534);
      try { loadConfig(${JSON.stringify(path)}); } catch (error) { console.log(error.message); }`;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    // The folder itself is closed to others as well: either way the person reads what to mend.
    expect(said).toContain(':1:1: the file may not be read by this user; change its owner or mode');
  });
});
