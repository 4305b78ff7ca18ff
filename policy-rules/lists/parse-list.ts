/**
 * The text of a block list → rules, one call each, and a report of what could not be taken and where.
 *
 * Each line is read in the format that it shows by itself, since real lists mix them; a bad line never stops the rest.
 * What is left open is settled so:
 * - a bare name is the name and all below it, whatever else the list holds; a hosts line is the exact host
 * - `*.name` is the name and all below it, which is what lists of wildcards mean in practice. In a list that is mostly
 *   adblock it is only what is below, as the adblock syntax has it. "Mostly" is judged on the first 256 Ki characters.
 * - a rule for a whole top-level domain (`com`, `*.com`, and `co.uk` and its like) is taken for a fault and refused, unless
 *   it is written as adblock writes it: `||zip^`. An exact host of one label (`0.0.0.0 wpad`) is taken.
 * - an IPv4 address in the place of a name is taken as the exact name that it spells, with a note: a look-up of it can be
 *   refused, a connection to it is not seen. It is not rejected, since lists carry thousands and they do no harm.
 *
 * Rules are not made objects, since a list may have two million. Duplicates are the trie builder's matter.
 */
import { showText } from '../show-text.ts';
import { readAdblockLine } from './adblock-line.ts';
import { readDnsmasqLine } from './dnsmasq-line.ts';
import type { LineContext } from './line-context.ts';
import { isIpv4, isIpv6, isNullAddress, isPlainName, readName, type ToAscii } from './list-name.ts';
import {
  type ListFormat,
  type ListProblem,
  type ListReport,
  MAX_KEPT_NOTES,
  MAX_KEPT_PROBLEMS,
  type ProblemKind,
} from './list-report.ts';
import { isRpzLine, RpzReader } from './rpz-line.ts';
import type { RuleAction, RuleScope } from './rule.ts';
import { isUnboundLine, UnboundReader } from './unbound-line.ts';

/** Called once a rule, in the order of the list (an unbound redirect may come later). `line` counts from 1. */
export type OnRule = (name: string, scope: RuleScope, action: RuleAction, line: number) => void;

export interface ParseOptions {
  /** What the list mostly is, instead of judging by its beginning. Lines that show another format are still read in it. */
  readonly format?: ListFormat;
  /** Without it, international names are reported as unsupported. */
  readonly toAscii?: ToAscii;
}

/** Long enough to see past any header; also the most text that is held back before the first rule is handed on. */
const SAMPLE_CHARS = 262_144;
/** The longest line of the lists seen is a hosts line of some 4,000; a longer line than this is no rule of any format. */
const MAX_LINE_CHARS = 16_384;

export function parseList(text: string, onRule: OnRule, options: ParseOptions = {}): ListReport {
  const parser = new ListParser(onRule, options);
  parser.push(text);
  return parser.end();
}

/** The same for a list that comes in pieces, cut anywhere. Holds back at most the sample and one line. */
export class ListParser {
  readonly #onRule: OnRule;
  readonly #toAscii: ToAscii | undefined;
  #mainFormat: ListFormat | undefined;

  /** Text not yet read: the sample while the main format is unknown, then the beginning of the last line. */
  #held = '';
  #heldLength = 0;
  #atStart = true;

  // Of the line that is being read.
  #line = 0;
  #text = '';
  /** Where the text that a line reader was given begins within #text. */
  #shift = 0;
  #lineFormat: ListFormat = 'domains';
  #countedLine = 0;

  readonly #formats: Record<ListFormat, number> = {
    hosts: 0,
    domains: 0,
    wildcard: 0,
    adblock: 0,
    dnsmasq: 0,
    unbound: 0,
    rpz: 0,
  };
  #rules = 0;
  #comments = 0;
  readonly #counts: Record<ProblemKind, number> = { error: 0, unsupported: 0, note: 0 };
  readonly #problems: ListProblem[] = [];

  readonly #unbound = new UnboundReader();
  readonly #rpz = new RpzReader();
  readonly #context: LineContext = {
    emit: (name, scope, action, wholeDomain) => this.#emit(name, scope, action, wholeDomain ?? false),
    report: (kind, offset, message) => this.#report(kind, offset, message),
    readName: (raw, offset) => this.#readName(raw, offset),
    skip: () => {
      this.#comments++;
    },
  };

  constructor(onRule: OnRule, options: ParseOptions = {}) {
    this.#onRule = onRule;
    this.#toAscii = options.toAscii;
    this.#mainFormat = options.format;
  }

  push(chunk: string): void {
    if (chunk === '') return;
    let text = chunk;
    if (this.#atStart) {
      this.#atStart = false;
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    if (this.#mainFormat === undefined) {
      this.#held += text;
      if (this.#held.length < SAMPLE_CHARS) return;
      text = this.#takeSample();
    }
    this.#readLines(text);
  }

  /** Reads what is left. The parser is spent. */
  end(): ListReport {
    if (this.#mainFormat === undefined) this.#readLines(this.#takeSample());
    if (this.#heldLength > 0) this.#readHeldLine('');
    const lines = this.#line;
    this.#lineFormat = 'unbound';
    this.#shift = 0;
    this.#unbound.finish((name, line) => {
      this.#line = line;
      this.#text = `local-zone: "${name}" redirect`;
      this.#emit(name, 'suffix', 'block', false);
    });
    return {
      formats: this.#formats,
      lines,
      rules: this.#rules,
      comments: this.#comments,
      errors: this.#counts.error,
      unsupported: this.#counts.unsupported,
      notes: this.#counts.note,
      problems: this.#problems,
    };
  }

  #takeSample(): string {
    const sample = this.#held;
    this.#held = '';
    this.#mainFormat = detectFormat(sample.slice(0, SAMPLE_CHARS));
    return sample;
  }

  #readLines(text: string): void {
    let from = 0;
    if (this.#heldLength > 0) {
      const newline = text.indexOf('\n');
      if (newline === -1) {
        this.#hold(text);
        return;
      }
      this.#readHeldLine(text.slice(0, newline));
      from = newline + 1;
    }
    for (;;) {
      const newline = text.indexOf('\n', from);
      if (newline === -1) break;
      this.#line++;
      this.#readLine(text, from, newline);
      from = newline + 1;
    }
    if (from < text.length) this.#hold(text.slice(from));
  }

  #hold(text: string): void {
    this.#heldLength += text.length;
    // Of a line that is too long already, only its beginning is shown.
    if (this.#held.length <= MAX_LINE_CHARS) this.#held += text.slice(0, MAX_LINE_CHARS + 1);
  }

  #readHeldLine(rest: string): void {
    this.#hold(rest);
    const text = this.#held;
    const length = this.#heldLength;
    this.#held = '';
    this.#heldLength = 0;
    this.#line++;
    if (length > MAX_LINE_CHARS) this.#refuseLength(text.slice(0, 200), length);
    else this.#readLine(text, 0, text.length);
  }

  #refuseLength(beginning: string, length: number): void {
    this.#text = beginning;
    this.#shift = 0;
    this.#report('error', 0, `a line of ${length} characters, expected at most ${MAX_LINE_CHARS}`);
  }

  #readLine(text: string, lineFrom: number, lineTo: number): void {
    let from = lineFrom;
    let to = lineTo;
    while (from < to && isSpace(text.charCodeAt(from))) from++;
    while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
    if (isPlainName(text, from, to) && !this.#rpz.isWithinRecord) {
      this.#text = '';
      const name = text.slice(from, to);
      // The one fault left to a plain name; it needs the line's text to be reported.
      if (isWholeDomain(name)) this.#text = text.slice(lineFrom, lineTo);
      this.#shift = from - lineFrom;
      this.#lineFormat = 'domains';
      this.#emit(name, 'suffix', 'block', false);
      return;
    }
    if (lineTo - lineFrom > MAX_LINE_CHARS) {
      this.#refuseLength(text.slice(lineFrom, lineFrom + 200), lineTo - lineFrom);
      return;
    }
    this.#text = text.slice(lineFrom, lineTo);
    this.#shift = from - lineFrom;
    this.#readOddLine(text.slice(from, to));
  }

  /** Any line but a plain name, whitespace around it taken off. The order matters: from the telling marks to the doubtful. */
  #readOddLine(line: string): void {
    const context = this.#context;
    if (this.#rpz.isWithinRecord) {
      this.#rpz.continueRecord(line, context);
      return;
    }
    if (line === '' || isComment(line, this.#mainFormat === 'adblock')) {
      this.#comments++;
      return;
    }
    if (line.startsWith('|') || line.startsWith('@@')) {
      this.#lineFormat = 'adblock';
      readAdblockLine(line, context);
      return;
    }
    if (/^[a-z][a-z0-9-]*\s*=/i.test(line)) {
      this.#lineFormat = 'dnsmasq';
      readDnsmasqLine(line, context);
      return;
    }
    if (isUnboundLine(line)) {
      this.#lineFormat = 'unbound';
      this.#unbound.readLine(line, this.#line, context);
      return;
    }
    const cosmetic = /#[@?$%]*#(?=\S)/.exec(line);
    if (cosmetic !== null && !/\s/.test(line.slice(0, cosmetic.index))) {
      context.report(
        'unsupported',
        cosmetic.index,
        'a rule for the content of pages; DNS shows the name alone, expected ||name^',
      );
      return;
    }
    this.#readWords(cutAt(line, /#|(?:^|\s)(?:;|\/\/)/));
  }

  #readWords(text: string): void {
    const space = text.search(/\s/);
    const first = space === -1 ? text : text.slice(0, space);
    if (space !== -1 && (isNullAddress(first) || isIpv4(first) || isIpv6(first))) this.#readHosts(text, first);
    else if (isRpzLine(text)) {
      this.#lineFormat = 'rpz';
      this.#rpz.readLine(text, this.#context);
    } else if (first.startsWith('*.') && isWildcard(first) && space === -1 && this.#mainFormat !== 'adblock') {
      this.#lineFormat = 'wildcard';
      this.#emitNamed(first.slice(2), 2);
    } else if (/[\^$*]/.test(first) || first.startsWith('/')) {
      this.#lineFormat = 'adblock';
      readAdblockLine(text, this.#context);
    } else if (isIpv6(first)) {
      this.#report('unsupported', 0, `the address ${showText(first)}; DNS shows names alone, expected a name`);
    } else if (first.includes('/')) {
      this.#report(
        'unsupported',
        first.indexOf('/'),
        'an address of a page; DNS shows the name alone, expected only the name',
      );
    } else if (space === -1) {
      this.#lineFormat = 'domains';
      this.#emitNamed(first, 0);
    } else {
      const offset = space + text.slice(space).search(/\S/);
      this.#report(
        'error',
        offset,
        `more words after "${showText(first)}", expected one name, or an address and its names`,
      );
    }
  }

  #readHosts(text: string, address: string): void {
    this.#lineFormat = 'hosts';
    let spoke = false;
    for (const match of text.slice(address.length).matchAll(/\S+/g)) {
      const raw = match[0];
      const offset = address.length + match.index;
      if (SYSTEM_HOSTS.has(raw.toLowerCase())) continue;
      spoke = true;
      if (!isNullAddress(address)) {
        const why = 'expected a null address such as 0.0.0.0';
        this.#report('unsupported', 0, `sends clients to ${showText(address)} and blocks nothing, ${why}`);
        return;
      }
      const name = this.#readName(raw, offset);
      if (name !== undefined) this.#emit(name, 'host', 'block', false);
    }
    if (!spoke) this.#comments++;
  }

  #emitNamed(raw: string, offset: number): void {
    const name = this.#readName(raw, offset);
    if (name !== undefined) this.#emit(name, 'suffix', 'block', false);
  }

  #readName(raw: string, offset: number): string | undefined {
    const name = readName(raw, this.#toAscii);
    if (typeof name === 'string') return name;
    this.#report('error', offset + name.offset, name.message);
    return undefined;
  }

  #emit(name: string, scope: RuleScope, action: RuleAction, wholeDomain: boolean): void {
    const address = endsInDigit(name) && isIpv4(name);
    if (scope !== 'host' && action === 'block' && !address && isWholeDomain(name)) {
      if (!wholeDomain) {
        this.#report('error', 0, `blocks all names under .${name}; if that is meant, write ||${name}^`);
        return;
      }
      this.#report('note', 0, `blocks all names under .${name}`);
    }
    if (address) {
      this.#report(
        'note',
        0,
        `${name} is an address; the rule is for a look-up of it, as DNS sees no connection to it`,
      );
    }
    if (this.#countedLine !== this.#line) {
      this.#countedLine = this.#line;
      this.#formats[this.#lineFormat]++;
    }
    this.#rules++;
    this.#onRule(name, address && scope === 'suffix' ? 'host' : scope, action, this.#line);
  }

  #report(kind: ProblemKind, offset: number, message: string): void {
    this.#counts[kind]++;
    if (this.#problems.length >= MAX_KEPT_PROBLEMS) return;
    if (kind === 'note' && this.#counts.note > MAX_KEPT_NOTES) return;
    const column = this.#shift + offset + 1;
    this.#problems.push({ line: this.#line, column, text: showText(this.#text), kind, message });
  }
}

/** The format of most lines that leave no doubt about theirs; `domains` when there is none. */
function detectFormat(sample: string): ListFormat {
  const seen = new Map<ListFormat, number>();
  for (const line of sample.split('\n')) {
    if (line.length > MAX_LINE_CHARS) continue;
    const format = guessFormat(line.trim());
    if (format !== undefined) seen.set(format, (seen.get(format) ?? 0) + 1);
  }
  let best: ListFormat = 'domains';
  let most = 0;
  for (const [format, count] of seen) {
    if (count > most) {
      best = format;
      most = count;
    }
  }
  return best;
}

function guessFormat(line: string): ListFormat | undefined {
  if (line === '' || line.startsWith('#') || line.startsWith('!') || line.startsWith(';')) return undefined;
  if (line.startsWith('|') || line.startsWith('@@') || /\^(?:\$|$)|^\S*#[@?$%]*#\S/.test(line)) return 'adblock';
  if (/^(?:address|local|server)=/i.test(line)) return 'dnsmasq';
  if (isUnboundLine(line)) return 'unbound';
  if (/^(?:0|[\d.]{7,15}|[\da-f:]{0,39}:[\da-f:]{0,39})\s+\S/i.test(line)) return 'hosts';
  if (isRpzLine(line)) return 'rpz';
  if (line.startsWith('*.')) return 'wildcard';
  return /\s/.test(line) ? undefined : 'domains';
}

/** Lines of the machine's own, which hosts files carry along. */
const SYSTEM_HOSTS = new Set([
  'localhost',
  'localhost.localdomain',
  'localhost4',
  'localhost6',
  'localhost6.localdomain6',
  'local',
  'broadcasthost',
  'ip6-localhost',
  'ip6-loopback',
  'ip6-localnet',
  'ip6-mcastprefix',
  'ip6-allnodes',
  'ip6-allrouters',
  'ip6-allhosts',
  '0.0.0.0',
]);

/**
 * Under these, as under a top-level domain, other people's names are registered. Not the whole of such names in the world,
 * but those of the country whose nurseries this is for, where a rule for one would stop work (gov.uk, nhs.uk, sch.uk).
 */
const SHARED_UK_DOMAINS = new Set(
  ['ac', 'co', 'gov', 'judiciary', 'ltd', 'me', 'mod', 'net', 'nhs', 'org', 'parliament', 'plc', 'police', 'sch'].map(
    (label) => `${label}.uk`,
  ),
);

function isWholeDomain(name: string): boolean {
  if (name.endsWith('.uk')) return SHARED_UK_DOMAINS.has(name);
  return !name.includes('.');
}

/** Spares two million names the closer look. */
function endsInDigit(name: string): boolean {
  const code = name.charCodeAt(name.length - 1);
  return code >= 0x30 && code <= 0x39;
}

/** Whitespace around a rule. Also NBSP and its like, which come from copying off a page. */
function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0 || code === 0x3000 || code === 0xfeff;
}

function isComment(line: string, isAdblock: boolean): boolean {
  const first = line[0];
  if (first === '!' || first === ';' || line.startsWith('//')) return true;
  // `##.banner` hides a part of pages; in other lists `## Title` and `#name` are remarks and rules taken out.
  if (first === '#') return !(isAdblock && /^#[@?$%]*#[^#\s]/.test(line));
  // `[Adblock Plus 2.0]` heads a list.
  return first === '[' && line.endsWith(']');
}

/** Whether `*.` is followed by a name without further wildcards or adblock marks. */
function isWildcard(word: string): boolean {
  return !/[*^$]/.test(word.slice(2));
}

function cutAt(line: string, mark: RegExp): string {
  const at = line.search(mark);
  return at === -1 ? line : line.slice(0, at).trimEnd();
}
