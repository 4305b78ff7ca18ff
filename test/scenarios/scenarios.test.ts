/**
 * Every .scenario file of this folder, played on a real box of its own; the language is drawn in scenario-language.ts.
 * Several at a time, since much of it is waiting for a clock.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacks, type NameServer, startNsd, wildcardZone } from '../support/name-servers.ts';
import { parseScenario } from './scenario-language.ts';
import { runScenario, UPSTREAM_ADDRESS } from './scenario-run.ts';

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.scenario'));

/** Names that lead elsewhere. `example` and `com` exist with them, so each needs a wildcard of its own (RFC 4592). */
const records = [
  ...wildcardZone,
  `*.com A ${UPSTREAM_ADDRESS}`,
  `*.example A ${UPSTREAM_ADDRESS}`,
  'film.example CNAME www.tiktok.com.',
  'www.shop.example CNAME edge.shop.example.',
  'go.instagr.am CNAME star.c10r.facebook.com.',
  'bad.instagr.am CNAME mask.icloud.com.',
  'edge.shop.example CNAME p16-tiktokcdn-com.akamaized.net.',
  `*.google.com A ${UPSTREAM_ADDRESS}`,
  'forcesafesearch.google.com A 192.0.2.7',
  'forcesafesearch.google.com AAAA 2001:db8::7',
  `youtube.com A ${UPSTREAM_ADDRESS}`,
  `*.youtube.com A ${UPSTREAM_ADDRESS}`,
  'restrictmoderate.youtube.com A 192.0.2.8',
  'restrict.youtube.com A 192.0.2.9',
  'www.google.example CNAME www.google.com.',
];

describe.skipIf(lacks('nsd'))('the box', () => {
  let upstream: NameServer;
  const changesMs: number[] = [];
  beforeAll(async () => {
    upstream = await startNsd(records);
  });
  afterAll(async () => {
    await upstream.remove();
    const sorted = changesMs.toSorted((a, b) => a - b);
    const [median = 0, longest = 0] = [sorted[sorted.length >> 1], sorted.at(-1)];
    console.log(
      `${sorted.length} changes of the manager, with several boxes at work, signed → read by the hot path → acknowledged: ` +
        `median ${median.toFixed(1)} ms, longest ${longest.toFixed(1)} ms`,
    );
  });

  for (const file of files) {
    const scenario = parseScenario(readFileSync(join(import.meta.dirname, file), 'utf8'), file);
    it.concurrent(`${file.replace('.scenario', '')}: ${scenario.title}`, async () => {
      changesMs.push(...(await runScenario(scenario, file, upstream)));
    });
  }
});

describe('the language', () => {
  const head = '# title\nat 2026-11-23T09:59 Europe/London\n';

  it.each([
    ['query www.tiktok.com -> perhaps', 'x.scenario:3: "query www.tiktok.com -> perhaps"'],
    ['open friday-monday 08:00-18:00', 'x.scenario:3:'],
    ['open someday 08:00-18:00', 'x.scenario:3:'],
    ['grant g1 tiktok to "Office PC" until 10:30', 'x.scenario:3:'],
    ['pass a while', 'x.scenario:3:'],
  ])('says where "%s" makes no sense', (line, words) => {
    expect(() => parseScenario(`${head}${line}\n`, 'x.scenario')).toThrow(words);
  });

  it('needs a time and a title to begin with', () => {
    expect(() => parseScenario('# title\npass 5m\n', 'x.scenario')).toThrow('expected "at TIME ZONE"');
    expect(() => parseScenario('at 2026-11-23T09:59 Europe/London\n', 'x.scenario')).toThrow('expected a comment');
  });

  it('reads a sentence with all its parts', () => {
    const line = 'query www.tiktok.com AAAA from "Office PC" over tcp -> blocked nodata because "opening hours"';
    expect(parseScenario(`${head}${line}`, 'x.scenario').steps[1]).toEqual({
      line: 3,
      text: line,
      kind: 'query',
      name: 'www.tiktok.com',
      type: 'AAAA',
      from: 'Office PC',
      transport: 'tcp',
      expected: { outcome: 'blocked', maxTtl: null, nodata: true, because: 'opening hours', host: null },
    });
  });
});
