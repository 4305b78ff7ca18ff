/** What a change of the policy comes to: the page before it is saved, and a sentence for each fact. */
import type { GroupKind } from '../../../policy-rules/policy.ts';

export const preview = {
  title: 'Check before you save',
  intro: 'Nothing has been saved yet. This is what will change:',
  nothing: 'Nothing will change: everything you filled in is as it was.',
  save: 'Save',
  remove: 'Remove it',
  edit: 'Go back and change it',
  changedMeanwhile:
    'Somebody else changed this meanwhile, so nothing has been saved. What you filled in is below: continue to replace what they saved, or open the page anew to see it.',
  blockedNow: 'You count as open from the moment it is saved: social media is blocked then.',
  openNow: 'You count as closed, or on a break, from the moment it is saved: social media is not blocked then.',
};

/** Sentences of one fact each. `before` and `after` are lists of times, addresses or dates, written out. */
export const change = {
  none: 'none',
  settingName: (before: string, after: string) => `The setting is called ${after}. Before: ${before}.`,
  timeZone: (before: string, after: string) => `The opening hours count in the time of ${after}. Before: ${before}.`,

  firstNamesCome: (names: string) => `Whoever asks for permission can choose ${names}.`,
  firstNamesGo: (names: string) => `${names} can no longer be chosen.`,

  deviceAdded: (device: string, group: string) => `${device} comes into “${group}”.`,
  deviceRemoved: (device: string) =>
    `${device} goes from the list. It is filtered as a device without a name, and permission that it has now ends.`,
  deviceName: (before: string, after: string) => `${before} will be called ${after}.`,
  deviceGroup: (device: string, before: string, after: string) => `${device} moves from “${before}” to “${after}”.`,
  counted: {
    setting: 'Its use of restricted services is counted.',
    personal: 'Nothing that it does is recorded.',
    guest: 'Nothing that it does is recorded.',
  } satisfies Record<GroupKind, string>,
  permissionEnds: 'Permission that it has now ends.',
  addresses: (device: string, before: string, after: string) =>
    `${device}: address on the network ${after}. Before: ${before}.`,
  macs: (device: string, before: string, after: string) => `${device}: MAC address ${after}. Before: ${before}.`,

  usedBy: (device: string, user: string) => `${device} is used by ${user} alone.`,
  shared: (device: string) => `${device} is shared: what happens on it is never put down to a person.`,
  userUnknown: (device: string) => `It is no longer said who uses ${device}.`,

  groupAdded: (group: string) => `The group “${group}” is new.`,
  groupRemoved: (group: string) => `The group “${group}” goes.`,
  groupName: (before: string, after: string) => `The group “${before}” will be called “${after}”.`,
  groupKind: (group: string, kind: GroupKind) =>
    `The group “${group}” is for ${{ setting: 'the setting’s own', personal: 'staff’s own', guest: 'guests’' }[kind]} devices.`,
  searchOn: (group: string) => `Search engines show no explicit results on the devices of “${group}”.`,
  searchOff: (group: string) =>
    `Search engines show what they are set to show on the devices of “${group}”, explicit results too.`,
  youtube: (group: string, before: 'off' | 'moderate' | 'strict', after: 'off' | 'moderate' | 'strict') => {
    const words = { off: 'as it is', moderate: 'moderate', strict: 'strict' };
    return `YouTube, whenever it is open on the devices of “${group}”: ${words[after]}. Before: ${words[before]}.`;
  },
  restriction: (group: string, scope: string, before: string, after: string) =>
    `For “${group}”, ${scope}: ${after}. Before: ${before}.`,
  asUsual: 'as usual',

  networkAdded: (network: string, group: string) =>
    `The network “${network}” is new. Its devices without a name are filtered as “${group}”.`,
  networkRemoved: (network: string) => `The network “${network}” goes: its devices get no answers from the box.`,
  networkName: (before: string, after: string) => `The network “${before}” will be called “${after}”.`,
  networkGroup: (network: string, before: string, after: string) =>
    `Devices without a name on the network “${network}” are filtered as “${after}”. Before: as “${before}”.`,

  /** "Monday to Friday", "Monday and Thursday". */
  dayRun: (first: string, last: string) => `${first} to ${last}`,
  dayList: (days: readonly string[]) =>
    days.length === 1 ? `${days[0]}` : `${days.slice(0, -1).join(', ')} and ${days.at(-1)}`,
  open: (days: string, before: string, after: string) => `${days}: ${after}. Before: ${before}.`,
  openSpans: (spans: string) => `open ${spans}`,
  closed: 'closed',
  breaks: (days: string, before: string, after: string) => `Breaks on ${days}: ${after}. Before: ${before}.`,

  dates: (first: string, last: string) => (first === last ? first : `${first} to ${last}`),
  termAdded: (name: string, dates: string) => `The term “${name}” is new: ${dates}.`,
  termRemoved: (name: string, dates: string) => `The term “${name}” goes: ${dates}.`,
  termChanged: (name: string, before: string, after: string) => `The term “${name}”: ${after}. Before: ${before}.`,
  closureAdded: (name: string, dates: string) => `Closed for “${name}”: ${dates}.`,
  closureRemoved: (name: string, dates: string) => `No longer closed for “${name}”: ${dates}.`,
  closureChanged: (name: string, before: string, after: string) => `Closed for “${name}”: ${after}. Before: ${before}.`,
  openingAdded: (name: string, when: string) => `Open for “${name}”: ${when}.`,
  openingRemoved: (name: string, when: string) => `No longer open for “${name}”: ${when}.`,
  openingChanged: (name: string, before: string, after: string) => `Open for “${name}”: ${after}. Before: ${before}.`,
  openingWhen: (date: string, from: string, to: string) => `${date}, ${from} to ${to}`,
  allYear: 'You count as open all year, since there are no terms.',
  termTime: 'You count as closed outside the terms.',
  bankHolidays: {
    'england-and-wales': 'You count as closed on the bank holidays of England and Wales.',
    none: 'You count as open on bank holidays.',
  },
};
