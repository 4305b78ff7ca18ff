/** What the operations that change the policy have in common: looking first, saving, and why nothing was saved. */
import * as z from 'zod/mini';
import type { PolicyChange, PolicyUnchanged } from '../../setting/policies.ts';
import { changeSentences } from '../../views/pages.ts';
import { type Answer, type Call, notFound, ok } from './operation.ts';

export const PreviewQuery = z.strictObject({
  /** "true": nothing is saved, and the answer says what would change. */
  preview: z.optional(z.enum(['true'])),
});

export const PolicyChanged = z.object({
  /** Of the policy that was saved; null after a preview. */
  version: z.nullable(z.int()),
  /** Whether the box has said already that it is in force. */
  onBox: z.boolean(),
  /** What would change, in sentences; null once it is saved. */
  changes: z.nullable(z.array(z.string())),
});

type PolicyCall = Pick<Call<z.infer<typeof PreviewQuery> | null, unknown>, 'setting' | 'actor' | 'query'>;

/** `depth`: how many keys of the policy lead to what was sent, so that a problem says where in that it is. */
export async function changePolicy(
  { setting, actor, query }: PolicyCall,
  change: PolicyChange,
  depth: number,
): Promise<Answer> {
  if (query?.preview !== undefined) {
    const previewed = await setting.previewPolicy(change);
    if (!previewed.ok) return unchanged(previewed, depth);
    return ok({ version: null, onBox: false, changes: changeSentences(previewed.changes.facts) });
  }
  const changed = await setting.changePolicy(change, actor);
  if (!changed.ok) return unchanged(changed, depth);
  return ok({ version: changed.version, onBox: changed.acknowledged, changes: null });
}

function unchanged(why: PolicyUnchanged, depth: number): Answer {
  switch (why.reason) {
    case 'no-such-device':
      return notFound('device');
    case 'no-such-group':
      return notFound('group');
    case 'nothing-to-undo':
      return { status: 409, detail: 'There is no change that can be taken back.' };
    case 'changed-meanwhile':
      return { status: 412, detail: 'Somebody has changed it since it was read. Read it again.' };
    case 'problems': {
      const errors = why.problems.map(({ keys, message }) => ({ at: `/${keys.slice(depth).join('/')}`, message }));
      return { status: 422, detail: 'What was sent cannot be used.', errors };
    }
  }
}
