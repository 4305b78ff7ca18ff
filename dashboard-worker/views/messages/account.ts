/** Somebody's own account. */
import { plural } from './plural.ts';

export const account = {
  title: 'Your account',
  name: 'Name',
  email: 'Email address',
  sessions: {
    title: 'Where you are signed in',
    intro: 'If you do not know one of these, sign out there and change your password.',
    since: (moment: string) => `Signed in since ${moment}`,
    passwordOnly: (at: string) => `The password was right ${at}; the second step has not been taken.`,
    own: 'here',
    half: 'password only',
    on: (browser: string, system: string) => `${browser} on ${system}`,
    unknown: 'A browser that does not say which it is',
    end: 'Sign out there',
    endOthers: 'Sign out everywhere else',
  },
  password: {
    title: 'Change your password',
    current: 'Your password until now',
    next: 'The new password',
    hint: (length: number) =>
      `At least ${length} characters. You stay signed in here, and are signed out everywhere else.`,
    button: 'Change the password',
  },
  passwordProblems: {
    wrong: 'That is not your password.',
    'slow-down': 'There have been too many attempts. Wait a quarter of an hour, then try again.',
  },
  passkeys: {
    title: 'Passkeys',
    text: 'A passkey signs you in by the fingerprint, face or PIN of a device, in place of password and code. Add one on each device that is yours alone.',
    boundTo: (host: string) =>
      `Those that you add here work at ${host} only. If the dashboard gets another address, sign in there with password and code and add new ones.`,
    ofAnotherHost: (host: string) => `It works at ${host} only, not here. Remove it if you no longer go there.`,
    none: 'You have no passkey.',
    unnamed: 'A passkey without a name',
    added: (day: string) => `Added on ${day}`,
    remove: 'Remove',
    name: 'Name of this device',
    hint: 'So that you know later which one it is, for example “My phone”.',
    button: 'Add a passkey of this device',
    problem: 'That did not work, or was cancelled. This device needs a screen lock: a fingerprint, face or PIN.',
    needsScript: 'Adding one needs JavaScript, which is switched off in this browser. Password and code do without.',
    elsewhere: 'Browsers know passkeys only under a name. Open the dashboard here and sign in:',
  },
  codes: {
    title: 'Recovery codes',
    left: (count: number) =>
      count === 0
        ? 'None is left. If your phone is lost now, you cannot sign in: make new ones.'
        : `${plural(count, { one: 'One is', other: `${count} are` })} left. Each works once, if your phone is not at hand.`,
    password: 'Your password',
    button: 'Make new ones; the old ones stop working',
  },
  app: {
    title: 'Authenticator app',
    since: (day: string) =>
      `The app that shows your codes was set up on ${day}. If that was not you, change your password and set it up anew.`,
    text: 'A new phone? Set the app up there before you give the old one away.',
    link: 'Set up the app on another phone',
    pageTitle: 'Set up the app on another phone',
    intro:
      'Until you have finished, the app on the phone that you have now goes on working. Afterwards only the new one does, and you get new recovery codes.',
    confirm: 'Type what the new phone shows now, and your password',
    button: 'Use this phone from now on',
    cancel: 'Keep the phone I have',
  },
};

/** Asked for once more, before what would let somebody in for good. */
export const ownPassword = {
  title: 'Your password, please',
  matters: {
    invitation: 'Somebody new is to come in here.',
    manager: 'Somebody is to become Nursery Manager, who may do everything.',
    'second-factor': 'Somebody is to set the app up again, for which their password alone will be enough.',
    key: 'Another program is to get a key.',
  },
  why: 'So that nobody does this in your name who finds your tablet unlocked.',
  label: 'Your password',
  button: 'Carry on',
};
