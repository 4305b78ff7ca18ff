/** Open pages are told that there is news, and nothing else, and only pages of their own setting. In workerd, with a box. */
import { runInDurableObject } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { settingOf } from '../../dashboard-worker/accounts/directory.ts';
import type { GrantWish } from '../../dashboard-worker/setting/grants.ts';
import type { Setting } from '../../dashboard-worker/setting/setting.ts';
import {
  applyMigrations,
  Box,
  Browser,
  bindings,
  colleague,
  eventually,
  ORIGIN,
  otherSetting,
  request,
  setUpAndSignIn,
} from './worker-fixtures.ts';

const actor = { id: 'user-1', name: 'Tracey Field' };
const facebook: GrantWish = {
  targets: [{ device: 'office-pc' }],
  scope: { service: 'facebook' },
  until: { minutes: 30 },
  purpose: 'personal',
  mode: 'verbal',
  reason: 'Reply to a parent on our page',
  askedBy: 'Jo',
};

/** The end of the socket that a page holds. */
class OpenPage {
  readonly heard: string[] = [];
  closeCode: number | null = null;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.accept();
    socket.addEventListener('message', ({ data }) => void this.heard.push(String(data)));
    socket.addEventListener('close', ({ code }) => {
      this.closeCode = code;
    });
  }

  say(text: string): void {
    this.#socket.send(text);
  }

  /** That there is news, once or more often. */
  async hearsAfter(act: () => Promise<unknown> | unknown): Promise<void> {
    this.heard.length = 0;
    await act();
    await eventually(
      async () => this.heard.length,
      (count) => count > 0,
    );
    expect(new Set(this.heard)).toEqual(new Set(['news']));
  }

  async closed(): Promise<number | null> {
    return await eventually(
      async () => this.closeCode,
      (code) => code !== null,
    );
  }
}

function upgrade(browser: Browser | null, headers: Record<string, string> = {}): Promise<Response> {
  const cookie = browser === null ? '' : browser.cookies();
  return request('/live', { headers: { cookie, origin: ORIGIN, upgrade: 'websocket', ...headers } });
}

async function openPage(browser: Browser): Promise<OpenPage> {
  const { status, webSocket } = await upgrade(browser);
  if (webSocket === null) throw new Error(`the upgrade was answered ${status}`);
  return new OpenPage(webSocket);
}

let manager: Browser;
let box: Box;
let settingId: string;

beforeAll(async () => {
  await applyMigrations();
  box = await Box.connected();
  settingId = box.identity.settingId;
  manager = await setUpAndSignIn();
});

describe('the socket of an open page', () => {
  it('is for pages of this dashboard, with a session and a role that sees Now', async () => {
    expect((await upgrade(null)).status).toBe(303);
    expect((await upgrade(manager, { origin: 'https://elsewhere.example' })).status).toBe(403);
    expect((await upgrade(manager, { origin: '' })).status).toBe(403);
    expect((await upgrade(manager, { upgrade: '' })).status).toBe(426);
    expect((await upgrade(await colleague('committee', settingId))).status).toBe(403);
    expect((await upgrade(await colleague('dsl', settingId))).status).toBe(101);
  });

  it('tells of everything that Now shows: requests, permissions, the box', async () => {
    const page = await openPage(manager);
    const remote = settingOf(bindings, settingId);
    const asked = { scope: { service: 'instagram' }, minutes: 10, reason: '', askedBy: 'Sam', askedAt: Date.now() };
    const ask = (id = crypto.randomUUID()) => {
      box.send({ type: 'request', request: { id, device: 'office-pc', ...asked } });
      return id;
    };
    let waiting = '';
    await page.hearsAfter(() => {
      waiting = ask();
    });
    await page.hearsAfter(() => remote.answerRequest(waiting, { refuse: 'Later' }, actor));
    box.acknowledges = false;
    await page.hearsAfter(async () => expect(await remote.giveGrant(facebook, actor)).toMatchObject({ ok: true }));
    // The box says by itself, after the page of the permission has been shown with "sending".
    const { version, grants } = await box.readGrants(await lastGrants());
    await page.hearsAfter(() => box.send({ type: 'grants-ack', version, inForceAt: Date.now() }));
    box.acknowledges = true;
    const [grant] = grants;
    await page.hearsAfter(() => remote.extendGrant(grant!.id, { minutes: 10 }, grant!.until, actor));
    await page.hearsAfter(() => remote.endGrant(grant!.id, actor));
    await page.hearsAfter(() => remote.changePolicy({ kind: 'rename', settingName: 'Another name' }, actor));
    const alerts = [{ code: 'disk', text: 'The disk is nearly full.', since: Date.now() }];
    await page.hearsAfter(() => box.send(box.health({ alerts })));
    await page.hearsAfter(() => box.send({ type: 'refusal', of: 'policy', version: 9, reason: 'no' }));
    await page.hearsAfter(() => box.disconnect());
    await page.hearsAfter(() => box.connect());
  });

  it('hears nothing of another setting', async () => {
    const page = await openPage(manager);
    const { remote } = await otherSetting();
    await remote.removeBox(actor);
    box.send({ type: 'refusal', of: 'policy', version: 9, reason: 'no' });
    await eventually(
      async () => page.heard.length,
      (count) => count > 0,
    );
    // What was told before its own news would have been heard before it.
    expect(page.heard).toEqual(['news']);
  });

  it('is closed when the page speaks, and when a 65th is opened: the one that was open the longest', async () => {
    const talker = await openPage(manager);
    talker.say('hello');
    expect(await talker.closed()).toBe(1008);
    const pages: OpenPage[] = [];
    for (let count = 0; count < 65; count += 1) pages.push(await openPage(manager));
    expect(await pages[0]!.closed()).toBe(1013);
    expect(pages.filter(({ closeCode }) => closeCode !== null)).toHaveLength(1);
    // The line of the box is another one.
    expect(box.closeCode).toBeNull();
  });

  it.each<[string, (them: Browser, id: string) => Promise<Response>, number]>([
    [
      'they change the password',
      (them) =>
        them.post('/account/password', { currentPassword: 'another three words', newPassword: 'another four words' }),
      101,
    ],
    ['they sign out', (them) => them.post('/sign-out', {}), 303],
    ['they are given a smaller role', (_, id) => manager.post(`/people/${id}/role`, { role: 'committee' }), 403],
    ['they are removed', (_, id) => manager.post(`/people/${id}/remove`, {}), 303],
    ['their second factor is reset', (_, id) => manager.post(`/people/${id}/second-factor`, {}), 303],
  ])('ends with the session or the role, and comes back for nobody else: %s', async (_, act, afterwards) => {
    const them = await colleague('deputy', settingId);
    const elsewhere = new Browser();
    await elsewhere.signIn(await emailOf(them), 'another three words');
    const id = await idOf(them);
    const [theirs, others] = [[await openPage(them), await openPage(elsewhere)], await openPage(manager)];
    expect([201, 303]).toContain((await act(them, id)).status);
    for (const page of theirs) expect(await page.closed()).toBe(1008);
    expect((await upgrade(them)).status).toBe(afterwards);
    // The sockets of everybody else stay, and hear.
    expect(others.closeCode).toBeNull();
    await others.hearsAfter(() => box.send(box.health({ alerts: [{ code: _, text: _, since: Date.now() }] })));
    for (const page of theirs) expect(page.heard).not.toContain('news');
  });

  it('ends where that session was ended from another device, and where all others were', async () => {
    for (const path of ['/account/sessions/end', '/account/sessions/end-others']) {
      const them = await colleague('deputy', settingId);
      const lost = new Browser();
      await lost.signIn(await emailOf(them), 'another three words');
      const page = await openPage(lost);
      const session = /name="session" value="([^"]+)"/.exec(await them.page('/account'))?.[1] ?? '';
      expect((await them.post(path, { session })).status).toBe(303);
      expect(await page.closed()).toBe(1008);
      expect((await upgrade(lost)).status).toBe(303);
      expect((await upgrade(them)).status).toBe(101);
    }
  });

  it('hears nothing any more a day after its session began, also where it was never closed', async () => {
    const page = await openPage(manager);
    const stub = bindings.SETTING.get(bindings.SETTING.idFromName(settingId));
    await runInDurableObject(stub, (_: Setting, state) => {
      for (const socket of state.getWebSockets('page'))
        socket.serializeAttachment({ openedAt: 0, untilMs: Date.now() });
    });
    box.send(box.health({ alerts: [{ code: 'disk', text: 'Nearly full.', since: Date.now() }] }));
    expect(await page.closed()).toBe(1008);
    expect(page.heard).toEqual([]);
  });

  it('does not count as use, so that a page that stands open does not keep its session', async () => {
    const day = 24 * 60 * 60_000;
    const ends = new Date(Date.now() + day / 4).toISOString();
    const lookUp = 'SELECT DISTINCT expiresAt FROM session WHERE userId IN (SELECT id FROM user WHERE email = ?)';
    const email = 'tracey@nursery.example';
    await bindings.ACCOUNTS.prepare('UPDATE session SET expiresAt = ?').bind(ends).run();
    expect((await upgrade(manager)).status).toBe(101);
    expect(await bindings.ACCOUNTS.prepare(lookUp).bind(email).all()).toMatchObject({ results: [{ expiresAt: ends }] });
    await manager.page('/');
    const { results } = await bindings.ACCOUNTS.prepare(lookUp).bind(email).all<{ expiresAt: string }>();
    expect(results.some(({ expiresAt }) => expiresAt > ends)).toBe(true);
  });
});

async function lastGrants() {
  await eventually(
    async () => box.received.filter(({ type }) => type === 'grants').length,
    (count) => count > 0,
  );
  const message = box.received.findLast((one) => one.type === 'grants');
  if (message === undefined) throw new Error('the box was sent no grants');
  return message;
}

async function emailOf(them: Browser): Promise<string> {
  return /<dd>([^<]+@[^<]+)<\/dd>/.exec(await them.page('/account'))?.[1] ?? '';
}

async function idOf(them: Browser): Promise<string> {
  const query = bindings.ACCOUNTS.prepare('SELECT id FROM user WHERE email = ?').bind(await emailOf(them));
  return (await query.first<string>('id')) ?? '';
}
