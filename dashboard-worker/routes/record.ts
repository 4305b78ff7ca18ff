/** The record: the page of its entries, its copies, and whether it is as it was written. */
import { Hono } from 'hono';
import type { ExportedEntry } from '../../policy-rules/record-export.ts';
import { oneLine } from '../../policy-rules/show-text.ts';
import type { RemoteSetting } from '../accounts/directory.ts';
import { readableEntry } from '../setting/record.ts';
import { kinds } from '../setting/record-kinds.ts';
import { formatForTable } from '../views/format.ts';
import { en } from '../views/messages.ts';
import { type AskedRecord, type FieldError, recordKinds } from '../views/models.ts';
import { BYTE_ORDER_MARK, csvLine, RecordPage, recordSentence, VerifyPage, withoutDevices } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppEnv, frameOf, pageNumber } from './context.ts';
import { BadForm, isDate, NOT_A_DATE, oneOf, readFields, WRONG_ORDER } from './forms.ts';
import { needs } from './guard.ts';

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
    const { timeZone, header } = await c.var.setting.startExport(format, asked, c.var.actor);
    const first = format === 'csv' ? BYTE_ORDER_MARK + csvLine(en.record.export.columns) : toLine(header);
    const line = format === 'csv' ? (entry: ExportedEntry) => toCsv(entry, timeZone) : toLine;
    const name = `record-${header.part === undefined ? '' : 'part-'}to-${header.end.seq}.${format}`;
    const slice = (after: number) => c.var.setting.exportSlice(asked, after, header.end.seq);
    return new Response(inSlices(slice, header.start.seq, first, line), {
      headers: {
        'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8',
        'content-disposition': `attachment; filename="${name}"`,
      },
    });
  });

function readAsked(read: (name: keyof AskedRecord) => string): { asked: AskedRecord; errors: FieldError[] } {
  const [from, to] = [read('from').trim(), read('to').trim()];
  const errors: FieldError[] = [];
  if (from !== '' && !isDate(from)) errors.push({ field: 'from', message: NOT_A_DATE });
  if (to !== '' && !isDate(to)) errors.push({ field: 'to', message: NOT_A_DATE });
  if (errors.length === 0 && from !== '' && to !== '' && to < from) errors.push({ field: 'to', message: WRONG_ORDER });
  const kind = recordKinds.find((known) => known === read('kind')) ?? '';
  const name = (field: 'person' | 'device') => oneLine(read(field)).slice(0, NAME_MAX_CHARACTERS);
  return { asked: { kind, from, to, person: name('person'), device: name('device') }, errors };
}

/** No name that we take is longer. */
const NAME_MAX_CHARACTERS = 100;

/** A record of years does not fit into a Worker at once, and a slice at a time keeps the object free for others. */
function inSlices(
  slice: (after: number) => ReturnType<RemoteSetting['exportSlice']>,
  start: number,
  first: string,
  line: (entry: ExportedEntry) => string,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let after = start;
  return new ReadableStream({
    start: (controller) => controller.enqueue(encoder.encode(first)),
    async pull(controller) {
      const entries = await slice(after);
      if (entries.length === 0) return controller.close();
      after = entries.at(-1)!.seq;
      controller.enqueue(encoder.encode(entries.map(line).join('')));
    },
  });
}

function toLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function toCsv(chained: ExportedEntry, timeZone: string): string {
  const entry = readableEntry(chained);
  const { seq, at, sessionId } = chained;
  const who = entry.who === null ? en.record.system : entry.who === '' ? en.record.erased : entry.who;
  const kind = en.record.kinds[kinds[entry.event.type]];
  return csvLine([seq, formatForTable(at, timeZone), kind, who, recordSentence(entry, timeZone), sessionId ?? '']);
}
