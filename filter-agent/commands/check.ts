/**
 * `stairgate check`: would this name be blocked, and why. One line a name: name, block or allow, service or list, rule,
 * clauses; and a sixth column where the name is open but shown with safe search. The rule set comes from the same
 * match() and the verdict from the same matrix as the hot path's.
 * The policy is the one that the box of these settings obeys: the dashboard's, once it has sent one. Without a settings
 * file that is the box of `npm start`.
 *
 * Grants are not looked at: they come and go, and the local site tells them.
 */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { domainToASCII } from 'node:url';
import { Temporal } from 'temporal-polyfill';
import { catalogue } from '../../policy-rules/catalogue/catalogue.ts';
import { formatRule } from '../../policy-rules/lists/rule.ts';
import { safeHosts } from '../../policy-rules/safe-search.ts';
import { explain } from '../../policy-rules/trie/explain.ts';
import { openImage } from '../../policy-rules/trie/image.ts';
import { match, ruleSetOf } from '../../policy-rules/trie/match.ts';
import { decodeName, encodeName } from '../../policy-rules/trie/wire-name.ts';
import { isBlocked, safeHostOf, VERDICT_MASK, Verdict } from '../../policy-rules/verdict-codes.ts';
import { NO_DECIDER, type SourceFacts, situationAt } from '../../policy-rules/verdicts.ts';
import { clausesFor } from '../../policy-rules/words.ts';
import type { Config } from '../config.ts';
import { compileImage } from '../control/compile-image.ts';
import { sourceFacts } from '../control/list-refresh.ts';
import { readStoredPolicy } from '../control/stored-policy.ts';
import { type CommandIo, ExitCode, readArguments, UsageError } from './command.ts';
import { readSettings, settingsOptions } from './settings.ts';

export const checkUsage = `stairgate check [--config FILE] [--list FILE]… [--at TIME] [--group NAME | --device NAME] [--format tsv|json] [NAME… | -]
  Prints for each name: name, block or allow, service or list, rule, clauses (tab-separated; "-" stands for none).
  A name that is shown with safe search says so in a sixth column.
  --at      when: 2026-11-23T10:00 in the setting's zone, or with Z or an offset; now unless told
  --group   for an unnamed device of this group (its id or name); the first group of setting devices unless told
  --device  for this device of the policy (its id or name)
  -         reads names from standard input, one a line`;

export async function check(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, {
    ...settingsOptions,
    at: { type: 'string' },
    group: { type: 'string' },
    device: { type: 'string' },
    format: { type: 'string', default: 'tsv' },
  });
  const { format } = values;
  if (format !== 'tsv' && format !== 'json') throw new UsageError(`--format: got "${format}", expected tsv or json`);
  if (values.group !== undefined && values.device !== undefined)
    throw new UsageError('Give --group or --device, not both.');
  if (positionals.length === 0) throw new UsageError('Give names to check, or - to read them from standard input.');

  const config = await withBoxPolicy(readSettings(values), io);
  const checker = await createChecker(config, {
    nowMs: values.at === undefined ? Date.now() : instantOf(values.at, config.policy.timeZone),
    group: values.group,
    device: values.device,
    warn: (text) => io.stderr.write(`${text}\n`),
  });

  let failed = false;
  const print = (text: string, where: string) => {
    const name = text.trim();
    if (name === '') return;
    const checked = checker.check(name);
    if ('problem' in checked) {
      failed = true;
      io.stderr.write(`${where}: ${checked.problem}\n`);
    } else {
      io.stdout.write(format === 'json' ? `${JSON.stringify(checked)}\n` : `${toTsv(checked)}\n`);
    }
  };
  for (const [index, positional] of positionals.entries()) {
    if (positional !== '-') {
      print(positional, `name ${index + 1}`);
      continue;
    }
    let line = 0;
    for await (const text of createInterface({ input: Readable.from(io.stdin), crlfDelay: Number.POSITIVE_INFINITY })) {
      line++;
      print(text, `standard input:${line}`);
    }
  }
  return failed ? ExitCode.FAILED : ExitCode.OK;
}

/** A paired box obeys the dashboard's policy, not its settings': so what is asked of its settings is judged by that. */
async function withBoxPolicy(config: Config, io: CommandIo): Promise<Config> {
  const read = await readStoredPolicy(config.stateDir, 'leave');
  if (read.state === 'absent') return config;
  if (read.state === 'damaged') {
    io.stderr.write(`${read.reason}; the policy of the settings file is used instead.\n`);
    return config;
  }
  io.stderr.write(`Judged by the dashboard's rules, version ${read.value.version}; permission is not looked at.\n`);
  return { ...config, policy: read.value };
}

export interface Checked {
  /** As it was given, when that is printable; else with its octets escaped (RFC 4343 section 2.1), IDN as A-labels. */
  readonly name: string;
  readonly verdict: 'block' | 'allow';
  /** A service's id or a list's; null when no rule speaks of the name. */
  readonly source: string | null;
  readonly rule: string | null;
  readonly clauses: readonly string[];
  /** The host that an allowed name is shown by, where safe search applies to it; null for the name itself. */
  readonly safeSearch: string | null;
}

export interface Checker {
  check(name: string): Checked | { readonly problem: string };
}

export interface CheckerOptions {
  readonly nowMs: number;
  readonly group?: string | undefined;
  readonly device?: string | undefined;
  readonly warn: (text: string) => void;
}

/** Compiles the settings' rules in this process. A list that cannot be read is warned of, and the rest goes on. */
export async function createChecker(config: Config, options: CheckerOptions): Promise<Checker> {
  const inputs = { lists: config.lists, siteNames: [config.localSite.name] };
  const { image: buffer, report } = await compileImage(catalogue, inputs);
  for (const failure of report.failures) options.warn(`${failure.message}. It is left out.`);
  const image = openImage(buffer, false);
  const facts = sourceFacts(image, catalogue, config.lists);
  const situation = situationAt({
    policy: config.policy,
    grants: [],
    nowMs: options.nowMs,
    clockTrusted: true,
    sources: facts,
    ruleSets: image.ruleSets,
  });
  const { policy } = config;
  const profile =
    options.device === undefined
      ? situation.profileOfGroup.get(groupOf(config, options.group))
      : situation.profileOfDevice.get(idOf(policy.devices, options.device, 'device'));
  if (profile === undefined) throw new Error('The policy has no profile for the client: it was not validated');
  const row = profile * situation.ruleSetCount;

  return {
    check: (name) => {
      let wire: Uint8Array;
      try {
        wire = encodeName(asciiName(name));
      } catch (cause) {
        return { problem: cause instanceof Error ? cause.message : String(cause) };
      }
      const ruleSet = ruleSetOf(match(image, wire, 0));
      const byte = situation.verdicts[row + ruleSet]!;
      const verdict = byte & VERDICT_MASK;
      const decider = situation.deciders[row + ruleSet]!;
      const rules = explain(image, wire, 0);
      // An open name that only an exception speaks of: whose exception it is helps.
      const explained =
        decider === NO_DECIDER
          ? rules.find(({ rule }) => rule.action === 'allow')
          : rules.find(({ sourceIndex }) => sourceIndex === decider);
      const source = decider === NO_DECIDER ? explained?.sourceIndex : decider;
      return {
        name: shownName(name, wire),
        verdict: isBlocked(verdict) ? 'block' : 'allow',
        source: source === undefined ? null : sourceId(facts[source]!),
        rule: explained === undefined ? null : formatRule(explained.rule),
        clauses: source === undefined ? [] : clausesOf(verdict, facts[source]!),
        safeSearch: isBlocked(verdict) ? null : (safeHosts[safeHostOf(byte)] ?? null),
      };
    },
  };
}

/** A name that somebody else made up, on one line of printable ASCII. */
function shownName(given: string, wire: Uint8Array): string {
  return /^[\x21-\x7e]+$/.test(given) ? given : decodeName(wire, 0);
}

/** A table program takes a cell that begins so for a formula; escaped, it is the same octet of the name. */
function asCell(name: string): string {
  return name.replace(/^[=+@-]/, (sign) => `\\${String(sign.charCodeAt(0)).padStart(3, '0')}`);
}

function toTsv({ name, verdict, source, rule, clauses, safeSearch }: Checked): string {
  const columns = [asCell(name), verdict, source ?? '-', rule ?? '-', clauses.join(',') || '-'];
  if (safeSearch !== null) columns.push(`shown with safe search (${safeSearch})`);
  return columns.join('\t');
}

function sourceId(source: SourceFacts): string {
  if (source.kind === 'service') return source.service;
  if (source.kind === 'safe-search') return `safe-search-${source.engine}`;
  return source.kind === 'list' ? source.list : 'local-site';
}

function clausesOf(verdict: number, source: SourceFacts): readonly string[] {
  if (verdict === Verdict.ALLOW_NO_RULE || source.kind !== 'service') return clausesFor(verdict);
  const service = catalogue.services.find(({ id }) => id === source.service);
  const category = catalogue.categories.find(({ id }) => id === source.category);
  return clausesFor(verdict, category?.clauses, service?.clauses);
}

/** U-labels become A-labels; everything else is encodeName's to judge. (domainToASCII drops tabs and line ends.) */
function asciiName(name: string): string {
  return /^\p{ASCII}*$/u.test(name) ? name.toLowerCase() : domainToASCII(name) || name;
}

function groupOf(config: Config, name: string | undefined): string {
  const { groups } = config.policy;
  if (name !== undefined) return idOf(groups, name, 'group');
  return (groups.find(({ kind }) => kind === 'setting') ?? groups[0]!).id;
}

function idOf(things: readonly { readonly id: string; readonly name: string }[], wanted: string, what: string): string {
  const found = things.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted.toLowerCase());
  if (found !== undefined) return found.id;
  const known = things.map(({ id }) => id).join(', ');
  throw new UsageError(`--${what}: the policy has no ${what} "${wanted}"; it has: ${known || `no ${what} at all`}.`);
}

function instantOf(text: string, timeZone: string): number {
  try {
    if (/(?:Z|[+-]\d{2}(?::?\d{2})?)$/i.test(text.replace(/^\d{4}-\d{2}-\d{2}/, ''))) {
      return Temporal.Instant.from(text).epochMilliseconds;
    }
    return Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone).epochMilliseconds;
  } catch (cause) {
    throw new UsageError(`--at: got "${text}", expected a time such as 2026-11-23T10:00 or 2026-11-23T10:00Z.`, {
      cause,
    });
  }
}
