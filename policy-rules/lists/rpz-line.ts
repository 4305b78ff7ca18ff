/**
 * Records of a response policy zone (draft-vixie-dnsop-dns-rpz) as a zone file writes them, one a line.
 * `name` speaks of the name alone and `*.name` of what is below it, to the letter. Of the triggers only the query
 * name can be seen here; of the actions those that block and `rpz-passthru.` are honoured.
 */
import { showText } from '../show-text.ts';
import type { LineContext } from './line-context.ts';
import { isNullAddress } from './list-name.ts';
import type { RuleAction, RuleScope } from './rule.ts';

/** A SOA in parentheses takes seven lines when it is written with a value a line; a "(" that never closes takes no more. */
const MAX_PARENTHESISED_LINES = 10;

const RECORD =
  /^(?:(\S+)\s+)?(?:\d+[smhdw]?\s+)?(?:IN\s+)?(?:\d+[smhdw]?\s+)?(SOA|NS|CNAME|DNAME|A|AAAA|TXT|MX|SRV|PTR|HTTPS|SVCB)\s+(\S.*)$/i;

const TRIGGER = /(?:^|\.)(rpz-(?:ip|client-ip|nsip|nsdname))$/;

/** Whether the line (comment taken off) is a record or a directive of a zone file. */
export function isRpzLine(text: string): boolean {
  return /^\$(?:TTL|ORIGIN|INCLUDE|GENERATE)\b/i.test(text) || RECORD.test(text);
}

export class RpzReader {
  #origin = '';
  #openLines = 0;

  /** Whether the line before left a parenthesis open, so that this one belongs to it. */
  get isWithinRecord(): boolean {
    return this.#openLines > 0;
  }

  continueRecord(line: string, context: LineContext): void {
    this.#openLines = line.includes(')') ? 0 : this.#openLines - 1;
    context.skip();
  }

  readLine(text: string, context: LineContext): void {
    if (text.startsWith('$')) this.#readDirective(text, context);
    else this.#readRecord(text, context);
  }

  #readDirective(text: string, context: LineContext): void {
    const [directive = '', value = ''] = text.split(/\s+/);
    const word = directive.toUpperCase();
    if (word === '$ORIGIN') this.#origin = value.toLowerCase().replace(/^\.+|\.+$/g, '');
    if (word === '$ORIGIN' || word === '$TTL') context.skip();
    else context.report('unsupported', 0, `the directive ${showText(directive)}, expected records, $TTL or $ORIGIN`);
  }

  #readRecord(text: string, context: LineContext): void {
    const match = RECORD.exec(text)!;
    const owner = match[1] ?? '';
    const type = match[2]!.toUpperCase();
    const data = match[3]!.trim();
    // The apex records that make a zone a zone say nothing about names.
    if (type === 'SOA' || type === 'NS') {
      if (type === 'SOA' && data.includes('(') && !data.includes(')')) this.#openLines = MAX_PARENTHESISED_LINES;
      context.skip();
      return;
    }
    if (owner === '' || owner === '@') {
      context.report('unsupported', 0, `a ${type} record of the zone itself, expected a name before it`);
      return;
    }
    const name = this.#withoutOrigin(owner);
    const trigger = TRIGGER.exec(name.toLowerCase());
    if (trigger !== null) {
      context.report('unsupported', 0, `the trigger ${trigger[1]}, expected a query name`);
      return;
    }
    const below = name.startsWith('*.');
    const scope: RuleScope = below ? 'below' : 'host';
    const bare = below ? name.slice(2) : name;
    const action = readAction(type, data, bare);
    if (action === undefined) {
      const dataAt = text.length - match[3]!.length;
      context.report(
        'unsupported',
        dataAt,
        `the action ${type} ${showText(data, 40)}, expected one that blocks, or rpz-passthru.`,
      );
      return;
    }
    const read = context.readName(bare, below ? 2 : 0);
    if (read !== undefined) context.emit(read, scope, action);
  }

  /** An owner that ends in a dot is absolute, and then ends in the zone's own name; lists also end relative ones so. */
  #withoutOrigin(owner: string): string {
    if (!owner.endsWith('.')) return owner;
    const absolute = owner.slice(0, -1);
    const tail = `.${this.#origin}`;
    return this.#origin !== '' && absolute.toLowerCase().endsWith(tail) ? absolute.slice(0, -tail.length) : absolute;
  }
}

function readAction(type: string, data: string, bareOwner: string): RuleAction | undefined {
  if (type === 'A' || type === 'AAAA') return isNullAddress(data) ? 'block' : undefined;
  if (type !== 'CNAME') return undefined;
  const target = data.toLowerCase();
  // NXDOMAIN, NODATA and DROP: this filter gives all blocked names the one shape of answer.
  if (target === '.' || target === '*.' || target === 'rpz-drop.') return 'block';
  // A name that leads to itself is how passthru was written first (section 6 of the draft).
  if (target === 'rpz-passthru.' || target === `${bareOwner.toLowerCase()}.`) return 'allow';
  return undefined;
}
