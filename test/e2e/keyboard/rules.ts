/** Devices and rules: naming, changing and removing a device, what holds for groups and networks, and when the setting is open. */
import { expect, it } from 'vitest';
import { dayOfSetting, FACEBOOK, GUEST, KITCHEN_TABLET, SAVE, type Stage } from './stage.ts';

const CHECK = 'main form button.primary';

export function ruleFlows(on: () => Stage): void {
  /** From the form that was filled in, over the page that says what would change, to what was said when it was saved. */
  const save = async (changes: string, saved: string): Promise<void> => {
    const stage = on();
    await stage.keys.follow(CHECK);
    await stage.shows(changes);
    await stage.keys.follow(SAVE);
    await stage.shows(saved);
  };

  it('a device is named', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/devices');
    await keys.follow('main a[href="/devices/new"]');
    await keys.write('[name=name]', 'Toddler room tablet');
    await keys.choose('group', 'setting');
    await keys.choose('user', 'shared');
    await keys.write('[name=macs]', 'dc:a6:32:01:02:03');
    await save('Toddler room tablet', 'The device has been saved.');
    expect(await stage.stored('/devices/toddler-room-tablet')).toMatchObject({
      user: { kind: 'shared' },
      macs: ['dc:a6:32:01:02:03'],
    });
  });

  it('it gets another name and group and a user of its own, after a second thought', async () => {
    const stage = on();
    const { keys } = stage;
    await keys.follow('main a[href="/devices/toddler-room-tablet"]');
    await keys.write('[name=name]', 'Camera');
    await keys.follow(CHECK);
    await keys.follow('button[name=step][value=edit]');
    await keys.write('[name=name]', 'Staff phone');
    await keys.choose('user', 'person');
    await keys.write('[name=userName]', 'Aisha Khan');
    await save('Staff phone', 'The device has been saved.');
    expect(await stage.stored('/devices/toddler-room-tablet')).toMatchObject({
      name: 'Staff phone',
      user: { kind: 'person', name: 'Aisha Khan' },
    });
  });

  it('it is removed', async () => {
    const stage = on();
    const { keys } = stage;
    await keys.follow('main a[href="/devices/toddler-room-tablet"]');
    await keys.follow('form[action$="/remove"] button.danger');
    await keys.follow(SAVE);
    await stage.shows('The device has been removed.');
    const { devices } = await stage.stored<{ devices: { id: string }[] }>('/devices');
    expect(devices.map(({ id }) => id)).toEqual(['office-pc', 'kitchen-tablet']);
  });

  it('devices without a name are looked for', async () => {
    const stage = on();
    const { keys } = stage;
    await keys.follow('main a[href="/unnamed-devices"]');
    await stage.shows('has a name');
    await keys.follow('main a.button[href="/unnamed-devices"]');
    await stage.shows('has a name');
  });

  it('it is chosen how devices without a name are filtered, and taken back', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.reaches(GUEST, 'NOERROR');
    await keys.follow('main a[href="/networks"]');
    await keys.pick('[id="network-127.0.43.0/24"]', 'Setting devices');
    await save('Guests', 'How devices without a name are filtered has been saved');
    await stage.reaches(GUEST, 'NXDOMAIN');
    await keys.follow('main a[href="/policy/last-change"]');
    await keys.follow('form[action="/policy/last-change"] button');
    await stage.shows('The change has been undone.');
    await stage.reaches(GUEST, 'NOERROR');
  });

  it('one service is opened for a group', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/devices');
    await keys.follow('main a[href="/groups/setting/rules"]');
    await keys.pick('[name=another]', 'LinkedIn');
    await keys.pick('[name=anotherWhen]', 'Not blocked');
    await save('LinkedIn', 'What is blocked has been saved');
    await stage.reaches(KITCHEN_TABLET, 'NOERROR', 'www.linkedin.com');
    await stage.reaches(KITCHEN_TABLET, 'NXDOMAIN', FACEBOOK);
  });

  it('safe search is switched off for a group', async () => {
    const stage = on();
    const { keys } = stage;
    await keys.follow('main a[href="/groups/setting/safe-search"]');
    await keys.choose('search', 'off');
    await keys.choose('youtube', 'strict');
    await save('Search engines show what they are set to show', 'Safe search has been saved');
    expect(await stage.stored('/groups/setting/safe-search')).toEqual({ search: false, youtube: 'strict' });
  });

  it('the first names that staff choose from are written down', async () => {
    const stage = on();
    const { keys } = stage;
    await keys.follow('main a[href="/first-names"]');
    await keys.write('[name=names]', 'Aisha\nZoë');
    await save('Aisha', 'The list of first names has been saved');
    expect(await stage.stored('/first-names')).toEqual({ names: ['Aisha', 'Zoë'] });
  });

  const hours = '/hours';
  it.each<[what: string, fill: (stage: Stage) => Promise<void>, changes: string, stored: object]>([
    [
      'a break',
      async ({ keys }) => {
        await keys.unfold('details:has([name=breaks-monday-from]) > summary');
        await keys.writeTime('[name=breaks-monday-from]', '12:00');
        await keys.writeTime('[name=breaks-monday-to]', '13:00');
      },
      '12:00 to 13:00',
      { breaks: expect.objectContaining({ monday: [{ from: '12:00', to: '13:00' }] }) },
    ],
    [
      'a term',
      async ({ keys }) => {
        await keys.unfold('details:has(#terms-name-0) > summary');
        await keys.write('#terms-name-0', 'All the year');
        await keys.writeDate('#terms-first-0', '2020-01-01');
        await keys.writeDate('#terms-last-0', '2099-12-31');
      },
      'All the year',
      { terms: [{ name: 'All the year', first: '2020-01-01', last: '2099-12-31' }] },
    ],
    [
      'a closure',
      async ({ keys }) => {
        await keys.unfold('details:has(#closures-name-0) > summary');
        await keys.write('#closures-name-0', 'Christmas');
        await keys.writeDate('#closures-first-0', '2098-12-24');
        await keys.writeDate('#closures-last-0', '2099-01-02');
      },
      '24 December 2098',
      { closures: [{ name: 'Christmas', first: '2098-12-24', last: '2099-01-02' }] },
    ],
    [
      'a one-off opening, and bank holidays',
      async ({ keys }) => {
        await keys.unfold('details:has(#openings-name-0) > summary');
        await keys.write('#openings-name-0', 'Open day');
        await keys.writeDate('#openings-date-0', '2098-07-05');
        await keys.writeTime('#openings-from-0', '10:00');
        await keys.writeTime('#openings-to-0', '16:00');
        await keys.choose('bankHolidays', 'england-and-wales');
      },
      'Open day',
      {
        openings: [{ name: 'Open day', date: '2098-07-05', from: '10:00', to: '16:00' }],
        bankHolidays: 'england-and-wales',
      },
    ],
    [
      'the usual week',
      async ({ keys }) => await keys.writeTime('[name=week-monday-to]', '20:00'),
      '00:00 to 20:00',
      { week: expect.objectContaining({ monday: [{ from: '00:00', to: '20:00' }] }) },
    ],
  ])('the hours get %s', async (_what, fill, changes, stored) => {
    const stage = on();
    await stage.goByMenu(hours);
    await fill(stage);
    await save(changes, 'The opening hours have been saved');
    expect(await stage.stored(hours)).toMatchObject(stored);
  });

  it('the last change of them is undone, and no other', async () => {
    const stage = on();
    const { keys } = stage;
    await keys.follow('main a[href="/policy/last-change"]');
    await keys.follow('form[action="/policy/last-change"] button');
    await stage.shows('The change has been undone.');
    expect(await stage.stored(hours)).toMatchObject({
      week: expect.objectContaining({ monday: [{ from: '00:00', to: '24:00' }] }),
      closures: [{ name: 'Christmas' }],
    });
  });

  it('the year is looked through on the calendar', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu(hours);
    await keys.follow('main a[href="/hours/calendar"]');
    const first = await stage.main();
    await keys.follow('main a[rel=next]');
    expect(await stage.main()).not.toBe(first);
    await keys.follow('main a[rel=prev]');
    await keys.follow('main nav a[href="/hours"]');
    await stage.shows('Your week at a glance');
  });

  it('today it is open for the parents’ evening', async () => {
    const stage = on();
    const { keys } = stage;
    await keys.write('form[action="/hours/open-today"] [name=name]', 'Summer fête');
    await keys.writeTime('form[action="/hours/open-today"] [name=from]', '18:00');
    // Midnight is still to come whenever this runs.
    await keys.writeTime('form[action="/hours/open-today"] [name=to]', '00:00');
    await keys.follow('form[action="/hours/open-today"] button');
    await stage.shows('The one-off opening has been added.');
    const { openings } = await stage.stored<{ openings: object[] }>(hours);
    expect(openings).toContainEqual({ name: 'Summer fête', date: dayOfSetting(), from: '18:00', to: '24:00' });
  });
}
