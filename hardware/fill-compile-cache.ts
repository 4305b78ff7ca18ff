/**
 * Fills the program's cache of compiled modules (filter-agent/commands/compile-cache.mjs): runs a box until it is ready
 * and its local site has been looked at, beside the one that may be running. It needs no network: it is on loopback, at
 * ports that the kernel chooses, with its state in a folder that goes with it.
 *
 * As the user that the box will run as. Ends with code 1 when the box did not become ready, or did not end well.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from '../filter-agent/commands/node-flags.ts';

const program = fileURLToPath(new URL('../filter-agent/commands/stairgate.mjs', import.meta.url));
/** A Raspberry Pi with a slow card takes some seconds for a first start. */
const TIMEOUT_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'stairgate-fill-'));
try {
  process.exitCode = await fill();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function fill(): Promise<number> {
  const settings = join(folder, 'stairgate.yaml');
  // JSON is YAML. RFC 6335's discard port: no upstream is asked.
  const upstreams = ['udp://127.0.0.1:9', 'tcp://127.0.0.1:9'];
  const localSite = { name: 'stairgate.home.arpa', listen: ['127.0.0.1'], port: 0 };
  writeFileSync(settings, JSON.stringify({ listen: ['127.0.0.1:0'], upstreams, stateDir: folder, localSite }));
  const box = spawn(process.execPath, [...nodeFlags, program, 'run', '--config', settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: TIMEOUT_MS,
  });
  const ended = once(box, 'exit');
  for await (const line of createInterface({ input: box.stdout })) {
    const site = /^Local site: (\S+)/.exec(line)?.[1];
    if (site === undefined) continue;
    for (const path of ['', 'healthz', 'metrics']) await (await fetch(`${site}${path}`)).text();
    // What is compiled is written as the box and its threads end in order.
    box.kill('SIGTERM');
  }
  const [code] = await ended;
  return code === 0 ? 0 : 1;
}
