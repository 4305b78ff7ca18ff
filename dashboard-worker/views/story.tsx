/** A permission's story, and more time for it. */
import { formatMoment } from './format.ts';
import { spoken } from './language.ts';
import type { Frame, GrantModel, Instant, MoreTimeForm, StoryStep } from './models.ts';
import { Form } from './parts.tsx';
import { paths } from './paths.ts';

const t = spoken.grant;

export function storyText(step: StoryStep, frame: Frame): string {
  const who = step.by === '' ? t.story.somebody : step.by;
  const at = formatMoment(step.at, frame);
  if (step.kind === 'ended') return t.story.ended(who, at);
  return t.story[step.kind](who, at, formatMoment(step.until, frame));
}

/** Whether the box has it, or will have it: what it refused gets no more time. */
export function canBeExtended({ state }: GrantModel): boolean {
  return state.kind === 'in-force' || state.kind === 'booked' || state.kind === 'sending' || state.kind === 'waiting';
}

interface MoreTimeProps {
  readonly grant: GrantModel;
  readonly frame: Frame;
  readonly back: MoreTimeForm['back'];
  readonly minutes: readonly (10 | 30)[];
  /** Null: "until we close" is not offered. */
  readonly closesAt: Instant | null;
  /** Read out with each button where several permissions stand on a page. */
  readonly of?: string;
}

/** Each button is one tap. */
export function MoreTime({ grant, frame, back, minutes, closesAt, of }: MoreTimeProps) {
  const button = (more: MoreTimeForm['more'], words: string) => (
    <button name="more" value={more} type="submit">
      {words}
      {of !== undefined && <span class="hidden">: {of}</span>}
    </button>
  );
  return (
    <Form action={paths.extendGrant(grant.id)} class="answers">
      <input type="hidden" name="back" value={back} />
      <input type="hidden" name="ends" value={String(grant.until)} />
      {minutes.map((count) => button(`${count}`, t.moreMinutes(count)))}
      {closesAt !== null && closesAt > grant.until && button('close', t.moreUntilClose(formatMoment(closesAt, frame)))}
    </Form>
  );
}
