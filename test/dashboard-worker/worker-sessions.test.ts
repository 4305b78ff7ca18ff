/** The accounts library's object, which is kept for each origin: in workerd, across requests. */
import { beforeAll, expect, it } from 'vitest';
import { sessionsOf } from '../../dashboard-worker/accounts/sessions.ts';
import { applyMigrations, Browser, bindings, hostRequest, request, setUpAndSignIn } from './worker-fixtures.ts';

beforeAll(applyMigrations);

it('answers many requests that are the first of their origin at once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => request('https://first.example/', { headers: { cookie: 'none=1' } })),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 303));
});

it('keeps one for each origin, and at most eight: the one that nobody asked for the longest goes', async () => {
  const of = (name: string) => sessionsOf(bindings, `https://${name}.example`);
  const used = await of('used');
  const idle = await of('idle');
  for (let number = 1; number <= 7; number += 1) {
    await of(`other-${number}`);
    expect(await of('used')).toBe(used);
  }
  expect(await of('idle')).not.toBe(idle);
});

it('gives each origin the cookies that are its own, whichever came first', async () => {
  await hostRequest('/host/start');
  await setUpAndSignIn();
  const names = async (origin: string) => {
    const body = new URLSearchParams({ email: 'tracey@nursery.example', password: 'three words remembered', next: '' });
    const response = await request(`${origin}/sign-in`, { method: 'POST', body, headers: { origin } });
    return response.headers.getSetCookie().map((cookie) => cookie.split('=')[0]);
  };
  for (const _ of [1, 2]) {
    expect(await names('https://nursery.example')).toEqual(['__Host-stairgate-session']);
    expect(await names('http://127.0.0.1:8080')).toEqual(['stairgate-session']);
  }
});

it('a session is over after a day, and where a clock that was ahead has begun it: it would last until then', async () => {
  const browser = new Browser();
  await browser.signIn();
  const [hour, year] = [3_600_000, 365 * 24 * 3_600_000];
  const begunAt = async (at: number) => {
    const [began, ends] = [at, at + 12 * hour].map((ms) => new Date(ms).toISOString());
    await bindings.ACCOUNTS.prepare('UPDATE session SET createdAt = ?, updatedAt = ?, expiresAt = max(expiresAt, ?)')
      .bind(began, began, ends)
      .run();
    return (await browser.get('/')).status;
  };
  expect(await begunAt(Date.now() - 23 * hour)).toBe(200);
  // Clocks differ, and are set a little every day.
  expect(await begunAt(Date.now() + hour / 2)).toBe(200);
  expect(await begunAt(Date.now() + year)).toBe(303);
  expect(await begunAt(Date.now() - 25 * hour)).toBe(303);
});
