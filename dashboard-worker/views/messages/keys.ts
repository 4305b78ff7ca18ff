/** Keys for other programs. */
import type { ApiMatter, KeyScope, OperationScope } from '../models.ts';

const scopes = {
  'now.see': 'See devices, permissions and waiting requests',
  'grant.give': 'Give permission, book it, and end it',
  'request.answer': 'Answer requests',
  'device.change': 'Name, change and remove devices',
  'policy.change': 'Change rules and opening hours',
  'channel.change': 'Change official channels',
  'notice.change': 'Publish the monitoring notice, and enter who has read it',
  'usage.see': 'Read the figures of use',
  'year.see': 'Read the figures of a year, as the committee sees them',
  'self-grants.see': 'Read what people allowed for themselves, as the chair sees it',
  'device-usage.see': 'See in the record which device it was, and who asked',
  'record.read': 'Read the record, and check it',
  'record.export': 'Take copies of the record',
  'people.see': 'Read who belongs here and who is invited',
  'box.see': 'Read how the box is',
} satisfies Record<KeyScope, string>;

export const keys = {
  title: 'Keys for other programs',
  intro:
    'A program of yours, such as the one that keeps the register, can ask this dashboard with a key. Give each its own, with no more rights than it needs.',
  documentation: 'What a program can ask',
  none: 'There is no key.',
  made: (day: string) => `Made ${day}.`,
  used: (day: string) => `Last used ${day}.`,
  unused: 'Not used yet.',
  scopes,
  /** Who did it, on the record and wherever people read of it. */
  program: (name: string) => `${name} (a program)`,
  revoke: 'Withdraw',
  shown: (name: string) => `The key “${name}”`,
  shownOnce: 'It is shown only now. Copy it into the program; if it gets lost, withdraw it and make a new one.',
  make: 'Make a key',
  name: 'Which program it is for',
  rights: 'What it may do',
  makeButton: 'Make the key',
  problems: {
    name: 'Write which program it is for.',
    scopes: 'Choose at least one right.',
    tooMany: (most: number) => `There may be at most ${most} keys. Withdraw those that are not used.`,
  },
  docs: {
    title: 'What a program can ask',
    intro: (base: string) =>
      `Addresses begin with ${base}. Send the key in the header “Authorization: Bearer …”. Answers are JSON; every error is application/problem+json (RFC 9457). At most 600 calls in a quarter of an hour for each key; beyond that, and after thirty wrong keys in an hour from one address, the answer is 429 with Retry-After. What a key does is on the record as done by a program, under the key’s name. What it allows somebody who may give permission themselves counts as allowed for themselves, and the chair sees it.`,
    conventions: [
      'A POST that is sent again with the same Idempotency-Key within a day is done once, and answered as it was.',
      'What two may change at the same time has an ETag. Send it back as If-Match with the change: where somebody was faster, the answer is 412, and nothing is written.',
      'A change of devices, rules or hours with “?preview=true” is only looked at: the answer says what it would come to.',
      'The record is read from the newest entry back: send “next” as “before” for the next page. What people allowed for themselves comes by “page”. All other lists come in one piece.',
    ],
    contents: 'What operations are about',
    matters: {
      now: 'Now',
      permissions: 'Permission',
      requests: 'Requests',
      devices: 'Devices',
      rules: 'Rules and hours',
      channels: 'Official channels',
      notice: 'The notice',
      figures: 'Figures',
      record: 'The record',
      people: 'People',
      boxes: 'The box',
    } satisfies Record<ApiMatter, string>,
    machine: 'The same for machines: OpenAPI 3.1',
    needs: { ...scopes, self: 'a key, and no right' } satisfies Record<OperationScope, string>,
    scope: (words: string) => `Needs: ${words}`,
    leftOutTitle: 'What is left to people',
    /** Each with its reason. */
    leftOut: [
      'What a single device was used for: whoever looks at it is on the record by name, and staff can see that. A program could pass it on unseen.',
      'Accounts, passwords, second factors, sessions and roles, inviting people, and making keys: each could let somebody in for good, so that it takes a person, and often their password once more.',
      'Pairing the box and removing it: whoever pairs one is sent every rule and permission, and without one nothing is filtered by new rules.',
      'Asking for permission and saying that one has read the notice: both are done on the local site of the box, by whoever sits at the device.',
    ],
    query: 'Query',
    body: 'Body',
    answer: 'Answer',
    back: 'Back to the keys',
  },
};
