/**
 * What a manager chooses for a group on the dashboard, as its devices meet it: over a real socket of a real box, in the
 * moments after it is saved, and when it is taken back.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { alwaysOpenPolicy } from '../support/box-process.ts';
import { startTestUpstream, type TestUpstream } from '../support/test-upstream.ts';
import { startWholeSetting, type WholeSetting } from '../support/whole-setting.ts';

const [NURSERY, GUEST] = ['127.0.0.41', '127.0.43.7'];
const FACEBOOK = 'www.facebook.com';
const LINKEDIN = 'www.linkedin.com';

const policy = alwaysOpenPolicy({
  networks: [
    { name: 'Nursery', range: '127.0.0.0/24', group: 'setting' },
    { name: 'Guests', range: '127.0.43.0/24', group: 'guest' },
  ],
});

describe('what is chosen for a group', () => {
  let upstream: TestUpstream;
  let whole: WholeSetting;

  beforeAll(async () => {
    upstream = await startTestUpstream(({ name, type }) =>
      type === 'A' ? [{ type: 'A', name, ttl: 60, data: '192.0.2.1' }] : [],
    );
    whole = await startWholeSetting({ upstreams: [upstream.url], settings: { policy } });
    // Until the first box has said what it has, the dashboard has networks of its own to show.
    await vi.waitFor(async () => expect(await whole.manager.page('networks')).toContain('127.0.43.0/24'), 10_000);
  });
  afterAll(async () => {
    await whole?.remove();
    await upstream?.close();
  });

  /** Of the nursery's devices and of guests', what becomes of the two names. */
  const reached = async () => {
    const rcode = async (name: string, from: string) => (await whole.box.ask(name, { from })).rcode;
    return {
      nursery: [await rcode(FACEBOOK, NURSERY), await rcode(LINKEDIN, NURSERY)],
      guests: [await rcode(FACEBOOK, GUEST), await rcode(LINKEDIN, GUEST)],
    };
  };
  const eventually = (expected: Awaited<ReturnType<typeof reached>>) =>
    vi.waitFor(async () => expect(await reached()).toEqual(expected), { timeout: 10_000, interval: 50 });

  const OPEN = 'NOERROR';
  const BLOCKED = 'NXDOMAIN';
  const asUsual = { nursery: [BLOCKED, BLOCKED], guests: [OPEN, OPEN] };

  it('is nothing but the usual until something is chosen', async () => {
    expect(await reached()).toEqual(asUsual);
  });

  it('opens one service of a kind that stays blocked, for that group alone', async () => {
    await save('setting', { another: 'facebook', anotherWhen: 'never' });
    await eventually({ ...asUsual, nursery: [OPEN, BLOCKED] });
  });

  it('blocks a kind for guests, whose answers of before are in every cache', async () => {
    await save('guest', { 'category-social-networking': 'always' });
    await eventually({ nursery: [OPEN, BLOCKED], guests: [BLOCKED, BLOCKED] });
  });

  it('is as it was once the last change is taken back, and the one before stays', async () => {
    const version = versionIn(await whole.manager.page('policy/last-change'));
    const undone = await whole.manager.post('policy/last-change', { version });
    expect(undone.headers.get('location')).toBe('/policy/last-change?done=change-undone');
    await eventually({ ...asUsual, nursery: [OPEN, BLOCKED] });
  });

  /** The form as it stands, with that changed: looked at first, then saved. */
  async function save(group: string, change: Readonly<Record<string, string>>): Promise<void> {
    const { manager } = whole;
    const path = `groups/${group}/rules`;
    const page = await manager.page(path);
    const fields = [...page.matchAll(/<select id="([^"]+)"/g)].map(([, name = '']): [string, string] => [name, '']);
    const form = { ...Object.fromEntries(fields), ...change, version: versionIn(page) };
    const before = await reached();
    expect((await manager.post(path, form)).status).toBe(200);
    expect(await reached()).toEqual(before);
    const saved = await manager.post(path, { ...form, step: 'save' });
    expect([saved.status, saved.headers.get('location')]).toEqual([303, '/devices?done=group-rules-saved']);
  }
});

function versionIn(page: string): string {
  return /name="version" value="(\d+)"/.exec(page)?.[1] ?? '';
}
