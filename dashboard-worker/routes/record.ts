/** What is done with the record as a whole: verifying and exporting it. The page of its entries is among the pages. */
import { Hono } from 'hono';
import type { ChainEntry } from '../../policy-rules/record-chain.ts';
import type { RemoteSetting } from '../accounts/directory.ts';
import { readableEntry } from '../setting/record.ts';
import { kinds } from '../setting/record-kinds.ts';
import { formatForTable } from '../views/format.ts';
import { en } from '../views/messages.ts';
import { BYTE_ORDER_MARK, csvLine, recordSentence, VerifyPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppEnv, frameOf } from './context.ts';
import { oneOf, readFields } from './forms.ts';
import { needs } from './guard.ts';

export const recordRoutes = new Hono<AppEnv>()
  .get(paths.verifyRecord, needs('record.read'), async (c) => {
    const model = await c.var.setting.recordVerified();
    const mayExport = c.var.may.has('record.export');
    return c.html(VerifyPage({ ...model, frame: frameOf(c, model.frame), mayExport }));
  })

  .post(paths.verifyRecord, needs('record.read'), async (c) => {
    await c.var.setting.verifyRecord(c.var.actor);
    return c.redirect(paths.verifyRecord, 303);
  })

  .post(paths.exportRecord, needs('record.export'), async (c) => {
    const { format: asked } = await readFields(c, ['format']);
    const format = oneOf('format', asked, ['csv', 'ndjson']);
    const { timeZone, header } = await c.var.setting.startExport(format, c.var.actor);
    const first = format === 'csv' ? BYTE_ORDER_MARK + csvLine(en.record.export.columns) : toLine(header);
    const line = format === 'csv' ? (entry: ChainEntry) => toCsv(entry, timeZone) : toLine;
    return new Response(inSlices(c.var.setting, header.start.seq, header.end.seq, first, line), {
      headers: {
        'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8',
        'content-disposition': `attachment; filename="record-to-${header.end.seq}.${format}"`,
      },
    });
  });

/** A record of years does not fit into a Worker at once, and a slice at a time keeps the object free for others. */
function inSlices(
  setting: RemoteSetting,
  start: number,
  last: number,
  first: string,
  line: (entry: ChainEntry) => string,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let after = start;
  return new ReadableStream({
    start: (controller) => controller.enqueue(encoder.encode(first)),
    async pull(controller) {
      const entries = await setting.exportSlice(after, last);
      if (entries.length === 0) return controller.close();
      after = entries.at(-1)!.seq;
      controller.enqueue(encoder.encode(entries.map(line).join('')));
    },
  });
}

function toLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function toCsv(chained: ChainEntry, timeZone: string): string {
  const entry = readableEntry(chained);
  const { seq, at, sessionId } = chained;
  const who = entry.who === null ? en.record.system : entry.who === '' ? en.record.erased : entry.who;
  const kind = en.record.kinds[kinds[entry.event.type]];
  return csvLine([seq, formatForTable(at, timeZone), kind, who, recordSentence(entry, timeZone), sessionId ?? '']);
}
