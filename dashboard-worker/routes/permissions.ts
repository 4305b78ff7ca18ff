/** Giving permission, ending it, and answering those who ask for it. */
import { Hono } from 'hono';
import { oneLine } from '../../policy-rules/show-text.ts';
import type { GrantUntil } from '../setting/grant-times.ts';
import type { GrantProblem, GrantWish } from '../setting/grants.ts';
import type { RequestAnswerWish } from '../setting/requests.ts';
import { spoken } from '../views/language.ts';
import {
  type AnswerForm,
  EMERGENCY_MINUTES,
  type FieldError,
  type GiveForm,
  readScopeKey,
  readTargetKey,
  reasonIds,
  refusalReasonIds,
  targetKey,
  yesReasonIds,
} from '../views/models.ts';
import {
  ErrorPage,
  GivePage,
  GrantResultPage,
  NotePage,
  NotFoundPage,
  reasonText,
  refusalReasonText,
  yesReasonText,
} from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, frameOf, withFlash } from './context.ts';
import { BadForm, formIdOf, isDate, isTime, oneOf, readFields, readForm } from './forms.ts';
import { needs } from './guard.ts';

const t = spoken.give.missing;

export const permissionRoutes = new Hono<AppEnv>()
  .get('/give', needs('grant.give'), (c) => showForm(c, null, []))

  .post('/give', needs('grant.give'), async (c) => {
    const form = await readGiveForm(c);
    const { wish, errors } = wishOf(form, c.var.actor.name);
    if (wish === null) return showForm(c, form, errors);
    const given = await c.var.setting.giveGrant(wish, c.var.actor, form.request, await formIdOf(c));
    if (!given.ok && given.problem === 'gone') return c.redirect(withFlash(paths.now, 'request-gone'), 303);
    if (!given.ok) return showForm(c, form, [errorOf(given.problem)]);
    return c.redirect(paths.grant(given.id), 303);
  })

  .get('/give/note', needs('grant.give'), (c) => showForm(c, null, [], NotePage))

  .post('/give/note', needs('grant.give'), async (c) => {
    const form = await readGiveForm(c);
    const { wish, errors } = wishOf(form, c.var.actor.name);
    if (form.fromTime === '') errors.push({ field: 'fromTime', message: t.noteFrom });
    if (wish === null || errors.length > 0) return showForm(c, form, errors, NotePage);
    const noted = await c.var.setting.noteGrant(wish, c.var.actor, await formIdOf(c));
    return noted.ok ? c.redirect(paths.grant(noted.id), 303) : showForm(c, form, [errorOf(noted.problem)], NotePage);
  })

  .post('/give/repeat', needs('grant.give'), async (c) => {
    const { grant } = await readFields(c, ['grant']);
    const given = await c.var.setting.repeatGrant(grant, c.var.actor, await formIdOf(c));
    if (given === null) return c.html(NotFoundPage(), 404);
    // What was usual may have gone since the page was shown: the device, or the service.
    if (!given.ok) return c.html(ErrorPage({ kind: 'gone', reference: null }), 409);
    return c.redirect(paths.grant(given.id), 303);
  })

  .post('/give/emergency', needs('grant.give'), async (c) => {
    const target = readTargetKey((await readFields(c, ['target'])).target);
    if (target === undefined) throw new BadForm('target');
    const wish: GrantWish = {
      targets: [target],
      scope: { allSocial: true },
      until: { minutes: EMERGENCY_MINUTES },
      purpose: 'emergency',
      mode: 'verbal',
      reason: reasonText('emergency', ''),
      askedBy: '',
    };
    const given = await c.var.setting.giveGrant(wish, c.var.actor, '', await formIdOf(c));
    if (!given.ok) return c.html(ErrorPage({ kind: 'gone', reference: null }), 409);
    return c.redirect(paths.grant(given.id), 303);
  })

  .get('/grants/:id', needs('now.see'), async (c) => {
    const model = await c.var.setting.grant(c.req.param('id'));
    if (model === null) return c.html(NotFoundPage(), 404);
    return c.html(GrantResultPage({ ...model, frame: frameOf(c, model.frame) }));
  })

  .post('/grants/:id/end', needs('grant.give'), async (c) => {
    const back = oneOf('back', (await readFields(c, ['back'])).back, ['now', 'grant']);
    const id = c.req.param('id');
    if ((await c.var.setting.grant(id)) === null) return c.html(NotFoundPage(), 404);
    // Null: it has ended by itself meanwhile, which the page says as well.
    await c.var.setting.endGrant(id, c.var.actor);
    return c.redirect(back === 'now' ? withFlash(paths.now, 'grant-ended') : paths.grant(id), 303);
  })

  .post('/grants/:id/extend', needs('grant.give'), async (c) => {
    const form = await readFields(c, ['more', 'ends', 'back']);
    const more = oneOf('more', form.more, ['10', '30', 'session', 'close']);
    const id = c.req.param('id');
    const back = oneOf('back', form.back, ['now', 'grant']) === 'now' ? paths.now : paths.grant(id);
    if ((await c.var.setting.grant(id)) === null) return c.html(NotFoundPage(), 404);
    const wish = more === 'session' || more === 'close' ? endNamed[more] : { minutes: Number(more) };
    const given = await c.var.setting.extendGrant(id, wish, Number(form.ends), c.var.actor);
    return c.redirect(withFlash(back, given.ok ? 'grant-extended' : 'grant-not-extended'), 303);
  })

  .post('/requests/:id/answer', needs('request.answer'), async (c) => {
    const form = await readFields(c, ['answer', 'reason', 'yesReason']);
    const id = c.req.param('id');
    const answer = oneOf('answer', form.answer, ['10', '30', 'session', 'close', 'no']);
    const answered = await c.var.setting.answerRequest(id, answerOf(answer, form), c.var.actor);
    if (answered.ok) {
      const { grantId } = answered;
      return c.redirect(grantId === null ? withFlash(paths.now, 'request-refused') : paths.grant(grantId), 303);
    }
    if (answered.problem === 'no-such-request') return c.html(NotFoundPage(), 404);
    if (answered.problem === 'gone') return c.redirect(withFlash(paths.now, 'request-gone'), 303);
    // A device without a name, or an end of the session or the day that has passed: the long form asks for what is missing.
    return c.redirect(`${paths.give}?request=${encodeURIComponent(id)}`, 303);
  });

function answerOf(
  answer: AnswerForm['answer'],
  { reason, yesReason }: Pick<AnswerForm, 'reason' | 'yesReason'>,
): RequestAnswerWish {
  if (answer === 'no') return { refuse: refusalReasonText(oneOf('reason', reason, refusalReasonIds)) };
  return {
    grant: answer === 'session' || answer === 'close' ? endNamed[answer] : { minutes: Number(answer) },
    words: yesReasonText(oneOf('yesReason', yesReason, yesReasonIds)),
  };
}

/** A setting with more devices gives to a group. */
const TARGETS_MAX = 300;

const giveFields = [
  'scope',
  'fromDate',
  'fromTime',
  'until',
  'untilTime',
  'reason',
  'reasonText',
  'purpose',
  'mode',
  'forWhom',
  'askedBy',
  'request',
] as const;

/**
 * Radio buttons that nobody touched are not sent at all, and programs need not book: for a person that is an empty
 * choice, not a broken form.
 */
const mayBeMissing: ReadonlySet<string> = new Set(['fromDate', 'fromTime', 'scope', 'until', 'reason', 'forWhom']);

async function readGiveForm(c: AppContext): Promise<GiveForm> {
  const sent = await readForm(c, 'target');
  const field = (name: (typeof giveFields)[number]): string => {
    const value = sent.get(name) ?? (mayBeMissing.has(name) ? '' : null);
    if (typeof value !== 'string' || value.length > 1000) throw new BadForm(name);
    return oneLine(value);
  };
  const choice = <Value extends string>(name: (typeof giveFields)[number], values: readonly Value[]) =>
    field(name) === '' && mayBeMissing.has(name) ? ('' as Value) : oneOf(name, field(name), values);
  const targets = sent.getAll('target');
  if (targets.length > TARGETS_MAX) throw new BadForm('target');
  return {
    targets: [...new Set(targets.map(readTarget))],
    scope: field('scope'),
    fromDate: field('fromDate'),
    fromTime: field('fromTime'),
    until: choice('until', ['10', '30', '60', 'session', 'close', 'time']),
    untilTime: field('untilTime'),
    reason: choice('reason', reasonIds),
    reasonText: field('reasonText'),
    purpose: choice('purpose', ['personal', 'official', 'emergency']),
    mode: choice('mode', ['written', 'verbal']),
    forWhom: choice('forWhom', ['me', 'other']),
    askedBy: field('askedBy'),
    request: field('request'),
  };
}

function readTarget(value: File | string): string {
  if (typeof value !== 'string' || value.length > 1000) throw new BadForm('target');
  return oneLine(value);
}

/** `giver`: the name of whoever fills it in. */
function wishOf(form: GiveForm, giver: string): { wish: GrantWish | null; errors: FieldError[] } {
  const targets = form.targets.flatMap((key) => readTargetKey(key) ?? []);
  const scope = readScopeKey(form.scope);
  const until = untilOf(form);
  const { fromDate, fromTime } = form;
  const errors: FieldError[] = [];
  const wrong = (field: Exclude<keyof GiveForm, 'targets'> | 'target', message: string) =>
    errors.push({ field, message });
  if (targets.length === 0 || targets.length < form.targets.length) {
    wrong('target', t.target);
  }
  if (scope === undefined) wrong('scope', t.scope);
  if (fromDate !== '' && !isDate(fromDate)) wrong('fromDate', spoken.form.problems.date);
  if ((fromDate !== '' || fromTime !== '') && !isTime(fromTime)) {
    wrong('fromTime', t.fromTime);
  }
  if (until === null && form.until === 'time') wrong('untilTime', t.untilTime);
  if (until === null && form.until !== 'time') wrong('until', t.until);
  if (form.reason.length === 0) wrong('reason', t.reason);
  if (form.reason === 'other' && form.reasonText === '') wrong('reasonText', t.reasonText);
  if (form.reasonText.length > 400) wrong('reasonText', spoken.form.problems.tooLong(400));
  if (form.forWhom === '') wrong('forWhom', t.forWhom);
  if (form.forWhom === 'other' && form.askedBy === '') wrong('askedBy', t.askedBy);
  if (form.askedBy.length > 80) wrong('askedBy', spoken.form.problems.tooLong(80));
  if (errors.length > 0 || scope === undefined || until === null) return { wish: null, errors };
  const { purpose, mode } = form;
  const askedBy = form.forWhom === 'me' ? giver : form.askedBy;
  const reason = reasonText(form.reason, form.reasonText);
  const from = fromTime === '' ? {} : { from: { date: fromDate === '' ? null : fromDate, time: fromTime } };
  return { wish: { targets, scope, ...from, until, purpose, mode, reason, askedBy }, errors };
}

const endNamed = { session: { session: true }, close: { close: true } } as const;

function untilOf({ until, untilTime }: GiveForm): GrantUntil | null {
  if (until === 'session' || until === 'close') return endNamed[until];
  if (until === 'time') return isTime(untilTime) ? { time: untilTime } : null;
  const minutes = Number(until);
  return minutes > 0 ? { minutes } : null;
}

function errorOf(problem: GrantProblem): FieldError {
  return { field: fieldOfProblem[problem], message: spoken.give.problems[problem] };
}

const fieldOfProblem: Readonly<Record<GrantProblem, string>> = {
  'no-such-target': 'target',
  'not-own-device': 'target',
  'no-such-scope': 'scope',
  protected: 'scope',
  'no-session': 'until',
  closed: 'until',
  'time-over': 'untilTime',
  'start-over': 'fromTime',
  'too-far': 'fromDate',
  'not-over': 'untilTime',
  'too-long': 'until',
};

/** The form, filled in with what was sent, with a request's wishes, or with the usual. */
async function showForm(
  c: AppContext,
  sent: GiveForm | null,
  errors: readonly FieldError[],
  Form: typeof GivePage | typeof NotePage = GivePage,
): Promise<Response> {
  const { requestRow, ...model } = await c.var.setting.give(sent?.request ?? c.req.query('request') ?? '');
  const { request } = model;
  const fresh: GiveForm = {
    targets: requestRow && request?.deviceName ? [targetKey({ device: requestRow.device })] : onlyOne(model.devices),
    scope:
      requestRow?.scopeKey ??
      (model.usual.length > 0 || model.dayBefore !== null ? model.offered[0]?.key : undefined) ??
      '',
    fromDate: '',
    fromTime: '',
    until: request === null ? '30' : nearestChoice(request.minutes),
    untilTime: '',
    reason: request === null ? 'parent-reply' : 'other',
    reasonText: request?.reason ?? '',
    purpose: 'personal',
    mode: request === null ? 'verbal' : 'written',
    forWhom: request === null || request.askedBy === '' ? '' : 'other',
    askedBy: request?.askedBy ?? '',
    request: request?.id ?? '',
  };
  const values = sent ?? fresh;
  const formId = crypto.randomUUID();
  const page = Form({ ...model, formId, frame: frameOf(c, model.frame), values, errors });
  return c.html(page, errors.length > 0 ? 422 : 200);
}

/** A tick that somebody overlooks opens one device too many, so none is made where there is a choice. */
function onlyOne(devices: readonly { key: string }[]): string[] {
  return devices.length === 1 ? devices.map(({ key }) => key) : [];
}

function nearestChoice(minutes: number): GiveForm['until'] {
  if (minutes <= 10) return '10';
  return minutes <= 30 ? '30' : '60';
}
