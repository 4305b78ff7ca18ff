/** Setting the dashboard up, signing in and out, and the key with which another program reads what the other flows store. */
import { expect, it } from 'vitest';
import { CodesApp } from '../../support/codes-app.ts';
import { manager } from '../../support/dashboard-client.ts';
import type { Stage } from './stage.ts';

export function comingInFlows(on: () => Stage): void {
  it('the dashboard is set up, with the codes of an app', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goTo(stage.ready.setupLink!);
    await keys.write('[name=settingName]', manager.settingName);
    await keys.write('[name=name]', manager.name);
    await keys.write('[name=email]', manager.email);
    await keys.write('[name=password]', manager.password);
    await keys.follow('main button[type=submit]');
    stage.app = CodesApp.ofPage(await keys.page.content());
    await keys.write('[name=code]', await stage.app.nextCode());
    await keys.follow('main button[type=submit]');
    stage.recoveryCodes = await recoveryCodesOn(stage);
    await keys.follow('main a.primary');
    await stage.shows('The gate is working');
  });

  it('one signs out, and in again with password and code', async () => {
    const stage = on();
    const { keys } = stage;
    await keys.follow('form[action="/sign-out"] button');
    await keys.write('[name=email]', manager.email);
    await keys.write('[name=password]', manager.password);
    await keys.follow('main form[action="/sign-in"] button[type=submit]');
    await keys.write('[name=code]', await stage.app.nextCode());
    await keys.follow('main button[type=submit]');
    await stage.shows('The gate is working');
  });

  it('a key for another program is made, used and looked up', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/account');
    await keys.follow('main a[href="/keys"]');
    await keys.write('[name=name]', 'Office calendar');
    for (const scope of await scopesOn(stage)) await keys.tick(`[name=scopes][value="${scope}"]`);
    await keys.follow('form[action="/keys"] button.primary');
    await stage.givePassword();
    stage.key = (await keys.page.textContent('main section.note code')) ?? '';
    await keys.follow('main a[href="/keys/documentation"]');
    stage.apiBase = /https?:\/\/\S+\/api\/v1\/settings\/[0-9a-f-]+/.exec(await stage.main())?.[0] ?? '';
    expect(await stage.stored<unknown>('/boxes')).toMatchObject({});
    await keys.follow('main a[href="/keys"]');
    await stage.shows('Office calendar');
  });
}

/** Of the page that shows them, once. */
export async function recoveryCodesOn(stage: Stage, keys = stage.keys): Promise<string[]> {
  const codes = await keys.page.locator('main li.code').allTextContents();
  expect(codes.length).toBeGreaterThan(5);
  return codes;
}

async function scopesOn(stage: Stage): Promise<string[]> {
  const boxes = stage.page.locator('[name=scopes]');
  return await boxes.evaluateAll((all) => all.map((one) => one.getAttribute('value') ?? ''));
}
