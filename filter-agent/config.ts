/**
 * The box's one file of settings: YAML on disk → a validated Config, or every mistake with its line and its mend.
 *
 * Owns positions, words and what the schema cannot say (config-schema.ts says the rest). Whether a list file or the
 * state folder can be read is found out when they are used: a box starts without a list, and says so.
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type YAMLError,
} from 'yaml';
import type * as z from 'zod/mini';
import type { Catalogue } from '../policy-rules/catalogue/service.ts';
import { defaultPolicy } from '../policy-rules/default-policy.ts';
import { parseIpRange } from '../policy-rules/ip-range.ts';
import type { Policy } from '../policy-rules/policy.ts';
import { parsePolicy } from '../policy-rules/validate-policy.ts';
import { ConfigFile, configJsonSchema, DEFAULT_LOOK_UPS_PER_SECOND, type JsonSchema } from './config-schema.ts';
import { parseUpstream, plainUdp, readUpstream, type Upstream, type UpstreamEntry } from './config-upstreams.ts';
import { meant, nearest, type Parsed, quoted } from './config-words.ts';

export interface Config {
  listen: ListenAddress[];
  upstreams: Upstream[];
  /** Names that are asked of others: the zone with the most labels wins. */
  forward: ForwardConfig[];
  /** Names (lower case, no final dot) below which a public answer may hold private addresses. */
  allowPrivateAnswers: string[];
  /** Absolute. */
  stateDir: string;
  lists: ListConfig[];
  localSite: { name: string; port: number; listen: ListenAddress[] };
  dashboard: { url: string; allowPlainHttp: boolean } | null;
  clock: { mode: 'auto' | 'trust-system' };
  answeringThreads: number | 'auto';
  cache: { sizeMegabytes: number };
  /** What each client may cost upstream; 0 is no limit. `exempt`: addresses and ranges, as text. */
  lookUps: { perClientPerSecond: number; exempt: string[] };
  /** In force until the dashboard sends one. */
  policy: Policy;
}

/**
 * Port 0 leaves the choice to the kernel.
 * - `address`: one address of this machine
 * - `every`: every address that the machine has, one socket each; `::` is both families
 * - `interface`: every address of one interface
 */
export type ListenAddress =
  | { kind: 'address'; address: string; port: number }
  | { kind: 'every'; address: '0.0.0.0' | '::'; port: number }
  | { kind: 'interface'; name: string; port: number };

/** Questions for the zones and all names below them go to these upstreams and to no other. */
export interface ForwardConfig {
  /** Lower case, without a final dot: "lan", "1.168.192.in-addr.arpa". */
  zones: string[];
  upstreams: Upstream[];
}

export interface ListConfig {
  id: string;
  name: string;
  /** Absolute. */
  path: string;
  /** Never to be opened by a grant. */
  protected: boolean;
  groups: 'all' | string[];
}

/** A mistake in the settings; line and column count from 1. */
export interface ConfigProblem {
  line: number;
  column: number;
  /** "localSite.port", "policy.devices[2].macs"; "" is the whole file. */
  key: string;
  /** "got 5300, expected …; mend". */
  text: string;
}

/** Every mistake at once, one a line as `file:line:column: key: text`, so that one edit mends them all. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[], options?: ErrorOptions) {
    const lines = problems
      .toSorted((a, b) => a.line - b.line || a.column - b.column)
      .map(({ line, column, key, text }) => `${file}:${line}:${column}: ${key === '' ? '' : `${key}: `}${text}`);
    super(lines.join('\n'), options);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** With the catalogue, categories and services that it lacks are mistakes too. Throws ConfigError. */
export function loadConfig(path: string, catalogue?: Catalogue): { config: Config } {
  return { config: parseConfig(readText(path), path, catalogue) };
}

/** The same for text that is already at hand; `path` names it in messages, and relative paths within it start there. */
export function parseConfig(text: string, path: string, catalogue?: Catalogue): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'error' });
  const located: Located = { document, lines };
  if (document.errors.length > 0) {
    throw new ConfigError(
      path,
      document.errors.map((error) => describeYamlError(error, text)),
    );
  }
  const value = toValue(located, path);
  if (value === null || value === undefined) {
    const text = 'the file is empty, expected settings; the least is upstreams: [{ preset: quad9 }]';
    throw new ConfigError(path, [{ line: 1, column: 1, key: '', text }]);
  }

  const problems = unknownKeys(located, value, configJsonSchema(), []);
  const parsed = ConfigFile.safeParse(value);
  if (!parsed.success) {
    problems.push(...parsed.error.issues.map((issue) => describeIssue(located, issue, value)));
    throw new ConfigError(path, problems);
  }
  const config = build(located, parsed.data, dirname(resolve(path)), problems, catalogue);
  if (problems.length > 0) throw new ConfigError(path, problems);
  return config;
}

/**
 * What `npm start` and `check` use without a file: loopback only, a setting of private networks, and the machine's own
 * resolvers as upstreams.
 */
export function demoConfig(options: {
  stateDir: string;
  listen?: readonly string[];
  upstreams?: readonly string[];
  localSitePort?: number;
  /** Where the machine's resolvers stand. */
  resolvConf?: string;
}): Config {
  const listen = (options.listen ?? ['127.0.0.1:5300', '[::1]:5300']).map((text) => need('listen', parseListen(text)));
  const port = options.localSitePort ?? 8053;
  const upstreams =
    options.upstreams?.flatMap((url) => need('upstream', parseUpstream(url))) ??
    systemUpstreams(options.resolvConf ?? '/etc/resolv.conf').filter((upstream) => !isOwnAddress(upstream, listen));
  return {
    listen,
    upstreams,
    forward: [],
    allowPrivateAnswers: [],
    stateDir: resolve(options.stateDir),
    lists: [],
    localSite: { name: 'stairgate.home.arpa', port, listen: [{ kind: 'address', address: '127.0.0.1', port }] },
    dashboard: null,
    clock: { mode: 'trust-system' },
    answeringThreads: 'auto',
    cache: { sizeMegabytes: 8 },
    lookUps: { perClientPerSecond: DEFAULT_LOOK_UPS_PER_SECOND, exempt: [] },
    policy: defaultPolicy('My nursery'),
  };
}

/** Thrown for a value on the command line; the message names the flag. */
export class OverrideError extends Error {
  override name = 'OverrideError';
}

/** `listen` and `upstream` go in place of the file's; each `list` is added, protected, for every group. Throws OverrideError. */
export function withOverrides(
  config: Config,
  overrides: { listen?: readonly string[]; upstream?: readonly string[]; list?: readonly string[] },
): Config {
  const listen = overrides.listen?.length
    ? overrides.listen.map((text) => need('listen', parseListen(text)))
    : config.listen;
  const upstreams = overrides.upstream?.length
    ? overrides.upstream.flatMap((text) => need('upstream', parseUpstream(text)))
    : config.upstreams;
  const own = upstreams.find((upstream) => isOwnAddress(upstream, listen));
  if (own !== undefined) {
    const flag = overrides.upstream?.length ? 'upstream' : 'listen';
    throw new OverrideError(`--${flag}: the box would ask itself at ${own.url}; ${ASKS_ITSELF_MEND}`);
  }
  const lists = [...config.lists];
  for (const path of overrides.list ?? []) {
    if (path.trim() === '') throw new OverrideError('--list: got nothing, expected the path of a list file');
    const id = freeId(path, lists);
    lists.push({ id, name: basename(path), path: resolve(path), protected: true, groups: 'all' });
  }
  return { ...config, listen, upstreams, lists };
}

// ---- one value of text ----------------------------------------------------------------------------------------------

function need<T>(flag: string, parsed: Parsed<T> & { got?: string }): T {
  if ('value' in parsed) return parsed.value;
  throw new OverrideError(`--${flag}: ${parsed.expected}`);
}

const LISTEN_FORMS =
  '"192.168.1.2:53", "[fd00::2]:53", "eth0:53", "0.0.0.0:53", "[::]:53" or "all:53", with a port from 0 to 65535';

/** Host and port stand together, as in `listen`; the local site's addresses have no port of their own. */
export function parseListen(text: string, portOfAll?: number): Parsed<ListenAddress> {
  const refused = (expected: string) => ({ expected: `got ${quoted(text)}, expected ${expected}` });
  const match = portOfAll === undefined ? /^(.*):(\d{1,5})$/.exec(text) : [text, text, String(portOfAll)];
  const port = Number(match?.[2] ?? Number.NaN);
  if (match === null || !(port <= 65_535)) {
    if (isIP(text) === 6) return refused(`an address with a port; write "[${text}]:53"`);
    return refused(`an address with a port: ${LISTEN_FORMS}`);
  }
  const host = match[1]!;
  const address = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (address === 'all') return { value: { kind: 'every', address: '::', port } };
  if (address === '0.0.0.0') return { value: { kind: 'every', address, port } };
  const family = isIP(address);
  if (portOfAll === undefined && host === address && (family === 6 || isIP(text) === 6)) {
    return refused(
      `brackets around an IPv6 address; write "${family === 6 ? `[${address}]:${port}` : `[${text}]:53`}"`,
    );
  }
  if (family === 6 && /^[0:]+$/.test(address)) return { value: { kind: 'every', address: '::', port } };
  if (family !== 0) return { value: { kind: 'address', address, port } };
  if (address === 'localhost') return refused(`an address, not a name; write "127.0.0.1:${port}" and "[::1]:${port}"`);
  // Linux allows 15 characters; a dot is only that of a VLAN, so that a host name is not taken for an interface.
  if (host === address && /^[A-Za-z][\w-]{0,14}(\.\d{1,4})?$/.test(address)) {
    return { value: { kind: 'interface', name: address, port } };
  }
  return refused(portOfAll === undefined ? LISTEN_FORMS : '"192.168.1.2", "fd00::2", "eth0" or "all", without a port');
}

const ASKS_ITSELF_MEND = 'name another upstream, or listen elsewhere';

/** As the machine's addresses are now; one that it gets later shows as an upstream that never answers. */
function isOwnAddress({ addresses, port }: Upstream, listen: readonly ListenAddress[]): boolean {
  return listen.some((entry) => {
    if (entry.port !== port) return false;
    if (entry.kind === 'address') return addresses.includes(entry.address);
    const { [entry.kind === 'interface' ? entry.name : '']: own, ...all } = networkInterfaces();
    const infos = entry.kind === 'interface' ? own : Object.values(all).flat();
    return infos?.some((info) => info !== undefined && addresses.includes(info.address)) ?? false;
  });
}

/** resolv.conf(5): at most three nameservers count; one with a zone cannot be written as a URL and is left out. */
function systemUpstreams(path: string): Upstream[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  const addresses = text
    .split('\n')
    .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1])
    .filter((address) => address !== undefined && isIP(address) !== 0 && !address.includes('%'))
    .slice(0, 3) as string[];
  return addresses.map(plainUdp);
}

/** "--list ./My list.txt" → "my-list"; "my-list-2" when that is taken. */
function freeId(path: string, lists: readonly ListConfig[]): string {
  const stem = basename(path)
    .replace(/(\.(txt|gz|list|hosts|conf))+$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const base = stem === '' ? 'list' : stem;
  const taken = new Set(lists.map(({ id }) => id));
  let id = base;
  for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
  return id;
}

// ---- from the file to the Config ------------------------------------------------------------------------------------

type Keys = readonly (string | number)[];

interface Located {
  document: Document;
  lines: LineCounter;
}

/** The values that a schema cannot judge; what is wrong goes to `problems`, so that all is told at once. */
function build(
  located: Located,
  file: ConfigFile,
  folder: string,
  problems: ConfigProblem[],
  catalogue: Catalogue | undefined,
): Config {
  const refuse = (keys: Keys, text: string) =>
    problems.push({ ...position(located, keys), key: formatKeys(keys), text });
  const read = <T>(texts: readonly string[], keys: Keys, parse: (text: string) => Parsed<T>): T[] =>
    texts.flatMap((text, index) => {
      const parsed = parse(text);
      if ('value' in parsed) return [parsed.value];
      refuse([...keys, index], parsed.expected);
      return [];
    });

  const listen = read(file.listen, ['listen'], (text) => parseListen(text));
  refuseDoubles(file.listen, (index, first) =>
    refuse(['listen', index], `got ${quoted(first)} a second time; remove one`),
  );
  const upstreamAt = (entry: UpstreamEntry, keys: Keys): Upstream[] => {
    const upstreams = readUpstream(entry, folder, (below, text) => refuse([...keys, ...below], text));
    for (const upstream of upstreams) {
      if (!isOwnAddress(upstream, listen)) continue;
      const itself = `got ${quoted(upstream.url)}, which is this box itself: it would ask itself`;
      refuse(keys, `${itself}; ${ASKS_ITSELF_MEND}`);
    }
    return upstreams;
  };
  const upstreams = file.upstreams.flatMap((entry, index) => upstreamAt(entry, ['upstreams', index]));
  const forward = file.forward.map(({ zones, upstream }, index) => ({
    zones: read(zones, ['forward', index, 'zones'], parseZone),
    upstreams: upstreamAt(upstream, ['forward', index, 'upstream']),
  }));
  file.forward.forEach(({ zones }, index) => {
    zones.forEach((text, at) => {
      const before = file.forward
        .slice(0, index)
        .flatMap((entry) => entry.zones)
        .concat(zones.slice(0, at));
      if (!before.some((other) => sameName(other, text))) return;
      refuse(['forward', index, 'zones', at], `got ${quoted(text)} a second time; remove one`);
    });
  });
  const allowPrivateAnswers = read(file.allowPrivateAnswers, ['allowPrivateAnswers'], parseZone);

  const policy = buildPolicy(file, refuse, catalogue);
  const groupIds = policy.groups.map(({ id }) => id);
  refuseDoubles(
    file.lists.map(({ id }) => id),
    (index, first) =>
      refuse(['lists', index, 'id'], `got ${quoted(first)} a second time; give each list an id of its own`),
  );
  file.lists.forEach(({ groups }, index) => {
    if (groups === 'all') return;
    groups.forEach((group, at) => {
      if (groupIds.includes(group)) return;
      refuse(
        ['lists', index, 'groups', at],
        `got ${quoted(group)}, expected a group of the policy; ${meant(group, groupIds)}`,
      );
    });
  });

  const { name, port } = file.localSite;
  if (!isHostName(name)) {
    refuse(['localSite', 'name'], `got ${quoted(name)}, expected a lower-case host name such as "stairgate.home.arpa"`);
  }
  const siteListen = file.localSite.listen;
  const dashboardFault = file.dashboard === null ? null : checkDashboard(file.dashboard);
  if (dashboardFault !== null) refuse(['dashboard', 'url'], dashboardFault);

  return structuredClone({
    listen,
    upstreams,
    forward,
    allowPrivateAnswers,
    stateDir: resolve(folder, file.stateDir),
    lists: file.lists.map((list) => ({ ...list, name: list.name ?? list.id, path: resolve(folder, list.path) })),
    localSite: {
      name,
      port,
      listen:
        siteListen === undefined
          ? listen.map((address) => ({ ...address, port }))
          : read(siteListen, ['localSite', 'listen'], (text) => parseListen(text, port)),
    },
    dashboard: file.dashboard,
    clock: file.clock,
    answeringThreads: file.answeringThreads,
    cache: file.cache,
    lookUps: { ...file.lookUps, exempt: read(file.lookUps.exempt, ['lookUps', 'exempt'], parseRange) },
    policy,
  });
}

function buildPolicy(file: ConfigFile, refuse: (keys: Keys, text: string) => void, catalogue?: Catalogue): Policy {
  if (file.policy === undefined) return defaultPolicy('My nursery');
  const parsed = parsePolicy(file.policy, catalogue);
  if ('problems' in parsed) {
    for (const { keys, message } of parsed.problems) refuse(['policy', ...keys], message);
    return file.policy;
  }
  return parsed.policy;
}

function checkDashboard({ url, allowPlainHttp }: { url: string; allowPlainHttp: boolean }): string | null {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')) {
    return `got ${quoted(url)}, expected a URL such as "https://dashboard.example.org"`;
  }
  if (parsed.username !== '' || parsed.password !== '') {
    return 'got a URL with a password in it, expected one without: the box proves itself with its own key';
  }
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(parsed.hostname);
  if (parsed.protocol === 'http:' && !loopback && !allowPlainHttp) {
    return `got ${quoted(url)}, expected https beyond this machine; use https://, or set allowPlainHttp: true and accept that it can be read on the way`;
  }
  return null;
}

/** A domain's name as people write it: letters, digits, hyphens, and the underscore of service names. */
function parseZone(text: string): Parsed<string> {
  const name = text.replace(/\.$/, '').toLowerCase();
  if (
    name.length <= 253 &&
    /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(name)
  ) {
    return { value: name };
  }
  const mend = text.startsWith('*.') ? `write "${text.slice(2)}": all names below it are meant` : 'such as "lan"';
  return { expected: `got ${quoted(text)}, expected a domain name; ${mend}` };
}

function parseRange(text: string): Parsed<string> {
  if (parseIpRange(text) !== undefined) return { value: text };
  return { expected: `got ${quoted(text)}, expected an address or a range such as "192.168.1.2" or "10.0.0.0/24"` };
}

const sameName = (a: string, b: string) => a.replace(/\.$/, '').toLowerCase() === b.replace(/\.$/, '').toLowerCase();

function isHostName(name: string): boolean {
  return name.length <= 253 && /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name);
}

function refuseDoubles(values: readonly string[], refuse: (index: number, value: string) => void): void {
  values.forEach((value, index) => {
    if (values.indexOf(value) < index) refuse(index, value);
  });
}

// ---- reading --------------------------------------------------------------------------------------------------------

const MAX_FILE_BYTES = 1 << 20;

function readText(path: string): string {
  const fail = (text: string, cause?: unknown) =>
    new ConfigError(path, [{ line: 1, column: 1, key: '', text }], { cause });
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw fail('there is no such file; give the path of a settings file after --config', cause);
    if (code === 'EISDIR') throw fail('this is a folder, expected a settings file; name the file in it', cause);
    if (code === 'EACCES') throw fail('the file may not be read by this user; change its owner or mode', cause);
    throw fail(`the file cannot be read (${code ?? String(cause)})`, cause);
  }
  if (bytes.length > MAX_FILE_BYTES) {
    throw fail(
      `the file has ${bytes.length} bytes, expected at most ${MAX_FILE_BYTES}; is it a list? Name it under lists`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw fail('the file is not UTF-8 text; save it as UTF-8', cause);
  }
}

function toValue({ document, lines }: Located, path: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    // Aliases that lead nowhere, or that expand without end.
    const { line, col } = lines.linePos(0);
    const text = `${cause instanceof Error ? cause.message : String(cause)}; write the value out`;
    throw new ConfigError(path, [{ line, column: col, key: '', text }], { cause });
  }
}

function describeYamlError(error: YAMLError, text: string): ConfigProblem {
  const { line, col: column } = error.linePos?.[0] ?? { line: 1, col: 1 };
  const said = error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
  const lineText = text.split('\n')[line - 1] ?? '';
  // `- [::1]:53` is a YAML list with something behind it.
  const bracketed = /\[[0-9a-f:.%]*::?[0-9a-f:.%]*\]:\d+/i.exec(lineText)?.[0];
  if (bracketed !== undefined) return { line, column, key: '', text: `${said}; write "${bracketed}" in quotes` };
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^\s*(?:- )?([^\s:]+)/.exec(lineText.slice(column - 1))?.[1] ?? '';
    return { line, column, key, text: 'the key is given twice in this section; remove one' };
  }
  const mend = yamlMends[error.code];
  return { line, column, key: '', text: mend === undefined ? `this is not YAML: ${said}` : mend };
}

const yamlMends: Partial<Record<YAMLError['code'], string>> = {
  TAB_AS_INDENT: 'got a tab, expected spaces; indent with two spaces',
  MULTIPLE_DOCS: 'got a second document after "---", expected one; remove the line',
  BLOCK_AS_IMPLICIT_KEY: 'got two keys on one line; put each on its own line, or the value in quotes',
  BAD_INDENT: 'the indentation does not fit the lines above; align it with its section',
};

// ---- findings in words ------------------------------------------------------------------------------------------------

function describeIssue(located: Located, issue: z.core.$ZodIssue, value: unknown): ConfigProblem {
  const keys = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  const found = valueAt(value, keys);
  const got = found === undefined ? 'it is missing' : `got ${shown(found)}`;
  return { ...position(located, keys), key: formatKeys(keys), text: `${got}, ${expectation(issue, found)}` };
}

function expectation(issue: z.core.$ZodIssue, found: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${typeNames[issue.expected] ?? issue.expected}${mendOfType(issue.expected, found)}`;
    case 'invalid_value': {
      const values = issue.values.map(String);
      const near = typeof found === 'string' ? nearest(found, values) : undefined;
      return `expected ${values.map(quoted).join(' or ')}${near === undefined ? '' : `; did you mean "${near}"?`}`;
    }
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int' ? `expected at least ${issue.minimum}` : issue.message;
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int' ? `expected at most ${issue.maximum}` : issue.message;
    default:
      return issue.message;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'a section with keys of its own',
  record: 'a section with keys of its own',
  boolean: 'true or false',
};

function mendOfType(expected: string, found: unknown): string {
  if (expected === 'array' && (typeof found === 'string' || typeof found === 'number'))
    return `; write [${shown(found)}]`;
  if (expected === 'string' && typeof found === 'number') return `; put it in quotes`;
  if (expected === 'boolean' && typeof found === 'string' && /^(yes|on)$/i.test(found)) return '; write true';
  if (expected === 'boolean' && typeof found === 'string' && /^(no|off)$/i.test(found)) return '; write false';
  return '';
}

/** Walks value and schema side by side: the validator drops what it does not know, and a dropped key is a mistake. */
function unknownKeys(located: Located, value: unknown, schema: JsonSchema, keys: Keys): ConfigProblem[] {
  if (Array.isArray(value)) {
    const items = variantFor(schema, 'items')?.items;
    if (items === undefined) return [];
    return value.flatMap((item, index) => unknownKeys(located, item, items, [...keys, index]));
  }
  if (typeof value !== 'object' || value === null) return [];
  const properties = variantFor(schema, 'properties')?.properties;
  // A record, such as a group's categories: any key may stand there.
  if (properties === undefined) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const at = [...keys, key];
    if (Object.hasOwn(properties, key)) return unknownKeys(located, child, properties[key]!, at);
    const place = keys.length === 0 ? 'settings' : formatKeys(keys);
    const text = `there is no such key in ${place}; ${meant(key, Object.keys(properties))}`;
    return [{ ...position(located, at, 'key'), key: formatKeys(at), text }];
  });
}

function variantFor(schema: JsonSchema, has: 'items' | 'properties'): JsonSchema | undefined {
  return schema[has] !== undefined ? schema : schema.anyOf?.find((variant) => variant[has] !== undefined);
}

/** Where the value (or its key) stands; for a value that is missing, the section that lacks it. */
function position(
  { document, lines }: Located,
  keys: Keys,
  part: 'value' | 'key' = 'value',
): { line: number; column: number } {
  let node: unknown = document.contents;
  let offset = 0;
  for (const [depth, key] of keys.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const wantsKey = part === 'key' && depth === keys.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(({ key: own }) => String(isScalar(own) ? own.value : own) === String(key));
      if (pair === undefined) break;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
    } else break;
    if (!wantsKey && isNode(node) && !isAlias(node) && !(isScalar(node) && node.source === '')) {
      // A section's own start is its first key; for people its heading is the better place, unless it is an item.
      if (isScalar(node) || typeof key === 'number') offset = node.range?.[0] ?? offset;
    }
  }
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function valueAt(document: unknown, keys: Keys): unknown {
  let value = document;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

function formatKeys(keys: Keys): string {
  return keys.map((key, depth) => (typeof key === 'number' ? `[${key}]` : depth === 0 ? key : `.${key}`)).join('');
}

function shown(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a section';
  return typeof value === 'string' ? quoted(value) : String(value);
}
