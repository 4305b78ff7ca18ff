/**
 * What a box keeps of what it saw (PRODUCT.md, "Privacy is a feature"): after known names from known devices, every file
 * of its state folder, its output, /metrics and /healthz are searched for them; and what should be kept is there, once.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openStore } from '../../../filter-agent/control/usage-store.ts';
import type { UsageRow } from '../../../policy-rules/agent-protocol.ts';
import type { Grant } from '../../../policy-rules/grants.ts';
import { alwaysOpenPolicy, type BoxProcess, prepareBox } from '../../support/box-process.ts';
import { startTestUpstream, type TestUpstream } from '../../support/test-upstream.ts';

const ADDRESS = {
  named: '127.0.0.41',
  unnamed: '127.0.0.42',
  guest: '127.0.43.77',
  phone: '127.0.0.44',
  stranger: '127.9.45.99',
};
const MAC = { named: '02:5a:6e:71:00:41', phone: '02:5a:6e:71:00:44' };
const HOUR_MS = 3_600_000;

const policy = alwaysOpenPolicy({
  groups: [
    { id: 'setting', name: 'Setting devices', kind: 'setting' },
    { id: 'guest', name: 'Guests', kind: 'guest' },
    { id: 'own', name: 'Staff’s own devices', kind: 'personal', categories: { 'video-sharing': 'always' } },
  ],
  networks: [
    { name: 'Setting', range: '127.0.0.0/24', group: 'setting' },
    { name: 'Guests', range: '127.0.43.0/24', group: 'guest' },
  ],
  devices: [
    { id: 'tablet-7', name: 'Toddler tablet', group: 'setting', addresses: [ADDRESS.named], macs: [MAC.named] },
    { id: 'phone-of-kim', name: 'Kimberley phone', group: 'own', addresses: [ADDRESS.phone], macs: [MAC.phone] },
  ],
});

const grant: Grant = {
  id: '5d0a7a3e-0f57-4c6c-9a55-0f0f5a3d7c02',
  target: { device: 'tablet-7' },
  scope: { service: 'instagram' },
  from: Date.now() - HOUR_MS,
  until: Date.now() + HOUR_MS,
  purpose: 'official',
  mode: 'written',
  reason: 'reply to a parent',
  askedBy: 'Sam',
  grantedBy: 'Tracey',
  grantedAt: Date.now() - HOUR_MS,
};

/** Labels that nothing but a query of this test can bring into a file. */
const marks = ['qzallowed', 'qzblocked', 'qzgranted', 'qzchain', 'qzrefused', 'qzsearch', 'qzbroken', 'qzwhy', 'qzodd'];

describe('a box that has been used', () => {
  let upstream: TestUpstream;
  let box: BoxProcess;
  let rows: UsageRow[] = [];
  let pages = '';
  let running: [string, Buffer][] = [];

  beforeAll(async () => {
    upstream = await startTestUpstream(({ name, type }) => {
      if (name.startsWith('qzbroken')) return 2;
      if (name.startsWith('qzchain')) return [{ type: 'CNAME', name, ttl: 60, data: 'qzchain.www.tiktok.com' }];
      return type === 'A' ? [{ type: 'A', name, ttl: 60, data: '192.0.2.1' }] : [];
    });
    box = await prepareBox({ upstreams: [upstream.url], settings: { policy } });
    const seeded = await openStore({ stateDir: box.stateDir });
    await seeded.saveGrants({ version: 1, grants: [grant] });
    await seeded.saveDeviceViews('a-setting', { since: 0, toldAt: Date.now(), reportingSince: 0, views: [] });
    await seeded.close();
    await box.start();
    await use();
    pages = (await box.get('/metrics')) + (await box.get('/healthz'));
    await fetch(`http://${box.site.address}:${box.site.port}/?name=qzwhy.example.org`);
    await fetch(`http://${box.site.address}:${box.site.port}/qzwhy?name=qzwhy.example.org`);
    // While it runs, SQLite's write-ahead log holds what the database will.
    await vi.waitFor(() => expect(readFileSync(join(box.stateDir, 'box.sqlite-wal')).includes('tablet-7')).toBe(true), {
      timeout: 20_000,
      interval: 100,
    });
    running = stateFiles().map(([name, bytes]) => [`${name} of the running box`, bytes]);
    await box.stop();
    const store = await openStore({ stateDir: box.stateDir });
    for (const device of ['tablet-7', '', 'phone-of-kim']) rows = rows.concat(await store.usageOfDevice(device, 0));
    await store.close();
  });
  afterAll(async () => {
    await box?.remove();
    await upstream?.close();
  });

  async function use(): Promise<void> {
    const from = ADDRESS;
    for (const [client, kind] of [
      [from.named, 'named'],
      [from.unnamed, 'unnamed'],
      [from.guest, 'guest'],
      [from.phone, 'phone'],
    ] as const) {
      for (const name of ['qzallowed', 'qzodd._tcp', 'qzbroken'])
        await box.ask(`${name}.${kind}.example.org`, { from: client });
      await box.ask(`qzblocked.${kind}.www.tiktok.com`, { from: client });
      await box.ask(`qzchain.${kind}.example.org`, { from: client });
      await box.askTcp(`qzallowed.tcp.${kind}.example.org`, { from: client });
      await box.ask(`qzsearch.${kind}.youtube.com`, { from: client });
    }
    await box.ask('qzgranted.www.instagram.com', { from: from.named });
    await box.ask('qzgranted.www.instagram.com', { from: from.named });
    await box.ask('qzrefused.example.org', { from: from.stranger });
  }

  function stateFiles(): [string, Buffer][] {
    const files = readdirSync(box.stateDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return files.map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name))]);
  }

  /** Every octet that it left: the state folder with SQLite's log and shared memory, and all output. */
  function everything(): Map<string, Buffer> {
    return new Map([
      ...running,
      ...stateFiles(),
      ['stdout', Buffer.from(box.stdout)],
      ['stderr', Buffer.from(box.stderr)],
      ['/metrics and /healthz', Buffer.from(pages)],
    ]);
  }

  function found(wanted: readonly string[]): string[] {
    return [...everything()].flatMap(([where, bytes]) => {
      const text = bytes.toString('latin1').toLowerCase();
      return wanted.filter((word) => text.includes(word.toLowerCase())).map((word) => `${word} in ${where}`);
    });
  }

  it('has asked upstream for the names, so that they were there to be kept', () => {
    expect(upstream.asked.filter(({ name }) => name.startsWith('qzallowed')).length).toBe(8);
    expect([...everything().keys()]).toEqual(
      expect.arrayContaining(['box.sqlite-wal of the running box', 'box.sqlite', 'grants.json']),
    );
  });

  it('has kept no name that was asked for: neither open, blocked, granted, failed nor looked up on its page', () => {
    expect(found(marks)).toEqual([]);
    // As labels stand in a packet, too.
    expect(found(marks.map((mark) => `${String.fromCharCode(mark.length)}${mark}`))).toEqual([]);
  });

  it('has kept no address, and nothing of guests, strangers and staff’s own devices', () => {
    expect(found([...Object.values(ADDRESS), ...Object.values(MAC)])).toEqual([]);
    expect(found(['phone-of-kim', 'kimberley'])).toEqual([]);
    const octets = [ADDRESS.guest, ADDRESS.phone, ADDRESS.stranger].map((address) =>
      Buffer.from(address.split('.').map(Number)).toString('latin1'),
    );
    expect(found(octets)).toEqual([]);
  });

  it('has counted blocked and granted services of the named device by its id, and of unnamed ones together', () => {
    const counts = rows.map(
      ({ device, service, verdict, count }) => `${device || '(together)'} ${service} ${verdict} ${count}`,
    );
    // Two look-ups of TikTok each: by its own name, and at the end of a chain.
    expect(counts.sort()).toEqual([
      '(together) tiktok blocked 2',
      '(together) youtube blocked 1',
      'tablet-7 instagram granted 2',
      'tablet-7 tiktok blocked 2',
      'tablet-7 youtube blocked 1',
    ]);
  });
});

describe('a box whose people have not been told', () => {
  let upstream: TestUpstream;
  let box: BoxProcess;
  beforeAll(async () => {
    upstream = await startTestUpstream();
    box = await prepareBox({ upstreams: [upstream.url], settings: { policy } });
    await box.start();
  });
  afterAll(async () => {
    await box?.remove();
    await upstream?.close();
  });

  it('filters as any other, counts its devices together, and keeps of one only that it tried to go round', async () => {
    for (const name of ['www.tiktok.com', 'api.nordvpn.com']) {
      expect((await box.ask(name, { from: ADDRESS.named })).rcode).toBe('NXDOMAIN');
    }
    expect(JSON.parse(await box.get('/healthz'))).toMatchObject({ reportingSince: null });
    await box.stop();
    const store = await openStore({ stateDir: box.stateDir });
    const services = async (device: string) => (await store.usageOfDevice(device, 0)).map(({ service }) => service);
    expect(await services('tablet-7')).toEqual(['vpn']);
    expect(await services('')).toEqual(['tiktok']);
    await store.close();
    const files = readdirSync(box.stateDir).map((name) => readFileSync(join(box.stateDir, name), 'latin1'));
    expect(files.some((text) => text.includes('tablet-7vpn'))).toBe(true);
    expect(files.some((text) => text.includes('tablet-7tiktok'))).toBe(false);
  });
});
