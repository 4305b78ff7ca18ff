/** `stairgate status`: how the running box is, asked of its local site. */
import { networkInterfaces } from 'node:os';
import { formatAddress, listenPlaces } from '../control/listen-addresses.ts';
import { type CommandIo, ExitCode, readArguments, UsageError } from './command.ts';
import { readSettings, settingsOptions } from './settings.ts';

export const statusUsage = `stairgate status [--config FILE]
  Says how the box that runs with these settings is. Exit code 0 when it filters, 1 when it does not.`;

const TIMEOUT_MS = 3_000;

interface Upstream {
  readonly name: string;
  readonly healthy: boolean;
  readonly filters: string | null;
  readonly doesNot: string | null;
}

/** What /healthz says. */
interface Healthz {
  readonly answering: boolean;
  readonly rules: number;
  readonly clockTrusted: boolean;
  readonly upstreams: readonly Upstream[];
  readonly store: boolean;
  readonly reportingSince: string | null;
  readonly dashboardConnected: boolean | null;
  readonly uptimeSeconds: number;
  readonly version: string;
}

export async function status(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, { config: settingsOptions.config });
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is not expected here.`);
  const config = readSettings(values);
  const [place] = listenPlaces(config.localSite.listen, networkInterfaces());
  if (place === undefined)
    throw new UsageError(
      'localSite.listen: none of its addresses is one of this machine, so the running box cannot be asked.',
    );
  const url = `http://${formatAddress(place)}/healthz`;
  let health: Healthz;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    health = (await response.json()) as Healthz;
  } catch {
    io.stdout.write(`No box answers at ${url}: it does not run, or runs with other settings.\n`);
    return ExitCode.FAILED;
  }
  const filtering = health.answering && health.rules > 0;
  const lines = [
    filtering ? `Filtering with ${health.rules} rules.` : 'NOT filtering: the box has no rules.',
    health.clockTrusted
      ? 'The clock is trusted.'
      : 'The clock is not trusted: restricted services stay blocked, permissions wait.',
    health.upstreams.length === 0
      ? 'No upstream: nothing but blocked names can be answered.'
      : health.upstreams.map(({ name, healthy }) => `${name}: ${healthy ? 'answers' : 'DOES NOT ANSWER'}`).join('; '),
    ...whatUpstreamsFilter(health.upstreams),
    health.dashboardConnected === null
      ? 'Not paired with a dashboard.'
      : `Dashboard: ${health.dashboardConnected ? 'connected' : 'away (the box goes on by itself)'}.`,
    health.store ? 'The store takes writes.' : 'The store CANNOT be written: check the disk.',
    health.reportingSince === null
      ? 'Figures of single devices are not kept: the dashboard has not said that the notice is published and the assessment dated.'
      : `Figures of single devices are kept since ${health.reportingSince}.`,
    `Version ${health.version}, up for ${duration(health.uptimeSeconds)}.`,
  ];
  io.stdout.write(`${lines.join('\n')}\n`);
  return filtering ? ExitCode.OK : ExitCode.FAILED;
}

/** Each preset once: a broadband provider may have several addresses. */
function whatUpstreamsFilter(upstreams: readonly Upstream[]): string[] {
  const known = upstreams.flatMap(({ name, filters, doesNot }) =>
    filters === null ? [] : [`  ${name}: ${filters} ${doesNot ?? ''}`],
  );
  const unknown = upstreams.some(({ filters }) => filters === null)
    ? ['  What an upstream filters that is given by its address, only its owner can say.']
    : [];
  return [...new Set([...known, ...unknown])];
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}
