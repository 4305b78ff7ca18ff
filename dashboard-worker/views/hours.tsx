/**
 * Opening hours: a picture of the week, "open today as well" in three taps, and the whole schedule as rows of fields.
 */
import type { Period } from '../../policy-rules/policy.ts';
import { formatDate, formatTime } from './format.ts';
import type { WeekDay } from './hours-form.ts';
import { closedDays, eveningToday, fieldTime, hoursFields, isMostlyClosed, weekDays } from './hours-form.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { FieldError, HoursModel } from './models.ts';
import { openingText } from './now.tsx';
import { ErrorSummary, errorOf, FieldErrorText, Form, TextField, Tile } from './parts.tsx';
import { paths } from './paths.ts';
import { PolicyForm } from './policy-form.tsx';
import { WeekPicture } from './week-picture.tsx';

const t = spoken.hours;

export function HoursPage({ frame, opening, hours, version, errors, nextBankHolidays }: HoursModel) {
  const evening = eveningToday(formatTime(frame.nowMs, frame.timeZone));
  const hasBreaks = weekDays.some((day) => hours.breaks[day].length > 0);
  return (
    <Page frame={frame} page="hours" title={t.title} hasErrors={errors.length > 0}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro}</p>
      <ErrorSummary errors={errors} />
      <p>{openingText(opening, frame)}</p>
      <p class="actions">
        <a class="button" href={paths.calendar}>
          {spoken.calendar.link}
        </a>
        <a class="button quiet" href={paths.lastChange}>
          {spoken.lastChange.link}
        </a>
      </p>
      <section aria-labelledby="picture-title">
        <h2 id="picture-title">{t.picture}</h2>
        <WeekPicture hours={hours} />
      </section>
      <section class="card" aria-labelledby="today-title">
        <h2 id="today-title">{t.today}</h2>
        <p class="hint">{t.todayHint}</p>
        <Form action={paths.openToday} class="row">
          <TextField
            name="name"
            label={t.todayName}
            value={t.todayUsual}
            errors={errors}
            maxLength={80}
            required
            autocomplete="off"
          />
          <TextField name="from" label={t.from} type="time" value={evening.from} errors={errors} required />
          <TextField name="to" label={t.to} type="time" value={evening.to} errors={errors} required />
          <button type="submit">{t.todayButton}</button>
        </Form>
      </section>
      <PolicyForm action={paths.hours} version={version} long>
        <h2>{t.form}</h2>
        <fieldset>
          <legend>
            <h3>{t.week}</h3>
          </legend>
          <p class="hint">{t.weekHint}</p>
          {isMostlyClosed(hours.week) && (
            <div class={errorOf(errors, hoursFields.confirmWeek) ? 'field wrong' : 'field'}>
              <FieldErrorText field={hoursFields.confirmWeek} errors={errors} />
              <label class="tile">
                <input type="checkbox" id={hoursFields.confirmWeek} name={hoursFields.confirmWeek} value="yes" />
                <span>{t.confirmWeek(closedDays(hours.week).map((day) => t.days[day]))}</span>
              </label>
            </div>
          )}
          {weekDays.map((day) => (
            <DayRows part="week" day={day} periods={hours.week[day]} errors={errors} />
          ))}
        </fieldset>
        <details open={hasBreaks}>
          <summary>{t.breaks}</summary>
          <p class="hint">{t.breaksHint}</p>
          {weekDays.map((day) => (
            <DayRows part="breaks" day={day} periods={hours.breaks[day]} errors={errors} />
          ))}
        </details>
        <details open={hours.terms.length > 0}>
          <summary>{t.terms}</summary>
          <p class="hint">{t.termsHint}</p>
          <SpanRows part="terms" spans={hours.terms} errors={errors} />
        </details>
        <details open={hours.closures.length > 0}>
          <summary>{t.closures}</summary>
          <p class="hint">{t.closuresHint}</p>
          <SpanRows part="closures" spans={hours.closures} errors={errors} />
        </details>
        <details open={hours.openings.length > 0}>
          <summary>{t.openings}</summary>
          <p class="hint">{t.openingsHint}</p>
          {[...hours.openings, { name: '', date: '', from: '', to: '' }].map((opening, row) => (
            <div class="row">
              <Cell
                name={hoursFields.opening('name')}
                row={row}
                value={opening.name}
                section={t.openings}
                label={t.rowName}
                errors={errors}
              />
              <Cell
                name={hoursFields.opening('date')}
                row={row}
                value={opening.date}
                section={t.openings}
                label={t.date}
                type="date"
                errors={errors}
              />
              <Cell
                name={hoursFields.opening('from')}
                row={row}
                value={opening.from}
                section={t.openings}
                label={t.from}
                type="time"
                errors={errors}
              />
              <Cell
                name={hoursFields.opening('to')}
                row={row}
                value={fieldTime(opening.to)}
                section={t.openings}
                label={t.to}
                type="time"
                errors={errors}
              />
            </div>
          ))}
          <p class="hint">{t.moreRows}</p>
        </details>
        <fieldset>
          <legend>
            <h3>{t.bankHolidays}</h3>
          </legend>
          {nextBankHolidays.length > 0 && (
            <p class="hint">
              {t.nextBankHolidays(nextBankHolidays.map(({ name, date }) => `${name}, ${formatDate(date)}`).join('; '))}
            </p>
          )}
          <div class="tiles broad">
            <Tile
              name={hoursFields.bankHolidays}
              value="england-and-wales"
              checked={hours.bankHolidays === 'england-and-wales'}
            >
              {t.bankHolidaysOn}
            </Tile>
            <Tile name={hoursFields.bankHolidays} value="none" checked={hours.bankHolidays === 'none'}>
              {t.bankHolidaysOff}
            </Tile>
          </div>
        </fieldset>
      </PolicyForm>
    </Page>
  );
}

interface DayRowsProps {
  readonly part: 'week' | 'breaks';
  readonly day: WeekDay;
  readonly periods: readonly Period[];
  readonly errors: readonly FieldError[];
}

/** The day's periods and one empty row, so that another can be added without a script. */
function DayRows({ part, day, periods, errors }: DayRowsProps) {
  const [from, to] = [hoursFields.time(part, day, 'from'), hoursFields.time(part, day, 'to')];
  const words = part === 'week' ? { from: t.openFrom, to: t.openTo } : { from: t.breakFrom, to: t.breakTo };
  return (
    <div class="day">
      <p class="day-name" aria-hidden="true">
        {t.days[day]}
      </p>
      <div class="periods">
        {[...periods, { from: '', to: '' }].map((period, row) => {
          const id = `${from}-${row}`;
          const error = errorOf(errors, id);
          return (
            <div class={error ? 'period wrong' : 'period'}>
              <FieldErrorText field={id} errors={errors} />
              <input
                type="time"
                id={id}
                name={from}
                value={period.from}
                aria-label={words.from(t.days[day], row + 1)}
                aria-invalid={error ? 'true' : undefined}
                aria-describedby={error && `${id}-error`}
              />
              <span aria-hidden="true">–</span>
              <input
                type="time"
                name={to}
                value={fieldTime(period.to)}
                aria-label={words.to(t.days[day], row + 1)}
                aria-invalid={error ? 'true' : undefined}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface SpanRowsProps {
  readonly part: 'terms' | 'closures';
  readonly spans: readonly { readonly name: string; readonly first: string; readonly last: string }[];
  readonly errors: readonly FieldError[];
}

function SpanRows({ part, spans, errors }: SpanRowsProps) {
  const section = t[part];
  const name = (field: 'name' | 'first' | 'last') => hoursFields.span(part, field);
  return (
    <>
      {[...spans, { name: '', first: '', last: '' }].map((span, row) => (
        <div class="row">
          <Cell name={name('name')} row={row} value={span.name} section={section} label={t.rowName} errors={errors} />
          <Cell
            name={name('first')}
            row={row}
            value={span.first}
            section={section}
            label={t.first}
            type="date"
            errors={errors}
          />
          <Cell
            name={name('last')}
            row={row}
            value={span.last}
            section={section}
            label={t.last}
            type="date"
            errors={errors}
          />
        </div>
      ))}
      <p class="hint">{t.moreRows}</p>
    </>
  );
}

interface CellProps {
  readonly name: string;
  readonly row: number;
  readonly value: string;
  readonly section: string;
  readonly label: string;
  readonly errors: readonly FieldError[];
  readonly type?: 'text' | 'date' | 'time';
}

/** One field of a row. Its visible label is short; what is read out says which section and row it belongs to. */
function Cell({ name, row, value, section, label, errors, type = 'text' }: CellProps) {
  const id = `${name}-${row}`;
  const error = errorOf(errors, id);
  return (
    <div class={error ? 'field wrong' : 'field'}>
      <label for={id}>
        <span class="hidden">{t.rowPrefix(section, row + 1)} </span>
        {label}
      </label>
      <FieldErrorText field={id} errors={errors} />
      <input
        type={type}
        id={id}
        name={name}
        value={value}
        maxlength={type === 'text' ? 80 : undefined}
        aria-invalid={error ? 'true' : undefined}
        aria-describedby={error && `${id}-error`}
      />
    </div>
  );
}
