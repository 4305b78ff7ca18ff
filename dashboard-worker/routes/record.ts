/** The record: the page of its entries, its copies, and whether it is as it was written. */

import { Hono } from 'hono';
import { oneLine } from '../../policy-rules/show-text.ts';
import { spoken } from '../views/language.ts';
import { type AskedRecord, type FieldError, recordKinds } from '../views/models.ts';
import { RecordPage, VerifyPage, withoutDevices } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppEnv, frameOf, pageNumber } from './context.ts';
import { BadForm, isDate, oneOf, readFields } from './forms.ts';
import { needs } from './guard.ts';
import { copyOfRecord } from './record-copy.ts';

export const recordRoutes = new Hono<AppEnv>()
  .get(paths.record, needs('record.read'), async (c) => {
    const isOutline = !c.var.may.has('device-usage.see');
    // Who does not see these names could find them out by looking for each.
    const hidden = (name: keyof AskedRecord) => isOutline && (name === 'person' || name === 'device');
    const { asked, errors } = readAsked((name) => (hidden(name) ? '' : (c.req.query(name) ?? '')));
    // With a date that is none the page is shown without bounds, and says so beside the field.
    const bounds = errors.length === 0 ? asked : { ...asked, from: '', to: '' };
    const model = await c.var.setting.record(bounds, pageNumber(c));
    const entries = isOutline ? model.entries.map(withoutDevices) : model.entries;
    const mayExport = c.var.may.has('record.export');
    const frame = frameOf(c, model.frame);
    return c.html(RecordPage({ ...model, entries, isOutline, frame, filter: asked, mayExport, errors }));
  })

  .get(paths.verifyRecord, needs('record.read'), async (c) => {
    const model = await c.var.setting.recordVerified();
    return c.html(VerifyPage({ ...model, frame: frameOf(c, model.frame) }));
  })

  .post(paths.verifyRecord, needs('record.read'), async (c) => {
    await c.var.setting.verifyRecord(c.var.actor);
    return c.redirect(paths.verifyRecord, 303);
  })

  .post(paths.exportRecord, needs('record.export'), async (c) => {
    const fields = await readFields(c, ['format', 'kind', 'from', 'to', 'person', 'device']);
    const format = oneOf('format', fields.format, ['csv', 'ndjson']);
    const { asked, errors } = readAsked((name) => fields[name]);
    // The page offers no copy of what it could not read.
    if (errors.length > 0) throw new BadForm(errors[0]!.field);
    return await copyOfRecord(c.var.setting, format, asked, c.var.actor);
  });

function readAsked(read: (name: keyof AskedRecord) => string): { asked: AskedRecord; errors: FieldError[] } {
  const [from, to] = [read('from').trim(), read('to').trim()];
  const errors: FieldError[] = [];
  if (from !== '' && !isDate(from)) errors.push({ field: 'from', message: spoken.form.problems.date });
  if (to !== '' && !isDate(to)) errors.push({ field: 'to', message: spoken.form.problems.date });
  if (errors.length === 0 && from !== '' && to !== '' && to < from)
    errors.push({ field: 'to', message: spoken.form.problems.dateOrder });
  const kind = recordKinds.find((known) => known === read('kind')) ?? '';
  const name = (field: 'person' | 'device') => oneLine(read(field)).slice(0, NAME_MAX_CHARACTERS);
  return { asked: { kind, from, to, person: name('person'), device: name('device') }, errors };
}

/** No name that we take is longer. */
const NAME_MAX_CHARACTERS = 100;
