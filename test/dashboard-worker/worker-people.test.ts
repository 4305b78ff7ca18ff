/** Inviting people, their roles, and leaving: in workerd, on a real D1. */
import { beforeAll, describe, expect, it } from 'vitest';
import { runBatch } from '../../dashboard-worker/accounts/database.ts';
import { settingOf } from '../../dashboard-worker/accounts/directory.ts';
import { forgetInvitations } from '../../dashboard-worker/accounts/invitations.ts';
import { membershipsOf } from '../../dashboard-worker/accounts/memberships.ts';
import { noteForRecord, tellAllRecords } from '../../dashboard-worker/accounts/record-outbox.ts';
import type { RoleId } from '../../dashboard-worker/accounts/rights.ts';
import {
  applyMigrations,
  Browser,
  bindings,
  colleague,
  enrol,
  hostRequest,
  makeBoxKeys,
  manager,
  ORIGIN,
  request,
  setUpAndSignIn,
} from './worker-fixtures.ts';

let browser: Browser;
let setting: string;

beforeAll(async () => {
  await applyMigrations();
  await hostRequest('/host/start');
  browser = await setUpAndSignIn();
  setting = await browser.setting();
});

const password = 'four words that last';

describe('an invitation', () => {
  it('is a link, shown once, that makes an account with that role and no other', async () => {
    const path = await invite('Aisha', 'deputy');
    expect(await browser.page('/people')).not.toContain(path);
    const visitor = new Browser();
    const page = await visitor.page(path);
    expect(page).toContain('Join Halstead Nursery');
    expect(page).toContain('deputy manager');
    // The role is the invitation's, whatever the form says.
    const form = { name: 'Aisha', email: 'Aisha@nursery.example', password, role: 'manager' };
    expect((await visitor.post(path, form)).headers.get('location')).toBe('/sign-in?outcome=joined');
    await visitor.signIn('aisha@nursery.example', password);
    await visitor.setUpApp('aisha@nursery.example');
    expect(await visitor.page('/give')).toContain('Halstead Nursery');
    expect((await visitor.get('/people')).status).toBe(403);
    const record = await browser.page('/record');
    expect(record).toContain('Tracey Field invited Aisha as deputy manager');
    expect(record).toContain('Aisha accepted the invitation as deputy manager');
    expect(await rows('record_outbox')).toEqual([]);
  });

  it('is kept as a hash only', async () => {
    const token = (await invite('Somebody', 'staff')).split('/').at(-1)!;
    expect(JSON.stringify(await rows('invitations'))).not.toContain(token);
  });

  it('works once, however many use it at the same time', async () => {
    const path = await invite('Sam', 'dsl');
    const tries = [1, 2, 3].map((number) =>
      new Browser().post(path, { name: 'Sam', email: `sam-${number}@nursery.example`, password }),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([303, 410, 410]);
    expect((await people()).filter(({ email }) => email.startsWith('sam-'))).toHaveLength(1);
    expect((await new Browser().get(path)).status).toBe(410);
  });

  it('does not work any more after 72 hours, or once it is withdrawn', async () => {
    const late = await invite('Late', 'staff');
    const { expires_at } = (await rows('invitations')).at(-1) as { expires_at: number };
    expect(Math.abs(expires_at - Date.now() - 72 * 3_600_000)).toBeLessThan(10_000);
    await bindings.ACCOUNTS.prepare('UPDATE invitations SET expires_at = ? WHERE expires_at = ?')
      .bind(Date.now() - 1, expires_at)
      .run();
    const joining = { name: 'Late', email: 'late@nursery.example', password };
    expect((await new Browser().post(late, joining)).status).toBe(410);

    // Made while the clock was a year ahead: it does not work for a year.
    const ahead = await invite('Ahead', 'staff');
    await bindings.ACCOUNTS.prepare("UPDATE invitations SET expires_at = expires_at + ? WHERE name = 'Ahead'")
      .bind(365 * 24 * 3_600_000)
      .run();
    expect((await new Browser().post(ahead, { ...joining, name: 'Ahead' })).status).toBe(410);
    await bindings.ACCOUNTS.exec("DELETE FROM invitations WHERE name = 'Ahead'");

    const withdrawn = await invite('Wanda', 'staff');
    const { id } = (await rows('invitations')).at(-1) as { id: string };
    expect((await browser.post(`/people/invitations/${id}/withdraw`, {})).status).toBe(303);
    expect((await browser.post(`/people/invitations/${id}/withdraw`, {})).status).toBe(404);
    expect((await new Browser().post(withdrawn, { ...joining, name: 'Wanda' })).status).toBe(410);
    expect(await browser.page('/record')).toContain('withdrew the invitation of Wanda');

    expect((await people()).map(({ email }) => email)).not.toContain('late@nursery.example');
    await forgetInvitations(bindings, Date.now());
    expect(JSON.stringify(await rows('invitations'))).not.toContain('Late');
  });

  it('is either withdrawn or accepted, when both are tried at once', async () => {
    const path = await invite('Both', 'staff');
    const { id } = (await rows('invitations')).at(-1) as { id: string };
    const [accepted, withdrawn] = await Promise.all([
      new Browser().post(path, { name: 'Both', email: 'both@nursery.example', password }),
      browser.post(`/people/invitations/${id}/withdraw`, {}),
    ]);
    expect([
      [303, 404],
      [410, 303],
    ]).toContainEqual([accepted.status, withdrawn.status]);
    const joined = (await people()).some(({ email }) => email === 'both@nursery.example');
    expect(joined).toBe(accepted.status === 303);
  });

  it('is one, however often its form is sent, and its link is the same; another name makes another one', async () => {
    const formId = /name="id" value="([^"]+)"/.exec(await browser.page('/people'))![1]!;
    const send = (name: string, id = formId, from = browser) =>
      from.post('/people/invitations', { name, role: 'staff', id });
    const linkOn = async (answer: Response) => {
      expect(answer.status).toBe(201);
      return /\/invitation\/[\w-]{43}/.exec(await answer.text())![0];
    };
    const links = await Promise.all((await Promise.all([1, 2, 3].map(() => send('Twice')))).map(linkOn));
    expect(new Set(links).size).toBe(1);
    const ofThem = async (name: string) => (await rows('invitations')).filter((row) => row.name === name).length;
    expect(await ofThem('Twice')).toBe(1);
    expect((await browser.page('/record')).split('invited Twice').length - 1).toBe(1);
    // The page of the link, loaded anew, does not kill a link that has been handed on.
    expect(await linkOn(await send('Twice'))).toBe(links[0]);
    // From the same page by the button back, for somebody else.
    expect(await linkOn(await send('Thrice'))).not.toBe(links[0]);
    // Another manager who sends that id reads nothing of the first one's.
    const second = await colleague('manager', setting);
    expect(await linkOn(await send('Twice', formId, second))).not.toBe(links[0]);
    expect(await ofThem('Twice')).toBe(2);
    expect(await linkOn(await send('Twice', 'no id of ours'))).not.toBe(links[0]);
    expect((await new Browser().get(links[0]!)).status).toBe(200);
    await bindings.ACCOUNTS.exec(
      "DELETE FROM memberships WHERE user_id IN (SELECT id FROM user WHERE name = 'A manager')",
    );
  });

  it('is not spent by being opened, as a scanner of mail opens every link in it', async () => {
    const path = await invite('Scanned', 'staff');
    for (let time = 0; time < 3; time += 1) expect((await new Browser().get(path)).status).toBe(200);
    expect((await request(path, { method: 'HEAD' })).status).toBe(200);
    const joined = await new Browser().post(path, { name: 'Scanned', email: 'scanned@nursery.example', password });
    expect(joined.status).toBe(303);
  });

  it('is not spent by a form that cannot be taken', async () => {
    const path = await invite('Erin', 'committee');
    const visitor = new Browser();
    for (const [change, words] of [
      [{ password: 'short' }, 'at least 12'],
      [{ email: 'nobody' }, 'Write an email address'],
      [{ email: manager.email.toUpperCase() }, 'already signs in here'],
      [{ name: '' }, 'Write your name'],
    ] as const) {
      const form = { name: 'Erin', email: 'erin@nursery.example', password, ...change };
      const response = await visitor.post(path, form);
      expect({ change, status: response.status }).toEqual({ change, status: 422 });
      expect(await response.text()).toContain(words);
    }
    const joined = await visitor.post(path, { name: 'Erin', email: 'erin@nursery.example', password });
    expect(joined.status).toBe(303);
  });
});

describe('a page that was left open at a tablet', () => {
  it('does nothing for who has signed in there meanwhile: it would be put down to the wrong person', async () => {
    const form = /name="as" value="([^"]+)"/.exec(await browser.page('/people'))![1]!;
    expect((await people()).find(({ email }) => email === manager.email)!.id).toMatch(new RegExp(`^${form}-`));
    const second = await colleague('manager', setting);
    const before = await rows('invitations');
    const refused = await second.post('/people/invitations', { name: 'By whom', role: 'staff', id: '', as: form });
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain('That page was somebody else’s');
    expect(await rows('invitations')).toEqual(before);
    const own = await browser.post('/people/invitations', { name: 'By me', role: 'staff', id: '', as: form });
    expect(own.status).toBe(201);
    await bindings.ACCOUNTS.exec(
      "DELETE FROM memberships WHERE user_id IN (SELECT id FROM user WHERE name = 'A manager')",
    );
  });
});

describe('what would let somebody in for good', () => {
  it.each([
    ['an invitation', () => ['/people/invitations', { name: 'Crony', role: 'deputy', id: '' }], 201],
    ['a manager', (id: string) => [`/people/${id}/role`, { role: 'manager' }], 303],
    ['a second factor anew', (id: string) => [`/people/${id}/second-factor`, {}], 201],
    ['a key', () => ['/keys', { name: 'Theirs', scopes: 'now.see' }], 201],
  ] as const)('asks for the password, since whoever finds a tablet unlocked has none: %s', async (_, form, done) => {
    await bindings.ACCOUNTS.exec('DELETE FROM failures');
    await colleague('deputy', setting);
    const { id } = (await people()).findLast(({ name }) => name === 'A deputy')!;
    const [path, fields] = form(id) as [string, Record<string, string>];
    const all = async () =>
      JSON.stringify(
        await Promise.all(['invitations', 'memberships', 'api_keys', 'codes_apps', 'record_outbox'].map(rows)),
      );
    const before = await all();
    const wrong = await browser.post(path, { ...fields, ownPassword: 'not the password' });
    expect(wrong.status).toBe(422);
    const page = await wrong.text();
    expect(page).toContain('Your password, please');
    expect(page).toContain('That is not your password.');
    // What was filled in is there still, and the password is not.
    for (const [name, value] of Object.entries(fields)) expect(page).toContain(`name="${name}" value="${value}"`);
    expect(page).not.toContain('not the password');
    expect(await all()).toBe(before);
    const tries = [];
    for (let at = 0; at < 5; at += 1) tries.push((await browser.post(path, { ...fields, ownPassword: '' })).status);
    expect(tries).toEqual([422, 422, 422, 422, 429]);
    expect((await browser.post(path, fields)).status).toBe(429);
    await bindings.ACCOUNTS.exec('DELETE FROM failures');
    expect(await all()).toBe(before);
    expect((await browser.post(path, fields)).status).toBe(done);
    await browser.post(`/people/${id}/remove`, {});
  });

  it('asks for it first, where the form came without one', async () => {
    const page = await request('/people/invitations', {
      method: 'POST',
      headers: { cookie: browser.cookies(), origin: ORIGIN },
      body: new URLSearchParams({ setting, name: 'Nobody yet', role: 'manager' }),
    });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('Somebody new is to come in here.');
    expect(JSON.stringify(await rows('invitations'))).not.toContain('Nobody yet');
  });
});

describe('a role', () => {
  it('holds from the next click, and is on the record', async () => {
    const them = await colleague('committee', setting);
    expect((await them.get('/record')).status).toBe(403);
    const { id } = (await people()).find(({ name }) => name === 'A committee')!;
    expect((await browser.post(`/people/${id}/role`, { role: 'dsl' })).status).toBe(303);
    expect((await them.get('/record')).status).toBe(200);
    expect(await browser.page('/record')).toContain('changed the role of A committee to designated safeguarding lead');
    expect((await browser.post(`/people/${id}/role`, { role: 'owner' })).status).toBe(400);
  });

  it('of the last manager cannot be taken, also not by two who take it from each other at once', async () => {
    const self = (await people()).find(({ email }) => email === manager.email)!;
    for (const path of [`/people/${self.id}/role`, `/people/${self.id}/remove`]) {
      const refused = await browser.post(path, { role: 'deputy' });
      expect({ path, status: refused.status }).toEqual({ path, status: 409 });
      expect(await refused.text()).toContain('There has to be one Nursery Manager');
    }
    const second = await colleague('manager', setting);
    const other = (await people()).find(({ name }) => name === 'A manager')!;
    const answers = await Promise.all([
      browser.post(`/people/${other.id}/role`, { role: 'deputy' }),
      second.post(`/people/${self.id}/role`, { role: 'deputy' }),
    ]);
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    const managers = (await rows('memberships')).filter(({ role }) => role === 'manager');
    expect(managers).toHaveLength(1);
    const told = (await rows('record_outbox')).length;
    expect(told).toBe(0);
    await bindings.ACCOUNTS.exec(`UPDATE memberships SET role = 'manager' WHERE user_id = '${self.id}'`);
  });
});

describe('a pairing code', () => {
  const shown = async (who: Browser) =>
    /class="pairing-code"[^>]*>([^<]+)</.exec(await who.page('/box?done=pairing-code-made'))?.[1] ?? null;
  const pair = async (code: string) => (await enrol(code, (await makeBoxKeys()).publicKey)).status;

  it.each([
    ['who has been removed', 'remove', {}],
    ['whose role may not pair any more', 'role', { role: 'staff' }],
  ])('of an installer %s pairs no box, however long it would have been good', async (_, change, form) => {
    const installer = await colleague('installer', setting);
    const { id } = (await people()).filter(({ name }) => name === 'A installer').at(-1)!;
    expect((await installer.post('/box/pairing-code', {})).status).toBe(303);
    const code = await shown(installer);
    expect(code).not.toBeNull();
    expect(await shown(browser)).toBe(code);
    expect(await browser.page('/record')).toContain('A installer made a pairing code');
    expect((await browser.post(`/people/${id}/${change}`, form)).status).toBe(303);
    expect(await pair(code!)).toBe(403);
    expect(await shown(browser)).toBeNull();
    // Nobody else is kept from pairing.
    expect((await browser.post('/box/pairing-code', {})).status).toBe(303);
    expect(await pair((await shown(browser))!)).toBe(200);
  });
});

describe('somebody who has lost the phone', () => {
  const email = 'lena@nursery.example';
  const codeOn = (page: string) => /class="code">([A-Z0-9]{5}-[A-Z0-9]{5})</.exec(page)?.[1] ?? 'none';
  const reset = async (id: string) => {
    const answer = await browser.post(`/people/${id}/second-factor`, {});
    expect(answer.status).toBe(201);
    return codeOn(await answer.text());
  };
  const lena = async () => (await people()).find(({ name }) => name === 'Lena')!.id;

  it('is signed out, and sets the app up anew with the password and the code of the manager; it is on the record', async () => {
    const path = await invite('Lena', 'deputy');
    const them = new Browser();
    await them.post(path, { name: 'Lena', email, password });
    await them.signIn(email, password);
    const [recoveryCode = ''] = await them.setUpApp(email);
    const id = await lena();
    expect(await browser.page('/people')).toContain(`/people/${id}/second-factor`);
    const code = await reset(id);
    expect(await browser.page('/people')).not.toContain(code);
    expect(JSON.stringify(await rows('reset_codes'))).not.toContain(code.replace('-', ''));
    expect((await them.get('/')).headers.get('location')).toBe('/sign-in?next=%2F');
    // The lost phone and the lost codes open nothing any more.
    for (const table of ['codes_apps', 'recovery_codes', 'session']) {
      expect(JSON.stringify(await rows(table)), table).not.toContain(id);
    }
    expect((await them.signIn(email, password)).headers.get('location')).toBe('/account/second-factor');
    const given = await them.post('/account/second-factor/code', { resetCode: ` ${code.toLowerCase()}` });
    expect(given.headers.get('location')).toBe('/account/second-factor');
    const fresh = await them.setUpApp(email);
    expect(fresh).not.toContain(recoveryCode);
    expect(await them.page('/give')).toContain('Halstead Nursery');
    expect(await browser.page('/record')).toContain('Tracey Field let Lena set up their second factor anew');
    expect(JSON.stringify(await rows('reset_codes'))).not.toContain(id);
  });

  it('keeps out whoever has the password alone, and sees nothing of what an app would be given', async () => {
    const id = await lena();
    const old = await reset(id);
    const code = await reset(id);
    const thief = new Browser();
    await thief.signIn(email, password);
    const page = await thief.page('/account/second-factor');
    expect(page).toContain('The code from your manager');
    expect(page).not.toContain('otpauth:');
    // Their own app, by the key that another session would be shown.
    expect((await thief.post('/account/second-factor', { code: '000000' })).status).toBe(403);
    for (const wrong of ['', 'AAAAA-AAAAA', old, password]) {
      expect((await thief.post('/account/second-factor/code', { resetCode: wrong })).status, wrong).toBe(401);
    }
    expect((await thief.get('/give')).headers.get('location')).toBe('/account/second-factor');
    // That the person gives the code in a session of their own opens nothing for this one.
    const them = new Browser();
    await them.signIn(email, password);
    expect((await them.post('/account/second-factor/code', { resetCode: code })).status).toBe(303);
    expect(await thief.page('/account/second-factor')).not.toContain('otpauth:');
    await expect(
      bindings.ACCOUNTS.prepare('INSERT INTO codes_apps VALUES (?, ?, 0, 0)').bind(id, 'a session of the thief').run(),
    ).rejects.toThrow('waits for the code of a reset');
    await them.setUpApp(email);
    expect((await thief.get('/give')).headers.get('location')).toContain('/sign-in');
  });

  it('is not let in by guessing, from however many sessions, nor by a code that is too old', async () => {
    const id = await lena();
    const code = await reset(id);
    await bindings.ACCOUNTS.prepare('UPDATE reset_codes SET expires_at = ?')
      .bind(Date.now() - 1)
      .run();
    await bindings.ACCOUNTS.exec("DELETE FROM failures WHERE subject LIKE '%second%'");
    const statuses: number[] = [];
    for (const resetCode of [code, 'AAAAA-AAAAA', 'AAAAA-AAAAC', 'AAAAA-AAAAD', 'AAAAA-AAAAE', 'AAAAA-AAAAF']) {
      const thief = new Browser();
      await thief.signIn(email, password);
      statuses.push((await thief.post('/account/second-factor/code', { resetCode })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    // The manager makes another one, which the person's own tablet takes all the same once the quarter of an hour is over.
    expect(await browser.page('/people')).toContain('Make a new code');
    await bindings.ACCOUNTS.exec('DELETE FROM failures');
    const them = new Browser();
    const newer = await reset(id);
    await them.signIn(email, password);
    expect((await them.post('/account/second-factor/code', { resetCode: newer })).status).toBe(303);
    await them.setUpApp(email);
  });

  it('is let in anew as well when all they had was a passkey', async () => {
    const { id } = (await people()).find(({ name }) => name === 'Lena')!;
    await bindings.ACCOUNTS.prepare('DELETE FROM codes_apps WHERE user_id = ?').bind(id).run();
    expect(await browser.page('/people')).not.toContain(`/people/${id}/second-factor`);
    await bindings.ACCOUNTS.prepare(
      `INSERT INTO passkey (id, publicKey, userId, credentialID, counter, deviceType, backedUp)
       VALUES ('only', 'x', ?, 'only', 0, 'singleDevice', 0)`,
    )
      .bind(id)
      .run();
    expect(await browser.page('/people')).toContain(`/people/${id}/second-factor`);
    await reset(id);
    expect(JSON.stringify(await rows('passkey'))).not.toContain(id);
    expect(await browser.page('/people')).toContain('The app is to be set up again, with the code');
  });

  it('cannot do that alone, from a session that is still open: that would leave the password alone', async () => {
    const self = (await people()).find(({ email }) => email === manager.email)!;
    expect((await browser.post(`/people/${self.id}/second-factor`, {})).status).toBe(404);
    expect((await browser.get('/')).status).toBe(200);
  });
});

describe('a right beyond the role', () => {
  it('is given to a deputy or safeguarding lead, one by one, holds at once, and ends with the role', async () => {
    const them = await colleague('dsl', setting);
    const id = (await people()).filter(({ name }) => name === 'A dsl').at(-1)!.id;
    expect((await them.get('/give')).status).toBe(403);
    expect(
      (
        await browser.post(`/people/${id}/rights`, [
          ['right', 'grant.give'],
          ['right', 'record.export'],
        ])
      ).status,
    ).toBe(303);
    expect((await them.get('/give')).status).toBe(200);
    expect((await them.get('/devices')).status).toBe(403);
    expect(await browser.page('/people')).toContain('Also allowed: giving permission and exporting the record.');
    await browser.post(`/people/${id}/rights`, { right: 'record.export' });
    expect((await them.get('/give')).status).toBe(403);
    const record = await browser.page('/record');
    for (const sentence of [
      'Tracey Field gave A dsl a further right: giving permission',
      'Tracey Field gave A dsl a further right: exporting the record',
      'Tracey Field took a right back from A dsl: giving permission',
    ]) {
      expect(record.split(sentence).length - 1, sentence).toBe(1);
    }
    await browser.post(`/people/${id}/role`, { role: 'chair' });
    await browser.post(`/people/${id}/role`, { role: 'dsl' });
    expect((await them.post('/record/export', { format: 'csv', setting })).status).toBe(403);
  });

  it('is never that of changing people or making keys, and of no other role', async () => {
    const ids = Object.fromEntries((await people()).map(({ name, id }) => [name, id]));
    const before = JSON.stringify([await rows('memberships'), await rows('record_outbox')]);
    for (const [role, right, status] of [
      ['dsl', 'people.change', 409],
      ['dsl', 'key.change', 409],
      ['committee', 'year.see', 409],
      ['committee', 'record.read', 409],
      ['dsl', 'everything', 400],
    ] as const) {
      const refused = await browser.post(`/people/${ids[`A ${role}`]}/rights`, { right });
      expect({ role, right, status: refused.status }).toEqual({ role, right, status });
    }
    expect(JSON.stringify([await rows('memberships'), await rows('record_outbox')])).toBe(before);
    // Also where somebody has written it into the database.
    const them = await colleague('deputy', setting);
    await bindings.ACCOUNTS.exec(`UPDATE memberships SET extra_json = '["people.change"]' WHERE role = 'deputy'`);
    expect((await them.get('/people')).status).toBe(403);
  });

  it('is either given or taken when two managers do both at once', async () => {
    const second = await colleague('manager', setting);
    await colleague('dsl', setting);
    const id = (await people()).filter(({ name }) => name === 'A dsl').at(-1)!.id;
    const answers = await Promise.all([
      browser.post(`/people/${id}/rights`, { right: 'grant.give' }),
      second.post(`/people/${id}/rights`, { right: 'box.change' }),
    ]);
    for (const { status } of answers) expect([303, 409]).toContain(status);
    const [held] = (await rows('memberships')).filter(({ user_id }) => user_id === id);
    const { entries } = await settingOf(bindings, setting).recordAbout({ id, name: '' }, 1, false);
    // What the record tells, done in its order, comes to what is held.
    const net = new Set<string>();
    for (const { event } of entries.toReversed()) {
      if (event.type === 'permission-delegated') net.add(event.permission);
      if (event.type === 'permission-taken-back') net.delete(event.permission);
    }
    expect(answers.map(({ status }) => status)).toContain(303);
    expect(JSON.stringify([...net])).toBe(held?.extra_json);
    await bindings.ACCOUNTS.exec(
      "DELETE FROM memberships WHERE user_id IN (SELECT id FROM user WHERE name = 'A manager')",
    );
  });
});

describe('a manager who has to go', () => {
  const comesBack = async (path: string) =>
    (await new Browser().post(path, { name: 'Back', email: `back-${crypto.randomUUID()}@nursery.example`, password }))
      .status;
  const inviteAs = async (who: Browser, name: string) => {
    const page = await (await who.post('/people/invitations', { name, role: 'manager', id: '' })).text();
    return /\/invitation\/[\w-]{43}/.exec(page)![0];
  };

  it.each(['remove', 'role'])('does not come back by a link of their own making: %s', async (how) => {
    const them = await colleague('manager', setting);
    const id = (await people()).filter(({ name }) => name === 'A manager').at(-1)!.id;
    const theirs = await inviteAs(them, `Myself again after ${how}`);
    const ours = await invite('Somebody good', 'deputy');
    expect((await new Browser().get(theirs)).status).toBe(200);
    await browser.post('/keys', [
      ['name', `Key of ${how}`],
      ['scopes', 'now.see'],
    ]);
    const gone = await browser.post(`/people/${id}/${how}`, how === 'role' ? { role: 'deputy' } : {});
    // They may have kept a key, which goes on working.
    expect(gone.headers.get('location')).toBe('/people?done=keys-stay');
    expect(await browser.page('/people?done=keys-stay')).toContain('Keys for other programs go on working');
    expect((await new Browser().get(theirs)).status).toBe(410);
    expect(await comesBack(theirs)).toBe(410);
    expect(await browser.page('/people')).not.toContain(`Myself again after ${how}`);
    const record = await browser.page('/record');
    expect(record).toContain(`Tracey Field withdrew the invitation of Myself again after ${how}`);
    // Those that others made stay.
    expect((await new Browser().get(ours)).status).toBe(200);
    expect(await rows('record_outbox')).toEqual([]);
  });

  it('does not come back by one that was made at the very moment, or before it was kept who made it', async () => {
    const path = await invite('Late link', 'manager');
    await bindings.ACCOUNTS.exec("UPDATE invitations SET invited_by = 'somebody-gone' WHERE name = 'Late link'");
    expect(await comesBack(path)).toBe(410);
    const old = await invite('Link of before', 'manager');
    await bindings.ACCOUNTS.exec("UPDATE invitations SET invited_by = NULL WHERE name = 'Link of before'");
    expect((await new Browser().get(old)).status).toBe(200);
    await colleague('manager', setting);
    const { id } = (await people()).findLast(({ name }) => name === 'A manager')!;
    await browser.post(`/people/${id}/remove`, {});
    expect(await comesBack(old)).toBe(410);
  });

  it('is led to where they may still go, when they take it from themselves', async () => {
    const them = await colleague('manager', setting);
    const { id } = (await people()).findLast(({ name }) => name === 'A manager')!;
    expect((await them.post(`/people/${id}/role`, { role: 'deputy' })).headers.get('location')).toBe('/');
    expect(await browser.page('/record')).not.toContain('A manager was refused');
    await browser.post(`/people/${id}/remove`, {});
  });
});

describe('somebody who leaves', () => {
  it('is signed out at once, cannot sign in, and leaves no account behind', async () => {
    const path = await invite('Leo', 'deputy');
    const them = new Browser();
    await them.post(path, { name: 'Leo', email: 'leo@nursery.example', password });
    await them.signIn('leo@nursery.example', password);
    await them.setUpApp('leo@nursery.example');
    expect((await them.get('/')).status).toBe(200);
    const { id } = (await people()).find(({ name }) => name === 'Leo')!;
    const both = await Promise.all([1, 2].map(() => browser.post(`/people/${id}/remove`, {})));
    expect(both.map(({ status }) => status)).toContain(303);
    expect((await them.get('/')).headers.get('location')).toMatch(/^\/sign-in/);
    expect((await them.signIn('leo@nursery.example', password)).status).toBe(401);
    expect(await membershipsOf(bindings, id)).toEqual([]);
    for (const table of ['user', 'account', 'session', 'codes_apps', 'recovery_codes']) {
      expect(JSON.stringify(await rows(table)), table).not.toContain(id);
    }
    const record = await browser.page('/record');
    expect(record.split('Tracey Field removed Leo').length - 1).toBe(1);
  });
});

describe('what the record is to be told', () => {
  it('is told later when the process was killed before, and once however often', async () => {
    const note = {
      at: Date.now() - 60_000,
      by: { id: 'user-of-before', name: 'Tracey Field' },
      subject: 'somebody',
      event: { type: 'role-changed', personName: 'Ines', role: 'chair' },
    } as const;
    await runBatch(bindings.ACCOUNTS, [noteForRecord(bindings, setting, note)]);
    const [kept] = await rows('record_outbox');
    await tellAllRecords(bindings);
    expect(await rows('record_outbox')).toEqual([]);
    // As after a kill between the setting's taking it and its going from here.
    const { id, setting_id, at, note_json } = kept!;
    await bindings.ACCOUNTS.prepare('INSERT INTO record_outbox (id, setting_id, at, note_json) VALUES (?, ?, ?, ?)')
      .bind(id, setting_id, at, note_json)
      .run();
    await tellAllRecords(bindings);
    expect(await rows('record_outbox')).toEqual([]);
    const { entries } = await settingOf(bindings, setting).record({ kind: 'account', from: '', to: '' }, 1);
    expect(entries.filter(({ event }) => event.type === 'role-changed' && event.personName === 'Ines')).toHaveLength(1);
  });
});

/** The path of the link. */
async function invite(name: string, role: RoleId): Promise<string> {
  const response = await browser.post('/people/invitations', { name, role, id: '' });
  const page = await response.text();
  expect(response.status).toBe(201);
  expect(page).toMatch(/<svg class="qr"/);
  // What is open to its own machine alone says so before somebody hands it on.
  expect(page).toContain('This address works only on the machine on which the dashboard runs');
  return /<code>http:\/\/127\.0\.0\.1:8080(\/invitation\/[\w-]{43})<\/code>/.exec(page)?.[1] ?? '';
}

async function people(): Promise<{ id: string; name: string; email: string }[]> {
  return (
    await bindings.ACCOUNTS.prepare('SELECT id, name, email FROM user').all<Record<'id' | 'name' | 'email', string>>()
  ).results;
}

async function rows(table: string): Promise<Record<string, unknown>[]> {
  return (await bindings.ACCOUNTS.prepare(`SELECT * FROM "${table}" ORDER BY rowid`).all()).results;
}
