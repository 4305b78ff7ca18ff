/**
 * What is asked: three sets of questions, each as a file for dnsperf and one for paced-client, and how to tell that a
 * server answers them rightly. A server that does not is not measured.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../../policy-rules/catalogue/catalogue.ts';
import { askUdp, encodeQuestion } from '../support/dns-client.ts';
import { seededNumbers } from '../support/seeded-names.ts';
import { type Inputs, isCovered, type Question } from './inputs.ts';
import type { WorkloadName } from './options.ts';
import type { BenchServer } from './servers.ts';

export interface Workload {
  readonly name: WorkloadName;
  readonly questions: readonly Question[];
  readonly dnsperfFile: string;
  readonly wireFile: string;
  /** Asks the server and says what was wrong; null when nothing was. */
  check(server: BenchServer): Promise<string | null>;
}

const BLOCKED_NAMES = 100_000;
const CACHED_NAMES = 1_000;
/** Asked one by one before measuring. */
const CHECKED = 500;
const EDNS_PAYLOAD_BYTES = 1232;

/** RFC 6761 and kin: every server has its own opinion of them, and is right to. */
const specialUse =
  /(^|\.)(local|localhost|localdomain|test|invalid|onion|arpa|home|lan|internal|corp|example)$|^[^.]*$/;

export function makeWorkloads(
  { mix }: Inputs,
  rules: readonly string[],
  options: { readonly folder: string; readonly seed: number; readonly edns: boolean },
): Record<WorkloadName, Workload> {
  const next = seededNumbers(options.seed);
  const listed = new Set(rules);
  const catalogued = new Set(catalogue.services.flatMap(({ suffixes, hosts }) => [...suffixes, ...hosts]));
  /** Names that every server must resolve. The box also has its catalogue, of which the peers know nothing. */
  const isOpen = (name: string) => !specialUse.test(name) && !isCovered(listed, name) && !isCovered(catalogued, name);
  /** The box may block these with NODATA, as RFC 8020 asks where names below are decided otherwise; the peers never do. */
  const aboveCatalogued = new Set(
    catalogue.services.flatMap(({ suffixes, hosts, exceptions, exceptionHosts }) =>
      [suffixes, hosts, exceptions, exceptionHosts].flat().flatMap(upwards),
    ),
  );

  const blocked = sample(rules, BLOCKED_NAMES, next)
    .filter((name) => !aboveCatalogued.has(name))
    .map((name) => ({ name, type: 'A' }));
  const openNames = new Set(mix.map(({ name }) => name).filter(isOpen));
  const cached = [...openNames].slice(0, CACHED_NAMES).map((name) => ({ name, type: 'A' }));
  const isBlockedAlike = (name: string) =>
    isCovered(listed, name) && !isCovered(catalogued, name) && !aboveCatalogued.has(name);
  const telling = mix.filter(
    ({ name, type }) => (type === 'A' || type === 'AAAA') && (isOpen(name) || isBlockedAlike(name)),
  );

  const rcodeOf = ({ name }: Question) => (isCovered(listed, name) ? 'NXDOMAIN' : 'NOERROR');
  const make = (name: WorkloadName, questions: readonly Question[], checked: readonly Question[]): Workload => ({
    name,
    questions,
    dnsperfFile: writeDnsperfFile(options.folder, name, questions),
    wireFile: writeWireFile(options.folder, name, questions, options.edns),
    check: (server) => checkAnswers(server, checked, rcodeOf),
  });
  return {
    blocked: make('blocked', blocked, sample(blocked, CHECKED, next)),
    cached: make('cached', cached, cached),
    mixed: make('mixed', mix, sample(telling, CHECKED, next)),
  };
}

async function checkAnswers(
  { server }: BenchServer,
  questions: readonly Question[],
  rcodeOf: (question: Question) => string,
): Promise<string | null> {
  for (const question of questions) {
    const { name, type } = question;
    const reply = await askUdp(server, name, { type });
    const expected = rcodeOf(question);
    if (reply.rcode !== expected) return `${name} ${type}: answered ${reply.rcode}, expected ${expected}`;
    if (expected !== 'NOERROR') continue;
    const address = type === 'A' ? '192.0.2.1' : '2001:db8::1';
    const given = reply.answers?.map((answer) => ('data' in answer ? String(answer.data) : '')) ?? [];
    if (!given.includes(address)) return `${name} ${type}: answered [${given}], expected ${address}`;
  }
  return null;
}

/** The name itself and every name above it. */
function upwards(name: string): string[] {
  const dot = name.indexOf('.');
  return dot < 0 ? [name] : [name, ...upwards(name.slice(dot + 1))];
}

function sample<Item>(items: readonly Item[], count: number, next: () => number): Item[] {
  return Array.from({ length: Math.min(count, items.length) }, () => items[next() % items.length]!);
}

function writeDnsperfFile(folder: string, name: string, questions: readonly Question[]): string {
  const path = join(folder, `${name}.txt`);
  writeFileSync(path, questions.map((question) => `${question.name} ${question.type}\n`).join(''));
  return path;
}

function writeWireFile(folder: string, name: string, questions: readonly Question[], edns: boolean): string {
  const path = join(folder, `${name}.wire`);
  const parts = questions.flatMap((question) => {
    const message = encodeQuestion(question.name, {
      type: question.type,
      ...(edns ? { payloadBytes: EDNS_PAYLOAD_BYTES } : {}),
    });
    return [Buffer.from([message.length >> 8, message.length & 255]), message];
  });
  writeFileSync(path, Buffer.concat(parts));
  return path;
}
