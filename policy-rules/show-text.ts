/**
 * Text of others (a name, a list's line, what a person typed, what a program printed) made safe for the place where it
 * is shown: a terminal, a log, a page, a table.
 *
 * Owns which characters are unseen, and the three things done about them: escaped where somebody looks for a mistake,
 * dropped from what people type, replaced in markup. Names as they are on the wire are trie/wire-name.ts's; escaping
 * markup is the views' affair.
 */

const MAX_SHOWN = 80;

/**
 * Whatever is not seen as what it is: controls (ESC among them), marks that turn the direction of writing round, other
 * invisible formats, half of a surrogate pair, private and unassigned characters, and the two Unicode line ends.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;
const UNSEEN_SAVE_LINES = /[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/gu;

/** For a message: on one line, unseen characters escaped as \u{…}, cut to `maxLength` characters. */
export function showText(text: string, maxLength = MAX_SHOWN): string {
  const cut = text.slice(0, maxLength + 1);
  const escaped = cut.replace(UNSEEN, escapeCharacter);
  return escaped.length > maxLength ? `${escaped.slice(0, maxLength - 1)}…` : escaped;
}

/** For a log, where one event is one line: the whole text, line ends escaped too. */
export function showLine(text: string): string {
  return text.replace(UNSEEN, escapeCharacter);
}

/** For a terminal: lines and tabs stay, so the text may be a table or a stack. */
export function showLines(text: string): string {
  return text.replace(UNSEEN_SAVE_LINES, escapeCharacter);
}

/**
 * Formats that no page needs. The two joiners stay: Persian words and most pictures of people are written with them.
 */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\s]|(?![\u200c\u200d])\p{Cf}/gu;
/** More marks on one letter than any language sets; they would be drawn over the lines above and below. */
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu;

/**
 * What a person typed, as it is kept: one line of readable text without marks that could make it look like another.
 * Idempotent; may be empty.
 */
export function oneLine(text: string): string {
  return text.toWellFormed().replace(INVISIBLE, ' ').replace(/ {2,}/g, ' ').trim().replace(STACKED_MARKS, '$1');
}

/**
 * Of a page or a piece of one: what controls the reader's screen is replaced by U+FFFD, and a text stays the length that
 * it was. Line ends and tabs are left, as markup and text areas have them.
 */
export function withoutControls(markup: string): string {
  return markup.toWellFormed().replace(CONTROLS, '\ufffd');
}

const CONTROLS = /(?![\n\r\t])\p{Cc}|[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

function escapeCharacter(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
