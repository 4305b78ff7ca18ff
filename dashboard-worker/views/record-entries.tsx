/**
 * Entries of the record as a list: a sentence each, under the day on which it was written.
 */
import { formatCount, formatDay, formatMoment, formatTime, isoInstant } from './format.ts';
import { spoken } from './language.ts';
import type { Frame, Instant, RecordEntry, SignInPlace } from './models.ts';
import { GrantMarks } from './parts.tsx';
import { recordSentence } from './record-sentence.ts';

const t = spoken.record;

/** `within`: under a heading of the second order, so that the days have one of the third. */
export function EntryList({
  entries,
  frame,
  within = false,
}: {
  entries: readonly RecordEntry[];
  frame: Frame;
  within?: boolean;
}) {
  return (
    <>
      {byDay(entries, (entry) => entry.at, frame.timeZone).map(({ day, items }) => (
        <section>
          {within ? <h3>{day}</h3> : <h2>{day}</h2>}
          <ol class="record">
            {items.map((entry) => (
              <Entry entry={entry} frame={frame} />
            ))}
          </ol>
        </section>
      ))}
    </>
  );
}

function Entry({ entry, frame }: { entry: RecordEntry; frame: Frame }) {
  const { event } = entry;
  return (
    <li>
      <span class="when">
        <time datetime={isoInstant(entry.at)}>{formatTime(entry.at, frame.timeZone)}</time>
        <span class="sequence" title={t.number}>
          {' '}
          {t.sequence(formatCount(entry.sequence))}
        </span>
      </span>
      <span>
        {recordSentence(entry, frame.timeZone)}
        {'toSelf' in event && (
          <>
            {' '}
            <GrantMarks grant={event} />
            <span class="hint">
              {event.askedBy !== '' && event.askedBy !== entry.who && `${t.events.forPerson(event.askedBy)} `}
              {t.events[event.mode]}
            </span>
          </>
        )}
        {entry.session && <SignedIn session={entry.session} frame={frame} />}
      </span>
    </li>
  );
}

/** As the page of one's own account words it. */
function SignedIn({ session, frame }: { session: SignInPlace; frame: Frame }) {
  const { at, browser, system } = session;
  const words = spoken.account.sessions;
  return (
    <small class="session">
      {browser === '' ? words.unknown : words.on(browser, system)}. {words.since(formatMoment(at, frame))}.
    </small>
  );
}

/** In their order, under the day that `at` says they are of. */
export function byDay<Item>(
  items: readonly Item[],
  at: (item: Item) => Instant,
  timeZone: string,
): { day: string; items: Item[] }[] {
  const days: { day: string; items: Item[] }[] = [];
  for (const item of items) {
    const day = formatDay(at(item), timeZone);
    const last = days.at(-1);
    if (last?.day === day) last.items.push(item);
    else days.push({ day, items: [item] });
  }
  return days;
}
