/**
 * A steady load for long, over UDP and over TCP: nothing is lost, and descriptors and memory are at the end what they
 * were when the caches were warm.
 */
import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { runDnsperf, type Transport } from './load.ts';
import { describe, explain, type Finding, type Ground, noneLost, type Part } from './soak-finding.ts';

/** More than the largest nursery asks, and a rate that TCP is asked at nowhere. */
const RATE = 2_000;
const WARM_UP_SECONDS = 60;
const SAMPLE_MS = 1_000;
const SAYS_EVERY = 30;
/** At the warm-up's end and at the end: memory counts as its lowest in such a stretch, whenever heaps are collected. */
const STRETCH_SECONDS = 30;
/** A connection of the dashboard's or of a page that is just being opened anew. */
const DESCRIPTOR_SLACK = 2;
const GROWTH_LIMIT = 0.1;
/** A client that has gone has its connection closed by then. */
const SETTLE_MS = 12_000;

export const steadyOverUdp: Part = (ground) => steady(ground, 'udp');
export const steadyOverTcp: Part = (ground) => steady(ground, 'tcp');

interface Sample {
  readonly atSeconds: number;
  readonly descriptors: number;
  readonly megabytes: number;
}

async function* steady({ soak, workloads, options, say }: Ground, transport: Transport): AsyncGenerator<Finding> {
  const { box } = soak;
  await soak.restart();
  const what = `${transport.toUpperCase()} at ${RATE}/s`;
  say(`${what}: the mix for ${options.minutes} minutes behind ${WARM_UP_SECONDS} s of it`);
  const quiet = descriptorsOf(box.pid);
  const seconds = WARM_UP_SECONDS + 60 * options.minutes;
  const samples: Sample[] = [];
  const startedAtMs = performance.now();
  const watch = async () => {
    for (;;) {
      const atSeconds = (performance.now() - startedAtMs) / 1000;
      // Not the end itself, when connections are being closed.
      if (atSeconds > seconds - 1) return;
      const sample = { atSeconds, descriptors: descriptorsOf(box.pid), megabytes: box.rssMegabytes() };
      if (samples.length % SAYS_EVERY === 0) {
        say(
          `${what}: ${atSeconds.toFixed(0)} s, ${sample.descriptors} descriptors, ${sample.megabytes.toFixed(1)} MiB`,
        );
      }
      samples.push(sample);
      await setTimeout(SAMPLE_MS);
    }
  };
  const load = { seconds, edns: true, rate: RATE, transport };
  const [run] = await Promise.all([runDnsperf(box.server, workloads.mixed, load), watch()]);
  yield noneLost(`${what} for ${options.minutes} minutes: lost`, run.lost, run.completed + run.lost, run);
  const failed = (run.rcodes.SERVFAIL ?? 0) + (run.rcodes.REFUSED ?? 0);
  yield noneLost('  SERVFAIL and REFUSED', failed, run.completed);
  yield explain('  rate, answers', `${Math.round(run.queriesPerSecond)}/s, ${describe(run.rcodes)}`);

  const within = (from: number, until: number) =>
    samples.filter((one) => one.atSeconds >= from && one.atSeconds < until);
  const warm = within(WARM_UP_SECONDS - STRETCH_SECONDS, WARM_UP_SECONDS);
  const last = within(seconds - STRETCH_SECONDS, seconds);
  const [before, after] = [warm.at(-1)!.descriptors, last.at(-1)!.descriptors];
  const most = Math.max(...samples.map(({ descriptors }) => descriptors));
  yield {
    what: '  descriptors, warm → at the end, most',
    figure: `${before} → ${after}, ${most}`,
    bar: `the same give or take ${DESCRIPTOR_SLACK}`,
    met: Math.abs(after - before) <= DESCRIPTOR_SLACK,
    data: samples,
  };
  await setTimeout(SETTLE_MS);
  const left = descriptorsOf(box.pid);
  yield {
    what: '  descriptors without load, before → after',
    figure: `${quiet} → ${left}`,
    bar: `the same give or take ${DESCRIPTOR_SLACK}`,
    met: Math.abs(left - quiet) <= DESCRIPTOR_SLACK,
  };
  const lowest = (stretch: readonly Sample[]) => Math.min(...stretch.map(({ megabytes }) => megabytes));
  const growth = lowest(last) / lowest(warm) - 1;
  yield {
    what: `  memory, lowest of ${STRETCH_SECONDS} s, warm → at the end`,
    figure: `${lowest(warm).toFixed(1)} → ${lowest(last).toFixed(1)} MiB, ${(100 * growth).toFixed(1)}%`,
    bar: `within ${100 * GROWTH_LIMIT}%`,
    met: Math.abs(growth) <= GROWTH_LIMIT,
  };
}

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
