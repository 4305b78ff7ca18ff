/** What of counted use becomes an alert, over the real store; the clock is the test's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BypassWatch } from '../../../filter-agent/control/bypass-watch.ts';
import { UsageCounter } from '../../../filter-agent/control/usage-counter.ts';
import { openStore, type Store } from '../../../filter-agent/control/usage-store.ts';
import { Health } from '../../../policy-rules/agent-protocol.ts';
import { toldOf } from '../../../policy-rules/bypass-words.ts';
import { catalogue } from '../../../policy-rules/catalogue/catalogue.ts';
import { defaultPolicy } from '../../../policy-rules/default-policy.ts';
import type { Policy } from '../../../policy-rules/policy.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A Monday in July, 00:30 in London: still Sunday by UTC. */
const NIGHT_MS = Date.UTC(2026, 6, 5, 23, 30);
const MORNING_MS = Date.UTC(2026, 6, 6, 8, 0);

const base = defaultPolicy('Test nursery');
const groupOf = (kind: string): string => base.groups.find((group) => group.kind === kind)!.id;
const device = (id: string, name: string, kind = 'setting'): Policy['devices'][number] => ({
  id,
  name,
  group: groupOf(kind),
  addresses: [],
  macs: [],
});

let folder: string;
let store: Store;
let policy: Policy;
let nowMs: number;
let changes: number;
let watch: BypassWatch;

const startWatch = (): BypassWatch =>
  new BypassWatch({
    catalogue,
    policy: () => policy,
    nowMs: () => nowMs,
    usageOfDevice: (id, sinceMs) => store.usageOfDevice(id, sinceMs),
    onChange: () => {
      changes += 1;
    },
  });

/** One look-up in each of so many minutes from an instant. */
async function use(
  id: string,
  service: string,
  fromMs: number,
  minutes: number,
  verdict: 'blocked' | 'granted' = 'blocked',
) {
  const counter = new UsageCounter();
  for (let minute = 0; minute < minutes; minute++) counter.add(id, service, verdict, fromMs + minute * MINUTE_MS, 5);
  const rows = counter.drain();
  await store.addUsage(rows);
  await watch.usageSaved(rows);
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stairgate-bypass-'));
  store = await openStore({ stateDir: folder });
  policy = {
    ...base,
    devices: [
      device('tablet', 'Baby room tablet'),
      device('pc', 'Office PC'),
      device('phone', 'Kim’s phone', 'personal'),
    ],
  };
  nowMs = MORNING_MS + HOUR_MS;
  changes = 0;
  watch = startWatch();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('an alert of tries to go round the filter', () => {
  it('says device, way, minutes, day, and what to do; no names of domains', async () => {
    await use('tablet', 'vpn', MORNING_MS, 7);
    expect(watch.list()).toEqual([
      {
        code: 'bypass:tablet:vpn',
        text:
          '“Baby room tablet” tried to go round the filter on 6 July: VPN services, in at least 6 minutes of the day. ' +
          'The filter blocked this. A virus scanner may bring a VPN along, so it is no proof that somebody meant to. ' +
          'What to do: look on the device for a VPN app or a browser extension, ask who put it there, and remove it.',
        since: MORNING_MS,
      },
    ]);
    expect(changes).toBe(1);
  });

  it('waits for the third minute, and is told anew only when the minutes have doubled', async () => {
    const told: number[] = [];
    for (let minute = 0; minute < 50; minute++) {
      await use('tablet', 'tor', MORNING_MS + minute * MINUTE_MS, 1);
      told.push(changes);
    }
    expect(told.indexOf(1)).toBe(2);
    expect([told.indexOf(2), told.indexOf(3), told.indexOf(4), told.indexOf(5)]).toEqual([5, 11, 23, 47]);
    expect(told.at(-1)).toBe(5);
    expect(watch.list()).toHaveLength(1);
  });

  it.each(catalogue.services.filter(({ byItself }) => byItself).map(({ id }) => [id]))(
    'is not made of what devices ask for by themselves: %s',
    async (service) => {
      await use('tablet', service, MORNING_MS, 55);
      expect(watch.list()).toEqual([]);
    },
  );

  it('is made of no other service, of no use that was granted, and of no device that is unnamed, personal or gone', async () => {
    await use('tablet', 'facebook', MORNING_MS, 30);
    await use('tablet', 'vpn', MORNING_MS, 30, 'granted');
    await use('', 'vpn', MORNING_MS, 30);
    await use('phone', 'vpn', MORNING_MS, 30);
    await use('sold-tablet', 'vpn', MORNING_MS, 30);
    expect(watch.list()).toEqual([]);
    expect(changes).toBe(0);
  });

  it('ends when the device is made a personal one, and carries its new name when it is renamed', async () => {
    await use('tablet', 'vpn', MORNING_MS, 5);
    policy = { ...policy, devices: [device('tablet', 'Garden tablet')] };
    expect(watch.list()[0]?.text).toContain('“Garden tablet”');
    policy = { ...policy, devices: [device('tablet', 'Garden tablet', 'personal')] };
    expect(watch.list()).toEqual([]);
    await watch.lookAtAll();
    expect(changes).toBe(2);
  });

  it('counts by the setting’s day, across midnight and summer time', async () => {
    nowMs = MORNING_MS;
    await use('tablet', 'vpn', NIGHT_MS - HOUR_MS, 2);
    await use('tablet', 'vpn', NIGHT_MS, 2);
    expect(watch.list()).toEqual([]);
    await use('tablet', 'vpn', NIGHT_MS + 2 * MINUTE_MS, 1);
    expect(watch.list()).toMatchObject([{ since: NIGHT_MS, text: expect.stringContaining('on 6 July') }]);
  });

  it('is told through the next day, and then no more', async () => {
    await use('tablet', 'vpn', MORNING_MS, 5);
    nowMs = MORNING_MS + DAY_MS;
    expect(watch.list()).toHaveLength(1);
    nowMs = MORNING_MS + 2 * DAY_MS;
    expect(watch.list()).toEqual([]);
    await watch.lookAtAll();
    expect(changes).toBe(2);
  });

  it('is the same after a restart, by the store alone', async () => {
    await use('tablet', 'vpn', MORNING_MS, 7);
    await use('pc', 'web-proxies', MORNING_MS, 4);
    const before = watch.list();
    expect(before).toHaveLength(2);
    await store.close();
    store = await openStore({ stateDir: folder });
    watch = startWatch();
    expect(watch.list()).toEqual([]);
    await watch.lookAtAll();
    expect(watch.list()).toEqual(before);
  });

  it('fits the health report at the longest ids and names, for more devices than are told of', async () => {
    const many = Array.from({ length: 60 }, (_, at) => device(`${'d'.repeat(60)}-${at}`, 'n'.repeat(80)));
    policy = { ...policy, devices: many };
    for (const { id } of many) await use(id, 'cloudflare-warp', MORNING_MS, 3);
    expect(watch.list()).toHaveLength(50);
    expect(() => Health.shape.alerts.parse(watch.list())).not.toThrow();
  });
});

describe('what is told of', () => {
  it('is every way round the filter that somebody must have wanted, each with advice of its own', async () => {
    const ids = [...toldOf(catalogue).keys()];
    expect(ids).toEqual(['public-dns', 'vpn', 'browser-vpn', 'cloudflare-warp', 'circumvention', 'web-proxies', 'tor']);
    for (const id of ids) await use('tablet', id, MORNING_MS, 3);
    const texts = watch.list().map(({ text }) => text.slice(text.indexOf('The filter blocked this.')));
    expect(new Set(texts).size).toBe(ids.length);
    expect(texts.filter((text) => /\b[a-z0-9-]+\.(com|net|org)\b/.test(text))).toEqual([]);
  });
});
