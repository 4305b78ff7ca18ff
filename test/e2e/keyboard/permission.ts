/** Permission: giving, prolonging, ending, repeating, booking and noting it, and answering those who ask at the box's own site. */
import { expect, it } from 'vitest';
import { manager } from '../../support/dashboard-client.ts';
import { dayOfSetting, IN_FORCE, KITCHEN_TABLET, OFFICE_PC, type Stage } from './stage.ts';

const GIVE = 'form[action="/give"] button.primary';
const END = 'form[action$="/end"] button';

interface StoredGrant {
  readonly id: string;
  readonly state: { readonly kind: string };
}

export function permissionFlows(on: () => Stage): void {
  /** What is stored of the one whose page is shown. */
  const shown = async (): Promise<StoredGrant> => {
    const { grants } = await on().stored<{ grants: StoredGrant[] }>('/grants');
    const id = new URL(on().page.url()).pathname.split('/').at(-1);
    const grant = grants.find((one) => one.id === id);
    if (grant === undefined) throw new Error(`no grant ${id} among ${JSON.stringify(grants)}`);
    return grant;
  };
  const untilInForce = () => on().page.getByText(IN_FORCE).first().waitFor();
  const untilEnded = () => on().page.getByText(`by ${manager.name}`).first().waitFor();

  it('permission is given, prolonged and ended', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.reaches(OFFICE_PC, 'NXDOMAIN');
    await stage.goByMenu('/give');
    await keys.tick('input[name=target][value="device:office-pc"]');
    await keys.choose('scope', 'service:facebook');
    await keys.choose('until', '10');
    await keys.choose('forWhom', 'me');
    await keys.choose('reason', 'setting-page');
    await keys.follow(GIVE);
    await untilInForce();
    await stage.reaches(OFFICE_PC, 'NOERROR');
    await stage.reaches(KITCHEN_TABLET, 'NXDOMAIN');
    await keys.follow('form[action$="/extend"] button[value="30"]');
    await stage.shows('gave more time');
    await keys.follow(END);
    await untilEnded();
    await stage.reaches(OFFICE_PC, 'NXDOMAIN');
  });

  it('a form that lacks something says so, and each line leads to its field', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/give');
    await keys.choose('reason', 'other');
    await keys.follow(GIVE);
    await stage.shows('There is a problem');
    for (const [field, selector] of [
      ['target', 'input[name=target]'],
      ['forWhom', 'input[name=forWhom]'],
      ['reasonText', '#reasonText'],
    ] as const) {
      await keys.use(`.error-summary a[href="#${field}"]`);
      await keys.to(selector);
    }
    expect(await stage.page.evaluate<string>('document.activeElement.name')).toBe('reasonText');
  });

  it('several devices and a group at once, for somebody else, by word of mouth', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/give');
    await keys.tick('input[name=target][value="device:office-pc"]');
    await keys.tick('input[name=target][value="device:kitchen-tablet"]');
    await keys.tick('input[name=target][value="group:setting"]');
    await keys.choose('scope', 'all-social');
    await keys.choose('until', 'close');
    await keys.choose('forWhom', 'other');
    await keys.write('[name=askedBy]', 'Aisha');
    await keys.choose('reason', 'other');
    await keys.write('[name=reasonText]', 'the summer fête');
    await keys.unfold('details:has([name=purpose]) > summary');
    await keys.choose('purpose', 'official');
    await keys.choose('mode', 'written');
    await keys.follow(GIVE);
    await untilInForce();
    await stage.shows('The summer fête');
    for (const device of [OFFICE_PC, KITCHEN_TABLET, '127.0.0.99']) await stage.reaches(device, 'NOERROR');
    await keys.follow('main a.button[href="/"]');
    await keys.follow(`main ${END}`);
    await stage.shows('The permission is being ended.');
    for (const device of [OFFICE_PC, KITCHEN_TABLET, '127.0.0.99']) await stage.reaches(device, 'NXDOMAIN');
  });

  it('the usual is given once more with one key, prolonged and ended where the list of them stands', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/give');
    await keys.follow('form[action="/give/repeat"] button');
    await untilInForce();
    await stage.reaches(OFFICE_PC, 'NOERROR');
    await keys.follow('main a.button[href="/"]');
    await keys.follow('main form[action$="/extend"] button[value="10"]');
    await stage.shows('More time has been given.');
    await keys.follow(`main ${END}`);
    await stage.shows('The permission is being ended.');
    await stage.reaches(OFFICE_PC, 'NXDOMAIN');
  });

  it('an emergency takes one key', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/give');
    await keys.follow('form[action="/give/emergency"] button');
    await untilInForce();
    await stage.shows('Emergency');
    await stage.reaches(KITCHEN_TABLET, 'NOERROR');
    await keys.follow(END);
    await untilEnded();
    await stage.reaches(KITCHEN_TABLET, 'NXDOMAIN');
  });

  it('one is booked for tomorrow, of another kind, and cancelled', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/give');
    await keys.tick('input[name=target][value="device:kitchen-tablet"]');
    await keys.unfold('#scope > details > summary');
    await keys.unfold('#scope details details:has([value="category:video-sharing"]) summary');
    await keys.choose('scope', 'category:video-sharing');
    await keys.choose('until', 'time');
    await keys.writeTime('[name=untilTime]', '11:30');
    await keys.unfold('details:has([name=fromTime]) > summary');
    await keys.writeTime('[name=fromTime]', '10:30');
    await keys.writeDate('[name=fromDate]', dayOfSetting(1));
    await keys.choose('forWhom', 'me');
    await keys.choose('reason', 'activity');
    await keys.follow(GIVE);
    await stage.page.getByText('Booked for').first().waitFor();
    expect(await shown()).toMatchObject({ state: { kind: 'booked' } });
    await keys.follow(END);
    await untilEnded();
  });

  it('one that was given by word of mouth is noted afterwards', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/give');
    await keys.follow('main a[href="/give/note"]');
    await keys.tick('input[name=target][value="device:office-pc"]');
    await keys.choose('scope', 'service:facebook');
    await keys.writeTime('[name=fromTime]', '09:00');
    await keys.writeTime('[name=untilTime]', '09:30');
    await keys.choose('forWhom', 'me');
    await keys.choose('reason', 'training');
    await keys.choose('purpose', 'personal');
    await keys.follow('form[action="/give/note"] button.primary');
    await stage.shows('noted afterwards');
    expect(await shown()).toMatchObject({ state: { kind: 'noted' } });
    await stage.reaches(OFFICE_PC, 'NXDOMAIN');
  });

  /** From the first page of the box's own site to the one that waits. */
  const ask = async (reason: string): Promise<void> => {
    const { staff } = on();
    await staff.follow('nav a[href="/ask"]');
    await staff.pick('[name=what]', 'Facebook');
    await staff.pick('[name=minutes]', 'half an hour');
    await staff.write('[name=reason]', reason);
    await staff.write('[name=askedBy]', 'Aisha');
    await staff.follow('main button.primary');
    await on().shows('Waiting', staff);
    // The page need not renew itself under somebody who reads it.
    await staff.follow('main a[href="?renew=no"]');
  };

  /** The box tells of an answer a moment after it was given. */
  const lookAgainFor = async (answer: string): Promise<void> => {
    const { staff } = on();
    await expect
      .poll(
        async () => {
          if ((await staff.page.getByText(answer).count()) === 0) await staff.follow('main a.button[href="?renew=no"]');
          return await on().main(staff);
        },
        { timeout: 10_000, interval: 20 },
      )
      .toContain(answer);
  };

  it('a member of staff asks on a device, and is answered with yes and a word to it', async () => {
    const stage = on();
    const { keys, staff } = stage;
    await stage.goToBox('/');
    await ask('to answer a parent');
    await stage.goByMenu('/');
    await stage.page.getByText('Aisha asks for Facebook').waitFor();
    await keys.pick('.request select[name=yesReason]', 'Yes: “Please keep it short”');
    await keys.follow('.request button[value="10"]');
    await untilInForce();
    await lookAgainFor('You have permission');
    await stage.shows('Please keep it short', staff);
    await stage.reaches(OFFICE_PC, 'NOERROR');
    await keys.follow(END);
    await untilEnded();
  });

  it('another is refused with a reason, and asks again', async () => {
    const stage = on();
    const { keys, staff } = stage;
    await ask('to look something up');
    await stage.goByMenu('/');
    await stage.page.getByText('to look something up').waitFor();
    await keys.pick('.request select[name=reason]', 'Please use your break');
    await keys.follow('.request button[value="no"]');
    await stage.shows('The answer has been sent.');
    await lookAgainFor('Please use your break');
    await staff.follow('main a.button[href="/ask"]');
    await stage.shows('What do you need?', staff);
  });

  it('a third is answered with the long form, which is filled in already', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goToBox('/');
    await ask('a photo for the parents');
    await stage.goByMenu('/');
    await stage.page.getByText('a photo for the parents').waitFor();
    await keys.follow('.request a[href^="/give?request="]');
    await stage.shows('You are answering this request');
    await keys.choose('until', '60');
    await keys.follow(GIVE);
    await untilInForce();
    await stage.shows('A photo for the parents');
    await keys.follow(END);
    await untilEnded();
  });
}
