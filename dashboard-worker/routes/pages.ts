/** The pages that only show something. */

import { Hono } from 'hono';
import { spoken } from '../views/language.ts';
import type { FieldError } from '../views/models.ts';
import {
  DeviceUsagePage,
  NotFoundPage,
  NowPage,
  OwnRecordPage,
  SelfGrantsPage,
  UsagePage,
  YearPage,
} from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, frameOf, pageNumber } from './context.ts';
import { isDate } from './forms.ts';
import { needs, toFirstPage } from './guard.ts';

export const pageRoutes = new Hono<AppEnv>()
  .get(paths.now, toFirstPage, needs('now.see'), async (c) => {
    const model = await c.var.setting.now(c.var.actor);
    return c.html(NowPage({ ...model, frame: frameOf(c, model.frame) }));
  })

  .get(paths.usage, needs('usage.see'), async (c) => {
    const model = await c.var.setting.usage(c.req.query('span') === 'term' ? 'term' : 'week', c.var.actor);
    const devices = c.var.may.has('device-usage.see') ? model.devices : [];
    return c.html(UsagePage({ ...model, devices, frame: frameOf(c, model.frame) }));
  })

  .get('/devices/:id/usage', needs('device-usage.see'), async (c) => {
    const model = await c.var.setting.deviceUsage(c.req.param('id'), c.req.query('week') ?? '', c.var.actor);
    if (model === null) return c.html(NotFoundPage(), 404);
    return c.html(DeviceUsagePage({ ...model, frame: frameOf(c, model.frame) }));
  })

  .get(paths.year, needs('year.see'), async (c) => {
    const { first, last, errors } = readYearSpan(c);
    const asked = errors.length === 0 && first !== '' ? { first, last } : { first: null, last: null };
    // Who reads the record sees the days there anyway.
    const wholeMonths = !c.var.may.has('record.read');
    const model = await c.var.setting.year(asked.first, asked.last, wholeMonths, c.var.actor);
    return c.html(YearPage({ ...model, frame: frameOf(c, model.frame), errors }));
  })

  .get(paths.selfGrants, needs('self-grants.see'), async (c) => {
    const model = await c.var.setting.selfGrants(pageNumber(c));
    return c.html(SelfGrantsPage({ ...model, frame: frameOf(c, model.frame) }));
  })

  .get(paths.ownRecord, needs('self'), async (c) => {
    const model = await c.var.setting.recordAbout(c.var.actor, pageNumber(c), c.var.may.has('views.see'));
    return c.html(OwnRecordPage({ ...model, frame: frameOf(c, model.frame) }));
  });

/** Thirteen months of 31 days and a day. */
const YEAR_MAX_DAYS = 13 * 31 + 1;

/** Both empty: the page chooses. A month stands for its first day. */
function readYearSpan(c: AppContext): { first: string; last: string; errors: FieldError[] } {
  const [first, last] = (['from', 'to'] as const).map((name) => {
    const text = (c.req.query(name) ?? '').trim();
    return /^\d{4}-\d{2}$/.test(text) ? `${text}-01` : text;
  }) as [string, string];
  return { first, last, errors: first === '' && last === '' ? [] : yearSpanProblems(first, last) };
}

/** What is wrong with a first and a last day (YYYY-MM-DD) of a year’s figures. */
export function yearSpanProblems(first: string, last: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!isDate(first)) errors.push({ field: 'from', message: spoken.form.problems.date });
  if (!isDate(last)) errors.push({ field: 'to', message: spoken.form.problems.date });
  if (errors.length > 0) return errors;
  const days = (Date.parse(last) - Date.parse(first)) / 86_400_000;
  if (days < 0) errors.push({ field: 'to', message: spoken.form.problems.dateOrder });
  else if (days > YEAR_MAX_DAYS || monthsOf(first, last) > 13)
    errors.push({ field: 'to', message: spoken.form.problems.thirteenMonths });
  return errors;
}

function monthsOf(first: string, last: string): number {
  const month = (date: string) => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7));
  return month(last) - month(first) + 1;
}
