/** The second factor: sign-in's second step, setting up the app, and the recovery codes. */
import type { CodeProblem } from '../models.ts';

export const secondStep = {
  app: {
    title: 'Your code',
    intro: 'The password is right. One more step keeps everybody else out.',
    label: 'The six digits that your app shows now',
    hint: 'Open the authenticator app that you set up for Stairgate. The digits change every half minute.',
    problems: {
      wrong: 'That code is not right, or it has been used already. Wait for the next one and type that.',
      'slow-down': 'There have been too many attempts. Wait a quarter of an hour, then try again.',
    } satisfies Record<CodeProblem, string>,
    other: 'I do not have the app here: use a recovery code',
  },
  'recovery-code': {
    title: 'Your recovery code',
    intro: 'Use one of the codes that you printed or wrote down when you set up the app.',
    label: 'One of your recovery codes',
    hint: 'Ten letters and digits. Each code works once; cross it out.',
    problems: {
      wrong: 'That code is not right, or it has been used already. Check it, or use another one.',
      'slow-down': 'There have been too many attempts. Wait a quarter of an hour, then try again.',
    } satisfies Record<CodeProblem, string>,
    other: 'I have the app here: use its code',
  },
  button: 'Sign in',
  startAgain: 'Sign in as somebody else',
};

export const secondFactor = {
  title: 'Protect your account',
  intro:
    'Whoever can give permission here needs more than a password: a code that an app on your phone shows. This takes two minutes, once.',
  install: 'Have an authenticator app on your phone',
  installHint:
    'Google Authenticator, Microsoft Authenticator and the Passwords app of an iPhone all do. It works without the internet, and nobody learns anything from it.',
  scan: 'Let the app scan this picture',
  picture: 'Picture for the app to scan. The key below it says the same.',
  byHand: 'The app cannot scan it?',
  onThisDevice: 'The app is on this device: open it',
  key: 'Or choose “enter a key” in the app and type this one. It is based on time.',
  confirm: 'Type what the app shows now',
  label: 'Six digits',
  hint: 'They change every half minute.',
  problems: {
    wrong:
      'That is not what the app should show now. Check that you scanned this very picture and that the phone’s clock is right, then type the new digits.',
    'slow-down': 'There have been too many attempts. Wait a quarter of an hour, then try again.',
  } satisfies Record<CodeProblem, string>,
  button: 'Carry on',
};

export const giveResetCode = {
  title: 'The code from your manager',
  intro: 'Your app is to be set up again. Whoever allowed that was shown a code for you: ask for it in person.',
  label: 'Your code',
  hint: 'Ten letters and digits.',
  problems: {
    wrong: 'That code is not right, or it is too old. Check it, or ask for a new one.',
    'slow-down': 'There have been too many attempts. Wait a quarter of an hour, then try again.',
  } satisfies Record<CodeProblem, string>,
  button: 'Carry on',
};

export const recoveryCodes = {
  title: 'Print your recovery codes',
  intro: 'Your account is protected. If your phone is ever lost, one of these codes lets you in in its place.',
  keep: 'Print this page, or write the codes down, and keep them where you keep your keys. They are shown only this once. Each works once.',
  list: 'Recovery codes',
  done: 'I have them on paper: go to Now',
};
