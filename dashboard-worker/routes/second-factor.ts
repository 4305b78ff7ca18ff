/**
 * The second factor: sign-in's second step, and setting up the app that gives it. The only addresses, besides the open
 * ones, that a session of the password alone reaches; each looks at the session by itself.
 */
import { Hono } from 'hono';
import { clearAttempts, countAttempt, newAppLimit } from '../accounts/failures.ts';
import { needsResetCode, takeResetCode } from '../accounts/reset-codes.ts';
import { hasSecondFactor, keyForApp, type SecondStep, setUpApp, takeSecondStep } from '../accounts/second-factors.ts';
import type { SignedIn } from '../accounts/sessions.ts';
import type { EnteringEvent } from '../setting/record-events.ts';
import type { CodeProblem } from '../views/models.ts';
import { GiveResetCodePage, RecoveryCodesPage, SecondFactorPage, SecondStepPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, isPlainHttp } from './context.ts';
import { enter } from './entering.ts';
import { readFields } from './forms.ts';
import { knownBrowserOf } from './known-browser-cookie.ts';
import { ownPath } from './own-path.ts';

export const secondFactorRoutes = new Hono<AppEnv>()
  .get(paths.secondStep, (c) => showStep(c, 'app'))
  .post(paths.secondStep, (c) => takeStep(c, 'app'))
  .get(paths.recoveryStep, (c) => showStep(c, 'recovery-code'))
  .post(paths.recoveryStep, (c) => takeStep(c, 'recovery-code'))

  .get(paths.secondFactor, async (c) => {
    const person = await whoSetsUp(c);
    if (person instanceof Response) return person;
    if (await needsResetCode(c.env, person)) return c.html(resetCodePage(c, null));
    return c.html(await appPage(c, person, null));
  })

  .post(paths.resetCode, async (c) => {
    const person = await whoSetsUp(c);
    if (person instanceof Response) return person;
    const { resetCode } = await readFields(c, ['resetCode']);
    const browser = await knownBrowserOf(c, person.email);
    const taken = await takeResetCode(c.env, person, resetCode, browser, Date.now());
    if (taken !== 'right') return c.html(resetCodePage(c, taken), taken === 'wrong' ? 401 : 429);
    return c.redirect(paths.secondFactor, 303);
  })

  .post(paths.secondFactor, async (c) => {
    const person = await whoSetsUp(c);
    if (person instanceof Response) return person;
    // Nothing is said of the app to somebody who has the password alone.
    if (await needsResetCode(c.env, person)) return c.html(resetCodePage(c, null), 403);
    const { code } = await readFields(c, ['code']);
    const nowMs = Date.now();
    const limit = newAppLimit(person.sessionId);
    if ((await countAttempt(c.env, limit, nowMs)) > limit.attempts) {
      return c.html(await appPage(c, person, 'slow-down'), 429);
    }
    const codes = await setUpApp(c.env, person, code, nowMs);
    if (codes === 'wrong') return c.html(await appPage(c, person, 'wrong'), 401);
    if (codes === 'taken') return c.redirect(paths.secondStep, 303);
    await clearAttempts(c.env, limit);
    await strengthen(c, person, 'signed-in');
    // In the answer itself: they are kept as hashes only, so there is no address that could show them again.
    return c.html(RecoveryCodesPage({ codes, plainHttp: isPlainHttp(c) }));
  });

/** The password is good for so long; whoever takes longer for the code begins again. */
const SECOND_STEP_MS = 15 * 60_000;

async function showStep(c: AppContext, step: SecondStep) {
  const person = await whoIsBetween(c);
  if (person instanceof Response) return person;
  return c.html(stepPage(c, step, c.req.query('next') ?? '', null));
}

async function takeStep(c: AppContext, step: SecondStep) {
  const person = await whoIsBetween(c);
  if (person instanceof Response) return person;
  const { code, next } = await readFields(c, ['code', 'next']);
  const browser = await knownBrowserOf(c, person.email);
  const taken = await takeSecondStep(c.env, person, step, code, browser, Date.now());
  if (taken !== 'right') return c.html(stepPage(c, step, next, taken), taken === 'wrong' ? 401 : 429);
  await strengthen(c, person, step === 'app' ? 'signed-in' : 'signed-in-with-recovery-code');
  return c.redirect(ownPath(next), 303);
}

/** Somebody with the right password whose code is still to come; or where anybody else is to go. */
async function whoIsBetween(c: AppContext): Promise<SignedIn | Response> {
  const person = await c.var.sessions.current(c.req.raw.headers, false);
  if (person?.strength === 'two-factors') return c.redirect(ownPath(c.req.query('next') ?? ''), 303);
  if (person === null || Date.now() - person.since > SECOND_STEP_MS) {
    return c.redirect(`${paths.signIn}?outcome=expired`, 303);
  }
  return (await hasSecondFactor(c.env, person.userId)) ? person : c.redirect(paths.secondFactor, 303);
}

/** Somebody with the right password who has no second factor yet; or where anybody else is to go. */
async function whoSetsUp(c: AppContext): Promise<SignedIn | Response> {
  const person = await c.var.sessions.current(c.req.raw.headers, false);
  if (person === null) return c.redirect(`${paths.signIn}?outcome=expired`, 303);
  if (person.strength === 'two-factors') return c.redirect(paths.now, 303);
  // With the password alone nobody puts an app of theirs beside the one that is there.
  return (await hasSecondFactor(c.env, person.userId)) ? c.redirect(paths.secondStep, 303) : person;
}

/** From here on the session is one of two factors; the key of an app that was shown in the old one is shown no more. */
async function strengthen(c: AppContext, person: SignedIn, type: EnteringEvent['type']): Promise<void> {
  await enter(c, { ...person, ...(await c.var.sessions.strengthen(c.req.raw.headers)) }, type);
}

function stepPage(c: AppContext, step: SecondStep, next: string, problem: CodeProblem | null) {
  return SecondStepPage({ step, next: next === '' ? '' : ownPath(next), problem, plainHttp: isPlainHttp(c) });
}

function resetCodePage(c: AppContext, problem: CodeProblem | null) {
  return GiveResetCodePage({ problem, plainHttp: isPlainHttp(c) });
}

async function appPage(c: AppContext, person: SignedIn, problem: CodeProblem | null) {
  const key = await keyForApp(c.env, person.sessionId, person.email);
  return SecondFactorPage({ keyUri: key.uri, keyText: key.text, problem, plainHttp: isPlainHttp(c) });
}
