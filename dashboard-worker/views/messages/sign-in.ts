/** Signing in, and the one-time set-up. */
export const signIn = {
  title: 'Sign in',
  email: 'Email address',
  password: 'Password',
  button: 'Sign in',
  passkey: 'Sign in with a passkey',
  passkeyProblem: 'That did not work, or was cancelled. Try again, or use your password.',
  outcomes: {
    wrong: 'The email address or the password is not right. Check both and try again.',
    'slow-down': (wait: string) =>
      `There have been too many wrong passwords, perhaps somebody else’s. Try again in ${wait}, or now on a device on which you have signed in before.`,
    'passkey-wrong':
      'That passkey is not known here, or the device did not ask who you are. Sign in with your password and the code of your app.',
    'signed-out': 'You have signed out.',
    expired: 'You were signed out because the page had not been used for a while. Sign in to carry on.',
    joined: 'You have joined. Sign in with the email address and the password you have just chosen.',
    'set-up': 'The dashboard is ready. Sign in with the email address and the password you have just chosen.',
  },
};

export const setup = {
  title: 'Set up your dashboard',
  intro: 'This takes a minute. You will be the first person who can sign in.',
  settingName: 'Name of the nursery, pre-school or centre',
  settingNameHint: 'As it should appear at the top of every page and on reports.',
  name: 'Your name',
  nameHint: 'It stands beside every permission you give.',
  email: 'Your email address',
  emailHint: 'You sign in with it. Nothing is sent to it.',
  password: 'Choose a password',
  passwordHint: (length: number) => `At least ${length} characters. Three words you can remember make a good one.`,
  button: 'Set up',
  problems: { settingName: 'Write the name of the nursery.', name: 'Write your name.' },
  used: {
    title: 'This set-up link does not work any more',
    used: 'The dashboard has already been set up with it.',
    unknown: 'It may be incomplete, or out of date.',
    whatToDo:
      'If you have an account, sign in. If not, ask the person who installed the box: a new link is shown each time the dashboard starts, until somebody has set it up.',
  },
};

export const recover = {
  title: 'Let the manager back in',
  intro: (name: string) =>
    `This new set-up link is for ${name}, who can no longer sign in. It works once, and that it was used stays in the record.`,
  what: 'The old password, app and recovery codes stop working, and you are signed out everywhere. Setting the app up again comes next.',
  email: 'Email address to sign in with',
  password: 'Choose a new password',
  button: 'Carry on',
};
