/** Tables as CSV (RFC 4180), safe to open in a spreadsheet. */

/** A line with its end. Every cell is quoted. */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => `"${guarded(cell).replaceAll('"', '""')}"`).join(',')}\r\n`;
}

/** With it spreadsheets know that what follows is UTF-8. */
export const BYTE_ORDER_MARK = '\ufeff';

/**
 * A spreadsheet takes a cell that begins so for a formula, and runs it, quoted or not; some know the full-width signs as
 * well (OWASP, CSV injection). An apostrophe before it makes it text.
 */
const formula = /^[\s\0]*[=+\-@＝＋－＠\t\r]/u;

function guarded(cell: string | number): string {
  return typeof cell === 'string' && (formula.test(cell) || /^[\t\r\n]/.test(cell)) ? `'${cell}` : String(cell);
}
