/** Roles, and what they may do. */

import type { RoleId } from '../../accounts/rights.ts';
import type { AnyRight } from '../models.ts';

export const roles = {
  manager: 'Nursery Manager',
  deputy: 'deputy manager',
  dsl: 'designated safeguarding lead',
  chair: 'chair of the committee',
  committee: 'member of the committee',
  installer: 'installer',
  staff: 'member of staff',
} satisfies Record<RoleId, string>;

export const rights = {
  'now.see': 'seeing what is allowed now',
  'grant.give': 'giving permission',
  'request.answer': 'answering requests',
  'device.change': 'changing devices',
  'policy.change': 'changing rules and opening hours',
  'usage.see': 'seeing the usage figures',
  'device-usage.see': 'seeing the usage figures of a device',
  'record.read': 'reading the record',
  'record.export': 'exporting the record',
  'year.see': 'seeing the figures of the year',
  'self-grants.see': 'seeing what people allowed for themselves',
  'views.see': 'seeing who looked at what single devices did',
  'channel.change': 'changing official channels',
  'notice.change': 'changing the monitoring notice',
  'people.change': 'inviting and removing people',
  'box.change': 'pairing and removing the box',
  'key.change': 'making and withdrawing keys',
  self: 'their own account',
  'people.see': 'seeing who belongs here',
  'box.see': 'seeing how the box is',
} satisfies Record<AnyRight, string>;

/** The page of people. */
export const people = {
  title: 'People',
  intro: 'Who may sign in here, and what they may do.',
  members: 'Who can sign in',
  you: 'you',
  since: (email: string, day: string) => `Signs in as ${email}, since ${day}.`,
  change: 'Change or remove',
  roleOf: (name: string) => `Role of ${name}`,
  saveRole: 'Save the role',
  lostPhoneText: (name: string) =>
    `${name} has lost the phone, and the recovery codes too? Then let ${name} set up the app again. You get a code for that, to be handed over in person: without it the password alone sets up nothing.`,
  lostPhone: 'Let the app be set up again',
  newResetCodeText: (name: string) =>
    `${name} does not have the code any more, or it is too old? Then make another one.`,
  newResetCode: 'Make a new code',
  awaitsResetCode: 'The app is to be set up again, with the code that you were shown.',
  resetCode: {
    title: (name: string) => `The code for ${name}`,
    text: (name: string) =>
      `${name} is signed out everywhere. At the next sign-in ${name} gives this code after the password, and sets the app up again. Hand it over in person, to ${name} only.`,
    until: (until: string) => `It is good until ${until}, and until the app is set up.`,
    once: 'It is shown only this once. If it gets lost, make a new one here.',
  },
  lostPhoneElsewhere: (name: string) =>
    `${name} also belongs to a setting that you do not manage, and the same app guards that one, so it is not yours to reset. If the phone and the recovery codes are lost: remove ${name} here, let the manager there reset it, then invite ${name} again.`,
  notResetHere: 'That was not done: this person also belongs to a setting that you do not manage.',
  noSecondFactor: 'The app is to be set up at the next sign-in.',
  also: (rights: string) => `Also allowed: ${rights}.`,
  rightsOf: (name: string) => `What ${name} may do beyond the role`,
  rightsText: 'Each is recorded. They end when the role changes.',
  saveRights: 'Save what they may do',
  changedMeanwhile: 'Somebody else has just changed this person. Look at what holds now, and choose again.',
  removeText: (name: string) =>
    `${name} is signed out everywhere at once and can no longer sign in here. Invitations of theirs that nobody has accepted are withdrawn. What they decided stays in the record.`,
  remove: (name: string) => `Remove ${name}`,
  lastManager: 'There has to be one Nursery Manager. Make somebody else a manager first.',
  invitations: 'Invitations',
  noInvitations: 'Nobody has been invited who has not come yet.',
  invitedAs: (role: string, until: string) => `Invited as ${role}. The link works until ${until}.`,
  withdraw: 'Withdraw',
  invite: 'Invite somebody',
  inviteText: 'You get a link to hand on. It works once, for three days.',
  name: 'Their name',
  noName: 'Write their name.',
  role: 'Their role',
  inviteButton: 'Make the link',
  invited: (name: string) => `The link for ${name}`,
  handOn: (name: string, role: string) => `Whoever opens it becomes ${role} here, so give it to ${name} only.`,
  qrLabel: 'The link as a QR code, to be read by a phone or tablet',
  linkUntil: (until: string) => `It works once, until ${until}.`,
  shownOnce: 'The link is shown only now. If it gets lost, withdraw the invitation and make a new one.',
  back: 'Back to People',
  whatRolesMay: 'What each role may do',
  mayDo: {
    manager: 'Everything.',
    deputy: 'Give permission, answer requests, change devices, rules and hours, pair the box, and read all figures.',
    dsl: 'See what is allowed now, read the figures of use and the record.',
    chair: 'Read the figures of the year, what people allowed for themselves, and the record without devices.',
    committee: 'Read the figures of the year.',
    installer: 'Pair the box, and change devices, rules and hours.',
    staff: 'Their own account, and what is recorded about them.',
  } satisfies Record<RoleId, string>,
};

/** What somebody who is signed in and was invited elsewhere sees. */
export const acceptInvitation = {
  intro: (role: string) => `You have been invited as ${role}.`,
  as: (name: string, email: string) => `You are signed in as ${name}, with ${email}.`,
  text: 'You keep your password and your codes, and go from one nursery to the other at the top of every page.',
  button: 'Join with this account',
  already: (settingName: string) =>
    `You belong to ${settingName} already, so there is nothing to accept. The link can still be used by whom it is for.`,
  notYou: 'Is the invitation for somebody else? Sign out, then open the link again.',
};

/** The settings of somebody who belongs to several. */
export const settings = {
  title: 'Your settings',
  intro: 'Each has its own devices, permissions and record.',
  here: 'You are here',
  go: 'Go there',
  change: 'Change',
  changeHidden: 'to another setting',
};

/** What somebody who was invited sees. */
export const join = {
  title: (settingName: string) => `Join ${settingName}`,
  intro: (role: string) => `You have been invited as ${role}. Choose what you will sign in with.`,
  nameHint: 'It stands beside what you decide.',
  button: 'Join',
  haveAccount: 'Do you already sign in here, for another nursery?',
  signInFirst: 'Sign in and join with that account',
  emailTaken: 'Somebody already signs in here with this email address. If it is you, sign in first.',
  gone: {
    title: 'This invitation does not work any more',
    sentence: 'It has been used or withdrawn, is older than three days, or the link is incomplete.',
    whatToDo: 'If you have joined already, sign in. If not, ask the Nursery Manager for a new link.',
  },
};
