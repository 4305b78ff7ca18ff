/** Reading forms: every field is text, and one that is missing is a form that makes no sense. */
import { oneLine } from '../../policy-rules/show-text.ts';
import { shownTo } from '../views/paths.ts';
import type { AppContext } from './context.ts';

/** Thrown for a form that no page of ours sends; answered with a page that says so. */
export class BadForm extends Error {
  constructor(field: string) {
    super(`the form has no field "${field}", or it is no text`);
    this.name = 'BadForm';
  }
}

/** What was sent as a form; anything else is no form of ours. `field`: one that it should have. */
export function readForm(c: AppContext, field: string): Promise<FormData> {
  return c.req.formData().catch(() => {
    throw new BadForm(field);
  });
}

/** The named fields, each as one line of readable text. A field may be empty, not missing. */
export async function readFields<Name extends string>(
  c: AppContext,
  names: readonly Name[],
): Promise<Record<Name, string>> {
  const sent = await readForm(c, names[0] ?? '');
  const fields: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = sent.get(name);
    if (typeof value !== 'string' || value.length > FIELD_MAX_CHARACTERS) throw new BadForm(name);
    // A password may begin with a space, and is never shown.
    fields[name] = /password$/i.test(name) ? value : oneLine(value);
  }
  return fields as Record<Name, string>;
}

/**
 * The id that the form was shown with, which makes of two taps one thing done; "" without one. What is new for a form takes
 * the id where it is not taken, so whoever makes one up reaches nothing by it.
 */
export async function formIdOf(c: AppContext): Promise<string> {
  const sent = (await readForm(c, 'id')).get('id');
  return typeof sent === 'string' && /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(sent)
    ? sent
    : '';
}

/**
 * Whether the form stood on a page that was shown to that person. One that does not say is no page's, and harms nobody: this
 * is no check of who may, but keeps what one person decides from being put down to another.
 */
export async function isOwnPage(c: AppContext, userId: string): Promise<boolean> {
  const as = (await readForm(c, 'as')).get('as');
  return as === null || as === shownTo(userId);
}

/** The lines of a text area, each as one line of readable text; empty ones are left out. */
export async function readLines(c: AppContext, name: string): Promise<string[]> {
  const value = (await readForm(c, name)).get(name);
  if (typeof value !== 'string' || value.length > FIELD_MAX_CHARACTERS) throw new BadForm(name);
  return value
    .split(/[\r\n]+/)
    .map(oneLine)
    .filter((line) => line !== '');
}

/** The value if it is one of those; otherwise the form is not ours. */
export function oneOf<Value extends string>(field: string, value: string, values: readonly Value[]): Value {
  const known = values.find((candidate) => candidate === value);
  if (known === undefined) throw new BadForm(field);
  return known;
}

/** A real date as YYYY-MM-DD, in the years of which calendars are drawn here: the day after it is one as well. */
export function isDate(text: string): boolean {
  if (!/^20\d{2}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

export function isTime(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
}

const FIELD_MAX_CHARACTERS = 10_000;
