/** The record: its page, and a sentence for everything that it can say. */
import type { RecordKind } from '../models.ts';

export const record = {
  title: 'Record',
  intro: 'Everything that was decided or changed, the newest first. Nothing here can be changed afterwards.',
  filter: 'Show only',
  kind: 'Kind',
  all: 'Everything',
  kinds: {
    permission: 'Permissions',
    request: 'Requests',
    device: 'Devices',
    hours: 'Opening hours',
    policy: 'Rules',
    box: 'The box',
    account: 'Signing in',
    view: 'Who looked at figures',
  } satisfies Record<RecordKind, string>,
  from: 'From',
  to: 'Until',
  apply: 'Show',
  clear: 'Show everything',
  found: (count: number, written: string) => (count === 1 ? '1 entry' : `${written} entries`),
  none: 'Nothing has been recorded yet.',
  noneFound: 'Nothing matches. Choose another kind or other days.',
  paging: 'Pages of the record',
  newer: 'Newer',
  older: 'Older',
  pageOf: (page: number, pages: number) => `Page ${page} of ${pages}`,
  number: 'Number in the record',
  sequence: (number: string) => `no. ${number}`,
  erased: 'Somebody (the name has been erased)',
  system: 'Stairgate',
  marks: { emergency: 'Emergency', official: 'Official', toSelf: 'To oneself' },
  events: {
    withReason: (sentence: string, reason: string) => `${sentence}: ${reason}`,
    somebody: 'somebody',
    granted: (who: string, scope: string, target: string, until: string) =>
      `${who} allowed ${scope} on ${target} until ${until}`,
    askedBy: (name: string) => `Asked by ${name}.`,
    verbal: 'By word of mouth.',
    written: 'In writing.',
    endedEarly: (who: string, scope: string, target: string) => `${who} ended ${scope} on ${target} early`,
    inForce: (scope: string, target: string, at: string) =>
      `The box confirmed ${scope} on ${target}: in force since ${at}`,
    requestMade: (who: string, scope: string, device: string, duration: string) =>
      `${who} asked for ${scope} on ${device} for ${duration}`,
    requestRefused: (who: string, askedBy: string, scope: string) =>
      `${who} said no to ${askedBy}, who asked for ${scope}`,
    requestLapsed: (askedBy: string, scope: string) =>
      `The request of ${askedBy} for ${scope} lapsed at closing time without an answer`,
    deviceAdded: (who: string, device: string, group: string) => `${who} added the device ${device} to “${group}”`,
    deviceChanged: (who: string, device: string, group: string) =>
      `${who} changed the device ${device}, now in “${group}”`,
    deviceRemoved: (who: string, device: string) => `${who} removed the device ${device}`,
    safeSearchChanged: (who: string, group: string, search: boolean, youtube: 'off' | 'moderate' | 'strict') =>
      `${who} set safe search for ${group}: searches ${search ? 'show no explicit results' : 'are shown as they are'}, YouTube ${youtube === 'off' ? 'is shown as it is' : `is restricted (${youtube})`}`,
    hoursChanged: (who: string) => `${who} changed the opening hours`,
    openingAdded: (who: string, name: string, date: string, from: string, to: string) =>
      `${who} added an opening on ${date}, ${from} to ${to}: ${name}`,
    policyAdopted: (version: number) => `The rules that the box came with were taken over as version ${version}`,
    policyChanged: (who: string, version: number, summary: string) =>
      `${who} changed the rules (version ${version}): ${summary}`,
    policyRefused: (version: number, reason: string) =>
      `The box did not take version ${version} of the rules: ${reason}`,
    boxEnrolled: (box: string) => `The box “${box}” was paired`,
    boxRemoved: (who: string, box: string) => `${who} removed the box “${box}”`,
    pairingCode: (who: string) => `${who} made a pairing code`,
    settingCreated: (who: string) => `${who} set up the dashboard`,
    signedIn: (who: string) => `${who} signed in`,
    usageViewed: (who: string) => `${who} looked at the usage figures`,
    yearViewed: (who: string) => `${who} looked at the figures of the year`,
    alertViewed: (who: string, device: string) => `${who} saw an alert about ${device}`,
  },
};
