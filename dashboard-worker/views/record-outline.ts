/**
 * The record for somebody who may not see what single devices did, like the chair: what was decided, by whom and why,
 * without devices, without those who asked, and of reasons only those from the list, since others may tell of a person.
 */

import type { RecordEvent } from '../setting/record-events.ts';
import { spoken } from './language.ts';
import type { RecordEntry, TargetName } from './models.ts';
import { shortListReason } from './reason-words.ts';

const t = spoken.record.withheld;

export function withoutDevices(entry: RecordEntry): RecordEntry {
  const event = outlined(entry.event);
  // Whoever asked for something is the one who made the entry.
  const who = event.type === 'request-made' ? t.asker : entry.who;
  return { ...entry, who, event, session: null };
}

function outlined(event: RecordEvent): RecordEvent {
  switch (event.type) {
    case 'grant-given':
    case 'grant-extended':
    case 'grant-booked':
    case 'grant-noted':
      return { ...event, target: hidden(event.target), askedBy: '', reason: shortListReason(event.reason) ?? '' };
    case 'grant-ended-early':
    case 'grant-in-force':
      return { ...event, target: hidden(event.target) };
    case 'request-made':
      return { ...event, deviceName: t.target, reason: '' };
    case 'request-granted':
    case 'request-refused':
      return { ...event, askedBy: '', reason: '' };
    case 'request-lapsed':
      return { ...event, askedBy: '' };
    case 'device-user-entered':
      return { ...event, deviceName: t.device, userName: '' };
    default:
      return 'deviceName' in event ? { ...event, deviceName: t.device } : event;
  }
}

function hidden(target: TargetName): TargetName {
  return target.kind === 'device' ? { kind: 'device', name: t.target } : target;
}
