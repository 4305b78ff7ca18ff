/**
 * An entry of the record as the sentence that people read.
 */
import { changeSentences } from './change-sentences.ts';
import { formatCount, formatDate, formatDuration, formatMoment, formatTimeOfDay } from './format.ts';
import { spoken } from './language.ts';
import type { RecordEntry } from './models.ts';
import { grantMarks, scopeText, targetText } from './parts.tsx';

/** With the marks that a page shows beside it, for a table of plain text. */
export function recordText(entry: RecordEntry, timeZone: string): string {
  const { event } = entry;
  const sentence = recordSentence(entry, timeZone);
  const marks = 'toSelf' in event ? grantMarks(event) : [];
  return marks.length === 0 ? sentence : spoken.record.events.marked(sentence, marks.join(', '));
}

/** `timeZone`: the setting's. Times are written as seen from the entry's own day: "until 15:00". */
export function recordSentence(entry: RecordEntry, timeZone: string): string {
  const t = spoken.record.events;
  const when = { nowMs: entry.at, timeZone };
  const who = entry.who === null ? spoken.record.system : entry.who === '' ? spoken.record.erased : entry.who;
  const { event } = entry;
  switch (event.type) {
    case 'grant-given':
    case 'grant-extended': {
      const words = event.type === 'grant-given' ? t.granted : t.extended;
      const until = formatMoment(event.until, when);
      const sentence = words(who, scopeText(event.scope), targetText(event.target), until);
      const already = event.type === 'grant-given' ? event.alreadyUntil : undefined;
      return withReason(
        already === undefined ? sentence : t.allowedAlready(sentence, formatMoment(already, when)),
        event.reason,
      );
    }
    case 'grant-booked':
    case 'grant-noted': {
      const words = event.type === 'grant-booked' ? t.booked : t.noted;
      const [from, until] = [formatMoment(event.from, when), formatMoment(event.until, when)];
      return withReason(words(who, scopeText(event.scope), targetText(event.target), from, until), event.reason);
    }
    case 'grant-ended-early':
      return t.endedEarly(who, scopeText(event.scope), targetText(event.target));
    case 'grant-in-force':
      return (event.at > entry.at ? t.heldByBox : t.inForce)(
        scopeText(event.scope),
        targetText(event.target),
        formatMoment(event.at, when),
      );
    case 'request-made': {
      const device = event.deviceName ?? spoken.unnamedDevice;
      const duration = formatDuration(event.minutes);
      return withReason(t.requestMade(who, scopeText(event.scope), device, duration), event.reason);
    }
    case 'request-granted':
      return withReason(t.requestGranted(who, named(event.askedBy), scopeText(event.scope)), event.reason);
    case 'request-refused':
      return withReason(t.requestRefused(who, named(event.askedBy), scopeText(event.scope)), event.reason);
    case 'request-lapsed':
      return t.requestLapsed(named(event.askedBy), scopeText(event.scope));
    case 'channel-registered': {
      const { channelName, purpose, approvedBy, approvedOn } = event;
      return t.channelRegistered(who, channelName, purpose, named(approvedBy), formatDate(approvedOn));
    }
    case 'channel-changed':
      return t.channelChanged(who, event.channelName);
    case 'channel-approved':
      return t.channelApproved(who, event.channelName, named(event.approvedBy), formatDate(event.approvedOn));
    case 'channel-person-named':
      return t.channelPersonNamed(who, event.channelName, named(event.personName));
    case 'channel-person-left':
      return t.channelPersonLeft(who, event.channelName, named(event.personName));
    case 'channel-closed':
      return t.channelClosed(who, event.channelName);
    case 'notice-published':
      return t.noticePublished(who, event.version);
    case 'notice-acknowledged':
      return t.noticeAcknowledged(who, event.version);
    case 'notice-acknowledged-on-paper':
      return t.noticeOnPaper(who, named(event.personName), event.version);
    case 'notice-reader-added':
      return t.noticeReaderAdded(who, named(event.personName));
    case 'notice-reader-left':
      return t.noticeReaderLeft(who, named(event.personName));
    case 'impact-assessment-dated':
      return t.impactAssessmentDated(who, formatDate(event.date));
    case 'device-added':
      return t.deviceAdded(who, event.deviceName, event.groupName);
    case 'device-changed':
      return t.deviceChanged(who, event.deviceName, event.groupName);
    case 'device-removed':
      return t.deviceRemoved(who, event.deviceName);
    case 'device-user-entered':
      return t.deviceUserEntered(who, event.deviceName, named(event.userName));
    case 'device-shared':
      return t.deviceShared(who, event.deviceName);
    case 'safe-search-changed':
      return t.safeSearchChanged(who, event.groupName, event.search, event.youtube);
    case 'restriction-changed':
      return t.restrictionChanged(who, event.groupName, scopeText(event.scope), t.restrictions[event.restriction]);
    case 'network-changed':
      return t.networkChanged(who, event.networkName, event.groupName);
    case 'first-names-changed':
      return t.firstNamesChanged(who, event.count);
    case 'hours-changed':
      return t.hoursChanged(who, changeSentences(event.facts ?? []));
    case 'opening-added':
      return t.openingAdded(who, event.name, formatDate(event.date), event.from, formatTimeOfDay(event.to));
    case 'policy-adopted':
      return t.policyAdopted(event.version);
    case 'policy-changed':
      return t.policyChanged(who, event.version, event.summary);
    case 'policy-undone':
      return t.policyUndone(who, event.version, event.undone);
    case 'policy-refused':
      return t.policyRefused(event.version, event.reason);
    case 'box-enrolled':
      return t.boxEnrolled(event.boxName);
    case 'box-removed':
      return t.boxRemoved(who, event.boxName);
    case 'pairing-code-made':
      return t.pairingCode(who);
    case 'setting-created':
      return t.settingCreated;
    case 'dashboard-set-up':
      return t.dashboardSetUp(who);
    case 'signed-in':
      return t.signedIn(who);
    case 'sign-in-slowed':
      return t.signInSlowed(named(event.personName));
    case 'second-step-slowed':
      return t.secondStepSlowed(named(event.personName));
    case 'signed-in-with-recovery-code':
      return t.signedInWithRecoveryCode(who);
    case 'password-changed':
      return t.passwordChanged(who);
    case 'codes-app-set-up':
      return t.codesAppSetUp(who);
    case 'recovery-codes-made':
      return t.recoveryCodesMade(who);
    case 'passkey-added':
      return t.passkeyAdded(who, event.passkeyName);
    case 'passkey-removed':
      return t.passkeyRemoved(who, event.passkeyName);
    case 'second-factor-reset':
      return t.secondFactorReset(who, named(event.personName));
    case 'other-sessions-ended':
      return t.otherSessionsEnded(who, event.count);
    case 'manager-recovered':
      return t.managerRecovered(who);
    case 'person-invited':
      return t.personInvited(who, named(event.personName), spoken.roles[event.role]);
    case 'invitation-withdrawn':
      return t.invitationWithdrawn(who, named(event.personName));
    case 'person-joined':
      return t.personJoined(who, spoken.roles[event.role]);
    case 'role-changed':
      return t.roleChanged(who, named(event.personName), spoken.roles[event.role]);
    case 'permission-delegated':
      return t.permissionDelegated(who, named(event.personName), spoken.rights[event.permission]);
    case 'permission-taken-back':
      return t.permissionTakenBack(who, named(event.personName), spoken.rights[event.permission]);
    case 'person-removed':
      return t.personRemoved(who, named(event.personName));
    case 'access-refused':
      return t.accessRefused(who, spoken.rights[event.permission]);
    case 'key-made':
      return t.keyMade(who, event.keyName);
    case 'key-revoked':
      return t.keyRevoked(who, event.keyName);
    case 'usage-viewed':
      return t.usageViewed(who);
    case 'device-usage-viewed':
      return t.deviceUsageViewed(who, event.deviceName);
    case 'unnamed-devices-viewed':
      return t.unnamedDevicesViewed(who);
    case 'year-viewed':
      return t.yearViewed(who);
    case 'alert-viewed':
      return t.alertViewed(who, event.deviceName === null ? spoken.unnamedDevice : `“${event.deviceName}”`);
    case 'record-exported':
      return (event.part ? t.partExported : t.recordExported)(who, entries(event.count), event.format.toUpperCase());
    case 'record-verified':
      return event.firstWrong === null
        ? t.recordWhole(who, entries(event.count))
        : t.recordBroken(who, entries(event.count), formatCount(event.firstWrong));
    case 'record-contradicted':
      return t.recordContradicted(formatCount(event.sequence));
    case 'prefix-expired':
      return t.prefixExpired(formatCount(event.sequence));
  }
}

/** A name that retention has erased, or that nobody gave. */
function named(name: string): string {
  return name === '' ? spoken.record.events.somebody : name;
}

function entries(count: number): string {
  return spoken.record.found(count, formatCount(count));
}

/** Words that people typed may be empty: never given, or erased by retention. */
export function withReason(sentence: string, reason: string): string {
  return reason === '' ? sentence : spoken.record.events.withReason(sentence, reason);
}
