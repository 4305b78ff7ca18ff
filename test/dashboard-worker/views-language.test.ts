/**
 * Every sentence of the pages comes from the message catalogue, and every date from the language of the page: each page is
 * rendered in a language whose texts are all between marks, and what stands outside of them has to be a name, a number or a
 * date.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everyLanguage, messagesIn, speaking, spoken } from '../../dashboard-worker/views/language.ts';
import { pluralsOf } from '../../dashboard-worker/views/messages/plural.ts';
import { en, type Messages } from '../../dashboard-worker/views/messages.ts';
import { capitalise } from '../../dashboard-worker/views/parts.tsx';
import { catalogue } from '../../policy-rules/catalogue/catalogue.ts';
import { upstreamPresets } from '../../policy-rules/upstream-presets.ts';
import * as channels from './views-channel-models.ts';
import * as keys from './views-key-models.ts';
import * as models from './views-models.ts';
import * as notices from './views-notice-models.ts';
import { renderedPages, setupErrors } from './views-pages.ts';

const seed = 20261112;
/** Its months and weekdays are like none of English. */
const LOCALE = 'cy';

const markedMessages: Messages = { ...(markedPart(en) as Messages), locale: LOCALE };
const pages = speaking(markedMessages, () => renderedPages(seed));
const data = [
  models,
  setupErrors,
  channels,
  keys,
  notices,
  models.busyYear(seed),
  models.manyUsage(seed),
  models.manyDeviceUsage(seed),
  catalogue,
  upstreamPresets,
]
  .flatMap(textsOf)
  .filter((text) => /\p{L}/u.test(text));
/** What is the same in every language: its own address, and codes as they are shown in groups. */
const spelled = [
  'http://stairgate.home.arpa',
  'K7QM 4XWT',
  'ACDEF-GHJKM',
  models.secondFactor.keyText.match(/.{4}/g)!.join(' '),
];
const names = [...new Set([...data, ...data.map(capitalise), ...calendarWords(LOCALE), ...spelled])].sort(
  (a, b) => b.length - a.length,
);

describe('in a language whose texts are all marked', () => {
  it.each([...pages.keys()])('the page %s says nothing without a mark', (name) => {
    const html = pages.get(name)!;
    expect(html.startsWith(`<!doctype html><html lang="${LOCALE}">`)).toBe(true);
    expect(html).toContain('⟦');
    const texts = partsOf(html).map(withoutNames);
    expect(texts.map(withoutMarks).filter((left) => /\p{L}{2}/u.test(left))).toEqual([]);
    // An example in the catalogue is of September.
    expect(texts.filter((text) => /\d (January|February|August|October|November|December) 20\d\d/.test(text))).toEqual(
      [],
    );
  });
});

describe('the language of the pages', () => {
  it('is English where nothing is set, one that there is where it is, and no other in its place', () => {
    expect(messagesIn(undefined)).toBe(en);
    expect(messagesIn('en-GB')).toBe(en);
    expect(() => messagesIn('cy')).toThrow('LANGUAGE: got "cy", expected en-GB');
    expect(() => messagesIn('toString')).toThrow(RangeError);
    expect(everyLanguage.every(({ locale }) => messagesIn(locale).locale === locale)).toBe(true);
  });

  it('is that of the one who asks, also where two are answered at a time', async () => {
    const t = spoken.layout;
    const after = async (messages: Messages) =>
      await speaking(messages, async () => {
        await new Promise(setImmediate);
        return [t.skip, t.pages.now, spoken.locale, Object.keys(t.pages).length];
      });
    const count = Object.keys(en.layout.pages).length;
    expect(await Promise.all([after(en), after(markedMessages), after(en)])).toEqual([
      ['Skip to the main content', 'Now', 'en-GB', count],
      ['⟦Skip to the main content⟧', '⟦Now⟧', LOCALE, count],
      ['Skip to the main content', 'Now', 'en-GB', count],
    ]);
    expect({ ...t.pages }).toEqual(en.layout.pages);
  });

  it('is asked for wherever a page or a form is: none of them takes the English words themselves', () => {
    const folders = ['views', 'routes', 'routes/api'].map((folder) =>
      join(import.meta.dirname, '../../dashboard-worker', folder),
    );
    const files = folders.flatMap((folder) =>
      readdirSync(folder)
        .filter((file) => /\.tsx?$/.test(file) && !['messages.ts', 'language.ts'].includes(file))
        .map((file) => join(folder, file)),
    );
    expect(files.length).toBeGreaterThan(80);
    expect(files.filter((file) => /import [^;]*\ben\b[^;]*messages\.ts/.test(readFileSync(file, 'utf8')))).toEqual([]);
  });

  it('is asked for what is wrong with a form, too: no route has a sentence of its own for it', () => {
    const folder = join(import.meta.dirname, '../../dashboard-worker/routes');
    const sentences = readdirSync(folder)
      .filter((file) => file.endsWith('.ts'))
      .flatMap(
        (file) =>
          readFileSync(join(folder, file), 'utf8').match(
            /(message: |wrong\('\w+', |= )['`][A-Z][^'`]* [^'`]*\.['`]/g,
          ) ?? [],
      );
    expect(sentences).toEqual([]);
  });
});

describe('a count', () => {
  it('takes the form that the language has for it, and none that is not given', () => {
    const english = pluralsOf<'one' | 'other'>('en-GB');
    expect([0, 1, 2].map((count) => english(count, { one: 'device', other: 'devices' }))).toEqual([
      'devices',
      'device',
      'devices',
    ]);
    const welsh = pluralsOf('cy');
    const forms = { zero: 'cŵn', one: 'ci', two: 'gi', few: 'chi', many: 'chi', other: 'ci' };
    expect([0, 1, 2, 3, 6, 7].map((count) => welsh(count, forms))).toEqual(['cŵn', 'ci', 'gi', 'chi', 'chi', 'ci']);
    const { two: _, ...fewer } = forms;
    expect(() => pluralsOf<'one'>('cy')(2, fewer)).toThrow('2 in cy takes the form "two"');
  });
});

/** The same with every text, and whatever a function says, between marks. */
function markedPart(part: unknown): unknown {
  if (typeof part === 'string') return part === '' ? '' : `⟦${part}⟧`;
  if (typeof part === 'function') return (...values: unknown[]) => markedPart(part(...values));
  if (Array.isArray(part)) return part.map(markedPart);
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, markedPart(value)]));
}

/** What is read, or read out: text, and the attributes that are. */
function partsOf(html: string): string[] {
  const texts = [...html.matchAll(/>([^<]+)</g)];
  const attributes = [...html.matchAll(/ (?:aria-label|alt|title|placeholder)="([^"]*)"/g)];
  return [...texts, ...attributes].map(([, text]) => decoded(text!));
}

function decoded(text: string): string {
  const signs: Readonly<Record<string, string>> = {
    '&lt;': '<',
    '&gt;': '>',
    '&quot;': '"',
    '&#39;': "'",
    '&amp;': '&',
  };
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (entity) => signs[entity]!);
}

/** From within outwards: what one says may stand in what another says. */
function withoutMarks(text: string): string {
  // What is cut off ends with three dots in place of its mark.
  const less = text.replace(/⟦[^⟦⟧]*(⟧|…$)/g, ' ');
  return less === text ? text : withoutMarks(less);
}

function withoutNames(text: string): string {
  if (text.endsWith('…') && names.some((name) => name.startsWith(text.slice(0, -1)))) return '';
  return names.reduce((left, name) => (left.includes(name) ? left.replaceAll(wholly(name), ' ') : left), text);
}

/** Not within a word. */
function wholly(name: string): RegExp {
  return new RegExp(`(?<!\\p{L})${RegExp.escape(name)}(?!\\p{L})`, 'gu');
}

/** Every text within, also those that are names of fields. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Set || Array.isArray(value)) return [...value].flatMap(textsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

/** As they stand in dates: in some languages a month is called otherwise there than by itself. */
function calendarWords(locale: string): string[] {
  const days = Array.from({ length: 84 }, (_, at) => Date.UTC(2026, at % 12, 1 + Math.floor(at / 12)));
  const shapes: Intl.DateTimeFormatOptions[] = [
    { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
    { day: 'numeric', month: 'long', year: 'numeric' },
    { day: 'numeric', month: 'short', year: 'numeric' },
    { month: 'short', year: '2-digit' },
    { month: 'long', year: 'numeric' },
    { weekday: 'long' },
  ];
  return shapes.flatMap((shape) => {
    const format = new Intl.DateTimeFormat(locale, { ...shape, timeZone: 'UTC' });
    return days
      .flatMap((day) => format.formatToParts(day))
      .flatMap(({ type, value }) => (type === 'month' || type === 'weekday' ? [value] : []));
  });
}
