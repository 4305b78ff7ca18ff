/** Where boxes knock: enrolment with a pairing code, and the WebSocket of an enrolled box. No session; a box has a key. */
import { Hono } from 'hono';
import { CLOSE_NOT_ENROLLED, EnrolRequest } from '../../policy-rules/agent-protocol.ts';
import { enrolBox, stubOfBox } from '../accounts/directory.ts';
import { countFailure, isOverLimit, pairingLimit } from '../accounts/failures.ts';
import type { AppEnv } from './context.ts';

export const boxLineRoutes = new Hono<AppEnv>()
  .post('/box/enrol', async (c) => {
    if (!c.req.header('content-type')?.startsWith('application/json')) {
      return c.text('This address is for boxes: it expects an enrolment as application/json.', 415);
    }
    const nowMs = Date.now();
    const limit = pairingLimit(c.req.header('cf-connecting-ip') ?? '');
    if (await isOverLimit(c.env, limit, nowMs)) {
      return c.text('There have been too many wrong codes from this network. Wait a quarter of an hour.', 403);
    }
    const request = EnrolRequest.safeParse(await c.req.json().catch(() => null));
    if (!request.success) {
      return c.text('That is no enrolment of this version of the protocol. Update the box or the dashboard.', 400);
    }
    const answer = await enrolBox(c.env, request.data);
    if (answer === null) {
      await countFailure(c.env, limit, nowMs);
      return c.text('This pairing code is not known: it was mistyped, used already, or has expired.', 403);
    }
    return c.json(answer);
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
