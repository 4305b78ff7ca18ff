/** A permission's story, and more time for it. */
import { formatAt, formatMoment } from './format.ts';
import { spoken } from './language.ts';
import type { Frame, GrantModel, Instant, MoreTimeForm, StoryStep } from './models.ts';
import { capitalise, Form, scopeText, targetsText } from './parts.tsx';
import { paths } from './paths.ts';

const t = spoken.grant;

export function storyText(step: StoryStep, frame: Frame): string {
  const who = step.by === '' ? t.story.somebody : step.by;
  const at = formatAt(step.at, frame);
  if (step.kind === 'ended') return t.story.ended(who, at);
  if (step.kind === 'joined') {
    const until = formatMoment(step.until, frame);
    const told =
      step.person === '' || step.person === step.by
        ? t.story.joined(who, at, until)
        : t.story.joinedFor(who, at, until, step.person);
    return step.reason === '' ? told : `${told} ${spoken.now.because(step.reason)}`;
  }
  return t.story[step.kind](who, at, formatMoment(step.until, frame));
}

/** What else opens some of it: it stays open when this one is ended. */
export function AlsoAllowed({ grant, frame }: { grant: GrantModel; frame: Frame }) {
  const shown = grant.also.slice(0, ALSO_SHOWN);
  const more = grant.also.length - shown.length;
  return (
    <>
      {shown.map(({ id, scope, targets, until, by }) => (
        <p class="detail also">
          <a href={paths.grant(id)}>
            {t.also(
              capitalise(scopeText(scope)),
              targetsText(targets),
              formatMoment(until, frame),
              by === '' ? t.story.somebody : by,
            )}
          </a>
        </p>
      ))}
      {more > 0 && <p class="detail">{t.alsoMore(more)}</p>}
    </>
  );
}

const ALSO_SHOWN = 3;

/** Whether the box has it, or will have it: what it refused gets no more time. */
export function canBeExtended({ state }: GrantModel): boolean {
  return state.kind === 'in-force' || state.kind === 'booked' || state.kind === 'sending' || state.kind === 'waiting';
}

interface MoreTimeProps {
  readonly grant: GrantModel;
  readonly frame: Frame;
  readonly back: MoreTimeForm['back'];
  readonly minutes: readonly (10 | 30)[];
  /** Null: "until the end of this session" is not offered. */
  readonly sessionEndsAt: Instant | null;
  /** Null: "until we close" is not offered. */
  readonly closesAt: Instant | null;
  /** Read out with each button where several permissions stand on a page. */
  readonly of?: string;
}

/** Each button is one tap. */
export function MoreTime({ grant, frame, back, minutes, sessionEndsAt, closesAt, of }: MoreTimeProps) {
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
      {sessionEndsAt !== null &&
        sessionEndsAt > grant.until &&
        button('session', t.moreUntilSession(formatAt(sessionEndsAt, frame)))}
      {closesAt !== null && closesAt > grant.until && button('close', t.moreUntilClose(formatAt(closesAt, frame)))}
    </Form>
  );
}
