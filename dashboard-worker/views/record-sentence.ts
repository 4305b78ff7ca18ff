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
    case 'grant-given':
      return t.granted(
        who,
        scopeText(event.scope),
        targetText(event.target),
        formatMoment(event.until, when),
        event.reason,
      );
    case 'grant-ended-early':
      return t.endedEarly(who, scopeText(event.scope), targetText(event.target));
    case 'grant-in-force':
      return t.inForce(scopeText(event.scope), targetText(event.target), formatMoment(event.at, when));
    case 'request-made':
      return t.requestMade(
        who,
        scopeText(event.scope),
        event.deviceName ?? en.unnamedDevice,
        formatDuration(event.minutes),
        event.reason,
      );
    case 'request-refused':
      return t.requestRefused(who, event.askedBy, scopeText(event.scope), event.reason);
    case 'request-lapsed':
      return t.requestLapsed(event.askedBy, scopeText(event.scope));
    case 'device-added':
      return t.deviceAdded(who, event.deviceName, event.groupName);
    case 'device-changed':
      return t.deviceChanged(who, event.deviceName, event.groupName);
    case 'device-removed':
      return t.deviceRemoved(who, event.deviceName);
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
  }
}
