/** The list of first names: part of the policy, shown before it is saved like every change of it. */
import { Hono } from 'hono';
import { FIRST_NAMES_MAX, FirstName } from '../../policy-rules/policy.ts';
import { oneLine } from '../../policy-rules/show-text.ts';
import { spoken } from '../views/language.ts';
import type { FieldError, FirstNamesForm } from '../views/models.ts';
import { FirstNamesPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, frameOf, withFlash } from './context.ts';
import { BadForm, readFields, readForm } from './forms.ts';
import { needs } from './guard.ts';
import { answerPolicyForm, readVersion } from './policy-forms.ts';

export const firstNamesRoutes = new Hono<AppEnv>()
  .get(paths.firstNames, needs('policy.change'), (c) => showFirstNames(c, null))

  .post(paths.firstNames, needs('policy.change'), async (c) => {
    const seen = readVersion((await readFields(c, ['version'])).version);
    const text = await readLines(c);
    const names = namesOf(text);
    return answerPolicyForm(c, {
      ...{ page: 'devices', action: paths.firstNames, cancel: paths.devices, kind: 'form' },
      saved: withFlash(paths.devices, 'first-names-saved'),
      change: { kind: 'first-names', names, seen },
      errors: checkNames(names),
      field: 'names',
      showAgain: (version, errors, status) => showFirstNames(c, { names: text, version }, errors, status),
    });
  });

/** Every line of a hundred names, and then some. */
const TEXT_MAX_CHARACTERS = 10_000;

async function readLines(c: AppContext): Promise<string> {
  const sent = (await readForm(c, 'names')).get('names');
  if (typeof sent !== 'string' || sent.length > TEXT_MAX_CHARACTERS) throw new BadForm('names');
  return sent;
}

function namesOf(text: string): string[] {
  const names = text
    .split(/[\n\r,;]/)
    .map(oneLine)
    .filter((name) => name !== '');
  return eachOnce(names);
}

/** In the order of the alphabet, so that people find themselves. */
export function eachOnce(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted((a, b) => a.localeCompare(b, spoken.locale));
}

function checkNames(names: readonly string[]): FieldError[] {
  const field = 'names';
  if (names.length > FIRST_NAMES_MAX) return [{ field, message: spoken.firstNames.tooMany(FIRST_NAMES_MAX) }];
  const tooLong = names.find((name) => !FirstName.safeParse(name).success);
  return tooLong === undefined ? [] : [{ field, message: spoken.firstNames.tooLong(tooLong.slice(0, 60), 40) }];
}

/** `sent`: null for a fresh form; its version is null where the newest has been looked at. */
async function showFirstNames(
  c: AppContext,
  sent: (FirstNamesForm & { readonly version: number | null }) | null,
  errors: readonly FieldError[] = [],
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  const { frame, policy } = await c.var.setting.policy();
  const values = { names: sent?.names ?? (policy.firstNames ?? []).join('\n') };
  const version = sent?.version ?? policy.version;
  const page = FirstNamesPage({ frame: frameOf(c, frame), values, version, errors });
  return c.html(page, status);
}
