/** People and their accounts: how somebody comes, what they may do, how they leave, and what everybody does with their own account. */
import type { CDPSession } from 'playwright-core';
import { expect, it } from 'vitest';
import { CodesApp } from '../../support/codes-app.ts';
import { manager } from '../../support/dashboard-client.ts';
import type { Keyboard } from '../../support/keyboard.ts';
import { recoveryCodesOn } from './coming-in.ts';
import type { Stage } from './stage.ts';

const deputy = { name: 'Aisha Khan', email: 'aisha@nursery.example', password: 'four quiet garden gates' };

export function peopleFlows(on: () => Stage): void {
  /** The deputy's own browser. */
  let theirs: Keyboard;
  let theirApp: CodesApp;

  const members = async () => {
    const { people } = await on().stored<{ people: { name: string; role: string; extra: string[] }[] }>('/people');
    return people.map(({ name, role, extra }) => [name, role, ...extra]);
  };

  /** From the page of people, over one's own password, to the link that is handed on. */
  const invite = async (name: string, role: string): Promise<string> => {
    const stage = on();
    await stage.goByMenu('/people');
    await stage.keys.write('main [name=name]', name);
    await stage.keys.pick('#role', role);
    await stage.keys.follow('form[action="/people/invitations"] button.primary');
    await stage.givePassword();
    await stage.shows(`The link for ${name}`);
    return (await stage.page.textContent('main .card code')) ?? '';
  };

  /** The card of that person, unfolded. */
  const unfoldDeputy = async (): Promise<void> => {
    await on().goByMenu('/people');
    await on().keys.unfold('main li.card:nth-of-type(2) summary');
  };

  const signIn = async (keys: Keyboard, email: string, password: string): Promise<void> => {
    await keys.write('[name=email]', email);
    await keys.write('[name=password]', password);
    await keys.follow('main form[action="/sign-in"] button[type=submit]');
  };

  const setUpApp = async (): Promise<void> => {
    theirApp = CodesApp.ofPage(await theirs.page.content());
    await theirs.write('[name=code]', await theirApp.nextCode());
    await theirs.follow('main button[type=submit]');
    await recoveryCodesOn(on(), theirs);
    await theirs.follow('main a.primary');
  };

  it('somebody is invited, joins by the link and sets the app up', async () => {
    const stage = on();
    const link = await invite(deputy.name, 'Deputy manager');
    theirs = await stage.open(390);
    await stage.goTo(link, theirs);
    await theirs.write('[name=name]', deputy.name);
    await theirs.write('[name=email]', deputy.email);
    await theirs.write('[name=password]', deputy.password);
    await theirs.follow('main form button.primary');
    await signIn(theirs, deputy.email, deputy.password);
    await setUpApp();
    await stage.shows('The gate is working', theirs);
    expect(await members()).toEqual([
      [manager.name, 'manager'],
      [deputy.name, 'deputy'],
    ]);
  });

  it('an invitation is withdrawn', async () => {
    const stage = on();
    await invite('Bea Green', 'Member of staff');
    await stage.keys.follow('main a.button[href="/people"]');
    await stage.keys.follow('form[action$="/withdraw"] button');
    await stage.shows('The invitation has been withdrawn.');
    expect(await stage.stored('/invitations')).toEqual({ invitations: [] });
  });

  it('the deputy may do more than the role says', async () => {
    const stage = on();
    await unfoldDeputy();
    await stage.keys.tick('[name=right][value="record.export"]');
    await stage.keys.follow('form[action$="/rights"] button');
    await stage.shows('The rights have been saved');
    expect(await members()).toContainEqual([deputy.name, 'deputy', 'record.export']);
  });

  it('the deputy becomes the safeguarding lead', async () => {
    const stage = on();
    await unfoldDeputy();
    await stage.keys.pick('main li.card:nth-of-type(2) [name=role]', 'Designated safeguarding lead');
    await stage.keys.follow('main li.card:nth-of-type(2) form[action$="/role"] button');
    await stage.shows('The new role holds from now on.');
    expect(await members()).toContainEqual([deputy.name, 'dsl']);
  });

  it('who has lost the phone sets the app up again, with the code that the manager hands over', async () => {
    const stage = on();
    await unfoldDeputy();
    await stage.keys.follow('form[action$="/second-factor"] button');
    await stage.givePassword();
    await stage.shows(`The code for ${deputy.name}`);
    const code = (await stage.page.textContent('main .card p.code')) ?? '';
    await stage.goTo('/sign-in', theirs);
    await signIn(theirs, deputy.email, deputy.password);
    await theirs.write('[name=resetCode]', code);
    await theirs.follow('main form button.primary');
    await setUpApp();
    await stage.shows('The gate is working', theirs);
  });

  it('the safeguarding lead becomes the chair, who looks at what people allowed for themselves', async () => {
    const stage = on();
    await unfoldDeputy();
    await stage.keys.pick('main li.card:nth-of-type(2) [name=role]', 'Chair of the committee');
    await stage.keys.follow('main li.card:nth-of-type(2) form[action$="/role"] button');
    expect(await members()).toContainEqual([deputy.name, 'chair']);
    await stage.goTo('/', theirs);
    await theirs.follow('nav a[href="/year"]');
    await theirs.follow('main a[href="/year/self-grants"]');
    await stage.shows('Facebook', theirs);
  });

  it('who leaves is removed, and is out at once', async () => {
    const stage = on();
    await unfoldDeputy();
    await stage.keys.follow('main li.card:nth-of-type(2) form[action$="/remove"] button');
    await stage.shows('That person can no longer sign in here.');
    expect(await members()).toEqual([[manager.name, 'manager']]);
    await theirs.follow('nav a[href="/account"]');
    expect(theirs.page.url()).toContain('/sign-in');
  });
}

export function accountFlows(on: () => Stage): void {
  /** A second browser of the manager's. */
  let second: Keyboard;
  let authenticator: CDPSession;

  const sessions = async () => await on().page.locator('main li:has-text("Signed in since")').count();

  it('one signs in elsewhere with a recovery code, and that session is ended', async () => {
    const stage = on();
    const { keys } = stage;
    second = await stage.open(820);
    await stage.goTo('/sign-in', second);
    await second.write('[name=email]', manager.email);
    await second.write('[name=password]', stage.password);
    await second.follow('main form[action="/sign-in"] button[type=submit]');
    await second.follow('main a[href^="/sign-in/recovery-code"]');
    await second.write('[name=code]', stage.recoveryCodes[0] ?? '');
    await second.follow('main button[type=submit]');
    await stage.shows('The gate is working', second);
    await stage.goByMenu('/account');
    expect(await sessions()).toBe(2);
    await keys.follow('form[action="/account/sessions/end"] button');
    await stage.shows('That is signed out.');
    expect(await sessions()).toBe(1);
  });

  it('a passkey is added, signs in elsewhere, and is removed', async () => {
    const stage = on();
    const { keys } = stage;
    const phone = {
      ...({ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true } as const),
      ...{ isUserVerified: true, automaticPresenceSimulation: true },
    };
    authenticator = await stage.page.context().newCDPSession(stage.page);
    await authenticator.send('WebAuthn.enable');
    const { authenticatorId } = await authenticator.send('WebAuthn.addVirtualAuthenticator', { options: phone });
    await keys.write('[name=passkeyName]', 'My phone');
    await keys.write('[name=passkeyPassword]', stage.password);
    await keys.use('form[data-passkey=add] button');
    await stage.page.getByText('The passkey has been added.').waitFor();
    // The same phone, at the other browser.
    const { credentials } = await authenticator.send('WebAuthn.getCredentials', { authenticatorId });
    const there = await second.page.context().newCDPSession(second.page);
    await there.send('WebAuthn.enable');
    const other = await there.send('WebAuthn.addVirtualAuthenticator', { options: phone });
    await there.send('WebAuthn.addCredential', {
      authenticatorId: other.authenticatorId,
      credential: credentials[0]!,
    });
    await stage.goTo('/sign-in', second);
    await second.use('form[data-passkey=get] button');
    await second.page.getByText('The gate is working').waitFor();
    await keys.follow('form[action="/account/passkeys/remove"] button');
    await stage.shows('The passkey has been removed.');
    await stage.shows('You have no passkey.');
  });

  it('one signs out everywhere else', async () => {
    const stage = on();
    await stage.goByMenu('/account');
    expect(await sessions()).toBe(2);
    await stage.keys.follow('form[action="/account/sessions/end-others"] button');
    expect(await sessions()).toBe(1);
    await stage.goTo('/account', second);
    expect(second.page.url()).toContain('/sign-in');
  });

  it('new recovery codes are made', async () => {
    const stage = on();
    const { keys } = stage;
    await keys.write('[name=codesPassword]', stage.password);
    await keys.follow('form[action="/account/recovery-codes"] button');
    const codes = await recoveryCodesOn(stage);
    expect(codes.filter((code) => stage.recoveryCodes.includes(code))).toEqual([]);
    await keys.follow('main a.primary');
  });

  it('the app moves to another phone', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/account');
    await keys.follow('main a[href="/account/app"]');
    const before = stage.app;
    stage.app = CodesApp.ofPage(await stage.page.content());
    expect(await stage.app.codeAt(0)).not.toBe(await before.codeAt(0));
    await keys.write('[name=code]', await stage.app.nextCode());
    await keys.write('[name=password]', stage.password);
    await keys.follow('form[action="/account/app"] button.primary');
    await recoveryCodesOn(stage);
    await keys.follow('main a.primary');
    expect(await stage.record()).toContain('app');
  });

  it('the password is changed, and the new one signs in', async () => {
    const stage = on();
    const { keys } = stage;
    await stage.goByMenu('/account');
    await keys.write('[name=currentPassword]', stage.password);
    stage.password = 'six other words entirely';
    await keys.write('[name=newPassword]', stage.password);
    await keys.follow('form[action="/account/password"] button');
    await stage.shows('The new password holds from now on.');
    await keys.follow('form[action="/sign-out"] button');
    await keys.write('[name=email]', manager.email);
    await keys.write('[name=password]', stage.password);
    await keys.follow('main form[action="/sign-in"] button[type=submit]');
    await keys.write('[name=code]', await stage.app.nextCode());
    await keys.follow('main button[type=submit]');
    await stage.shows('The gate is working');
  });
}
