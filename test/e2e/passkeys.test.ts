/**
 * Passkeys in a real Chromium with a virtual authenticator (WebAuthn, section 11): added and used as a person does, and
 * refused where the device did not check who uses it, though the page was made to say that it need not.
 */
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, missingBrowser, setUpAppOn } from '../support/browser.ts';
import { manager } from '../support/dashboard-client.ts';
import { type DashboardProcess, startDashboardProcess } from '../support/dashboard-process.ts';

const missing = missingBrowser();
if (missing !== null) console.warn(missing);

const phone = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;

/** A key of the old kind, which only knows that somebody touched it. */
const touchOnly = {
  protocol: 'u2f',
  transport: 'usb',
  hasResidentKey: false,
  hasUserVerification: false,
  automaticPresenceSimulation: true,
} as const;

/** Runs in the page: whatever the dashboard asks for, the device need not check who uses it, as long as `loose` is set. */
const looseIfAsked = `
const container = navigator.credentials;
const [create, get] = [container.create.bind(container), container.get.bind(container)];
const loose = () => sessionStorage.getItem('loose') !== null;
container.create = (options) => {
  const selection = { residentKey: 'discouraged', userVerification: 'discouraged' };
  if (loose()) options.publicKey.authenticatorSelection = selection;
  return create(options);
};
container.get = (options) => {
  if (loose()) options.publicKey.userVerification = 'discouraged';
  return get(options);
};
`;

describe.skipIf(missing !== null)('passkeys in a browser', () => {
  let dashboard: DashboardProcess;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let url: string;
  let devtools: CDPSession;

  beforeAll(async () => {
    const started = await startDashboardProcess();
    dashboard = started.dashboard;
    url = started.ready.url.replace('127.0.0.1', 'localhost');
    browser = await launchBrowser();
    context = await browser.newContext({ viewport: { width: 360, height: 740 } });
    page = await context.newPage();
    devtools = await context.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await page.goto(started.ready.setupLink!.replace('127.0.0.1', 'localhost'));
    for (const name of ['settingName', 'name', 'email', 'password'] as const) {
      await page.fill(`[name=${name}]`, manager[name]);
    }
    await page.click('main button[type=submit]');
    await setUpAppOn(page);
  });

  afterAll(async () => {
    await browser?.close();
    await dashboard?.remove();
  });

  const withDevice = async (options: typeof phone | typeof touchOnly) =>
    (await devtools.send('WebAuthn.addVirtualAuthenticator', { options })).authenticatorId;

  const askForPasskey = async (name: string, password: string) => {
    await page.goto(`${url}account`);
    await page.fill('[name=passkeyName]', name);
    await page.fill('[name=passkeyPassword]', password);
    await page.click('form[data-passkey=add] button');
  };

  const addPasskey = async (name: string) => {
    await askForPasskey(name, manager.password);
    await page.locator('.flash').waitFor();
    return (await page.textContent('.flash')) ?? '';
  };

  const signInWithPasskey = async () => {
    await page.click('.who button');
    await page.goto(`${url}sign-in?next=/people`);
    await page.click('form[data-passkey=get] button');
  };

  it('are not added by a device that does not check who uses it, whatever the page says', async () => {
    const id = await withDevice(touchOnly);
    await page.addInitScript({ content: looseIfAsked });
    await page.goto(`${url}account`);
    await page.evaluate(() => sessionStorage.setItem('loose', ''));
    expect(await addPasskey('Old key')).toContain('The passkey was not added');
    expect(await page.locator('[name=passkey]').count()).toBe(0);
    // It did make one: the refusal is the dashboard's.
    const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId: id });
    expect(credentials).toHaveLength(1);
    await page.evaluate(() => sessionStorage.removeItem('loose'));
    await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: id });
  });

  it('are asked of the device only once the password is right', async () => {
    const id = await withDevice(phone);
    await askForPasskey('Not mine', 'not the password');
    await page.getByText('That is not your password.').waitFor();
    const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId: id });
    expect(credentials).toEqual([]);
    expect(await page.inputValue('[name=passkeyName]')).toBe('Not mine');
    await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: id });
  });

  it('are added on the account page, and sign in with one tap', async () => {
    await withDevice(phone);
    expect(await addPasskey('My phone')).toContain('The passkey has been added');
    expect(await page.textContent('main')).toContain('My phone');
    await signInWithPasskey();
    await page.waitForURL(`${url}people`);
    expect(await page.textContent('main')).toContain(manager.email);
  });

  it('sign nobody in without the check of who it is', async () => {
    await page.evaluate(() => sessionStorage.setItem('loose', ''));
    await signInWithPasskey();
    await page.waitForURL(`${url}sign-in?outcome=passkey-wrong`);
    expect(await page.textContent('main')).toContain('the device did not ask who you are');
    await page.goto(`${url}people`);
    expect(page.url()).toContain('/sign-in?next=');
    // The same device with the check.
    await page.evaluate(() => sessionStorage.removeItem('loose'));
    await page.click('form[data-passkey=get] button');
    await page.waitForURL(`${url}people`);
  });

  it('say so where the person cancels', async () => {
    await page.goto(`${url}sign-in`);
    await page.evaluate("navigator.credentials.get = () => Promise.reject(new DOMException('x', 'NotAllowedError'))");
    const problem = page.locator('[data-problem]');
    expect(await problem.isVisible()).toBe(false);
    await page.click('form[data-passkey=get] button');
    await problem.waitFor({ state: 'visible' });
    expect(page.url()).toBe(`${url}sign-in`);
  });

  it('are not offered without JavaScript, which the page says', async () => {
    const cookies = await context.cookies();
    const plain = await browser.newContext({ javaScriptEnabled: false });
    await plain.addCookies(cookies);
    const visitor = await plain.newPage();
    await visitor.goto(`${url}account`);
    expect(await visitor.locator('form[data-passkey]').isVisible()).toBe(false);
    expect(await visitor.textContent('main')).toContain('Adding one needs JavaScript');
    await visitor.goto(`${url}sign-in`);
    expect(await visitor.locator('form[data-passkey]').isVisible()).toBe(false);
    await plain.close();
  });
});
