import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListFormat, ListReport } from '../../../policy-rules/lists/list-report.ts';
import { ListParser, type ParseOptions, parseList } from '../../../policy-rules/lists/parse-list.ts';
import { formatRule, type Rule } from '../../../policy-rules/lists/rule.ts';
import { TrieBuilder } from '../../../policy-rules/trie/builder.ts';

interface Read {
  /** In the notation of formatRule. */
  readonly rules: string[];
  readonly report: ListReport;
}

function read(text: string, options: ParseOptions = {}): Read {
  const rules: string[] = [];
  const report = parseList(text, (name, scope, action) => rules.push(formatRule({ name, scope, action })), {
    toAscii: domainToASCII,
    ...options,
  });
  return { rules, report };
}

/** `kind line:column` of each problem. */
function places(report: ListReport): string[] {
  return report.problems.map(({ kind, line, column }) => `${kind} ${line}:${column}`);
}

type Row = readonly [line: string, rules: readonly string[], problem?: string];

function table(title: string, rows: readonly Row[], options: ParseOptions = {}): void {
  describe(title, () => {
    it.each(rows.map(([line, rules, problem]) => ({ line, rules, problem })))('$line', ({ line, rules, problem }) => {
      // A second line proves that the first has not stopped the rest.
      const { rules: found, report } = read(`${line}\n||next.example^\n`, options);
      expect(found).toEqual([...rules, '||next.example^']);
      expect(report.problems.map(({ kind, line: at, column }) => `${kind} ${at}:${column}`)).toEqual(
        problem === undefined ? [] : [problem.replace(/ (\d+)$/, ' 1:$1')],
      );
    });
  });
}

table('a line of plain domains', [
  ['example.org', ['||example.org^']],
  ['EXAMPLE.Org', ['||example.org^']],
  ['  example.org\t', ['||example.org^']],
  ['example.org\r', ['||example.org^']],
  ['example.org.', ['||example.org^']],
  ['.example.org', ['||example.org^']],
  ['example.org # why', ['||example.org^']],
  ['example.org#why', ['||example.org^']],
  ['example.org // why', ['||example.org^']],
  ['_dmarc.example.org', ['||_dmarc.example.org^']],
  ['-a-.example.org', ['||-a-.example.org^']],
  ['xn--bcher-kva.example', ['||xn--bcher-kva.example^']],
  ['Bücher.example', ['||xn--bcher-kva.example^']],
  ['münchen。example', ['||xn--mnchen-3ya.example^']],
  [`${'a'.repeat(63)}.example`, [`||${'a'.repeat(63)}.example^`]],
  ['# example.org', []],
  ['! example.org', []],
  ['; example.org', []],
  ['// example.org', []],
  ['## a title ##', []],
  ['#', []],
  ['', []],
  ['   ', []],
  ['1.2.3.4', ['|1.2.3.4^'], 'note 1'],
  ['2001:db8::1', [], 'unsupported 1'],
  ['1.2.3', [], 'error 5'],
  ['1.2.3.456', [], 'error 7'],
  ['com', [], 'error 1'],
  ['co.uk', [], 'error 1'],
  ['  gov.uk', [], 'error 3'],
  ['nursery.sch.uk', ['||nursery.sch.uk^']],
  ['a..example', [], 'error 3'],
  ['..', [], 'error 2'],
  ['.', [], 'error 1'],
  [`${'a'.repeat(64)}.example`, [], 'error 1'],
  [`a.${'b'.repeat(64)}.example`, [], 'error 3'],
  [`${'a.'.repeat(124)}example`, [], 'error 1'],
  ['exa mple.org', [], 'error 5'],
  ['example.org,', [], 'error 12'],
  ['exa\u0000mple.org', [], 'error 4'],
  ['exa\u001b[31mmple.org', [], 'error 4'],
  ['user@example.org', [], 'error 5'],
  ['"example.org"', [], 'error 1'],
  ['example.org:443', [], 'error 12'],
  ['example.org/page', [], 'unsupported 12'],
  ['https://example.org/', [], 'unsupported 7'],
  ['\ud800.example', [], 'error 1'],
  ['\u200b.example', [], 'error 1'],
]);

table('a hosts line', [
  ['0.0.0.0 example.org', ['|example.org^']],
  ['127.0.0.1\texample.org', ['|example.org^']],
  ['127.0.0.7 example.org', ['|example.org^']],
  [':: example.org', ['|example.org^']],
  ['::1 example.org', ['|example.org^']],
  ['0 example.org', ['|example.org^']],
  ['0:0:0:0:0:0:0:0 example.org', ['|example.org^']],
  ['  0.0.0.0   a.example b.example\tc.example  # three', ['|a.example^', '|b.example^', '|c.example^']],
  ['0.0.0.0 EXAMPLE.org. #why', ['|example.org^']],
  ['0.0.0.0 bücher.example', ['|xn--bcher-kva.example^']],
  ['0.0.0.0 wpad', ['|wpad^']],
  ['127.0.0.1 localhost', []],
  ['127.0.0.1 localhost localhost.localdomain', []],
  ['127.0.0.1 localhost a.example', ['|a.example^']],
  ['255.255.255.255 broadcasthost', []],
  ['::1 ip6-localhost ip6-loopback', []],
  ['fe80::1%lo0 localhost', []],
  ['ff02::2 ip6-allrouters', []],
  ['0.0.0.0 0.0.0.0', []],
  ['0.0.0.0 # nothing', ['|0.0.0.0^'], 'note 1'],
  ['0.0.0.0 a.example b..example c.example', ['|a.example^', '|c.example^'], 'error 21'],
  ['0.0.0.0 exa$mple.org', [], 'error 12'],
  ['216.239.38.120 www.google.com', [], 'unsupported 1'],
  ['2001:db8::1 example.org', [], 'unsupported 1'],
]);

table('a wildcard line', [
  ['*.example.org', ['||example.org^']],
  ['*.Example.org. # why', ['||example.org^']],
  ['*.bücher.example', ['||xn--bcher-kva.example^']],
  ['*.com', [], 'error 1'],
  ['*.', [], 'error 3'],
  ['*', [], 'unsupported 1'],
  ['*example.org', [], 'unsupported 1'],
  ['*.example.*', [], 'unsupported 11'],
  ['ads.*.example', [], 'unsupported 5'],
]);

table('an adblock line', [
  ['||example.org^', ['||example.org^']],
  ['||example.org', ['||example.org^']],
  ['||Example.ORG.^', ['||example.org^']],
  ['||example.org^|', ['||example.org^']],
  ['|example.org^', ['|example.org^']],
  ['|example.org|', ['|example.org^']],
  ['||*.example.org^', ['*.example.org']],
  ['*.example.org^', ['*.example.org']],
  ['@@||example.org^', ['@@||example.org^']],
  ['@@|example.org^', ['@@|example.org^']],
  ['@@||example.org^|', ['@@||example.org^']],
  ['@@*.example.org', ['@@*.example.org']],
  ['@@example.org', ['@@||example.org^']],
  ['||bücher.example^', ['||xn--bcher-kva.example^']],
  ['||example.org^ # why', ['||example.org^']],
  ['||example.org^ ! why', ['||example.org^']],
  ['||1.2.3.4^', ['|1.2.3.4^'], 'note 1'],
  ['||zip^', ['||zip^'], 'note 1'],
  ['@@||uk^', ['@@||uk^']],
  ['[Adblock Plus 2.0]', []],
  ['! Title: a list', []],
  // Modifiers.
  ['||example.org^$all', ['||example.org^']],
  ['||example.org^$document,popup', ['||example.org^']],
  ['||example.org^$doc', ['||example.org^']],
  ['||example.org^$match-case', ['||example.org^']],
  ['||example.org^$important', ['||example.org^'], 'note 15'],
  ['@@||example.org^$important', ['@@||example.org^'], 'note 17'],
  ['||example.org^$dnsrewrite=NXDOMAIN', ['||example.org^']],
  ['||example.org^$dnsrewrite=refused', ['||example.org^']],
  ['||example.org^$dnsrewrite=0.0.0.0', ['||example.org^']],
  [
    '||example.org^$denyallow=a.example.org|b.example.org',
    ['||example.org^', '@@||a.example.org^', '@@||b.example.org^'],
  ],
  ['||zip^$denyallow=good.zip', ['||zip^', '@@||good.zip^'], 'note 1'],
  ['||example.org^$denyallow=example.com', [], 'error 26'],
  ['||example.org^$denyallow=a..example.org', [], 'error 28'],
  ['||example.org^$dnsrewrite=1.2.3.4', [], 'unsupported 16'],
  ['||example.org^$dnsrewrite', [], 'unsupported 16'],
  ['||example.org^$third-party', [], 'unsupported 16'],
  ['||example.org^$all,third-party', [], 'unsupported 20'],
  ['||example.org^$~third-party', [], 'unsupported 16'],
  ['||example.org^$dnstype=AAAA', [], 'unsupported 16'],
  ['||example.org^$client=192.168.0.1', [], 'unsupported 16'],
  ['||example.org^$badfilter', [], 'unsupported 16'],
  ['||example.org^$domain=a.example', [], 'unsupported 16'],
  ['||example.org^$script', [], 'unsupported 16'],
  ['@@||example.org^$document', [], 'unsupported 18'],
  ['||example.org^$', [], 'error 16'],
  ['||example.org^$all,', [], 'error 20'],
  // What is no rule for a name.
  ['||^', [], 'error 3'],
  ['||', [], 'error 3'],
  ['|', [], 'error 2'],
  ['@@', [], 'error 3'],
  ['@@||', [], 'error 5'],
  ['||||', [], 'unsupported 3'],
  ['||.^', [], 'error 3'],
  ['||example.org/path', [], 'unsupported 14'],
  ['||example.org:8080^', [], 'unsupported 14'],
  ['||example.org^path', [], 'unsupported 14'],
  ['||exa*mple.org^', [], 'unsupported 6'],
  ['||ads.', [], 'unsupported 3'],
  ['||ads', [], 'unsupported 3'],
  ['|http://example.org', [], 'unsupported 6'],
  ['||exa mple.org^', [], 'error 6'],
  ['example.org^', [], 'unsupported 1'],
  ['/ads[0-9]+/', [], 'unsupported 1'],
  ['@@/banner/', [], 'unsupported 3'],
  ['example.org##.banner', [], 'unsupported 12'],
  ['example.org,example.com#@#.banner', [], 'unsupported 24'],
  ['example.org#?#div:has(a)', [], 'unsupported 12'],
  ['$popup', [], 'error 1'],
]);

describe('in a list that is mostly adblock', () => {
  table(
    '',
    [
      ['*.example.org', ['*.example.org']],
      ['##.banner', [], 'unsupported 1'],
      ['#@#.banner', [], 'unsupported 1'],
      ['# a remark', []],
    ],
    { format: 'adblock' },
  );
});

table('a dnsmasq line', [
  ['address=/example.org/', ['||example.org^']],
  ['address=/example.org/#', ['||example.org^']],
  ['address=/example.org/0.0.0.0', ['||example.org^']],
  ['address=/example.org/127.0.0.1', ['||example.org^']],
  ['address=/example.org/::', ['||example.org^']],
  ['address=/Example.ORG/ # why', ['||example.org^']],
  ['address=/.example.org/', ['||example.org^']],
  ['address=/a.example/b.example/0.0.0.0', ['||a.example^', '||b.example^']],
  ['address=/*.example.org/', ['*.example.org']],
  ['address=/bücher.example/', ['||xn--bcher-kva.example^']],
  ['local=/example.org/', ['||example.org^']],
  ['server=/example.org/', ['||example.org^']],
  ['server=/example.org/#', ['@@||example.org^']],
  ['local = /example.org/', ['||example.org^']],
  ['address=/example.org/1.2.3.4', [], 'unsupported 22'],
  ['server=/example.org/9.9.9.9', [], 'unsupported 21'],
  ['address=/a.example/b..example/c.example/', ['||a.example^', '||c.example^'], 'error 22'],
  ['address=/#/0.0.0.0', [], 'unsupported 10'],
  ['local=//', [], 'unsupported 8'],
  ['address=/exa*mple.org/', [], 'unsupported 10'],
  ['address=/com/', [], 'error 1'],
  ['address=example.org', [], 'error 9'],
  ['address=', [], 'error 9'],
  ['address=/', [], 'error 9'],
  ['cname=example.org,example.com', [], 'unsupported 1'],
  ['bogus-nxdomain=1.2.3.4', [], 'unsupported 1'],
]);

table('an unbound line', [
  ['server:', []],
  ['local-zone: "example.org" always_nxdomain', ['||example.org^']],
  ['local-zone: "example.org." always_null', ['||example.org^']],
  ["local-zone: 'example.org' static", ['||example.org^']],
  ['local-zone: example.org refuse', ['||example.org^']],
  ['  local-zone: "Example.org." deny # why', ['||example.org^']],
  ['local-zone: "bücher.example" static', ['||xn--bcher-kva.example^']],
  ['local-zone: "example.org" transparent', ['@@||example.org^']],
  ['local-data: "example.org A 0.0.0.0"', ['|example.org^']],
  ['local-data: "example.org. 3600 IN AAAA ::"', ['|example.org^']],
  ['local-data: "example.org A 1.2.3.4"', [], 'unsupported 14'],
  ['local-data: "example.org CNAME example.com."', [], 'unsupported 14'],
  ['local-data: "example.org"', [], 'error 13'],
  ['local-zone: "example.org" inform', [], 'unsupported 27'],
  ['local-zone: "example.org"', [], 'error 13'],
  ['local-zone: "exa mple.org" static', [], 'error 17'],
  ['local-zone:', [], 'error 11'],
  ['local-zone: "com" static', [], 'error 1'],
  ['local-data-ptr: "1.2.3.4 example.org"', [], 'unsupported 1'],
  ['forward-zone:', [], 'unsupported 1'],
]);

describe('an unbound redirect zone', () => {
  it('blocks when its data is a null address, once', () => {
    const lines = [
      'local-zone: "a.example" redirect',
      'local-data: "a.example A 0.0.0.0"',
      'local-data: "a.example AAAA ::"',
    ];
    expect(read(lines.join('\n')).rules).toEqual(['||a.example^']);
  });

  it('blocks when it has no data, under the line of the zone', () => {
    const lines: number[] = [];
    const report = parseList('\nlocal-zone: "a.example" redirect\n# end\n', (_name, _scope, _action, line) =>
      lines.push(line),
    );
    expect(lines).toEqual([2]);
    expect(report).toMatchObject({ lines: 3, rules: 1, formats: { unbound: 1 } });
  });

  it('does not block when it sends clients elsewhere, as safe search does', () => {
    const { rules, report } = read(
      'local-zone: "www.google.com" redirect\nlocal-data: "www.google.com CNAME forcesafesearch.google.com"\n',
    );
    expect(rules).toEqual([]);
    expect(places(report)).toEqual(['unsupported 2:14']);
  });
});

table('an RPZ line', [
  ['$TTL 300', []],
  ['$ORIGIN rpz.example.', []],
  ['@ SOA localhost. root.localhost. 1 3600 600 86400 300', []],
  ['@ 300 IN NS localhost.', []],
  ['  IN NS localhost.', []],
  ['  NS localhost.', []],
  ['example.org CNAME .', ['|example.org^']],
  ['example.org 300 IN CNAME .', ['|example.org^']],
  ['example.org IN 300 CNAME *.', ['|example.org^']],
  ['Example.ORG cname rpz-drop. ; why', ['|example.org^']],
  ['*.example.org CNAME .', ['*.example.org']],
  ['example.org A 0.0.0.0', ['|example.org^']],
  ['example.org AAAA ::', ['|example.org^']],
  ['example.org. CNAME .', ['|example.org^']],
  ['bücher.example CNAME .', ['|xn--bcher-kva.example^']],
  ['example.org CNAME rpz-passthru.', ['@@|example.org^']],
  ['*.example.org CNAME rpz-passthru.', ['@@*.example.org']],
  ['example.org CNAME example.org.', ['@@|example.org^']],
  ['example.org CNAME rpz-tcp-only.', [], 'unsupported 19'],
  ['example.org CNAME walled-garden.example.', [], 'unsupported 19'],
  ['example.org A 1.2.3.4', [], 'unsupported 15'],
  ['example.org TXT "why"', [], 'unsupported 17'],
  ['32.4.3.2.1.rpz-ip CNAME .', [], 'unsupported 1'],
  ['24.0.2.0.192.rpz-client-ip CNAME .', [], 'unsupported 1'],
  ['ns.example.rpz-nsdname CNAME .', [], 'unsupported 1'],
  ['exa..mple CNAME .', [], 'error 5'],
  ['*.com CNAME .', [], 'error 1'],
  ['@ A 1.2.3.4', [], 'unsupported 1'],
  ['$INCLUDE other.zone', [], 'unsupported 1'],
]);

describe('an RPZ zone file', () => {
  it('takes its own name off absolute owners, and reads past a SOA in parentheses', () => {
    const { rules, report } = read(
      [
        '$ORIGIN rpz.example.',
        '@ IN SOA localhost. root.localhost. (',
        '    2026010101 ; serial',
        '    3600',
        '    600 86400 300 )',
        '  NS localhost.',
        'bad.example.rpz.example. CNAME .',
        '*.bad.example CNAME .',
      ].join('\n'),
    );
    expect(rules).toEqual(['|bad.example^', '*.bad.example']);
    expect(report).toMatchObject({ comments: 6, errors: 0, unsupported: 0, formats: { rpz: 2 } });
  });

  it('loses at most ten lines to a parenthesis that never closes', () => {
    const names = Array.from({ length: 30 }, (_, number) => `n${number}.example CNAME .`);
    expect(read(['@ SOA a. b. (', ...names].join('\n')).report.rules).toBe(20);
  });
});

describe('a list', () => {
  it('may mix adblock, hosts and plain lines, and is counted by line and format', () => {
    const { rules, report } = read(
      [
        '\ufeff! Title: mixed',
        '0.0.0.0 a.example b.example',
        '||c.example^',
        'd.example',
        '@@||e.c.example^',
        '*.f.example',
        'address=/g.example/#',
        'local-zone: "h.example" static',
        'i.example CNAME .',
        'oh no',
        '##.banner',
        '',
      ].join('\r\n'),
    );
    expect(rules).toEqual([
      '|a.example^',
      '|b.example^',
      '||c.example^',
      '||d.example^',
      '@@||e.c.example^',
      '*.f.example',
      '||g.example^',
      '||h.example^',
      '|i.example^',
    ]);
    expect(report).toMatchObject({
      formats: { hosts: 1, domains: 1, wildcard: 0, adblock: 3, dnsmasq: 1, unbound: 1, rpz: 1 },
      lines: 11,
      rules: 9,
      comments: 1,
      errors: 1,
      unsupported: 1,
    });
    expect(places(report)).toEqual(['error 10:4', 'unsupported 11:1']);
  });

  it('gives each rule with its line', () => {
    const lines: [string, number][] = [];
    parseList('# one\na.example\n\n0.0.0.0 b.example c.example', (name, _scope, _action, line) =>
      lines.push([name, line]),
    );
    expect(lines).toEqual([
      ['a.example', 2],
      ['b.example', 4],
      ['c.example', 4],
    ]);
  });

  it('of nothing is an empty report', () => {
    expect(read('').report).toMatchObject({ lines: 0, rules: 0, comments: 0, errors: 0, unsupported: 0 });
    expect(read('\ufeff').report).toMatchObject({ lines: 0, rules: 0 });
    expect(read('\n').report).toMatchObject({ lines: 1, comments: 1 });
  });

  it('is told of international names when there is no converter, and is read on', () => {
    const names: string[] = [];
    const report = parseList('bücher.example\na.example\n', (name) => names.push(name));
    expect(names).toEqual(['a.example']);
    expect(report.problems[0]).toMatchObject({ line: 1, column: 1, message: expect.stringContaining('xn--') });
  });

  it('survives a converter that throws, or that answers with no name', () => {
    const throwing = () => {
      throw new Error('no');
    };
    expect(read('ü.example\na.example', { toAscii: throwing }).rules).toEqual(['||a.example^']);
    expect(read('ü.example\na.example', { toAscii: () => 'b c' }).rules).toEqual(['||a.example^']);
    expect(read('ü.example\na.example', { toAscii: () => `${'x'.repeat(64)}.example` }).rules).toEqual([
      '||a.example^',
    ]);
  });

  it('keeps the first 1,000 problems, of which 100 notes, and counts all', () => {
    const { report } = read(`${'1.2.3.4\n'.repeat(500)}${'oh no\n'.repeat(1500)}`);
    expect(report).toMatchObject({ rules: 500, notes: 500, errors: 1500 });
    expect(report.problems).toHaveLength(1000);
    expect(report.problems.filter((problem) => problem.kind === 'note')).toHaveLength(100);
  });

  it('shows lines with control and direction characters escaped, and cut to 80 characters', () => {
    const { report } = read(`evil\u001b[2J\u202e\u0000 ${'x'.repeat(200)}`);
    expect(report.problems[0]!.text).toMatch(/^evil\\u\{1b\}\[2J\\u\{202e\}\\u\{0\} x+…$/);
    expect(report.problems[0]!.text).toHaveLength(80);
  });

  it('refuses a line of a million characters and goes on, in one piece or in many', () => {
    const text = `a.example\n${'x'.repeat(1_000_000)}\nb.example\n`;
    const whole = read(text);
    expect(whole.rules).toEqual(['||a.example^', '||b.example^']);
    expect(places(whole.report)).toEqual(['error 2:1']);
    expect(readInPieces(text, 4096)).toEqual(whole);
  });

  it('takes time in proportion to the longest lines that it reads', () => {
    const run = (text: string) => text.repeat(Math.floor(16_000 / text.length));
    const lines = [
      ...[' ', ':', '0', '.', '#', '#@', '|', '^', '*', '$', ',', '/', '(', 'a ', '1 '].map((text) => `a${run(text)}b`),
      `0 ${run('a ')}`,
      `${run(':')}x`,
      `local-data: "a A x${run(' ')}y"`,
      `local-zone: "a"${run(' ')}b c`,
      `address=/a/${run(' ')}b`,
      `a 1${run(' ')}CNAM .`,
      `||a.example^$${run(',')}`,
    ];
    const startedMs = performance.now();
    // With the square of its length, a line would take a third of a second.
    for (const line of lines) read(`${line}\n`.repeat(20));
    expect(performance.now() - startedMs).toBeLessThan(5000);
  });

  it('names what was expected in every problem', () => {
    const { report } = read(
      'com\n||x y^\naddress=/\nlocal-zone: x\n/re/\n||a.example^$script\na b\n1.1.1.1 a.example\n',
    );
    expect(report.problems).toHaveLength(8);
    for (const { message } of report.problems) expect(message).toMatch(/expected|write|DNS/);
  });
});

describe('the same list in every format', () => {
  const names = Array.from(
    { length: 200 },
    (_, number) => `n${number}.${number % 3 === 0 ? 'sub.' : ''}x${number}.example`,
  );
  const suffixes = names.map((name) => `||${name}^`);
  const exact = names.map((name) => `|${name}^`);
  const forms: Record<ListFormat, { line: (name: string) => string; rules: string[] }> = {
    hosts: { line: (name) => `0.0.0.0 ${name}`, rules: exact },
    domains: { line: (name) => name, rules: suffixes },
    wildcard: { line: (name) => `*.${name}`, rules: suffixes },
    adblock: { line: (name) => `||${name}^`, rules: suffixes },
    dnsmasq: { line: (name) => `address=/${name}/#`, rules: suffixes },
    unbound: { line: (name) => `local-zone: "${name}." always_null`, rules: suffixes },
    rpz: {
      line: (name) => `${name} CNAME .\n*.${name} CNAME .`,
      rules: names.flatMap((name) => [`|${name}^`, `*.${name}`]),
    },
  };

  it.each(Object.entries(forms))('gives the same names from %s', (format, { line, rules }) => {
    const { rules: found, report } = read(`# a header\n${names.map(line).join('\n')}\n`);
    expect(found).toEqual(rules);
    expect(report).toMatchObject({ errors: 0, unsupported: 0, notes: 0, comments: 1 });
    expect(Object.entries(report.formats).filter(([, lines]) => lines > 0)).toEqual([[format, report.lines - 1]]);
  });
});

const pieces = fc.constantFrom(
  '||',
  '|',
  '@@',
  '^',
  '$',
  '*',
  '*.',
  '.',
  '#',
  '##',
  '!',
  ';',
  '/',
  '=',
  ':',
  ',',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '"',
  '(',
  ')',
  'example',
  'a.example',
  'com',
  'co.uk',
  'xn--',
  'ü',
  '。',
  '\u0000',
  '\u001b[31m',
  '\ud800',
  '\ufeff',
  '0.0.0.0 ',
  '::1 ',
  '1.2.3.4',
  '127.0.0.1',
  'local-zone: ',
  'local-data: ',
  'redirect',
  'static',
  'address=/',
  'server=/',
  'local=/',
  '#',
  ' CNAME .',
  ' SOA ',
  '$ORIGIN ',
  '$TTL 1',
  '@ ',
  'important',
  'denyallow=',
  'dnsrewrite=',
  'NXDOMAIN',
  'rpz-ip',
  '-',
  '_',
  'x'.repeat(64),
  'y'.repeat(20_000),
);
const anyList = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
);

function readInPieces(text: string, size: number): Read {
  const rules: string[] = [];
  const parser = new ListParser((name, scope, action) => rules.push(formatRule({ name, scope, action })), {
    toAscii: domainToASCII,
  });
  for (let at = 0; at < text.length; at += size) parser.push(text.slice(at, at + size));
  return { rules, report: parser.end() };
}

describe('any text at all', () => {
  it('never throws, and every rule has a valid name that the trie takes', () => {
    fc.assert(
      fc.property(anyList, (text) => {
        const builder = new TrieBuilder([{ id: 'list:any', kind: 'list' }]);
        const report = parseList(
          text,
          (name, scope, action, line) => {
            builder.addRule(0, name, scope, action);
            expect(name).toMatch(/^(?!.{254})[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/);
            expect(line).toBeGreaterThan(0);
          },
          { toAscii: domainToASCII },
        );
        for (const { line, column, text: shown, message } of report.problems) {
          expect(line).toBeGreaterThan(0);
          expect(line).toBeLessThanOrEqual(report.lines);
          expect(column).toBeGreaterThan(0);
          expect(shown + message).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
          expect(shown.length).toBeLessThanOrEqual(80);
        }
      }),
      { numRuns: 3000, examples: [['local-data: 0.0.0.0 \ud8000.0.0.0 ||']] },
    );
  });

  it('reads the same in pieces as in one', () => {
    fc.assert(
      fc.property(anyList, fc.integer({ min: 1, max: 50 }), (text, size) => {
        expect(readInPieces(text, size)).toEqual(read(text));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('formatRule', () => {
  it('is read back as the rule that it was', () => {
    const label = fc.stringMatching(/^[a-z0-9_-]{0,20}[a-z]$/);
    const rule: fc.Arbitrary<Rule> = fc.record({
      name: fc.array(label, { minLength: 2, maxLength: 6 }).map((labels) => labels.join('.')),
      scope: fc.constantFrom('suffix', 'host', 'below'),
      action: fc.constantFrom('block', 'allow'),
    });
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 20 }), (rules) => {
        const found: Rule[] = [];
        const text = rules.map(formatRule).join('\n');
        const report = parseList(text, (name, scope, action) => found.push({ name, scope, action }), {
          format: 'adblock',
        });
        expect(
          report.problems.filter((problem) => problem.kind !== 'error' || !/under \./.test(problem.message)),
        ).toEqual([]);
        const shared = new Set(report.problems.map((problem) => problem.line - 1));
        expect(found).toEqual(rules.filter((_, index) => !shared.has(index)));
      }),
    );
  });
});
