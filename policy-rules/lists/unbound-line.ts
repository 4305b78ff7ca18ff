/**
 * `local-zone` and `local-data` lines of unbound.conf. A `redirect` zone blocks when its data is a null address (or none),
 * and is a rewrite when its data is another (safe search is made so), so its rule waits for the data that goes with it.
 */
import { showText } from '../show-text.ts';
import type { LineContext } from './line-context.ts';
import { isNullAddress } from './list-name.ts';

/** Whether the line is a `word:` of unbound.conf. */
export function isUnboundLine(line: string): boolean {
  return /^(?:server|local-zone|local-data|local-data-ptr|local-zone-tag|local-zone-override|include|rpz|forward-zone|stub-zone):(?:\s|$)/.test(
    line,
  );
}

/** What each type answers stands in unbound.conf(5). */
const BLOCKING = new Set([
  'deny',
  'refuse',
  'static',
  'always_refuse',
  'always_nxdomain',
  'always_nodata',
  'always_null',
  'always_deny',
  'inform_deny',
]);
const OPENING = new Set(['transparent', 'typetransparent', 'always_transparent']);
const REDIRECTING = new Set(['redirect', 'inform_redirect']);

export class UnboundReader {
  /** Redirect zones whose data has not come yet → the line of the zone. */
  readonly #waiting = new Map<string, number>();
  /** Zones whose data leads elsewhere, or whose rule has been handed on: further data of theirs gives no further rule. */
  readonly #settled = new Set<string>();

  readLine(line: string, lineNumber: number, context: LineContext): void {
    const text = line.replace(/\s#.*$/, '').trimEnd();
    const colon = text.indexOf(':');
    const key = text.slice(0, colon);
    const value = text.slice(colon + 1).trim();
    const valueAt = value === '' ? colon : text.indexOf(value, colon + 1);
    if (key === 'server' && value === '') context.skip();
    else if (key === 'local-zone') this.#readZone(value, valueAt, lineNumber, context);
    else if (key === 'local-data') this.#readData(value, valueAt, context);
    else context.report('unsupported', 0, `the option "${showText(key)}:", expected local-zone: or local-data:`);
  }

  /** Redirect zones without data answer "no such data": a block. `each` is given the line of the zone. */
  finish(each: (name: string, line: number) => void): void {
    for (const [name, line] of this.#waiting) each(name, line);
    this.#waiting.clear();
  }

  #readZone(value: string, valueAt: number, lineNumber: number, context: LineContext): void {
    const match = /^(?:"([^"]*)"|'([^']*)'|(\S+))\s+(\S+)$/.exec(value);
    if (match === null) {
      context.report('error', valueAt, `found ${showText(value)}, expected local-zone: "name" type`);
      return;
    }
    const raw = match[1] ?? match[2] ?? match[3]!;
    const type = match[4]!.toLowerCase();
    const nameAt = valueAt + (match[3] === undefined ? 1 : 0);
    const isRedirect = REDIRECTING.has(type);
    if (!BLOCKING.has(type) && !OPENING.has(type) && !isRedirect) {
      const typeAt = valueAt + value.length - type.length;
      context.report(
        'unsupported',
        typeAt,
        `the zone type "${showText(type)}", expected one that blocks or one that opens`,
      );
      return;
    }
    const name = context.readName(raw, nameAt);
    if (name === undefined) return;
    if (isRedirect) {
      if (!this.#settled.has(name)) this.#waiting.set(name, lineNumber);
    } else context.emit(name, 'suffix', OPENING.has(type) ? 'allow' : 'block');
  }

  #readData(value: string, valueAt: number, context: LineContext): void {
    const quoted = /^(?:"([^"]*)"|'([^']*)')$/.exec(value);
    const record = quoted === null ? value : (quoted[1] ?? quoted[2]!);
    const recordAt = valueAt + (quoted === null ? 0 : 1);
    const match = /^\s*(\S+)\s+(?:\d+\s+)?(?:IN\s+)?(\S+)\s+(\S.*)$/i.exec(record);
    if (match === null) {
      context.report('error', valueAt, `found ${showText(value)}, expected local-data: "name A 0.0.0.0"`);
      return;
    }
    const type = match[2]!.toUpperCase();
    const name = context.readName(match[1]!, recordAt + record.indexOf(match[1]!));
    if (name === undefined) return;
    const data = match[3]!.trimEnd();
    const isNull = (type === 'A' || type === 'AAAA') && isNullAddress(data);
    const wasWaiting = this.#waiting.delete(name);
    if (!isNull) {
      if (wasWaiting) this.#settled.add(name);
      const answer = showText(`${type} ${data}`, 50);
      context.report('unsupported', recordAt, `answers ${answer}, expected a null address`);
    } else if (wasWaiting) {
      this.#settled.add(name);
      context.emit(name, 'suffix', 'block');
    } else if (this.#settled.has(name)) context.skip();
    else context.emit(name, 'host', 'block');
  }
}
