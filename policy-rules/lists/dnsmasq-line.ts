/**
 * One `key=value` line of dnsmasq, as its manual reads `--address`, `--local` and `--server`:
 * between slashes stand names, each with all below it; after the last slash stands where they lead.
 */
import { showText } from '../show-text.ts';
import type { LineContext } from './line-context.ts';
import { isNullAddress } from './list-name.ts';
import type { RuleAction, RuleScope } from './rule.ts';

export function readDnsmasqLine(line: string, context: LineContext): void {
  const text = line.replace(/\s#.*$/, '').trimEnd();
  const equals = text.indexOf('=');
  const key = text.slice(0, equals).trim().toLowerCase();
  const value = text.slice(equals + 1).trim();
  const valueAt = text.indexOf(value, equals + 1);
  if (key !== 'address' && key !== 'local' && key !== 'server') {
    context.report('unsupported', 0, `the option "${showText(key)}", expected address=, local= or server=`);
    return;
  }
  const lastSlash = value.lastIndexOf('/');
  if (!value.startsWith('/') || lastSlash === 0) {
    context.report('error', valueAt, `found "${showText(value)}", expected ${key}=/name/target`);
    return;
  }
  const action = readTarget(key, value.slice(lastSlash + 1));
  if (action === undefined) {
    const target = showText(value.slice(lastSlash + 1));
    context.report(
      'unsupported',
      valueAt + lastSlash + 1,
      `sends clients to "${target}", expected a null address, # or nothing`,
    );
    return;
  }
  let at = valueAt + 1;
  for (const raw of value.slice(1, lastSlash).split('/')) {
    readDomain(raw, at, action, context);
    at += raw.length + 1;
  }
}

function readTarget(key: 'address' | 'local' | 'server', target: string): RuleAction | undefined {
  // address=/name/ is NXDOMAIN and address=/name/# the null addresses; server=/name/ has no server to ask: NXDOMAIN.
  if (target === '') return 'block';
  if (key === 'address') return target === '#' || isNullAddress(target) ? 'block' : undefined;
  // server=/name/# asks the usual servers after all.
  return target === '#' ? 'allow' : undefined;
}

function readDomain(raw: string, at: number, action: RuleAction, context: LineContext): void {
  if (raw === '' || raw === '#') {
    // `#` is every name there is, and an empty one every name without a dot.
    context.report('unsupported', at, `"/${raw}/" speaks of all names at once, expected one name`);
    return;
  }
  const below = raw.startsWith('*.');
  if (raw.includes('*', below ? 1 : 0)) {
    context.report('unsupported', at, `a wildcard within "${showText(raw)}", expected a whole name`);
    return;
  }
  const scope: RuleScope = below ? 'below' : 'suffix';
  const name = context.readName(below ? raw.slice(2) : raw, below ? at + 2 : at);
  if (name !== undefined) context.emit(name, scope, action);
}
