/** Lists as they are in the world, when they lie beside the project; seeded ones of the same kinds when they do not. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { domainToASCII } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ListReport } from '../../../policy-rules/lists/list-report.ts';
import { parseList } from '../../../policy-rules/lists/parse-list.ts';
import { seededNames } from '../../support/seeded-names.ts';

const folder = join(import.meta.dirname, '../../../../shared/data/lists');
const present = existsSync(folder);

const seed = 20260901;
const made = present ? [] : seededNames(2000, seed);
const lines = {
  adblock: (name: string) => `||${name}^`,
  dnsmasq: (name: string) => `address=/${name}/#`,
  domains: (name: string) => name,
  hosts: (name: string) => `0.0.0.0 ${name}`,
  unbound: (name: string) => `local-zone: "${name}." always_null`,
  wildcard: (name: string) => `*.${name}`,
};
type Format = keyof typeof lines;

function text(path: string): string {
  const bytes = readFileSync(join(folder, path));
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
}

function inFormat(format: Format): string {
  const ending = format === 'unbound' ? '.blacklist.conf' : '.txt';
  return present
    ? text(`formats/hagezi--${format}--doh-vpn-proxy-bypass${ending}`)
    : `# made from seed ${seed}\n${made.map(lines[format]).join('\n')}\n`;
}

function read(list: string): { names: Set<string>; report: ListReport } {
  const names = new Set<string>();
  return { names, report: parseList(list, (name) => names.add(name), { toAscii: domainToASCII }) };
}

/** The names that no other of the set covers as a suffix: lists leave the others out where their format allows. */
function topmost(names: ReadonlySet<string>): string[] {
  const isCovered = (name: string): boolean => {
    for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
      if (names.has(name.slice(dot + 1))) return true;
    }
    return false;
  };
  return [...names].filter((name) => !isCovered(name)).sort();
}

describe('one list in six formats', () => {
  it.each(Object.keys(lines) as Format[])('gives the same names from %s, and no problem', (format) => {
    const { names, report } = read(inFormat(format));
    expect(topmost(names)).toEqual(topmost(read(inFormat('domains')).names));
    expect(report.problems).toEqual([]);
    expect(report.formats[format]).toBe(report.lines - report.comments);
    expect(report.rules).toBeGreaterThan(700);
  });
});

describe('a large list', () => {
  const lists: [path: string, format: Format, rules: number][] = present
    ? [
        ['formats/adguarddns.adblock.txt.gz', 'adblock', 82_473],
        ['formats/gieljnssns--adguard-facebook.txt', 'adblock', 827],
        ['formats/sinfonietta--social-hosts.txt', 'hosts', 3245],
        ['formats/stevenblack.hosts.txt.gz', 'hosts', 121_356],
        ['union-permissive.txt.gz', 'domains', 798_311],
        ['union-all.txt.gz', 'domains', 1_850_325],
      ]
    : [
        ['made', 'adblock', 100_000],
        ['made', 'hosts', 100_000],
        ['made', 'domains', 100_000],
      ];

  it.each(lists)('%s is read as %s to the last of its %i rules', (path, format, rules) => {
    const list = present ? text(path) : seededNames(rules, seed).map(lines[format]).join('\n');
    let count = 0;
    const report = parseList(list, () => count++, { toAscii: domainToASCII });
    expect(count).toBe(rules);
    expect(report).toMatchObject({ rules, errors: 0, unsupported: 0, formats: { [format]: rules } });
  });
});
