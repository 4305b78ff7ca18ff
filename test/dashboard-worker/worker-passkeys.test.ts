/** Passkeys in workerd, with a device in software that can answer what no browser would. */
import { beforeAll, describe, expect, it } from 'vitest';
import { app } from '../../dashboard-worker/app.ts';
import { Authenticator } from '../support/authenticator.ts';
import {
  applyMigrations,
  Browser,
  bindings,
  colleague,
  hostRequest,
  manager,
  setUpAndSignIn,
} from './worker-fixtures.ts';

const LOCALHOST = 'http://localhost:8080';

let browser: Browser;
let device: Authenticator;

beforeAll(async () => {
  await applyMigrations();
  await hostRequest('/host/start');
  // The app is set up where everybody sets it up; from there on the same cookies are sent to localhost.
  browser = await setUpAndSignIn();
  browser.origin = LOCALHOST;
  device = await Authenticator.at(LOCALHOST);
});

describe('a passkey', () => {
  it('is not added by a device that did not check who uses it', async () => {
    const answer = device.create(await challengeToAdd(), { userVerified: false });
    expect(await add(answer)).toBe('/account?done=passkey-not-added');
    expect(await rows()).toEqual([]);
  });

  it('is added by one that did, and stands on the account page and in the record', async () => {
    const answer = device.create(await challengeToAdd(), { userVerified: true });
    expect(await add(answer)).toBe('/account?done=passkey-added');
    expect(await browser.page('/account')).toContain('My phone &lt;b&gt;');
    expect(await browser.page('/record')).toContain('Tracey Field added a passkey, “My phone &lt;b&gt;”');
    // The same answer a second time is to no challenge.
    expect(await add(answer)).toBe('/account?done=passkey-not-added');
    expect(await rows()).toHaveLength(1);
  });

  it('is not added from a session alone, as whoever finds a tablet unlocked has one: the password is asked for', async () => {
    const stolen = await Authenticator.at(LOCALHOST);
    const before = await rows();
    const wrong = await browser.post('/account/passkeys/options', { passkeyPassword: 'not the password' });
    expect([wrong.status, await wrong.json()]).toEqual([422, { problem: 'That is not your password.' }]);
    expect(wrong.headers.getSetCookie().join()).not.toContain('passkey');
    // Also with a challenge that its owner has asked for in the same browser, and left unanswered.
    const answer = stolen.create(await challengeToAdd(), { userVerified: true });
    const fields = { passkeyName: 'Mine now', response: JSON.stringify(answer) };
    expect((await browser.post('/account/passkeys', fields)).status).toBe(400);
    const refused = await browser.post('/account/passkeys', { ...fields, passkeyPassword: 'not the password' });
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain('id="passkeyPassword-error"');
    // Nor with a challenge to sign in, which anybody is given.
    const { challenge } = await optionsToSignIn(browser);
    expect(await add(stolen.create(challenge, { userVerified: true }))).toBe('/account?done=passkey-not-added');
    expect(await rows()).toEqual(before);
    const visitor = aVisitor();
    await isRefused(visitor, await stolen.get((await optionsToSignIn(visitor)).challenge, { userVerified: true }));
  });

  it('has its password looked at five times in a quarter of an hour, and then not even the right one', async () => {
    await bindings.ACCOUNTS.exec('DELETE FROM failures');
    const ask = (passkeyPassword: string) => browser.post('/account/passkeys/options', { passkeyPassword });
    const answers = await Promise.all(Array.from({ length: 7 }, () => ask('a wrong password')));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([422, 422, 422, 422, 422, 429, 429]);
    const slow = await ask(manager.password);
    expect([slow.status, Object.keys((await slow.json()) as object)]).toEqual([429, ['problem']]);
    await bindings.ACCOUNTS.exec('DELETE FROM failures');
  });

  it('that was not taken is not on the record either', async () => {
    const added = async () => (await browser.page('/record')).split('added a passkey').length - 1;
    const before = await added();
    const answer = device.create(await challengeToAdd(), { userVerified: false });
    expect(await add(answer)).toBe('/account?done=passkey-not-added');
    expect(await added()).toBe(before);
    const { results } = await bindings.ACCOUNTS.prepare('SELECT * FROM record_outbox').all();
    expect(results).toEqual([]);
  });

  it('says at which host name it works, and which of another one are of no use here', async () => {
    expect(await browser.page('/account')).toContain('Those that you add here work at localhost only');
    expect(await browser.page('/account')).not.toContain('not here');
    await bindings.ACCOUNTS.exec("UPDATE passkey SET rp_id = 'old.nursery.example' WHERE rp_id = 'localhost'");
    expect(await browser.page('/account')).toContain('It works at old.nursery.example only, not here.');
    await bindings.ACCOUNTS.exec("UPDATE passkey SET rp_id = 'localhost'");
  });

  it('signs in with both factors at once', async () => {
    const visitor = aVisitor();
    const options = await optionsToSignIn(visitor);
    expect(options.userVerification).toBe('required');
    const response = await signIn(visitor, await device.get(options.challenge, { userVerified: true }), '/people');
    expect([response.status, response.headers.get('location')]).toEqual([303, '/people']);
    expect(await visitor.page('/people')).toContain('Halstead Nursery');
    expect(visitor.cookies()).toContain('stairgate-known');
    expect(await browser.page('/account')).toContain('Sign out there');
  });

  it('signs nobody in where the device did not check who uses it', async () => {
    const visitor = aVisitor();
    const answer = await device.get((await optionsToSignIn(visitor)).challenge, { userVerified: false });
    await isRefused(visitor, answer);
  });

  it('signs nobody in by an answer that was used, that is to another’s challenge, or that another site got', async () => {
    const visitor = aVisitor();
    const { challenge } = await optionsToSignIn(visitor);
    const answer = await device.get(challenge, { userVerified: true });
    expect((await signIn(visitor, answer)).headers.get('location')).toBe('/');
    const cookies = visitor.cookies();
    await visitor.post('/sign-out', {});
    const again = aVisitor();
    await isRefused(again, answer);
    expect(cookies).not.toBe(visitor.cookies());

    const other = aVisitor();
    await optionsToSignIn(other);
    await isRefused(other, await device.get(challenge, { userVerified: true }));

    const phished = aVisitor();
    const elsewhere = { userVerified: true, origin: 'https://stairgate.example' };
    await isRefused(phished, await device.get((await optionsToSignIn(phished)).challenge, elsewhere));

    const stranger = aVisitor();
    const unknown = await Authenticator.at(LOCALHOST);
    await isRefused(stranger, await unknown.get((await optionsToSignIn(stranger)).challenge, { userVerified: true }));
  });

  it('is not asked for by a form that makes no sense, nor from another site', async () => {
    const visitor = aVisitor();
    for (const response of ['', '[]', '{}', '{"id":1}', 'null', `{"id":"x","rawId":"x","type":"public-key"}`]) {
      expect((await visitor.post('/sign-in/passkey', { response, next: '' })).status).toBe(400);
    }
    expect((await visitor.post('/sign-in/passkey/options', {}, 'http://elsewhere.example')).status).toBe(403);
  });

  it('exists only where browsers know it: not at an address of numbers, nor unencrypted on the network', async () => {
    for (const [origin, words] of [
      ['http://127.0.0.1:8080', 'http://localhost:8080/'],
      ['http://192.168.1.2:8080', null],
    ] as const) {
      browser.origin = origin;
      expect((await browser.post('/account/passkeys/options', { passkeyPassword: 'x' })).status).toBe(404);
      expect((await browser.post('/sign-in/passkey/options', {})).status).toBe(404);
      const page = await browser.page('/account');
      expect(page).not.toContain('data-passkey');
      expect(await browser.page('/sign-in')).not.toContain('data-passkey');
      if (words !== null) expect(page).toContain(words);
      // Those that are there can be removed anywhere.
      expect(page).toContain('name="passkey"');
    }
    browser.origin = LOCALHOST;
    expect(await browser.page('/sign-in')).toContain('data-passkey="get"');
  });

  it('is removed by its owner and nobody else, and then signs nobody in', async () => {
    const [{ id }] = (await rows()) as [{ id: string }];
    const deputy = await colleague('deputy', await browser.setting());
    await deputy.post('/account/passkeys/remove', { passkey: id });
    expect(await rows()).toHaveLength(1);
    const removed = await browser.post('/account/passkeys/remove', { passkey: id });
    expect(removed.headers.get('location')).toBe('/account?done=passkey-removed');
    expect(await rows()).toEqual([]);
    expect(await browser.page('/record')).toContain('Tracey Field removed a passkey, “My phone &lt;b&gt;”');
    const visitor = aVisitor();
    await isRefused(visitor, await device.get((await optionsToSignIn(visitor)).challenge, { userVerified: true }));
  });

  it('goes with the rest of the second factor when a manager resets that', async () => {
    await add((await Authenticator.at(LOCALHOST)).create(await challengeToAdd(), { userVerified: true }));
    expect(await rows()).toHaveLength(1);
    const other = await colleague('manager', await browser.setting());
    const id = await bindings.ACCOUNTS.prepare('SELECT id FROM user WHERE email = ?').bind(manager.email).first('id');
    expect((await other.post(`/people/${id}/second-factor`, {})).status).toBe(201);
    expect(await rows()).toEqual([]);
  });
});

describe('challenges to sign in', () => {
  it('are given to an address two hundred times in a quarter of an hour, and then to others only', async () => {
    const ask = (address: string) => {
      const { HOST_SECRET: _, ...hosted } = bindings;
      const headers = { origin: 'https://nursery.example', 'cf-connecting-ip': address };
      return app.request('https://nursery.example/sign-in/passkey/options', { method: 'POST', headers }, hosted);
    };
    const statuses: number[] = [];
    for (let at = 0; at < 201; at += 1) statuses.push((await ask('203.0.113.7')).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(200);
    expect(statuses.at(-1)).toBe(429);
    expect((await ask('203.0.113.8')).status).toBe(200);
    // Those that nobody answered go with the next one that is asked for.
    await bindings.ACCOUNTS.exec("UPDATE verification SET expiresAt = '2026-01-01T00:00:00.000Z'");
    expect((await ask('203.0.113.9')).status).toBe(200);
    expect(await bindings.ACCOUNTS.prepare('SELECT count(*) AS n FROM verification').first('n')).toBe(1);
  });
});

function aVisitor(): Browser {
  const visitor = new Browser();
  visitor.origin = LOCALHOST;
  return visitor;
}

async function challengeToAdd(): Promise<string> {
  const response = await browser.post('/account/passkeys/options', { passkeyPassword: manager.password });
  expect(response.status).toBe(200);
  const { challenge, authenticatorSelection } = (await response.json()) as {
    challenge: string;
    authenticatorSelection: object;
  };
  expect(authenticatorSelection).toMatchObject({ userVerification: 'required', residentKey: 'required' });
  return challenge;
}

async function add(answer: object): Promise<string | null> {
  const fields = {
    passkeyName: 'My phone <b>',
    passkeyPassword: manager.password,
    response: JSON.stringify(answer),
  };
  return (await browser.post('/account/passkeys', fields)).headers.get('location');
}

async function optionsToSignIn(visitor: Browser): Promise<{ challenge: string; userVerification: string }> {
  return await (await visitor.post('/sign-in/passkey/options', {})).json();
}

function signIn(visitor: Browser, answer: object, next = ''): Promise<Response> {
  return visitor.post('/sign-in/passkey', { response: JSON.stringify(answer), next });
}

async function isRefused(visitor: Browser, answer: object): Promise<void> {
  const sessions = await bindings.ACCOUNTS.prepare('SELECT count(*) AS n FROM session').first('n');
  const counters = await bindings.ACCOUNTS.prepare('SELECT counter FROM passkey').all();
  const refused = await signIn(visitor, answer);
  expect(refused.headers.get('location')).toBe('/sign-in?outcome=passkey-wrong');
  expect((await visitor.get('/')).headers.get('location')).toBe('/sign-in?next=%2F');
  expect(await bindings.ACCOUNTS.prepare('SELECT count(*) AS n FROM session').first('n')).toBe(sessions);
  expect((await bindings.ACCOUNTS.prepare('SELECT counter FROM passkey').all()).results).toEqual(counters.results);
}

async function rows(): Promise<Record<string, unknown>[]> {
  return (await bindings.ACCOUNTS.prepare('SELECT * FROM passkey').all()).results;
}
