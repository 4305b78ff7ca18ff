/**
 * One line of an adblock-style list, as far as it can hold for a DNS filter: the name is all that can be seen.
 *
 *   ||name^   the name and all below it        |name^   the name alone        *.name^, ||*.name^   only what is below
 *   @@…       an exception                     …$a,b    modifiers
 *
 * A rule that would hold only for some of the requests to a name (a type of content, the page that asks, a client, a
 * DNS type) is not taken as a rule for all of them: a filter that breaks work is switched off within a week.
 */
import { showText } from '../show-text.ts';
import type { LineContext } from './line-context.ts';
import type { RuleAction, RuleScope } from './rule.ts';

export function readAdblockLine(line: string, context: LineContext): void {
  const isException = line.startsWith('@@');
  const action: RuleAction = isException ? 'allow' : 'block';
  const start = isException ? 2 : 0;
  const text = cutComment(line);
  if (text.startsWith('/', start)) {
    context.report('unsupported', start, 'a regular expression or path, expected a name as ||name^');
    return;
  }
  const dollar = text.indexOf('$', start);
  const pattern = readPattern(text.slice(start, dollar === -1 ? text.length : dollar).trimEnd(), start, context);
  if (pattern === undefined) return;
  if (dollar === -1) {
    context.emit(pattern.name, pattern.scope, action, pattern.closed);
    return;
  }
  const modifiers = readModifiers(text.slice(dollar + 1), dollar + 1, action, pattern, context);
  if (modifiers === undefined) return;
  context.emit(pattern.name, pattern.scope, action, pattern.closed);
  for (const name of modifiers.denyallow) context.emit(name, 'suffix', 'allow');
  for (const note of modifiers.notes) context.report('note', dollar, note);
}

interface Pattern {
  readonly name: string;
  readonly scope: RuleScope;
  /** Ended by `^`: only then can a single label mean a whole top-level domain and not the start of a longer name. */
  readonly closed: boolean;
}

function readPattern(pattern: string, offset: number, context: LineContext): Pattern | undefined {
  let at = 0;
  let scope: RuleScope = 'suffix';
  let anchored = true;
  if (pattern.startsWith('||')) at = 2;
  else if (pattern.startsWith('|')) {
    at = 1;
    scope = 'host';
  } else anchored = false;
  if (pattern.startsWith('*.', at) && scope !== 'host') {
    at += 2;
    scope = 'below';
    anchored = true;
  }

  let end = pattern.length;
  if (end > at && pattern[end - 1] === '|') end--;
  const closed = end > at && pattern[end - 1] === '^';
  if (closed) end--;
  const raw = pattern.slice(at, end);
  const where = offset + at;

  if (raw === '') {
    context.report('error', where, 'no name in the rule, expected one as ||name^');
    return undefined;
  }
  const beyond = raw.search(/[/*:?=&^|]/);
  if (beyond !== -1) {
    const what = raw[beyond] === '*' ? 'a wildcard within the name' : `"${raw[beyond]}", which is no part of a name`;
    context.report('unsupported', where + beyond, `${what}; DNS shows the name alone, expected ||name^`);
    return undefined;
  }
  if (closed && !anchored) {
    context.report('unsupported', where, `"${showText(raw)}^" matches the ends of other names too, expected ||name^`);
    return undefined;
  }
  // `||ads.` and `||ads` mean every name that begins so; with a dot inside, lists write it for the whole name.
  if (anchored && !closed && (raw.endsWith('.') || !raw.includes('.'))) {
    context.report(
      'unsupported',
      where,
      `"${showText(raw)}" is the beginning of names, expected a whole name as ||name^`,
    );
    return undefined;
  }
  const name = context.readName(raw, where);
  return name === undefined ? undefined : { name, scope, closed };
}

/** About the page as a whole, or about nothing that DNS sees: a block of the name is what was meant. */
const BLOCK_THE_NAME = new Set(['all', 'document', 'doc', 'popup', 'network']);

const REFUSALS: Readonly<Record<string, string>> = {
  'third-party': 'DNS cannot see which page asks, and the site itself would be blocked too',
  '3p': 'DNS cannot see which page asks, and the site itself would be blocked too',
  dnstype: 'a blocked name is blocked for every DNS type',
  client: 'which devices a list holds for is set by the groups of the policy',
  ctag: 'which devices a list holds for is set by the groups of the policy',
  badfilter: 'a rule that takes back another of the same list; remove that rule, or write an exception @@||name^',
  domain: 'DNS cannot see which page asks',
};

interface Modifiers {
  /** Names below the rule's own that it does not hold for. */
  readonly denyallow: readonly string[];
  readonly notes: readonly string[];
}

function readModifiers(
  text: string,
  offset: number,
  action: RuleAction,
  pattern: Pattern,
  context: LineContext,
): Modifiers | undefined {
  const denyallow: string[] = [];
  const notes: string[] = [];
  let at = offset;
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    const key = (equals === -1 ? part : part.slice(0, equals)).trim().toLowerCase();
    const value = equals === -1 ? '' : part.slice(equals + 1).trim();
    const refuse = (why: string) => context.report('unsupported', at, `the modifier $${showText(key)}: ${why}`);
    if (key === '') {
      context.report('error', at, 'an empty modifier, expected a word after "$" or ","');
      return undefined;
    }
    // Names have no case (RFC 4343).
    if (key === 'match-case') {
    } else if (key === 'important') {
      notes.push('$important: the rule is taken, but does not go before the exceptions of its list');
    } else if (BLOCK_THE_NAME.has(key) && action === 'block') {
    } else if (key === 'dnsrewrite' && action === 'block' && isNullRewrite(value)) {
    } else if (key === 'dnsrewrite') {
      refuse('this filter blocks or allows and sends nobody elsewhere');
      return undefined;
    } else if (key === 'denyallow' && action === 'block' && pattern.scope !== 'host') {
      let valueAt = at + equals + 1;
      for (const raw of value.split('|')) {
        const name = context.readName(raw, valueAt);
        if (name === undefined) return undefined;
        if (!name.endsWith(`.${pattern.name}`)) {
          context.report('error', valueAt, `$denyallow names ${name}, expected a name below ${pattern.name}`);
          return undefined;
        }
        denyallow.push(name);
        valueAt += raw.length + 1;
      }
    } else {
      refuse(REFUSALS[key.replace(/^~/, '')] ?? 'a DNS filter sees the name alone, not what is asked of it');
      return undefined;
    }
    at += part.length + 1;
  }
  return { denyallow, notes };
}

/** `$dnsrewrite` answers that only say "nothing there". */
function isNullRewrite(value: string): boolean {
  return /^(?:nxdomain|refused|nodata|noerror;;|nxdomain;;|refused;;|0\.0\.0\.0|::|noerror;a;0\.0\.0\.0|noerror;aaaa;::)$/i.test(
    value,
  );
}

/** `||name^ # why` and `||name^ ! why`: not of the syntax, but lists do so. */
function cutComment(line: string): string {
  const at = line.search(/\s[#!]/);
  return at === -1 ? line : line.slice(0, at).trimEnd();
}
