/**
 * The child process of list-compiler.ts, begun by compile-launcher.ts: takes one job from its stdin, writes one image,
 * answers once on its stdout and ends. A program, not a module.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { compileImage } from './compile-image.ts';
import { saveImage } from './image-store.ts';
import type { CompileJob, CompileReply } from './list-compiler.ts';

/** The lowest: answering queries goes first. */
const PRIORITY = 19;
/** When memory runs out, the compilation goes before the filter, whose score the child would inherit (proc(5)). */
const OOM_SCORE = '500';

for (const give of [
  lowerOtherThreads,
  () => setPriority(PRIORITY),
  () => writeFileSync('/proc/self/oom_score_adj', OOM_SCORE),
]) {
  try {
    give();
  } catch {
    // A sandbox may forbid it, and other systems lack it; compiling as we are is better than not at all.
  }
}

// The box holds the other end for as long as it lives.
process.stdin.once('end', endWithBox);
createInterface({ input: process.stdin }).once('line', (line) => {
  run(JSON.parse(line)).then(reply, (cause: unknown) => {
    const message = cause instanceof Error ? cause.message : String(cause);
    process.exitCode = 1;
    reply({ type: 'failed', message });
  });
});

/**
 * On Linux a priority is one thread's (setpriority(2)): threads inherit it, but V8's helpers, which collect the builder's
 * garbage, have begun before us. This thread follows last, so that its priority tells that the others have theirs.
 */
function lowerOtherThreads(): void {
  for (const id of readdirSync('/proc/self/task').map(Number)) if (id !== process.pid) setPriority(id, PRIORITY);
}

async function run(job: CompileJob): Promise<CompileReply> {
  const { image, report } = await compileImage(job.catalogue, job.inputs);
  const failed = new Set(report.failures.map((failure) => failure.id));
  const written = !job.required.some((id) => failed.has(id));
  if (written) {
    // Lets the box's end be seen, if it came while the trie was built.
    await setImmediate();
    const lists = job.inputs.lists.map((list) => list.id).filter((id) => !failed.has(id));
    await saveImage(job.imagePath, image, { fingerprint: report.fingerprint, lists, failures: [...report.failures] });
  }
  return { type: 'compiled', written, report };
}

function reply(message: CompileReply): void {
  process.stdin.off('end', endWithBox);
  process.stdout.write(`${JSON.stringify(message)}\n`, () => process.stdin.destroy());
}

/** The box has ended, and perhaps a new one has begun and compiles to the same path. */
function endWithBox(): void {
  process.exit(1);
}
