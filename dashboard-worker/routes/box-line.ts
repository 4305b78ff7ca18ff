/** Where boxes knock: enrolment with a pairing code, and the WebSocket of an enrolled box. No session; a box has a key. */
import { Hono } from 'hono';
import { CLOSE_NOT_ENROLLED, EnrolRequest } from '../../policy-rules/agent-protocol.ts';
import { stubOfBox } from '../accounts/directory.ts';
import { countAttempt, pairingLimit, takeBackAttempt } from '../accounts/failures.ts';
import { enrolBox } from '../accounts/pairing.ts';
import { type AppEnv, clientAddressOf } from './context.ts';
import { enrolmentLimit } from './form-limit.ts';

export const boxLineRoutes = new Hono<AppEnv>()
  .post('/box/enrol', enrolmentLimit, async (c) => {
    if (!c.req.header('content-type')?.startsWith('application/json')) {
      return c.text('This address is for boxes: it expects an enrolment as application/json.', 415);
    }
    const limit = pairingLimit(clientAddressOf(c));
    const request = EnrolRequest.safeParse(await c.req.json().catch(() => null));
    if (!request.success) {
      return c.text('That is no enrolment of this version of the protocol. Update the box or the dashboard.', 400);
    }
    const failures = await countAttempt(c.env, limit, Date.now());
    // Well beyond the mistypings that are told to slow down: a right code among them still pairs the box, or whoever
    // shares the installer's network could keep a box from being paired.
    const answer = failures > limit.ceiling ? null : await enrolBox(c.env, request.data);
    if (answer !== null) {
      await takeBackAttempt(c.env, limit);
      return c.json(answer);
    }
    if (failures > limit.attempts) {
      return c.text('There have been too many wrong codes from this network. Wait a quarter of an hour.', 429);
    }
    return c.text('This pairing code is not known: it was mistyped, used already, or has expired.', 403);
  })

  .get('/box/connect', async (c) => {
    if (c.req.header('upgrade')?.toLowerCase() !== 'websocket') {
      return c.text('This address is for boxes: it expects a WebSocket.', 426, { upgrade: 'websocket' });
    }
    const stub = await stubOfBox(c.env, c.req.query('box') ?? '');
    return stub === null ? refuseSocket() : stub.fetch(c.req.raw);
  });

/** A box reads the reason from the close code, which a refused upgrade would not give it. */
function refuseSocket(): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.close(CLOSE_NOT_ENROLLED, 'this box is not known here');
  return new Response(null, { status: 101, webSocket: client });
}
