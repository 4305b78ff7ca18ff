/**
 * Which words of an entry are personal: what people wrote, and names of people. They are kept apart from the entry, so
 * that retention takes them and leaves it. Names of devices, groups and channels stay: they name things.
 */
import type { RecordEvent } from './record-events.ts';

type FieldOf<Type extends RecordEvent['type']> = Exclude<keyof Extract<RecordEvent, { type: Type }>, 'type'>;

const personalFields: { readonly [Type in RecordEvent['type']]?: readonly FieldOf<Type>[] } = {
  'grant-given': ['reason', 'askedBy'],
  'grant-extended': ['reason', 'askedBy'],
  'grant-booked': ['reason', 'askedBy'],
  'grant-noted': ['reason', 'askedBy'],
  'request-made': ['reason'],
  'request-granted': ['askedBy', 'reason'],
  'request-refused': ['askedBy', 'reason'],
  'request-lapsed': ['askedBy'],
  'channel-registered': ['approvedBy'],
  'channel-approved': ['approvedBy'],
  'channel-person-named': ['personName'],
  'channel-person-left': ['personName'],
  'notice-acknowledged-on-paper': ['personName'],
  'notice-reader-added': ['personName'],
  'notice-reader-left': ['personName'],
  'device-user-entered': ['userName'],
  'signed-in': ['browser', 'system'],
  'signed-in-with-recovery-code': ['browser', 'system'],
  'sign-in-slowed': ['personName'],
  'second-step-slowed': ['personName'],
  'passkey-added': ['passkeyName'],
  'passkey-removed': ['passkeyName'],
  'second-factor-reset': ['personName'],
  'person-invited': ['personName'],
  'invitation-withdrawn': ['personName'],
  'role-changed': ['personName'],
  'permission-delegated': ['personName'],
  'permission-taken-back': ['personName'],
  'person-removed': ['personName'],
};

/** Of the personal fields those that hold a person's name. */
export const nameFields = ['askedBy', 'approvedBy', 'personName', 'userName'] as const;

/** `details` stay with the entry; `words` go into the erasable table beside it. Together they are the event. */
export function splitWords(event: RecordEvent): { details: object; words: object } {
  const personal: readonly string[] = personalFields[event.type] ?? [];
  const fields = Object.entries(event);
  return {
    details: Object.fromEntries(fields.filter(([name]) => !personal.includes(name))),
    words: Object.fromEntries(fields.filter(([name]) => personal.includes(name))),
  };
}

/** What stands for the words of such an entry once they are erased. */
export function erasedWords(type: RecordEvent['type']): object {
  return Object.fromEntries((personalFields[type] ?? []).map((name) => [name, '']));
}
