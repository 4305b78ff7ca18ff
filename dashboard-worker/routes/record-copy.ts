/**
 * A copy of the record, as pages and other programs are given it: as a table, or as it is chained, to be checked without
 * the dashboard. That it was taken is on the record.
 */
import type { ExportedEntry } from '../../policy-rules/record-export.ts';
import type { RemoteSetting } from '../accounts/directory.ts';
import type { ExportFormat } from '../setting/asked-record.ts';
import { type Actor, readableEntry } from '../setting/record.ts';
import { kinds } from '../setting/record-kinds.ts';
import { formatForTable } from '../views/format.ts';
import { spoken } from '../views/language.ts';
import type { AskedRecord } from '../views/models.ts';
import { BYTE_ORDER_MARK, csvLine, recordText } from '../views/pages.ts';

export async function copyOfRecord(
  setting: RemoteSetting,
  format: ExportFormat,
  asked: AskedRecord,
  actor: Actor,
): Promise<Response> {
  const { timeZone, header } = await setting.startExport(format, asked, actor);
  const first = format === 'csv' ? BYTE_ORDER_MARK + csvLine(spoken.record.export.columns) : toLine(header);
  const line = format === 'csv' ? (entry: ExportedEntry) => toCsv(entry, timeZone) : toLine;
  const name = `record-${header.part === undefined ? '' : 'part-'}to-${header.end.seq}.${format}`;
  const slice = (after: number) => setting.exportSlice(asked, after, header.end.seq);
  return new Response(inSlices(slice, header.start.seq, first, line), {
    headers: {
      'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8',
      'content-disposition': `attachment; filename="${name}"`,
    },
  });
}

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
  const who = entry.who === null ? spoken.record.system : entry.who === '' ? spoken.record.erased : entry.who;
  const kind = spoken.record.kinds[kinds[entry.event.type]];
  return csvLine([seq, formatForTable(at, timeZone), kind, who, recordText(entry, timeZone), sessionId ?? '']);
}
