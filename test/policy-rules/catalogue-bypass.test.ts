/** What of the ways round the filter is caught, and what near to them stays open. The matcher is the real trie. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bypass } from '../../policy-rules/catalogue/bypass.ts';
import { findService } from '../../policy-rules/catalogue/catalogue.ts';
import { innocents } from './bypass-innocents.ts';
import { judges } from './catalogue-judge.ts';

const namesOf = (text: string): string[] => text.trim().split(/\s+/);
const judge = judges.trie();
const waysRound = (name: string): string[] =>
  judge(name).matched.filter((service) => findService(service)?.category === 'bypass');

describe('ways round the filter', () => {
  it.each(Object.entries(innocents))('leave open: %s', (_, text) => {
    expect(namesOf(text).filter((name) => waysRound(name).length > 0)).toEqual([]);
  });

  it('were held against at least three hundred innocent names, each once', () => {
    const names = Object.values(innocents).flatMap(namesOf);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(300);
  });

  it('hold at least 450 names, of resolvers, VPNs, browsers, relays, proxies and Tor', () => {
    const counts = bypass.services.map(({ suffixes, hosts }) => suffixes.length + hosts.length);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(450);
  });

  it('take no name under which strangers’ sites or whole firms stand', () => {
    const publicSuffixes = namesOf(
      'com net org io co co.uk org.uk me app dev cloud goog google apple azure.com duckdns.org',
    );
    const names = bypass.services.flatMap(({ suffixes }) => suffixes);
    expect(names.filter((name) => publicSuffixes.includes(name) || !name.includes('.'))).toEqual([]);
  });

  it('are told apart: what devices ask for by themselves, and what somebody must have wanted', () => {
    const byItself = bypass.services.filter((service) => service.byItself).map(({ id }) => id);
    expect(byItself).toEqual(['browser-canary', 'private-relay', 'apple-dns', 'google-vpn']);
    expect(byItself.filter((id) => !findService(id)!.notes.some((note) => /nobody’s attempt/.test(note)))).toEqual([]);
  });
});

/** Beside the project where it is present; no part of it. */
const popular = join(import.meta.dirname, '../../../shared/data/queries/uniform-100k.txt.gz');

describe.skipIf(!existsSync(popular))('among a hundred thousand popular names', () => {
  it('few are taken, and each of them was looked at', () => {
    const names = gunzipSync(readFileSync(popular))
      .toString('latin1')
      .split('\n')
      .map((line) => line.split(' ')[0]!);
    const taken = new Set(names.filter((name) => name !== '' && waysRound(name.toLowerCase()).length > 0));
    expect(taken.size).toBeGreaterThan(50);
    expect(taken.size).toBeLessThanOrEqual(150);
  });
});
