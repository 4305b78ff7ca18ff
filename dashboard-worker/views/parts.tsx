/**
 * The pieces that several pages are made of: form fields with their errors, times, and names in sentences.
 */
import { type Child, createContext, type PropsWithChildren, useContext } from 'hono/jsx';
import { formatAt, formatMoment, isoInstant } from './format.ts';
import { spoken } from './language.ts';
import type { FieldError, Frame, GrantModel, GrantState, Instant, ScopeName, TargetName } from './models.ts';
import { shownTo } from './paths.ts';

/** The frame of the page that is being rendered; null on pages without a session. */
export const FrameContext = createContext<Frame | null>(null);

type FormAttributes = { action: string; class?: string; hidden?: boolean } & { [name: `data-${string}`]: string };

/**
 * A form that changes something. It says of which setting it is: ids of devices and groups are the same words in many of
 * them, and a page may have been left open while its reader went on to another setting. And whose it is: at a tablet that
 * several share, somebody else may have signed in meanwhile, and would be on the record for what the first one decides.
 */
export function Form({ children, ...attributes }: PropsWithChildren<FormAttributes>) {
  const frame = useContext(FrameContext);
  return (
    <form method="post" {...attributes}>
      {frame !== null && (
        <>
          <input type="hidden" name="setting" value={frame.settingId} />
          <input type="hidden" name="as" value={shownTo(frame.userId)} />
        </>
      )}
      {children}
    </form>
  );
}

/** Two taps on a form that holds it are one: `formIdOf` of routes/forms.ts. */
export function FormId({ id }: { id: string }) {
  return <input type="hidden" name="id" value={id} />;
}

/** At the head of a form that came back: what is wrong, each line leading to its field. */
export function ErrorSummary({ errors }: { errors: readonly FieldError[] }) {
  if (errors.length === 0) return null;
  return (
    <div class="error-summary" role="alert" aria-labelledby="error-summary-title">
      <h2 id="error-summary-title">{spoken.form.errorSummary}</h2>
      <ul>
        {errors.map((error) => (
          <li>
            <a href={`#${error.field}`}>{error.message}</a>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function errorOf(errors: readonly FieldError[], field: string): string | undefined {
  return errors.find((error) => error.field === field)?.message;
}

/** Beside the field; the field points here with `aria-describedby`. */
export function FieldErrorText({ field, errors }: { field: string; errors: readonly FieldError[] }) {
  const message = errorOf(errors, field);
  return message === undefined ? null : (
    <p class="field-error" id={`${field}-error`}>
      <span class="hidden">{spoken.layout.errorPrefix}</span>
      {message}
    </p>
  );
}

interface TextFieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly value?: string;
  readonly errors: readonly FieldError[];
  readonly type?: 'text' | 'email' | 'password' | 'time' | 'date';
  readonly autocomplete?: string;
  readonly required?: boolean;
  readonly rows?: number;
  readonly maxLength?: number;
  readonly minLength?: number;
  /** Of a date. */
  readonly min?: string;
  readonly max?: string;
  /** A keyboard of digits, on a tablet. */
  readonly digits?: boolean;
  /** Addresses and codes: no capitals. */
  readonly verbatim?: boolean;
  /** The id of a `Suggestions` on the page. */
  readonly list?: string;
}

/** A labelled input, or a text area when `rows` is given. Its id is its name, so that errors can lead to it. */
export function TextField(props: TextFieldProps) {
  const { name, label, hint, value = '', errors, type = 'text', rows } = props;
  const error = errorOf(errors, name);
  const describedBy = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(' ');
  const shared = {
    id: name,
    name,
    'aria-describedby': describedBy || undefined,
    'aria-invalid': error ? 'true' : undefined,
    autocomplete: props.autocomplete,
    required: props.required ?? false,
    maxlength: props.maxLength,
    minlength: props.minLength,
    min: props.min,
    max: props.max,
    inputmode: props.digits ? ('numeric' as const) : undefined,
    autocapitalize: props.verbatim ? ('none' as const) : undefined,
    list: props.list,
  };
  return (
    <div class={error ? 'field wrong' : 'field'}>
      <label for={name}>{label}</label>
      {hint && (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      <FieldErrorText field={name} errors={errors} />
      {rows === undefined ? (
        <input type={type} value={type === 'password' ? undefined : value} {...shared} />
      ) : (
        <textarea rows={rows} {...shared}>
          {value}
        </textarea>
      )}
    </div>
  );
}

/** What a field may be filled in with by one tap; anything else may be typed. */
export function Suggestions({ id, names }: { id: string; names: readonly string[] }) {
  return (
    <datalist id={id}>
      {names.map((name) => (
        <option value={name} />
      ))}
    </datalist>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly checked: boolean;
  readonly children?: Child;
  readonly id?: string | undefined;
  /** Several may be chosen. */
  readonly several?: boolean;
}

/**
 * A radio button or a tick box as large as a finger; its children stand in a row. Kept to few bytes: a page may hold three
 * hundred.
 */
export function Tile({ name, value, checked, children, id, several }: TileProps) {
  return (
    <label class="tile">
      <input type={several ? 'checkbox' : 'radio'} name={name} value={value} checked={checked} id={id} />
      {children}
    </label>
  );
}

export function Time({ at, frame }: { at: Instant; frame: Frame }) {
  return <time datetime={isoInstant(at)}>{formatMoment(at, frame)}</time>;
}

/** Between the pages of a list that has the newest first. `address` is that of a page, counted from 1. */
export function Paging({
  page,
  pageCount,
  address,
}: {
  page: number;
  pageCount: number;
  address: (page: number) => string;
}) {
  const t = spoken.layout.paging;
  if (pageCount === 1) return null;
  return (
    <nav class="paging" aria-label={t.label}>
      {page > 1 && (
        <a class="button" rel="prev" href={address(page - 1)}>
          {t.newer}
        </a>
      )}
      <span>{t.pageOf(page, pageCount)}</span>
      {page < pageCount && (
        <a class="button" rel="next" href={address(page + 1)}>
          {t.older}
        </a>
      )}
    </nav>
  );
}

/** A wide table scrolls by itself, and by keyboard; the page never does. */
export function Scroller({ label, children }: PropsWithChildren<{ label: string }>) {
  return (
    // A region that scrolls has to be reachable by keyboard (WCAG 2.1.1).
    <section class="scroller" aria-label={label} tabindex={0}>
      {children}
    </section>
  );
}

export function scopeText(scope: ScopeName): string {
  if (scope.kind === 'all-social') return spoken.scope.allSocial;
  return scope.kind === 'category' ? spoken.scope.category(scope.name) : scope.name;
}

export function targetText(target: TargetName): string {
  return target.kind === 'group' ? spoken.target.group(target.name) : target.name;
}

/** "Office PC, Tablet and every device in “Office”"; of more than four, the first three and how many more. */
export function targetsText(targets: readonly TargetName[]): string {
  const names = targets.map(targetText);
  const shown = names.length > 4 ? [...names.slice(0, 3), spoken.target.more(names.length - 3)] : names;
  return listOf(shown);
}

/** "A, B and C". */
export function listOf(names: readonly string[]): string {
  return new Intl.ListFormat(spoken.locale, { type: 'conjunction' }).format(names);
}

/** "Facebook on Office PC until 15:00"; with its start as long as that lies ahead, and in a note. */
export function grantLine({ scope, targets, from, until, state }: GrantModel, frame: Frame): string {
  const [what, on] = [capitalise(scopeText(scope)), targetsText(targets)];
  if (from <= frame.nowMs && state.kind !== 'noted')
    return spoken.grant.lineUntil(what, on, formatMoment(until, frame));
  // The day of the end is said when it is another one than that of the start.
  return spoken.grant.lineSlot(what, on, formatMoment(from, frame), formatMoment(until, { ...frame, nowMs: from }));
}

/** A sentence that starts with a name of ours ("all social media") starts with a capital. */
export function capitalise(text: string): string {
  return text.charAt(0).toLocaleUpperCase(spoken.locale) + text.slice(1);
}

export function grantStateText(state: GrantState, frame: Frame): string {
  const words = spoken.grant.state;
  switch (state.kind) {
    case 'sending':
      return words.sending;
    case 'waiting':
      return words.waiting;
    case 'in-force':
      return words.inForce(formatMoment(state.since, frame));
    case 'booked':
      return words.booked(formatMoment(state.from, frame));
    case 'noted':
      return words.noted;
    case 'ending':
      return words.ending;
    case 'ended':
      return state.early === null
        ? words.ended(formatAt(state.at, frame))
        : words.endedEarly(formatAt(state.at, frame), state.early);
    case 'refused':
      return words.refused(state.reason);
  }
}

export function isOver({ kind }: GrantState): boolean {
  return kind === 'ended' || kind === 'noted';
}

const stateSigns: Readonly<Record<GrantState['kind'], string>> = {
  sending: '…',
  waiting: '‖',
  'in-force': '✓',
  booked: '◷',
  noted: '✎',
  ending: '…',
  ended: '■',
  refused: '!',
};

/** Where a grant stands. */
export function GrantStateLine({ state, frame }: { state: GrantState; frame: Frame }) {
  return <StateLine kind={state.kind}>{grantStateText(state, frame)}</StateLine>;
}

/** Sign, colour and words, each enough by itself. */
export function StateLine({ kind, children }: PropsWithChildren<{ kind: GrantState['kind'] }>) {
  return (
    <p class={`state ${kind}`}>
      <span class="sign" aria-hidden="true">
        {stateSigns[kind]}
      </span>
      {children}
    </p>
  );
}

/** The words of `GrantMarks`. */
export function grantMarks({ purpose, toSelf }: Pick<GrantModel, 'purpose' | 'toSelf'>): string[] {
  return [...(purpose === 'personal' ? [] : [spoken.grant.purpose[purpose]]), ...(toSelf ? [spoken.grant.toSelf] : [])];
}

/** Marks beside a permission: emergency, official, for themselves. */
export function GrantMarks({ grant }: { grant: Pick<GrantModel, 'purpose' | 'toSelf'> }) {
  return (
    <>
      {grant.purpose !== 'personal' && (
        <span class={`mark ${grant.purpose}`}>{spoken.grant.purpose[grant.purpose]}</span>
      )}
      {grant.toSelf && <span class="mark">{spoken.grant.toSelf}</span>}
    </>
  );
}
