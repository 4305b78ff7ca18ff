/** Official channels: the register, entering and changing one, and closing it. */
import * as z from 'zod/mini';
import type { ChannelForm } from '../../views/models.ts';
import { weekdays } from '../../views/models.ts';
import { channelProblem, channelProblems } from '../channels.ts';
import { type Answer, type Call, notFound, ok, operation, wrongFields } from './operation.ts';

const Text = z.string().check(z.maxLength(300));

/** As the form of the page: the two people may be "" where one has left. */
export const Channel = z.strictObject({
  name: Text,
  purpose: Text,
  approvedBy: Text,
  approvedOn: Text,
  assessedOn: Text,
  firstPerson: Text,
  secondPerson: Text,
  device: Text,
  service: Text,
  days: z.array(z.enum(weekdays)).check(z.maxLength(7)),
  from: Text,
  to: Text,
});

const Listed = z.object({
  id: z.string(),
  name: z.string(),
  purpose: z.string(),
  approvedBy: z.string(),
  approvedOn: z.string(),
  assessedOn: z.string(),
  people: z.array(z.string()),
  /** Null where the device is gone. */
  deviceName: z.nullable(z.string()),
  serviceName: z.string(),
  days: z.array(z.string()),
  from: z.string(),
  to: z.string(),
  /** What somebody should see to. */
  warnings: z.array(z.string()),
});

const Saved = z.object({ saved: z.literal(true) });

export const channelOperations = [
  operation({
    name: 'listChannels',
    method: 'GET',
    path: '/channels',
    scope: 'channel.change',
    summary: 'List the official channels and what somebody should see to',
    answer: z.object({ channels: z.array(Listed) }),
    run: async ({ setting }) => ok({ channels: (await setting.channels()).channels }),
  }),
  operation({
    name: 'readChannel',
    method: 'GET',
    path: '/channels/:id',
    scope: 'channel.change',
    summary: 'Read an official channel',
    answer: Channel,
    run: async ({ setting, id }) => {
      const channel = await setting.channelForm(id);
      return channel === null ? notFound('channel') : ok(channel);
    },
  }),
  operation({
    name: 'registerChannel',
    method: 'POST',
    path: '/channels',
    scope: 'channel.change',
    summary: 'Register an official channel; permission for its times follows from it',
    body: Channel,
    status: 201,
    answer: Saved,
    run: (call) => saveChannel(call, null),
  }),
  operation({
    name: 'changeChannel',
    method: 'PUT',
    path: '/channels/:id',
    scope: 'channel.change',
    summary: 'Change an official channel',
    body: Channel,
    answer: Saved,
    run: (call) => saveChannel(call, call.id),
  }),
  operation({
    name: 'closeChannel',
    method: 'POST',
    path: '/channels/:id/close',
    scope: 'channel.change',
    summary: 'Close an official channel, and end what is allowed for it',
    answer: z.object({ closed: z.literal(true) }),
    run: async ({ setting, actor, id }) =>
      (await setting.closeChannel(id, actor)) ? ok({ closed: true }) : notFound('channel'),
  }),
];

async function saveChannel(
  { setting, actor, body, seen }: Call<unknown, ChannelForm>,
  id: string | null,
): Promise<Answer> {
  const errors = channelProblems(body, id === null, await setting.today());
  if (errors.length > 0) return wrongFields(errors);
  const saved = await setting.saveChannel(id, body, actor, (seen?.body as ChannelForm | undefined) ?? null);
  if (saved.ok) return { status: id === null ? 201 : 200, body: { saved: true } };
  if (saved.problem === 'no-such-channel') return notFound('channel');
  if (saved.problem === 'changed-meanwhile') {
    return { status: 412, detail: 'Somebody has changed it since it was read. Read it again.' };
  }
  return wrongFields([channelProblem(saved.problem)]);
}
