/** The record: its pages, and a sentence for everything that it can say. */

import type { Restriction } from '../../../policy-rules/policy.ts';
import type { RecordKind } from '../models.ts';
import { plural } from './plural.ts';

export const record = {
  title: 'Record',
  intro: 'Everything that was decided or changed, the newest first. Nothing here can be changed afterwards.',
  outline:
    'Names of devices and of those who asked are not shown to you, and reasons only where they are from the list.',
  withheld: { asker: 'Somebody', target: 'a device', device: '(not shown)' },
  filter: 'Show only',
  kind: 'Kind',
  all: 'Everything',
  kinds: {
    permission: 'Permissions',
    request: 'Requests',
    channel: 'Official channels',
    device: 'Devices',
    hours: 'Opening hours',
    policy: 'Rules',
    notice: 'The monitoring notice',
    box: 'The box',
    account: 'People and signing in',
    view: 'Who looked at figures',
    record: 'The record itself',
  } satisfies Record<RecordKind, string>,
  from: 'From',
  to: 'Until',
  person: 'Person',
  personHint: 'Who did it, or whom it tells of. Part of the name is enough.',
  device: 'Device',
  deviceHint: 'As it was called then. Part of the name is enough.',
  apply: 'Show',
  clear: 'Show everything',
  found: (count: number, written: string) => plural(count, { one: '1 entry', other: `${written} entries` }),
  none: 'Nothing has been recorded yet.',
  noneFound: 'Nothing matches. Choose another kind, other days or another name.',
  number: 'Number in the record',
  sequence: (number: string) => `no. ${number}`,
  erased: 'Somebody (the name has been erased)',
  system: 'Stairgate',
  export: {
    title: 'Take a copy',
    text: 'The whole record as a file.',
    partText: 'What is shown above, on all its pages, as a file.',
    care: 'The copy holds names: keep it as you keep the record. That it was taken is recorded.',
    csv: 'For a spreadsheet (CSV)',
    ndjson: 'For proving later that nothing was changed',
    ndjsonText:
      'The second can be checked without this dashboard. Whoever looks after the box knows how: by “stairgate record verify”.',
    partNdjsonText:
      'The second can be checked without this dashboard, by “stairgate record verify” on the box: whether an entry was changed, but not whether one is missing. That shows only in a copy of the whole record.',
    columns: ['No.', 'When', 'Kind', 'Who', 'What', 'Session'],
  },
  verify: {
    link: 'Verify the record',
    title: 'Verify the record',
    intro:
      'Each entry is tied to all that came before it. Verifying goes through them all, and finds an entry that was changed, taken out or slipped in later, even by somebody who can reach the database.',
    last: 'The last result',
    never: 'The record has not been verified yet.',
    broken: 'The record has been changed',
    whole: 'The record is as it was written',
    brokenText: (number: string) =>
      `Entries before no. ${number} are as they were written. From no. ${number} on, rely on none. Change nothing here, keep a copy of the data, and find out who can reach the database.`,
    countersigned: (number: string, when: string) =>
      `The box has countersigned the record up to no. ${number} (${when}): nobody can cut those entries off, or write them anew, without the box itself.`,
    notCountersigned:
      'No box has countersigned this record yet. Until one does, it cannot be seen whether the newest entries were cut off, or the whole record was written anew.',
    limits:
      'Names and reasons are erased after 13 months, and entries after 25. Both are part of the plan and do not count as a change.',
    run: 'Verify now',
    back: 'Back to the record',
  },
  events: {
    withReason: (sentence: string, reason: string) => `${sentence}: ${reason}`,
    somebody: 'somebody',
    marked: (sentence: string, marks: string) => `${sentence} (${marks})`,
    forPerson: (name: string) => `For ${name}.`,
    verbal: 'By word of mouth.',
    written: 'In writing.',

    granted: (who: string, scope: string, target: string, until: string) =>
      `${who} allowed ${scope} on ${target} until ${until}`,
    allowedAlready: (sentence: string, until: string) => `${sentence} (it was allowed until ${until} already)`,
    extended: (who: string, scope: string, target: string, until: string) =>
      `${who} extended ${scope} on ${target} until ${until}`,
    booked: (who: string, scope: string, target: string, from: string, until: string) =>
      `${who} booked ${scope} on ${target}, from ${from} until ${until}`,
    noted: (who: string, scope: string, target: string, from: string, until: string) =>
      `${who} noted afterwards that ${scope} had been allowed on ${target}, from ${from} until ${until}`,
    endedEarly: (who: string, scope: string, target: string) => `${who} ended ${scope} on ${target} early`,
    inForce: (scope: string, target: string, at: string) =>
      `The box confirmed ${scope} on ${target}: in force since ${at}`,

    heldByBox: (scope: string, target: string, from: string) => `The box has ${scope} on ${target}, booked for ${from}`,

    requestMade: (who: string, scope: string, device: string, duration: string) =>
      `${who} asked for ${scope} on ${device} for ${duration}`,
    requestGranted: (who: string, askedBy: string, scope: string) =>
      `${who} said yes to ${askedBy}, who asked for ${scope}`,
    requestRefused: (who: string, askedBy: string, scope: string) =>
      `${who} said no to ${askedBy}, who asked for ${scope}`,
    requestLapsed: (askedBy: string, scope: string) =>
      `The request of ${askedBy} for ${scope} was closed without an answer`,

    channelRegistered: (who: string, channel: string, purpose: string, approvedBy: string, date: string) =>
      `${who} entered the official channel “${channel}” (${purpose}), approved by ${approvedBy} on ${date}`,
    channelChanged: (who: string, channel: string) => `${who} changed the entry of the official channel “${channel}”`,
    channelApproved: (who: string, channel: string, approvedBy: string, date: string) =>
      `${who} noted that ${approvedBy} approved the official channel “${channel}” again on ${date}`,
    channelPersonNamed: (who: string, channel: string, person: string) =>
      `${who} named ${person} for the official channel “${channel}”`,
    channelPersonLeft: (who: string, channel: string, person: string) =>
      `${who} noted that ${person} no longer looks after the official channel “${channel}”`,
    channelClosed: (who: string, channel: string) => `${who} closed the official channel “${channel}”`,

    noticePublished: (who: string, version: number) => `${who} published version ${version} of the monitoring notice`,
    noticeAcknowledged: (who: string, version: number) =>
      `${who} acknowledged version ${version} of the monitoring notice`,
    noticeOnPaper: (who: string, person: string, version: number) =>
      `${who} noted that ${person} acknowledged version ${version} of the monitoring notice on paper`,
    noticeReaderAdded: (who: string, person: string) =>
      `${who} put ${person} on the list of those who have to read the monitoring notice`,
    noticeReaderLeft: (who: string, person: string) =>
      `${who} took ${person}, who has left, off the list of those who have to read the monitoring notice`,
    impactAssessmentDated: (who: string, date: string) =>
      `${who} entered ${date} as the date of the data protection assessment`,

    deviceAdded: (who: string, device: string, group: string) => `${who} added the device ${device} to “${group}”`,
    deviceChanged: (who: string, device: string, group: string) =>
      `${who} changed the device ${device}, now in “${group}”`,
    deviceRemoved: (who: string, device: string) => `${who} removed the device ${device}`,
    deviceUserEntered: (who: string, device: string, user: string) =>
      `${who} entered ${user} as the one who uses the device ${device}`,
    deviceShared: (who: string, device: string) => `${who} marked the device ${device} as shared`,

    safeSearchChanged: (who: string, group: string, search: boolean, youtube: 'off' | 'moderate' | 'strict') =>
      `${who} set safe search for ${group}: searches ${search ? 'show no explicit results' : 'are shown as they are'}, YouTube ${youtube === 'off' ? 'is shown as it is' : `is restricted (${youtube})`}`,
    restrictionChanged: (who: string, group: string, scope: string, when: string) =>
      `${who} changed the rules for ${group}: ${scope} is ${when}`,
    restrictions: {
      never: 'not blocked',
      'opening-hours': 'blocked during opening hours',
      always: 'always blocked',
    } satisfies Record<Restriction, string>,
    networkChanged: (who: string, network: string, group: string) =>
      `${who} put the devices without a name on the network “${network}” into “${group}”`,
    firstNamesChanged: (who: string, count: number) =>
      `${who} changed the list of first names, which now has ${plural(count, { one: '1 name', other: `${count} names` })}`,
    /** `changes`: sentences of their own, none for an entry that does not say. */
    hoursChanged: (who: string, changes: readonly string[]) =>
      [`${who} changed the opening hours${changes.length === 0 ? '' : ':'}`, ...changes].join(' '),
    openingAdded: (who: string, name: string, date: string, from: string, to: string) =>
      `${who} added an opening on ${date}, ${from} to ${to}: ${name}`,
    policyAdopted: (version: number) => `The rules that the box came with were taken over as version ${version}`,
    policyChanged: (who: string, version: number, summary: string) =>
      `${who} changed the rules (version ${version}): ${summary}`,
    policyUndone: (who: string, version: number, undone: number) =>
      `${who} took version ${undone} of the rules back, by version ${version}`,
    policyRefused: (version: number, reason: string) =>
      `The box did not take version ${version} of the rules: ${reason}`,

    boxEnrolled: (box: string) => `The box “${box}” was paired`,
    boxRemoved: (who: string, box: string) => `${who} removed the box “${box}”`,
    pairingCode: (who: string) => `${who} made a pairing code`,

    settingCreated: 'This record was begun',
    dashboardSetUp: (who: string) => `${who} set up the dashboard with the set-up link, as Nursery Manager`,
    signedIn: (who: string) => `${who} signed in`,
    signInSlowed: (person: string) => `Too many wrong attempts to sign in as ${person}: further ones were slowed down`,
    secondStepSlowed: (person: string) =>
      `Somebody who has the password of ${person} typed too many wrong codes: further ones were slowed down. Unless it was ${person}, the password has to be changed`,
    signedInWithRecoveryCode: (who: string) => `${who} signed in with a recovery code`,
    passwordChanged: (who: string) => `${who} changed their password`,
    codesAppSetUp: (who: string) => `${who} set up an app that shows codes for signing in`,
    recoveryCodesMade: (who: string) => `${who} made new recovery codes`,
    passkeyAdded: (who: string, name: string) => `${who} added a passkey${name === '' ? '' : `, “${name}”`}`,
    passkeyRemoved: (who: string, name: string) => `${who} removed a passkey${name === '' ? '' : `, “${name}”`}`,
    secondFactorReset: (who: string, person: string) => `${who} let ${person} set up their second factor anew`,
    otherSessionsEnded: (who: string, count: number) =>
      `${who} signed out everywhere else (${plural(count, { one: '1 session', other: `${count} sessions` })})`,
    managerRecovered: (who: string) => `${who} came back in with a new set-up link`,
    personInvited: (who: string, person: string, role: string) => `${who} invited ${person} as ${role}`,
    invitationWithdrawn: (who: string, person: string) => `${who} withdrew the invitation of ${person}`,
    personJoined: (who: string, role: string) => `${who} accepted the invitation as ${role}`,
    roleChanged: (who: string, person: string, role: string) => `${who} changed the role of ${person} to ${role}`,
    permissionDelegated: (who: string, person: string, permission: string) =>
      `${who} gave ${person} a further right: ${permission}`,
    permissionTakenBack: (who: string, person: string, permission: string) =>
      `${who} took a right back from ${person}: ${permission}`,
    personRemoved: (who: string, person: string) => `${who} removed ${person}, who can no longer sign in here`,
    accessRefused: (who: string, permission: string) => `${who} was refused what they have no right to: ${permission}`,
    keyMade: (who: string, key: string) => `${who} made the key “${key}” for another program`,
    keyRevoked: (who: string, key: string) => `${who} withdrew the key “${key}”`,

    usageViewed: (who: string) => `${who} looked at the usage figures`,
    deviceUsageViewed: (who: string, device: string) => `${who} looked at the usage figures of the device ${device}`,
    unnamedDevicesViewed: (who: string) => `${who} looked at which devices without a name are on the network`,
    yearViewed: (who: string) => `${who} looked at the figures of the year`,
    alertViewed: (who: string, device: string) => `${who} saw an alert about ${device}`,

    recordExported: (who: string, entries: string, format: string) =>
      `${who} exported the record as ${format} (${entries})`,
    partExported: (who: string, entries: string, format: string) =>
      `${who} exported part of the record as ${format} (${entries})`,
    recordWhole: (who: string, entries: string) =>
      `${who} verified the record (${entries}): all are as they were written`,
    recordBroken: (who: string, entries: string, first: string) =>
      `${who} verified the record (${entries}): no. ${first} is not as it was written`,
    recordContradicted: (sequence: string) =>
      `The box has countersigned another entry than this record has as no. ${sequence}`,
    prefixExpired: (sequence: string) =>
      `The entries up to no. ${sequence} were deleted when their time was over; the chain goes on from there`,
  },
};
