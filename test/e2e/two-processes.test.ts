/** Box and dashboard as two processes: what each does when the other is killed, and what either of them keeps. */
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { alwaysOpenPolicy } from '../support/box-process.ts';
import { askTcp, askUdp, dataOf } from '../support/dns-client.ts';
import { missing, type NameServer, startNsd } from '../support/name-servers.ts';
import { startWholeSetting, type WholeSetting } from '../support/whole-setting.ts';

const absent = missing('nsd');
if (absent !== null) console.log(`test/e2e/two-processes: ${absent}`);

const officePc = { id: 'office-pc', name: 'Office PC', group: 'setting', addresses: ['127.0.0.1'], macs: [] };

describe.skipIf(absent !== null)('box and dashboard', () => {
  let setting: WholeSetting;
  let nsd: NameServer;

  async function start(
    policy: Readonly<Record<string, unknown>> = {},
    settings: Readonly<Record<string, unknown>> = {},
  ) {
    nsd = await startNsd();
    setting = await startWholeSetting({
      upstreams: [`udp://${nsd.address}:${nsd.port}`],
      settings: { policy: alwaysOpenPolicy({ devices: [officePc], ...policy }), ...settings },
    });
    await untilConnected();
    return setting;
  }

  /** The page tells that the box is heard. */
  const untilConnected = () =>
    vi.waitFor(async () => expect(await setting.manager.page('')).toContain('The gate is working'), {
      timeout: 45_000,
      interval: 250,
    });

  afterEach(async () => {
    await setting?.remove();
    await nsd?.remove();
  });

  const isBlocked = async (name: string) => dataOf(await askUdp(setting.box.server, name), 'A').length === 0;

  it('says on the grant’s page which protected list still blocks part of what was granted', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'stairgate-list-')), 'family.txt');
    writeFileSync(path, '||graph.facebook.com^\n');
    await start({}, { lists: [{ id: 'family', name: 'Family filter', path, protected: true }] });
    const page = await setting.manager.give({ target: 'device:office-pc', scope: 'service:facebook' });
    await vi.waitFor(async () => expect(await isBlocked('www.facebook.com')).toBe(false));
    // The list is compiled beside the start, which does not wait for it.
    await vi.waitFor(async () => expect(await isBlocked('graph.facebook.com')).toBe(true), {
      timeout: 20_000,
      interval: 100,
    });
    await vi.waitFor(
      async () => {
        const text = await setting.manager.page(page);
        expect(text).toContain('Family filter');
        expect(text).toContain('Facebook');
      },
      { timeout: 20_000, interval: 250 },
    );
  });

  it('neither loses nor revives a grant, nor counts use twice, when both are killed twenty times', async () => {
    await start();
    const page = await setting.manager.give({ target: 'device:office-pc', scope: 'service:tiktok' });
    expect(await isBlocked('www.tiktok.com')).toBe(false);
    const ended = await setting.manager.give({ target: 'device:office-pc', scope: 'service:snapchat' });
    await setting.manager.post(`${ended}/end`, { back: 'grant' });
    expect(await isBlocked('www.snapchat.com')).toBe(true);

    let asked = 0;
    for (let round = 0; round < 20; round++) {
      // What was asked since the last flush dies with a killed box; so this counts on what a stop has flushed.
      for (let i = 0; i < 5; i++) if (await isBlocked('www.pinterest.com')) asked++;
      if (round % 2 === 1) {
        await setting.box.stop();
        await setting.box.start();
      } else {
        await setting.dashboard.stop('SIGKILL');
        await setting.dashboard.start();
      }
      expect(await isBlocked('www.tiktok.com')).toBe(false);
      expect(await isBlocked('www.snapchat.com')).toBe(true);
      expect(await isBlocked('www.instagram.com')).toBe(true);
    }
    for (let round = 0; round < 20; round++) {
      await setting.box.kill();
      await setting.box.start();
      expect(await isBlocked('www.tiktok.com')).toBe(false);
      expect(await isBlocked('www.snapchat.com')).toBe(true);
    }
    await setting.box.stop();
    await setting.box.start();
    await untilConnected();
    expect(await setting.manager.page(page)).toContain('In force on the box');
    await vi.waitFor(async () => expect(await setting.manager.page('usage')).toContain('Pinterest'), {
      timeout: 30_000,
      interval: 500,
    });
    await setting.dashboard.stop();
    expect(asked).toBe(100);
    expect(countedUses(setting.dashboard.folder, 'pinterest')).toBe(asked);
  }, 240_000);

  it('keeps no allowed name, no query and no guest’s identity in any file of either', async () => {
    const guest = '127.0.0.77';
    await start({
      groups: [
        { id: 'setting', name: 'Setting devices', kind: 'setting' },
        { id: 'guest', name: 'Guests', kind: 'guest' },
      ],
      networks: [
        { name: 'Loopback', range: '127.0.0.0/8', group: 'setting' },
        { name: 'Guests', range: '127.0.0.64/26', group: 'guest' },
      ],
    });
    const secrets = ['zebra-allowed-one', 'zebra-allowed-two', 'zebra-guest', 'zebra-under-social'];
    for (const ask of [askUdp, askTcp]) {
      await ask(setting.box.server, 'zebra-allowed-one.example.org');
      await ask(setting.box.server, 'www.zebra-allowed-two.example');
      await ask(setting.box.server, 'zebra-under-social.facebook.com');
      await ask(setting.box.server, 'www.facebook.com');
      await ask(setting.box.server, 'zebra-guest.example.net', { from: guest });
      await ask(setting.box.server, 'zebra-guest.instagram.com', { from: guest });
    }
    await vi.waitFor(async () => expect(await setting.manager.page('usage')).toContain('Facebook'), {
      timeout: 30_000,
      interval: 500,
    });
    await setting.manager.page('record');
    await setting.box.stop();
    await setting.dashboard.stop();

    const written = [
      ...filesBelow(setting.box.stateDir).map((path) => [path, readFileSync(path)] as const),
      ...filesBelow(setting.dashboard.folder).map((path) => [path, readFileSync(path)] as const),
      ['the box’s output', Buffer.from(setting.box.stdout + setting.box.stderr)] as const,
      ['the dashboard’s output', Buffer.from(setting.dashboard.output)] as const,
    ];
    // The check can fail: what should be stored is found.
    expect(written.some(([, bytes]) => bytes.includes('facebook'))).toBe(true);
    expect(written.filter(([path]) => path.endsWith('.sqlite')).length).toBeGreaterThanOrEqual(3);
    const found = written.flatMap(([path, bytes]) =>
      [...secrets, guest].filter((secret) => bytes.includes(secret)).map((secret) => `${secret} in ${path}`),
    );
    expect(found).toEqual([]);
  });
});

/** From the setting's own database, as the Durable Object left it. */
function countedUses(folder: string, service: string): number {
  for (const path of filesBelow(folder).filter((name) => name.endsWith('.sqlite'))) {
    const database = new Database(path, { readonly: true });
    try {
      const isSettings = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'usage_hours'").get();
      if (isSettings === undefined) continue;
      const row = database.prepare('SELECT sum(count) AS uses FROM usage_hours WHERE service = ?').get(service);
      return (row as { uses: number | null }).uses ?? 0;
    } finally {
      database.close();
    }
  }
  throw new Error('no database below the folder has the table usage_hours');
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
