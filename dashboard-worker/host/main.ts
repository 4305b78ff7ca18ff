#!/usr/bin/env node
/**
 * The dashboard as a process of its own: `node dashboard-worker/host/main.ts --state FOLDER --port PORT [--host ADDRESS]
 * [--tls-cert FILE --tls-key FILE | --allow-plain-http]`.
 *
 * Prints one line of JSON when it is ready: its address, the set-up link (null once it was used; with a new
 * STAIRGATE_SETUP_TOKEN, one that lets the manager back in), and a pairing code for the box on this machine. Ends at
 * SIGTERM or SIGINT, and with --with-parent when its standard input ends, which it does when whoever started it is gone,
 * however that came. What it was told is on disk before it answers, so it may be killed.
 */
import { parseArgs } from 'node:util';
import { showLines } from '../../policy-rules/show-text.ts';
import { startDashboard } from './dashboard-host.ts';
import type { Listening } from './encryption.ts';

const USAGE =
  'usage: main.ts --state FOLDER [--port PORT] [--host ADDRESS] [--tls-cert FILE --tls-key FILE | --allow-plain-http] [--with-parent]; or STAIRGATE_DASHBOARD_STATE, …_PORT, …_HOST';

const stopped = Promise.withResolvers<void>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.resolve());

try {
  const { withParent, ...options } = readOptions();
  if (withParent) process.stdin.once('end', () => stopped.resolve()).resume();
  const setupToken = process.env.STAIRGATE_SETUP_TOKEN;
  const dashboard = await startDashboard({ ...options, ...(setupToken ? { setupToken } : {}) });
  const ready = {
    url: dashboard.url,
    setupLink: dashboard.setupLink,
    pairingCode: await dashboard.pairingCode(),
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  await stopped.promise;
  await dashboard.stop();
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The dashboard could not start: ${showLines(why)}\n`);
  process.exitCode = 1;
}

function readOptions(): Listening & { stateDir: string; port: number; withParent: boolean } {
  const { values } = parseArgs({
    options: {
      state: { type: 'string' },
      port: { type: 'string' },
      host: { type: 'string' },
      'tls-cert': { type: 'string' },
      'tls-key': { type: 'string' },
      'allow-plain-http': { type: 'boolean', default: false },
      'with-parent': { type: 'boolean', default: false },
    },
  });
  const { env } = process;
  const stateDir = values.state ?? env.STAIRGATE_DASHBOARD_STATE;
  const portText = values.port ?? env.STAIRGATE_DASHBOARD_PORT ?? '8080';
  const port = Number(portText);
  if (!stateDir) throw new Error(`no folder for its state was named; ${USAGE}`);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`"${portText}" is no port: expected a number from 0 to 65535; ${USAGE}`);
  }
  const host = values.host ?? env.STAIRGATE_DASHBOARD_HOST ?? '127.0.0.1';
  const { 'tls-cert': certPath, 'tls-key': keyPath } = values;
  if ((certPath === undefined) !== (keyPath === undefined)) {
    throw new Error(`--tls-cert and --tls-key go together; ${USAGE}`);
  }
  const tls = certPath === undefined || keyPath === undefined ? null : { certPath, keyPath };
  const { 'allow-plain-http': allowPlainHttp, 'with-parent': withParent } = values;
  return { stateDir, port, host, tls, allowPlainHttp, withParent };
}
