/**
 * What the forms that change the policy have in common: the version they were filled in from, what was wrong, and the
 * page in between that says what would change.
 */
import type { Problem } from '../../policy-rules/validate-policy.ts';
import type { Previewed } from '../setting/setting.ts';
import type { FieldError, PreviewModel } from '../views/models.ts';
import { PreviewPage } from '../views/pages.ts';
import { type AppContext, frameOf } from './context.ts';
import { BadForm, readForm } from './forms.ts';

/** A form is looked at first, and only what was looked at is saved; `edit` leads back to its fields. */
export type Step = 'preview' | 'save' | 'edit';

export async function readStep(c: AppContext): Promise<Step> {
  const step = (await readForm(c, 'step')).get('step');
  return step === 'save' || step === 'edit' ? step : 'preview';
}

/** The page that says what the form that was just sent would change, and carries its fields on. */
export async function showPreview(
  c: AppContext,
  { frame, changes }: Extract<Previewed, { ok: true }>,
  where: Pick<PreviewModel, 'page' | 'action' | 'cancel' | 'kind'>,
): Promise<Response> {
  // The page's own form has these two by itself.
  const sent = [...(await readForm(c, 'step'))].filter(([name]) => name !== 'setting' && name !== 'step');
  const fields = sent.map(([name, value]): [string, string] => {
    if (typeof value !== 'string') throw new BadForm(name);
    return [name, value];
  });
  return c.html(PreviewPage({ ...where, frame: frameOf(c, frame), changes, fields }));
}

/** Of the hidden field: the version that the form was filled in from. */
export function readVersion(text: unknown): number {
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text)) throw new BadForm('version');
  return Number(text);
}

/** Beside one field, whatever part of the policy they are of. */
export function problemsOf(
  changed: { readonly reason: string; readonly problems?: readonly Problem[] },
  field: string,
): FieldError[] {
  return (changed.problems ?? []).map(({ message }) => ({ field, message }));
}
