/** What a group's devices may do at which times. */
import type { GroupKind, Restriction } from '../../../policy-rules/policy.ts';

export const groupRules = {
  title: (group: string) => `What is blocked for ${group}`,
  link: 'Change what is blocked',
  forGroup: (group: string) => ` for ${group}`,
  intro:
    'These are the kinds of social media that the policy names (7.1.2), and some that it leaves open. In the breaks, and while you are closed, “blocked while open” is not blocked. Permission opens whatever is blocked here, for its time.',
  kinds: {
    setting: 'The setting’s own devices: social media is blocked while you are open unless you say otherwise.',
    personal: 'Staff’s own devices: nothing is blocked unless you say otherwise, and nothing is recorded.',
    guest: 'Guests’ devices: nothing is blocked unless you say otherwise, and nothing is recorded.',
  } satisfies Record<GroupKind, string>,
  categories: 'Kinds of social media',
  /** Short: it stands in a narrow field of a phone. */
  usual: {
    never: 'As usual: not blocked',
    'opening-hours': 'As usual: while open',
    always: 'As usual: always',
  } satisfies Record<Restriction, string>,
  when: {
    never: 'Not blocked',
    'opening-hours': 'Blocked while open',
    always: 'Always blocked',
  } satisfies Record<Restriction, string>,
  protected: (names: readonly string[]) =>
    `Always blocked, for everybody, whatever you choose here: ${names.join(', ')}.`,
  services: 'Exceptions for single services',
  servicesHint:
    'A service that is to be treated otherwise than its kind: YouTube open, for example, and other videos blocked.',
  asItsKind: 'As its kind',
  another: 'Another service',
  noService: 'None',
  anotherWhen: 'When',
  chooseWhen: 'Choose when it is blocked.',
};
