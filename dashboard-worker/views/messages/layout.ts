/** The frame of every page, and what forms share. */

import type { DoneFlash, NotDoneFlash, PageId } from '../models.ts';
import type { furtherPages } from '../page-order.ts';
import { plural } from './plural.ts';

export const layout = {
  skip: 'Skip to the main content',
  navigation: 'Pages',
  signedInAs: (name: string) => `Signed in as ${name}`,
  signOut: 'Sign out',
  errorPrefix: 'Error: ',
  standingWarnings: 'Standing warnings',
  thisMachine:
    'This address works only on the machine on which the dashboard runs, and on no phone, tablet or box. Whoever installed it can give it one that the others reach.',
  paging: {
    label: 'Pages of this list',
    newer: 'Newer',
    older: 'Older',
    pageOf: (page: number, pages: number) => `Page ${page} of ${pages}`,
  },
  notUpToDate: (since: string) =>
    `Not up to date since ${since}: the dashboard does not answer. This page keeps trying by itself.`,
  waitingCount: (count: number) => plural(count, { one: '1 request waiting', other: `${count} requests waiting` }),
  pages: {
    now: 'Now',
    give: 'Give permission',
    devices: 'Devices',
    hours: 'Hours',
    usage: 'Usage',
    record: 'Record',
    year: 'Year',
    channels: 'Channels',
    notice: 'Notice',
    people: 'People',
    box: 'Box',
    account: 'Account',
  } satisfies Record<PageId, string>,
  more: 'More',
  /** While one of them is shown. */
  moreHere: (page: string) => `More: ${page}`,
  furtherPages: {
    lookBack: 'Looking back',
    agreed: 'Agreed in writing',
    setUp: 'Setting up',
  } satisfies Record<keyof typeof furtherPages, string>,
  warnings: {
    noBox:
      'No box is paired with this dashboard. A box that was paired before goes on filtering by its last rules; without one, nothing is filtered.',
    noBoxLink: 'Pair the box',
    boxAway: (since: string) =>
      `The box has not been heard from since ${since}. It keeps filtering, and ends permissions on time by itself. New permissions wait here until it is back.`,
    boxAwayLink: 'What to check',
    clockNotTrusted:
      'The box is not sure of the time. Until it is, social media stays blocked and new permissions wait. Everything else works. It sorts itself out once the box reaches the internet.',
    plainHttp:
      'This connection is not encrypted. Anybody on the same network could read what you type, so use it on your own network only.',
  },
  flash: {
    'device-saved': 'The device has been saved.',
    'first-names-saved': 'The list of first names has been saved and is on its way to the box.',
    'networks-saved': 'How devices without a name are filtered has been saved, and is on its way to the box.',
    'group-rules-saved': 'What is blocked has been saved, and is on its way to the box.',
    'safe-search-saved':
      'Safe search has been saved and is on its way to the box. The devices follow within a minute or two.',
    'device-removed': 'The device has been removed. It is filtered as an unnamed device from now on.',
    'hours-saved': 'The opening hours have been saved and are on their way to the box.',
    'change-undone': 'The change has been undone. The rules as they were before are on their way to the box.',
    'opening-added': 'The one-off opening has been added.',
    'request-refused': 'The answer has been sent. The person sees it on the device they asked from.',
    'grant-ended': 'The permission is being ended.',
    'grant-extended': 'More time has been given.',
    'rights-changed': 'The rights have been saved, and hold from now on.',
    'role-changed': 'The new role holds from now on.',
    'keys-stay':
      'That holds from now on, and invitations of theirs that nobody had accepted are withdrawn. Keys for other programs go on working: withdraw those that they may have kept a copy of.',
    'person-removed': 'That person can no longer sign in here.',
    'password-changed': 'The new password holds from now on. Everywhere else you have been signed out.',
    'passkey-added': 'The passkey has been added. You can sign in with it from now on.',
    'passkey-removed': 'The passkey has been removed. It signs nobody in here any more.',
    'session-ended': 'That is signed out.',
    'invitation-withdrawn': 'The invitation has been withdrawn. Its link no longer works.',
    'notice-published': 'The notice has been published and is on its way to the box.',
    'assessment-dated': 'The date of the assessment has been saved.',
    'readers-added': 'The list has been saved.',
    'noted-on-paper': 'It has been noted that they signed on paper.',
    'reader-left': 'They are no longer on the list. What they had read stays in the record.',
    'channel-saved': 'The channel has been saved, and what is open for it is on its way to the box.',
    'channel-closed': 'The channel has been closed. Nothing is open for it any more.',
    'key-revoked': 'The key no longer works.',
    'box-removed':
      'The box is no longer paired with this dashboard. It goes on filtering by its last rules, and still ends permissions on time.',
    'pairing-code-made': 'A new pairing code has been made. Older ones no longer work.',
  } satisfies Record<DoneFlash, string>,
  notDone: 'That did not work.',
  notDoneFlash: {
    'request-gone': 'Somebody has answered that request already, or you have closed and it ended without an answer.',
    'grant-not-extended': 'No time was added: the permission has ended, or would last longer than a day.',
    'passkey-not-added':
      'The passkey was not added: the device did not ask who you are, the page was too old, or you have too many.',
  } satisfies Record<NotDoneFlash, string>,
};

export const form = {
  errorSummary: 'There is a problem',
  check: 'Continue',
  cancel: 'Cancel',
  problems: {
    date: 'Write a date, for example 1 September 2026.',
    dateOrder: 'The last day must not be before the first.',
    thirteenMonths: 'Choose at most thirteen months.',
    email: 'Write an email address, for example tracey@nursery.example.',
    tooShort: (characters: number) => `Use at least ${characters} characters.`,
    tooLong: (characters: number) => `Use at most ${characters} characters.`,
  },
};
