/**
 * What a device without a name may reach, on the wire: as its network's group says, until somebody names it and again when
 * the name is gone. A real box, a real dashboard, and clients at addresses of their own on loopback.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { alwaysOpenPolicy } from '../support/box-process.ts';
import { startTestUpstream, type TestUpstream } from '../support/test-upstream.ts';
import { startWholeSetting, type WholeSetting } from '../support/whole-setting.ts';

const SOCIAL = 'www.facebook.com';
const [TABLET, OTHER, GUEST, STRANGER] = ['127.0.0.41', '127.0.0.42', '127.0.43.7', '127.9.9.9'];

const policy = alwaysOpenPolicy({
  groups: [
    { id: 'setting', name: 'Setting devices', kind: 'setting' },
    { id: 'office', name: 'Office', kind: 'setting', categories: { 'social-networking': 'never' } },
    { id: 'guest', name: 'Guests', kind: 'guest' },
  ],
  networks: [
    { name: 'Nursery', range: '127.0.0.0/24', group: 'setting' },
    { name: 'Guests', range: '127.0.43.0/24', group: 'guest' },
  ],
});

describe('a device without a name', () => {
  let upstream: TestUpstream;
  let whole: WholeSetting;

  beforeAll(async () => {
    upstream = await startTestUpstream(({ name, type }) =>
      type === 'A' ? [{ type: 'A', name, ttl: 60, data: '192.0.2.1' }] : [],
    );
    whole = await startWholeSetting({ upstreams: [upstream.url], settings: { policy } });
  });
  afterAll(async () => {
    await whole?.remove();
    await upstream?.close();
  });

  const rcode = async (from: string) => (await whole.box.ask(SOCIAL, { from })).rcode;
  const eventuallyAnswers = (from: string, code: string) =>
    vi.waitFor(async () => expect(await rcode(from)).toBe(code), { timeout: 10_000, interval: 50 });

  it('is filtered as its network’s group: strictly on the setting’s own, as a guest on the guests’', async () => {
    expect({
      setting: await rcode(TABLET),
      guest: await rcode(GUEST),
      elsewhere: await rcode(STRANGER),
    }).toEqual({ setting: 'NXDOMAIN', guest: 'NOERROR', elsewhere: 'REFUSED' });
  });

  it('has the rules of its own group from the moment it is named, and of its network’s when the name has gone', async () => {
    const { manager } = whole;
    const version = /name="version" value="(\d+)"/.exec(await manager.page('devices/new'))?.[1] ?? '';
    const form = { name: 'Tablet', group: 'office', addresses: TABLET, macs: '', user: 'shared', userName: '' };
    const saved = await manager.post('devices', { ...form, version, step: 'save' });
    expect([saved.status, saved.headers.get('location')]).toEqual([303, '/devices?done=device-saved']);
    await eventuallyAnswers(TABLET, 'NOERROR');
    expect(await rcode(OTHER)).toBe('NXDOMAIN');
    expect((await manager.post('devices/tablet/remove', { step: 'save' })).status).toBe(303);
    await eventuallyAnswers(TABLET, 'NXDOMAIN');
  });

  it('is looked for on the box by whoever opens the page: loopback has no neighbours', async () => {
    expect(await whole.manager.page('unnamed-devices')).toContain('has a name');
  });
});
