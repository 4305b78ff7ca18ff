/** What is agreed in writing: the monitoring notice and who has read it, and official channels. */
import { expect, it, vi } from 'vitest';
import { dayOfSetting, SAVE, type Stage } from './stage.ts';

interface StoredNotice {
  readonly assessedOn: string | null;
  readonly readers: readonly { readonly name: string; readonly acknowledged: { readonly how: string } | null }[];
}

export function agreedFlows(on: () => Stage): void {
  const readers = async () => {
    const { readers: all } = await on().stored<StoredNotice>('/notice');
    return Object.fromEntries(all.map(({ name, acknowledged }) => [name, acknowledged?.how ?? null]));
  };

  it('the notice is published, after a second thought', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/notice');
    await keys.write('[name=contact]', 'Tracey');
    await keys.follow('form[action="/notice"] button.primary');
    await keys.follow('button[name=step][value=edit]');
    await keys.write('[name=contact]', 'Tracey in the office');
    await keys.follow('form[action="/notice"] button.primary');
    await keys.follow(SAVE);
    await stage.shows('The notice has been published');
  });

  it('it is acknowledged on a device', async () => {
    const stage = on();
    const { staff } = stage;
    await stage.goToBox('/');
    await vi.waitFor(
      async () => {
        await staff.follow('nav a[href="/notice"]');
        await stage.shows('Tracey in the office', staff);
      },
      { timeout: 10_000, interval: 20 },
    );
    await staff.write('main [name=name]', 'Dora Hill');
    await staff.follow('form#read button.primary');
    await stage.shows('It is noted that you have read the notice.', staff);
  });

  it('whoever is on no list is put on it', async () => {
    const stage = on();
    const { keys } = stage;
    await vi.waitFor(
      async () => {
        await stage.goByMenu('/notice');
        await stage.shows('Names that are not on the list');
      },
      { timeout: 10_000, interval: 20 },
    );
    await keys.follow('form:has(input[type=hidden][name=names]) button');
    await stage.shows('The list has been saved.');
    expect(await readers()).toMatchObject({ 'Dora Hill': 'site' });
  });

  it('others are added, one signs on paper, another leaves', async () => {
    const stage = on();
    const { keys } = stage;
    await keys.write('textarea[name=names]', 'Bea Green\nCora Dale');
    await keys.follow('form:has(textarea[name=names]) button');
    await keys.tick('[name=reader]');
    await keys.follow('button[name=what][value=paper]');
    await stage.shows('It has been noted that they signed on paper.');
    await keys.tick('[name=reader]');
    await keys.follow('button[name=what][value=left]');
    await stage.shows('They are no longer on the list.');
    expect(await readers()).toEqual({ 'Aisha Khan': 'paper', 'Cora Dale': null, 'Dora Hill': 'site' });
  });

  it('the assessment gets its date', async () => {
    const stage = on();
    const { keys } = stage;
    await keys.writeDate('[name=date]', '2026-09-01');
    await keys.follow('form[action="/notice/assessment"] button');
    await stage.shows('The date of the assessment has been saved.');
    expect(await stage.stored<StoredNotice>('/notice')).toMatchObject({ assessedOn: '2026-09-01' });
  });

  it('an official channel is entered', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/channels');
    await keys.follow('main a[href="/channels/new"]');
    await keys.write('[name=name]', 'Our page on Facebook');
    await keys.write('[name=purpose]', 'News for parents');
    await keys.pick('[name=service]', 'Facebook');
    await keys.write('[name=approvedBy]', 'The committee');
    await keys.writeDate('[name=approvedOn]', '2025-01-31');
    await keys.writeDate('[name=assessedOn]', '2025-01-31');
    await keys.write('[name=firstPerson]', 'Aisha Khan');
    await keys.write('[name=secondPerson]', 'Cora Dale');
    await keys.pick('[name=device]', 'Kitchen tablet');
    await keys.tick('[name=days][value=monday]');
    await keys.tick('[name=days][value=friday]');
    await keys.writeTime('[name=from]', '13:00');
    await keys.writeTime('[name=to]', '13:30');
    await keys.follow('main form button.primary');
    await stage.shows('The channel has been saved');
    await stage.shows('The approval is more than a year old.');
    expect(await stage.stored('/channels')).toMatchObject({
      channels: [{ name: 'Our page on Facebook', days: ['monday', 'friday'], warnings: ['approval-old'] }],
    });
  });

  it('it is approved and assessed again, and gets another day', async () => {
    const stage = on();
    const { keys } = stage;
    await keys.follow('main a.button[href^="/channels/"]:not([href$=new])');
    const today = dayOfSetting();
    await keys.writeDate('[name=approvedOn]', today);
    await keys.writeDate('[name=assessedOn]', today);
    await keys.untick('[name=days][value=monday]');
    await keys.follow('main form button.primary');
    await stage.shows('The channel has been saved');
    expect(await stage.stored('/channels')).toMatchObject({
      channels: [{ approvedOn: today, assessedOn: today, days: ['friday'], warnings: [] }],
    });
  });

  it('it ends', async () => {
    const stage = on();
    const { keys } = stage;
    await keys.follow('main a.button[href^="/channels/"]:not([href$=new])');
    await keys.follow('form[action$="/close"] button.danger');
    await stage.shows('The channel has been closed.');
    expect(await stage.stored('/channels')).toEqual({ channels: [] });
  });
}
