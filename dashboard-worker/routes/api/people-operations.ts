/** Who belongs here and who is invited, to be read only; nothing by which anybody could come in. And the box. */
import * as z from 'zod/mini';
import { membersOf } from '../../accounts/memberships.ts';
import { openInvitations } from '../../accounts/open-invitations.ts';
import { Instant, ok, operation } from './operation.ts';

export const peopleOperations = [
  operation({
    name: 'listPeople',
    method: 'GET',
    path: '/people',
    scope: 'people.see',
    summary: 'List who may sign in here, and as what',
    answer: z.object({
      people: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          email: z.string(),
          role: z.string(),
          /** What they may do beyond their role. */
          extra: z.array(z.string()),
          since: Instant,
        }),
      ),
    }),
    run: async ({ env, settingId }) => {
      const members = await membersOf(env, settingId);
      // Who has no second factor yet is of use to a thief of keys only.
      return ok({
        people: members.map(({ userId: id, name, email, role, extra, since }) => ({
          ...{ id, name, email, role, extra, since },
        })),
      });
    },
  }),
  operation({
    name: 'listInvitations',
    method: 'GET',
    path: '/invitations',
    scope: 'people.see',
    summary: 'List the invitations that can still be accepted',
    answer: z.object({
      invitations: z.array(z.object({ id: z.string(), name: z.string(), role: z.string(), expiresAt: Instant })),
    }),
    run: async ({ env, settingId }) => {
      const open = await openInvitations(env, settingId);
      return ok({ invitations: open.map(({ id, name, role, expiresAt }) => ({ id, name, role, expiresAt })) });
    },
  }),
];
