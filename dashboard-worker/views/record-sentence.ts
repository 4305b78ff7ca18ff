/**
 * An entry of the record as the sentence that people read.
 */
import { formatDate, formatDuration, formatMoment } from './format.ts';
import { en } from './messages.ts';
import type { RecordEntry } from './models.ts';
import { scopeText, targetText } from './parts.tsx';

/** `timeZone`: the setting's. Times are written as seen from the entry's own day: "until 15:00". */
export function recordSentence(entry: RecordEntry, timeZone: string): string {
  const t = en.record.events;
  const when = { nowMs: entry.at, timeZone };
  const who = entry.who === null ? en.record.system : entry.who === '' ? en.record.erased : entry.who;
  const { event } = entry;
  switch (event.type) {
    case 'grant-given': {
      const until = formatMoment(event.until, when);
      return withReason(t.granted(who, scopeText(event.scope), targetText(event.target), until), event.reason);
    }
    case 'grant-ended-early':
      return t.endedEarly(who, scopeText(event.scope), targetText(event.target));
    case 'grant-in-force':
      return t.inForce(scopeText(event.scope), targetText(event.target), formatMoment(event.at, when));
    case 'request-made': {
      const device = event.deviceName ?? en.unnamedDevice;
      const duration = formatDuration(event.minutes);
      return withReason(t.requestMade(who, scopeText(event.scope), device, duration), event.reason);
    }
    case 'request-refused':
      return withReason(t.requestRefused(who, event.askedBy || t.somebody, scopeText(event.scope)), event.reason);
    case 'request-lapsed':
      return t.requestLapsed(event.askedBy || t.somebody, scopeText(event.scope));
    case 'device-added':
      return t.deviceAdded(who, event.deviceName, event.groupName);
    case 'device-changed':
      return t.deviceChanged(who, event.deviceName, event.groupName);
    case 'device-removed':
      return t.deviceRemoved(who, event.deviceName);
    case 'safe-search-changed':
      return t.safeSearchChanged(who, event.groupName, event.search, event.youtube);
    case 'hours-changed':
      return t.hoursChanged(who);
    case 'opening-added':
      return t.openingAdded(who, event.name, formatDate(event.date), event.from, event.to);
    case 'policy-adopted':
      return t.policyAdopted(event.version);
    case 'policy-changed':
      return t.policyChanged(who, event.version, event.summary);
    case 'policy-refused':
      return t.policyRefused(event.version, event.reason);
    case 'box-enrolled':
      return t.boxEnrolled(event.boxName);
    case 'box-removed':
      return t.boxRemoved(who, event.boxName);
    case 'pairing-code-made':
      return t.pairingCode(who);
    case 'setting-created':
      return t.settingCreated(who);
    case 'signed-in':
      return t.signedIn(who);
    case 'usage-viewed':
      return t.usageViewed(who);
    case 'year-viewed':
      return t.yearViewed(who);
    case 'alert-viewed':
      return t.alertViewed(who, event.deviceName === null ? en.unnamedDevice : `“${event.deviceName}”`);
  }
}

/** Words that people typed may be empty: never given, or erased by retention. */
export function withReason(sentence: string, reason: string): string {
  return reason === '' ? sentence : en.record.events.withReason(sentence, reason);
}
