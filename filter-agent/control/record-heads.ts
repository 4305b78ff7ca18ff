/**
 * What the box holds of the setting's record: the newest head that it has countersigned. A head stands for every entry
 * before it, so this one is enough to notice that entries were cut off or that the record was computed anew, without
 * anybody looking: each head that the dashboard shows has to go on from the one before.
 *
 * Left out: the record itself. The box sees hashes, never an entry.
 */
import {
  headText,
  type RecordHead,
  type RecordHeadPayload,
  type SignedHead,
} from '../../policy-rules/agent-protocol.ts';

/**
 * `new`: goes on from what is known. `known`: nothing new, or the dashboard does not know yet what the box has
 * countersigned last, and is told again. `contradicts`: the record that the box has seen is not this one.
 */
export function judgeHead(
  known: RecordHead | null,
  { head, since }: RecordHeadPayload,
): 'new' | 'known' | 'contradicts' {
  if (known === null) return 'new';
  if (head.seq < known.seq || since === null) return 'contradicts';
  if (head.seq === known.seq) return head.hash === known.hash ? 'known' : 'contradicts';
  if (since.seq !== known.seq) return 'known';
  return since.hash === known.hash ? 'new' : 'contradicts';
}

export function signHead(identity: { settingId: string; sign(text: string): string }, head: RecordHead): SignedHead {
  return { ...head, signature: identity.sign(headText(identity.settingId, head)) };
}
