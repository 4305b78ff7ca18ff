/**
 * What the dashboard's pages cost in a setting that has been in use for years: `npm run bench:dashboard`. The time from a
 * request to the last octet of its answer, the median of eleven, and the octets on the wire of a first visit, with
 * stylesheet and script. Ends with 1 where a page is over the bar.
 */
import { DashboardClient } from '../support/dashboard-client.ts';
import { startDashboardProcess } from '../support/dashboard-process.ts';
import { fillSetting, SIZE } from './large-setting.ts';

const BAR_MS = 150;
const BAR_BYTES = 60_000;
const TIMES = 11;
const PATH_WIDTH = 46;

const { dashboard, ready } = await startDashboardProcess();
try {
  const manager = await DashboardClient.setUp(ready);
  await dashboard.stop();
  fillSetting(dashboard.folder, Date.now());
  await dashboard.start();
  const isWithin = await measurePages(manager);
  await measureVerifying(manager);
  process.exitCode = isWithin ? 0 : 1;
} finally {
  await dashboard.remove();
}

async function measurePages(manager: DashboardClient): Promise<boolean> {
  const first = await manager.page('');
  // Found by searching, or only from where a device has been at something.
  const others = [
    'record?person=jo+2',
    'record?device=tablet+17',
    'record?page=400',
    'usage?span=term',
    'devices/device-1/usage',
  ];
  let assetBytes = 0;
  for (const [, path] of first.matchAll(/(?:href|src)="\/(assets\/[^"]+)"/g))
    assetBytes += await manager.wireBytes(path!);

  const { devices, usageRows, grants, recordEntries } = SIZE;
  print(`${devices} devices, ${usageRows} rows of use, ${grants} permissions, a record of ${recordEntries} entries`);
  print('page'.padEnd(PATH_WIDTH), 'ms'.padStart(8), 'bytes'.padStart(8));
  let isWithin = true;
  for (const path of [...(await pagesFrom(manager, '')), ...others]) {
    const medianMs = await measure(manager, path);
    const bytes = assetBytes + (await manager.wireBytes(path));
    const isOver = medianMs > BAR_MS || bytes > BAR_BYTES;
    if (isOver) isWithin = false;
    const verdict = isOver ? 'OVER THE BAR' : '';
    print(`/${path}`.padEnd(PATH_WIDTH), medianMs.toFixed(1).padStart(8), String(bytes).padStart(8), verdict);
  }
  return isWithin;
}

/** Every page that a link leads to, from page to page, so that none is forgotten: the first of each kind. */
async function pagesFrom(manager: DashboardClient, start: string): Promise<readonly string[]> {
  const paths = new Map([[kindOf(start), start]]);
  for (const path of paths.values()) {
    for (const [, linked] of (await manager.page(path)).matchAll(/<a [^>]*href="\/([^"#?]*)/g)) {
      if (!isFile(linked!) && !paths.has(kindOf(linked!))) paths.set(kindOf(linked!), linked!);
    }
  }
  return [...paths.values()];
}

/** Two pages are of one kind that differ in the number of a thing, a date or an id. */
function kindOf(path: string): string {
  return path.replace(/[^/]*\d[^/]*/g, '#');
}

function isFile(path: string): boolean {
  return /\.[a-z]+$/.test(path);
}

/** That the chain is whole says also that what was filled in is what the dashboard itself would have written. */
async function measureVerifying(manager: DashboardClient): Promise<void> {
  const before = performance.now();
  const answer = await manager.post('record/verify', {});
  const tookMs = performance.now() - before;
  if (answer.status !== 303 || !(await manager.page('record/verify')).includes('all are as they were written')) {
    throw new Error('the record that was filled in does not verify');
  }
  print(`verifying the whole record: ${tookMs.toFixed(0)} ms`);
}

async function measure(manager: DashboardClient, path: string): Promise<number> {
  await manager.page(path);
  const times: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const before = performance.now();
    await manager.page(path);
    times.push(performance.now() - before);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(TIMES / 2)]!;
}

function print(...cells: readonly string[]): void {
  process.stdout.write(`${cells.join(' ').trimEnd()}\n`);
}
