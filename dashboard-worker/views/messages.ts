/**
 * Every word that the dashboard shows, in English, joined from a file for each page or matter. A second language is a
 * second object of the type `Messages`.
 *
 * Sentences are whole: a translation may turn them round. Names that people typed arrive as arguments and are
 * escaped by whoever renders them; instants arrive already written out by format.ts.
 */
import { account, ownPassword } from './messages/account.ts';
import { box } from './messages/box.ts';
import { calendar } from './messages/calendar.ts';
import { channels } from './messages/channels.ts';
import { deviceUsage } from './messages/device-usage.ts';
import { devices } from './messages/devices.ts';
import { errors } from './messages/errors.ts';
import { firstNames } from './messages/first-names.ts';
import { give, grantResult, note } from './messages/give.ts';
import { grant, reasons, refusalReasons, scope, target, unnamedDevice, yesReasons } from './messages/grants.ts';
import { groupRules } from './messages/group-rules.ts';
import { hours } from './messages/hours.ts';
import { keys } from './messages/keys.ts';
import { lastChange } from './messages/last-change.ts';
import { form, layout } from './messages/layout.ts';
import { networks } from './messages/networks.ts';
import { notice } from './messages/notice.ts';
import { now } from './messages/now.ts';
import { ownRecord } from './messages/own-record.ts';
import { acceptInvitation, join, people, rights, roles, settings } from './messages/people.ts';
import { change, preview } from './messages/preview.ts';
import { record } from './messages/record.ts';
import { safeSearch } from './messages/safe-search.ts';
import { giveResetCode, recoveryCodes, secondFactor, secondStep } from './messages/second-factor.ts';
import { selfGrants } from './messages/self-grants.ts';
import { recover, setup, signIn } from './messages/sign-in.ts';
import { time } from './messages/time.ts';
import { unnamedDevices } from './messages/unnamed-devices.ts';
import { usage } from './messages/usage.ts';
import { year } from './messages/year.ts';

export type Messages = typeof en;

export const en = {
  locale: 'en-GB',
  productName: 'Stairgate',
  tagline: 'The safety gate on your network',
  layout,
  form,
  time,
  scope,
  target,
  unnamedDevice,
  signIn,
  setup,
  recover,
  secondStep,
  secondFactor,
  giveResetCode,
  recoveryCodes,
  account,
  errors,
  channels,
  keys,
  notice,
  now,
  grant,
  give,
  grantResult,
  note,
  devices,
  unnamedDevices,
  safeSearch,
  firstNames,
  groupRules,
  networks,
  hours,
  calendar,
  preview,
  change,
  lastChange,
  usage,
  deviceUsage,
  record,
  ownPassword,
  ownRecord,
  selfGrants,
  roles,
  rights,
  people,
  join,
  acceptInvitation,
  settings,
  year,
  box,
  reasons,
  refusalReasons,
  yesReasons,
};
