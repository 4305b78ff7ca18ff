/**
 * Opening hours: every change is a new version of the policy, sent to the box at once. The form's is shown before it is
 * saved; opening today is done in one go.
 */
import { Hono } from 'hono';
import type { OpeningHours } from '../../policy-rules/policy.ts';
import { daysOfMonth } from '../../policy-rules/schedule.ts';
import { withoutPastOpenings } from '../setting/opening.ts';
import { formatTime } from '../views/format.ts';
import { spoken } from '../views/language.ts';
import type { FieldError } from '../views/models.ts';
import {
  CalendarPage,
  HoursPage,
  hoursFields,
  isHoursForm,
  isMostlyClosed,
  openingProblem,
  readHoursForm,
} from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, frameOf, withFlash } from './context.ts';
import { BadForm, isDate, isTime, readFields, readForm } from './forms.ts';
import { needs } from './guard.ts';
import { answerPolicyForm, problemsOf, readVersion } from './policy-forms.ts';

export const hoursRoutes = new Hono<AppEnv>()
  .get('/hours', needs('policy.change'), (c) => showHours(c, null))

  .get(paths.calendar, needs('policy.change'), async (c) => {
    const { frame, hours, today } = await c.var.setting.hours();
    const asked = c.req.query('from') ?? '';
    const first = isMonth(asked) ? asked : today.slice(0, 7);
    const months = Array.from({ length: MONTHS_SHOWN }, (_, at) => monthAfter(first, at)).filter(isMonth);
    return c.html(
      CalendarPage({
        frame: frameOf(c, frame),
        today,
        months: months.map((month) => ({ month, days: daysOfMonth(hours, month) })),
        earlier: [monthAfter(first, -MONTHS_SHOWN)].find(isMonth) ?? null,
        later: [monthAfter(first, MONTHS_SHOWN)].find(isMonth) ?? null,
      }),
    );
  })

  .post('/hours', needs('policy.change'), async (c) => {
    const sent = await readForm(c, 'hours');
    if (!isHoursForm(sent)) throw new BadForm('hours');
    const seen = readVersion(sent.get('version'));
    const { hours, errors } = readHoursForm(sent);
    if (errors.length === 0 && isMostlyClosed(hours.week) && sent.get(hoursFields.confirmWeek) !== 'yes') {
      errors.push({ field: hoursFields.confirmWeek, message: spoken.hours.problems.closedWeek });
    }
    const { today } = await c.var.setting.hours();
    return answerPolicyForm(c, {
      ...{ page: 'hours', action: paths.hours, cancel: paths.hours, kind: 'form' },
      saved: withFlash(paths.hours, 'hours-saved'),
      change: { kind: 'hours', hours: withoutPastOpenings(hours, today), seen },
      errors,
      field: FIRST_HOURS_FIELD,
      showAgain: (version, problems, status) => showHours(c, { hours, version }, problems, status),
    });
  })

  .post('/hours/open-today', needs('policy.change'), async (c) => {
    const form = await readFields(c, ['name', 'from', 'to']);
    const { frame, today } = await c.var.setting.hours();
    const to = form.to === '00:00' ? '24:00' : form.to;
    const now = formatTime(frame.nowMs, frame.timeZone);
    const isWritten = isTime(form.from) && isTime(form.to);
    const problem = isWritten ? openingProblem({ from: form.from, to }, now) : 'time';
    if (problem !== null) {
      return showHours(c, null, [{ field: 'from', message: spoken.hours.problems[problem] }], 422);
    }
    const opening = { name: form.name, date: today, from: form.from, to };
    const changed = await c.var.setting.changePolicy({ kind: 'opening', opening }, c.var.actor);
    if (!changed.ok) return showHours(c, null, problemsOf(changed, 'name'), 422);
    return c.redirect(withFlash(paths.hours, 'opening-added'), 303);
  });

/** A year: the terms that are entered, and those that are still to be. */
const MONTHS_SHOWN = 12;

/** Of the years of which calendars are drawn here. */
function isMonth(month: string): boolean {
  return isDate(`${month}-01`);
}

function monthAfter(month: string, count: number): string {
  const [year = 0, nth = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, nth - 1 + count, 1)).toISOString().slice(0, 7);
}

/** Where the eye goes when the whole form is meant. */
const FIRST_HOURS_FIELD = `${hoursFields.time('week', 'monday', 'from')}-0`;

/** `sent`: null for a fresh form; its version is null where the newest has been looked at. */
async function showHours(
  c: AppContext,
  sent: { readonly hours: OpeningHours; readonly version: number | null } | null,
  errors: readonly FieldError[] = [],
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  const model = await c.var.setting.hours();
  const hours = sent?.hours ?? model.hours;
  const version = sent?.version ?? model.version;
  return c.html(HoursPage({ ...model, hours, version, frame: frameOf(c, model.frame), errors }), status);
}
