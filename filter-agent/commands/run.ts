/** `stairgate run`: the box, until it is told to stop. What systemd starts. */
import { readdirSync, readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { getPriority, setPriority } from 'node:os';
import { showLine } from '../../policy-rules/show-text.ts';
import { formatAddress } from '../control/listen-addresses.ts';
import { startBox } from '../main.ts';
import { type CommandIo, ExitCode, readArguments, UsageError } from './command.ts';
import { readSettings, settingsOptions } from './settings.ts';
import { softwareVersion } from './software-version.ts';

export const runUsage = `stairgate run [--config FILE] [--listen ADDR:PORT]… [--upstream URL]… [--list FILE]…
  Runs the box. Without --config: the demo settings, on loopback.
  --listen    in place of the settings' addresses: 192.168.1.2:53, [fd00::2]:53, eth0:53, 0.0.0.0:53, all:53
  --upstream  in place of the settings' upstreams: preset:quad9, udp://192.0.2.53:53, tcp://192.0.2.53,
              tls://NAME@ADDRESS[,ADDRESS…][:PORT], https://NAME@ADDRESS/dns-query
  --list      one more list, blocked for every group at all hours`;

export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, settingsOptions);
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is not expected here.`);
  const config = readSettings(values);
  const fatal = Promise.withResolvers<Error>();
  const box = await startBox({
    config,
    version: softwareVersion,
    log: (line) => io.stderr.write(`${showLine(line)}\n`),
    onFatal: fatal.resolve,
  });
  giveWayToAnswering();
  const where = box.listening.udp.map(({ address, port }) => formatAddress({ address, port }));
  io.stdout.write(
    `Stairgate ${softwareVersion} filters at ${where.length === 0 ? 'no address yet' : where.join(', ')} (ready in ${Math.round(box.startedInMs)} ms)\n`,
  );
  for (const at of box.localSite) io.stdout.write(`Local site: http://${formatAddress(at)}/\n`);

  // By itself Node writes it at the end, and a box that loses its power has none. Each thread writes its own as it ends.
  flushCompileCache();

  const error = await Promise.race([io.stopped.then(() => null), fatal.promise]);
  if (error !== null) {
    // A box that cannot answer must not linger: the service manager starts it again.
    io.stderr.write(`${error.message}${error.cause instanceof Error ? `: ${error.cause.stack}` : ''}\n`);
    return ExitCode.FAILED;
  }
  await box.stop();
  return ExitCode.OK;
}

/** A tenth of the weight that a thread at our old priority has. */
const GIVEN_WAY = 10;
const LOWEST = 19;
/** As the kernel tells the names of threads (proc_pid_comm(5), 15 octets): those that data-plane.ts starts. */
const ANSWERS = /^(answering|resolving)/;

/**
 * On Linux a priority is one thread's: control (lists, schedule, pages) stands back behind the threads that answer and
 * look up, and so do the helpers that Node has for all of them, which read files and collect garbage. A list of two
 * million names is some hundred milliseconds of work there, and on one core queries would wait for it, a helper's whole
 * turn each. Elsewhere it would be the whole process's priority, and nothing is gained.
 */
function giveWayToAnswering(): void {
  if (process.platform !== 'linux') return;
  try {
    const priority = Math.min(LOWEST, getPriority() + GIVEN_WAY);
    for (const id of readdirSync('/proc/self/task')) {
      if (!ANSWERS.test(readFileSync(`/proc/self/task/${id}/comm`, 'latin1'))) setPriority(Number(id), priority);
    }
  } catch {
    // A sandbox may forbid it, or a thread be gone: then they are equal.
  }
}
