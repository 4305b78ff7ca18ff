/** Looking back: the record, the figures, the year; and letting go of what is no longer used: a key, and the box. */
import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { FACEBOOK, OFFICE_PC, type Stage } from './stage.ts';

export function lookingBackFlows(on: () => Stage): void {
  it('the record is read, and narrowed down', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/record');
    await keys.pick('[name=kind]', 'Devices');
    await keys.write('[name=device]', 'Toddler room tablet');
    await keys.follow('main form[action="/record"][method=get] button');
    await stage.shows('added the device Toddler room tablet');
    expect(await stage.main()).not.toContain('allowed Facebook');
    await keys.follow('main a.button.quiet[href="/record"]');
    await stage.shows('official channel');
  });

  it('a copy of it is taken', async () => {
    const stage = on();
    const { keys } = stage;
    for (const [format, words] of [
      ['csv', 'Facebook'],
      ['ndjson', '"stairgate":"record"'],
    ] as const) {
      const [download] = await Promise.all([
        stage.page.waitForEvent('download'),
        keys.use(`form[action="/record/export"] button[value=${format}]`),
      ]);
      const path = await download.path();
      expect(readFileSync(path, 'utf8')).toContain(words);
    }
  });

  it('older entries are come to, and the record is verified', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/record');
    await keys.follow('main nav a[rel=next]');
    await keys.follow('main a[href="/record/verify"]');
    await keys.follow('form[action="/record/verify"] button');
    await stage.shows('The record is as it was written');
  });

  it('the figures are looked at, of a term and of one device', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/usage');
    await keys.follow('main a[href="/usage?span=term"]');
    await vi.waitFor(
      async () => {
        await stage.box.ask(FACEBOOK, { from: OFFICE_PC });
        await keys.follow('main a[href="/usage?span=week"]');
        expect(await stage.page.locator('main a[href="/devices/office-pc/usage"]').count()).toBe(1);
      },
      { timeout: 20_000, interval: 100 },
    );
    await keys.follow('main a[href="/devices/office-pc/usage"]');
    await stage.shows('What Office PC did');
    expect(await stage.record()).toContain('looked at the usage figures of the device Office PC');
  });

  it('the year is looked at, over other months', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/year');
    await keys.writeDate('[name=from]', '2026-01-01');
    await keys.writeDate('[name=to]', '2026-06-30');
    await keys.follow('main form[action="/year"] button');
    await stage.shows('30 June 2026');
    await keys.follow('main a[href="/year/self-grants"]');
    await stage.shows('Facebook');
  });

  it('everybody reads what is recorded about them', async () => {
    const stage = on();
    await stage.goByMenu('/account');
    await stage.keys.follow('main a[href="/account/record"]');
    await stage.shows('Facebook');
  });

  it('at the box’s own site: why something is blocked, what is recorded, and the poster', async () => {
    const stage = on();
    const { staff } = stage;
    await stage.goToBox('/');
    await staff.unfold('.states details:nth-of-type(2) summary');
    await staff.write('input[name=name]', 'www.instagram.com');
    await staff.follow('form:has(input[name=name]) button');
    await stage.shows('Instagram', staff);
    await staff.pick('select[name=service]', 'TikTok');
    await staff.follow('form:has(select[name=service]) button');
    await stage.shows('TikTok', staff);
    await staff.follow('main a.button[href^="/ask?service="]');
    expect(await staff.page.inputValue('[name=what]')).toBe('service:tiktok');
    await staff.follow('nav a[href="/recorded"]');
    await stage.shows('Office PC', staff);
    await staff.follow('footer a[href="/poster"]');
    await stage.shows('Something blocked?', staff);
    await staff.follow('nav a[href="/"]');
    await stage.shows('Office PC', staff);
  });
}

export function lettingGoFlows(on: () => Stage): void {
  it('a key is withdrawn', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/account');
    await keys.follow('main a[href="/keys"]');
    await keys.follow('form[action$="/revoke"] button.danger');
    await stage.shows('The key no longer works.');
    await expect(stage.stored('/boxes')).rejects.toThrow('401');
  });

  it('a pairing code is made, and the box is let go', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/box');
    await keys.follow('form[action="/box/pairing-code"] button');
    await stage.shows('A new pairing code has been made.');
    expect(await stage.page.textContent('.pairing-code')).toMatch(/^\S{4} \S+$/);
    await keys.follow('form[action="/box/remove"] button.danger');
    await stage.shows('The box is no longer paired with this dashboard.');
    // It goes on as it was.
    await stage.reaches(OFFICE_PC, 'NXDOMAIN');
  });
}
