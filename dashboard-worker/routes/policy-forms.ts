/**
 * What the forms that change the policy have in common: the version they were filled in from, the page in between that
 * says what would change, and what happens when somebody else was quicker.
 */
import type { Problem } from '../../policy-rules/validate-policy.ts';
import type { PolicyChange } from '../setting/policies.ts';
import type { Previewed } from '../setting/setting.ts';
import { spoken } from '../views/language.ts';
import type { FieldError, PreviewModel } from '../views/models.ts';
import { NotFoundPage, PreviewPage } from '../views/pages.ts';
import { type AppContext, frameOf } from './context.ts';
import { BadForm, readForm } from './forms.ts';

/** Where a change is previewed, and where somebody is led once it is saved. */
export type PreviewPlace = Pick<PreviewModel, 'page' | 'action' | 'cancel' | 'kind'> & { readonly saved: string };

export interface PolicyForm extends PreviewPlace {
  /** With the version that the form was filled in from. */
  readonly change: PolicyChange & { readonly seen: number };
  /** What is wrong with the fields by themselves; with any, nothing is previewed. */
  readonly errors?: readonly FieldError[];
  /** Beside which something is said that is of the whole form. */
  readonly field: string;
  /** Where in the form a problem of the policy belongs: at `field`, if this is left out. */
  readonly errorOf?: (problem: Problem) => FieldError;
  /** The form with what was sent. `version`: null is the newest, whose other fields have been looked at from now on. */
  readonly showAgain: (
    version: number | null,
    errors: readonly FieldError[],
    status: 200 | 409 | 422,
  ) => Promise<Response>;
}

/** The answer to a form that was sent. It is looked at first, and only what was looked at is saved. */
export async function answerPolicyForm(c: AppContext, form: PolicyForm): Promise<Response> {
  const { change, field, errors = [], showAgain } = form;
  if (errors.length > 0) return showAgain(change.seen, errors, 422);
  if ((await readStep(c)) === 'edit') return showAgain(change.seen, [], 200);
  const outcome = await previewOrSave(c, change, form);
  if (outcome instanceof Response) return outcome;
  if (outcome.reason === 'changed-meanwhile') {
    return showAgain(null, [{ field, message: spoken.preview.changedMeanwhile }], 409);
  }
  return showAgain(change.seen, outcome.problems.map(form.errorOf ?? (({ message }) => ({ field, message }))), 422);
}

/** Why a change was neither previewed nor saved, although what it is about is there. */
type NotPossible = Extract<Previewed, { reason: 'changed-meanwhile' | 'problems' }>;

/** Shows what the change would come to, or saves it if the form says so. */
export async function previewOrSave(
  c: AppContext,
  change: PolicyChange,
  { saved, ...where }: PreviewPlace,
): Promise<Response | NotPossible> {
  const outcome =
    (await readStep(c)) === 'save'
      ? await c.var.setting.changePolicy(change, c.var.actor)
      : await c.var.setting.previewPolicy(change);
  if (!outcome.ok) {
    return outcome.reason === 'changed-meanwhile' || outcome.reason === 'problems'
      ? outcome
      : c.html(NotFoundPage(), 404);
  }
  return 'version' in outcome ? c.redirect(saved, 303) : showPreview(c, outcome, where);
}

/** What a form asks for: to see what it would change, to save that, or to fill it in further. */
export async function readStep(c: AppContext): Promise<'preview' | 'save' | 'edit'> {
  const step = (await readForm(c, 'step')).get('step');
  return step === 'save' || step === 'edit' ? step : 'preview';
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

/** The page that says what the form that was just sent would change, and carries its fields on. */
async function showPreview(
  c: AppContext,
  { frame, changes }: Extract<Previewed, { ok: true }>,
  where: Omit<PreviewPlace, 'saved'>,
): Promise<Response> {
  // The page's own form has these two by itself.
  const sent = [...(await readForm(c, 'step'))].filter(([name]) => name !== 'setting' && name !== 'step');
  const fields = sent.map(([name, value]): [string, string] => {
    if (typeof value !== 'string') throw new BadForm(name);
    return [name, value];
  });
  return c.html(PreviewPage({ ...where, frame: frameOf(c, frame), changes, fields }));
}
