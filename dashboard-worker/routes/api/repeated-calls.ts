/**
 * The header Idempotency-Key: a call that is sent again under the same key, since its answer got lost, is not done again
 * but answered as it was (draft-ietf-httpapi-idempotency-key-header). Without the header every call is a new one.
 *
 * Only what was done is kept. A call that was refused has written nothing, and may be sent again under its key.
 */
import type { Context } from 'hono';
import { sha256Hex } from '../../accounts/secrets.ts';
import type { AppEnv } from '../context.ts';
import type { Answer, Call, Operation } from './operation.ts';
import { problem } from './problems.ts';

/** Visible ASCII, as a field value may be. */
const KEY = /^[\x21-\x7e]{1,255}$/;

export async function onceFor(
  c: Context<AppEnv>,
  one: Operation,
  call: Call<unknown, unknown>,
  respond: (done: Answer) => Response,
): Promise<Response> {
  const name = c.req.header('idempotency-key');
  if (name === undefined) return respond(await jsonOf(one, call));
  if (!KEY.test(name)) return problem(c, 400, 'An Idempotency-Key has 1 to 255 visible characters, without spaces.');
  const { setting, actor } = call;
  const essence = await sha256Hex(JSON.stringify([one.name, call.id, call.query, call.body]));
  const claimed = await setting.claimCall(actor.id, name, essence);
  switch (claimed.kind) {
    case 'other':
      return problem(c, 422, 'This Idempotency-Key was used for another call.');
    case 'unknown':
      c.header('retry-after', '2');
      return problem(c, 409, 'The call of this Idempotency-Key is being done. If this goes on, look whether it was.');
    case 'done':
      c.header('idempotent-replayed', 'true');
      return respond({ status: claimed.status, body: JSON.parse(claimed.bodyJson) as object });
    case 'new': {
      // What throws may have been done: the claim stays, and the call is not done again.
      const done = await jsonOf(one, call);
      if ('body' in done) await setting.keepCall(actor.id, name, done.status, JSON.stringify(done.body));
      else await setting.dropCall(actor.id, name);
      return respond(done);
    }
  }
}

/** What is sent with POST is answered in one piece. */
async function jsonOf(one: Operation, call: Call<unknown, unknown>): Promise<Answer> {
  const done = await one.run(call);
  if ('stream' in done) throw new Error(`${one.name} streams its answer, which cannot be kept`);
  return done;
}
