/**
 * The pages as text: escaping, structure, forms, sentences, sizes. How they look is in views-browser.test.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { kinds } from '../../dashboard-worker/setting/record-kinds.ts';
import { erasedWords, splitWords } from '../../dashboard-worker/setting/record-words.ts';
import { changeSentences } from '../../dashboard-worker/views/change-sentences.ts';
import { en } from '../../dashboard-worker/views/messages.ts';
import {
  type GiveModel,
  readScopeKey,
  readTargetKey,
  scopeKey,
  targetKey,
} from '../../dashboard-worker/views/models.ts';
import {
  BoxPage,
  CalendarPage,
  GivePage,
  GrantResultPage,
  liveScript,
  NowPage,
  PreviewPage,
  RecordPage,
  reasonText,
  recordSentence,
  stylesheet,
  UsagePage,
  YearPage,
} from '../../dashboard-worker/views/pages.ts';
import { paths } from '../../dashboard-worker/views/paths.ts';
import { pictureOf } from '../../dashboard-worker/views/pictures.tsx';
import { catalogue } from '../../policy-rules/catalogue/catalogue.ts';
import * as models from './views-models.ts';
import { renderedPages } from './views-pages.ts';

const seed = 20261112;
const pages = [...renderedPages(seed)];

describe.each(pages)(`the page %s (seed ${seed})`, (name, html) => {
  it('is one whole document with one heading of the first order and one main part', () => {
    expect(html.startsWith('<!doctype html><html lang="en-GB">')).toBe(true);
    expect(count(html, /<h1[ >]/g)).toBe(1);
    expect(count(html, /<main[ >]/g)).toBe(1);
    expect(html).toMatch(/<title>[^<]+ – [^<]+<\/title>/);
    expect(html).not.toMatch(/undefined|\[object|NaN|Infinity|Invalid Date/);
  });

  it('escapes what people typed', () => {
    expect(html).not.toContain('<b>');
    expect(html).not.toContain('<Nursery>');
  });

  it('names no domain but the box’s own and the dashboard’s', () => {
    const text = html.replace(/http:\/\/stairgate\.home\.arpa|http:\/\/192\.168\.1\.2:8787|tls:\/\/192\.0\.2\.53/g, '');
    expect(text).not.toMatch(/[a-z0-9-]+\.(com|net|org|uk|io|tv|app|me|arpa)\b/i);
  });

  it('sets no style and no script inline, so that a strict content security policy holds', () => {
    expect(html).not.toMatch(/ style=| on[a-z]+=|<style|javascript:/);
    expect(html).not.toMatch(/<script(?![^>]* src=)/);
  });

  it('says of which setting it is in every form that changes something, once somebody is signed in', () => {
    const forms = [...html.matchAll(/<form [^>]*method="post"[^>]*>.*?<\/form>/gs)].map(([form]) => form);
    const own = `<input type="hidden" name="setting" value="${models.frame.settingId}"/>`;
    const expected = html.includes(`<span class="setting">${en.tagline}`) ? 0 : 1;
    for (const form of forms) expect(form.split(own).length - 1, form).toBe(expected);
    // Signing out is one.
    if (expected === 1) expect(forms.length).toBeGreaterThan(0);
  });

  it('has ids once only, and labels and descriptions that lead to one', () => {
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id ?? '');
    expect(ids).toEqual([...new Set(ids)]);
    const references = [...html.matchAll(/ (?:for|aria-labelledby|aria-describedby)="([^"]*)"| href="#([^"]+)"/g)];
    for (const id of references.flatMap(([, list, anchor]) => (list ?? anchor ?? '').split(' '))) {
      expect(ids, `“${id}” is referred to on ${name}`).toContain(id);
    }
  });

  it('weighs at most 60 KB uncompressed at a first visit, with the stylesheet, and the script where it is live', () => {
    const script = html.includes(`src="${paths.script}"`) ? Buffer.byteLength(liveScript) : 0;
    expect(Buffer.byteLength(html) + Buffer.byteLength(stylesheet) + script).toBeLessThan(60_000);
    expect(gzipSync(html).byteLength).toBeLessThan(10_000);
  });
});

it('reads no clock, no randomness and no data in any page', () => {
  const dashboard = join(import.meta.dirname, '../../dashboard-worker');
  const files = readdirSync(join(dashboard, 'views'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => join('views', path));
  expect(files).toContain(join('views', 'messages', 'now.ts'));
  expect(files.length).toBeGreaterThan(50);
  for (const file of files) {
    const source = readFileSync(join(dashboard, file), 'utf8');
    expect(source, file).not.toMatch(/Date\.now|new Date\(\)|Math\.random|Temporal\.Now/);
    const imported = [...source.matchAll(/from '([^']+)'/g)].map(([, from]) => from ?? '');
    const strangers = imported.filter((from) =>
      from.startsWith('.')
        ? // Beside the pages' own: the names of rights, and of what the record can say.
          !/^(views\/|\.\.\/policy-rules\/|accounts\/rights\.ts$|setting\/record-events\.ts$)/.test(
            join(dirname(file), from),
          )
        : // The language is the one fact that does not come by the model.
          !/^(hono\/|d3-scale$|uqr$)/.test(from) &&
          !(file === join('views', 'language.ts') && from === 'node:async_hooks'),
    );
    expect(strangers, file).toEqual([]);
  }
});

describe('Give permission', () => {
  it('sends every field of the form once, with one choice made in each group', () => {
    const html = String(GivePage(models.usualGive));
    for (const field of ['scope', 'until', 'forWhom', 'reason', 'purpose', 'mode']) {
      const radios = [
        ...html.matchAll(new RegExp(`<input type="radio" name="${field}" value="([^"]*)"( checked="")?`, 'g')),
      ];
      expect(
        radios.filter(([, , checked]) => checked !== undefined),
        field,
      ).toHaveLength(1);
      const values = radios.map(([, value]) => value);
      expect(values, field).toEqual([...new Set(values)]);
    }
    const fresh = String(GivePage({ ...models.usualGive, values: { ...models.usualGive.values, forWhom: '' } }));
    expect(fresh).toContain('name="forWhom" value="me"');
    expect(fresh).not.toMatch(/name="forWhom" value="[^"]*" checked/);
    for (const field of ['fromDate', 'fromTime', 'untilTime', 'reasonText', 'askedBy', 'request']) {
      expect(count(html, new RegExp(` name="${field}"`, 'g')), field).toBe(1);
    }
  });

  it('lets several devices be ticked, and ticks none where there is a choice', () => {
    const boxes = (model: GiveModel) => [
      ...String(GivePage(model)).matchAll(/<input type="checkbox" name="target" value="([^"]*)"( checked="")?/g),
    ];
    const usual = boxes({ ...models.usualGive, values: { ...models.usualGive.values, targets: [] } });
    expect(usual).toHaveLength(models.usualGive.devices.length + models.usualGive.groups.length);
    expect(usual.filter(([, , checked]) => checked !== undefined)).toEqual([]);
    const ticked = boxes(models.manyGive).filter(([, , checked]) => checked !== undefined);
    expect(ticked.map(([, value]) => value)).toEqual(['device:d7', 'device:d11']);
  });

  it('has a picture for every kind of service that can be allowed, drawn once and read out nowhere', () => {
    const grantable = catalogue.categories.filter((category) => !category.protected);
    expect(grantable.filter(({ id }) => pictureOf(id) === undefined)).toEqual([]);
    expect(pictureOf('constructor')).toBeUndefined();
    const html = String(GivePage(models.usualGive));
    const drawn = [...html.matchAll(/<symbol id="([^"]+)"/g)].map(([, id]) => `#${id}`);
    const used = [...html.matchAll(/<use href="([^"]+)"/g)].map(([, href]) => href!);
    expect(used.slice(0, 4)).toEqual(['#p-people', '#p-play', '#p-bubble', '#p-all']);
    expect(used.filter((href) => !drawn.includes(href))).toEqual([]);
    expect(count(html, /<svg(?![^>]*aria-hidden="true")/g)).toBe(0);
  });

  it('offers what was given on the day before with one tap', () => {
    expect(String(GivePage(models.usualGive))).toMatch(
      /<h2 id="day-before-title">The same as on Monday<\/h2>.*?name="grant" value="g0"/s,
    );
    const yesterday = { ...models.usualGive.dayBefore!, at: models.nowMs - 86_400_000 };
    expect(String(GivePage({ ...models.usualGive, dayBefore: yesterday }))).toContain('The same as yesterday');
    expect(String(GivePage(models.manyGive))).not.toContain('The same as');
  });

  it('offers the usual with one tap, and the emergency with one', () => {
    const html = String(GivePage(models.usualGive));
    expect(html).toMatch(
      /<form method="post" action="\/give\/repeat">(?:<input [^>]+>)*<input type="hidden" name="id" value="[^"]+"\/><button[^>]* name="grant" value="g1"/,
    );
    expect(html).toMatch(
      /<form method="post" action="\/give\/emergency">(?:<input [^>]+>)*<input type="hidden" name="id" value="[^"]+"\/><button[^>]* name="target" value="group:g0"/,
    );
  });

  it('folds many devices into their groups, and opens the one that is chosen', () => {
    const html = String(GivePage(models.manyGive));
    expect(html).toContain('Office (50 devices)');
    expect(count(html, /<details open=""/g)).toBe(4);
  });

  it('folds what is rarely chosen away until something of it is', () => {
    const { usualGive } = models;
    const [key = ''] = usualGive.categories.flatMap(({ services }) => services.map((service) => service.key));
    const rare = { ...usualGive, offered: [{ key: 'service:usual', name: 'Usual' }] };
    const opened = (scope: string) =>
      count(String(GivePage({ ...rare, values: { ...usualGive.values, scope } })), /<details open=""/g);
    expect(opened('')).toBe(opened('service:usual'));
    // The list of kinds, and the kind.
    expect(opened(key)).toBe(opened('') + 2);
  });

  it('leaves out the end of the opening when there is none today', () => {
    expect(String(GivePage(models.emptyGive))).not.toContain('value="close"');
    expect(String(GivePage(models.usualGive))).toContain('Until we close at 18:00');
  });

  it('reads back the keys of targets and scopes', () => {
    for (const target of [{ device: 'office-pc' }, { group: 'setting' }]) {
      expect(readTargetKey(targetKey(target))).toEqual(target);
    }
    for (const scope of [{ service: 'facebook' }, { category: 'blogs' }, { allSocial: true } as const]) {
      expect(readScopeKey(scopeKey(scope))).toEqual(scope);
    }
    for (const nonsense of ['', 'device:', 'everything', 'service']) {
      expect(readTargetKey(nonsense)).toBeUndefined();
      expect(readScopeKey(nonsense)).toBeUndefined();
    }
  });
});

describe('Now', () => {
  it('says in words how the gate is, and until when the setting is open', () => {
    const html = String(NowPage(models.busyNow));
    expect(html).toContain('The gate is working. Last heard from 10 seconds ago.');
    expect(html).toContain('You are open until 18:00.');
  });

  it('says what still works while the box is away', () => {
    const html = String(NowPage(models.awayNow));
    expect(html).toContain('The box has not been heard from since 07:32.');
    expect(html).toContain('The box keeps filtering by the last rules it was given.');
    expect(html).toContain('Waiting: the box cannot be reached. It will apply when the box is back.');
  });

  it('says once that the box is away, and that nothing is new without a script that looks', () => {
    const html = String(NowPage(models.awayNow));
    expect(html.split('has not been heard from').length - 1).toBe(1);
    expect(html).toMatch(/<p id="live-stale"[^>]* hidden=""?>Not up to date since /);
  });

  it('offers nothing that its reader may not do', () => {
    const frame = { ...models.troubledFrame, may: new Set(['now.see'] as const) };
    const html = String(NowPage({ ...models.busyNow, box: { kind: 'none' }, frame }));
    for (const { id } of models.busyNow.grants) expect(html).toContain(id);
    const targets = [...html.matchAll(/ (?:href|action)="(\/[^"]*)"/g)].map(([, target]) => target ?? '');
    const shown = targets.filter((target) => !/^\/(assets\/.*|sign-out|grants\/[^/]+)?$/.test(target));
    expect(shown).toEqual([]);
  });

  it('keeps what has ended apart from what is allowed', () => {
    const ended = { ...models.busyNow.grants[0]!, id: 'over', state: { kind: 'ended', at: 0, early: null } as const };
    const html = String(NowPage({ ...models.busyNow, grants: [ended] }));
    expect(html).toContain('Nothing is allowed beyond the usual rules.');
    expect(html.indexOf('Ended within the last hour')).toBeLessThan(html.indexOf('/grants/over'));
    expect(html.indexOf('Ended within the last hour')).toBeGreaterThan(0);
  });

  it('answers a request with one tap, and a no with its reason', () => {
    const html = String(NowPage(models.busyNow));
    const form = html.slice(html.indexOf(`action="/requests/${models.request.id}/answer"`)).split('</form>')[0] ?? '';
    expect([...form.matchAll(/name="answer" value="([^"]*)"/g)].map(([, value]) => value)).toEqual([
      '10',
      '30',
      'session',
      'close',
      'no',
    ]);
    expect([...form.matchAll(/<select id="[^"]+" name="([^"]*)"/g)].map(([, name]) => name)).toEqual([
      'yesReason',
      'reason',
    ]);
    expect(form).toContain('<option value="this-once">Yes: “Just this once”</option>');
  });

  it.each([
    ['in force', 'In force on the box since 10:31'],
    ['sent', 'Sending to the box…'],
    ['being ended', 'Ending… the box has not confirmed it yet.'],
    ['over', 'Ended at 10:27'],
    ['refused', 'The box did not take it. It says: the end lies before the start'],
  ])('says of a permission that it is %s', (_, sentence) => {
    expect(String(NowPage(models.busyNow))).toContain(sentence);
  });

  it('offers no end for what has ended', () => {
    expect(count(String(NowPage(models.busyNow)), /action="\/grants\/[^"]*\/end"/g)).toBe(5);
  });

  it('tells the story of what was given more time, and offers more with one tap', () => {
    const html = String(NowPage(models.busyNow));
    const form = (id: string) =>
      html
        .split(`action="/grants/${id}/extend"`)
        .slice(1)
        .map((after) => after.split('</form>')[0]);
    expect(form('g7')).toEqual([
      expect.stringMatching(/name="ends" value="\d+".*name="more" value="10"[^>]*>10 more minutes/),
    ]);
    for (const over of ['g3', 'g4', 'g5', 'g6']) expect(form(over), over).toEqual([]);
    expect(html).toContain('Tracey allowed it at 10:12, until 10:27.');
    expect(html).toContain('Somebody gave more time at 10:31, until 15:00.');
    expect(html).toContain('Tablet 3 and 2 more until 15:00');
  });

  it('shows what was noted afterwards among what is over, with both times', () => {
    const html = String(NowPage({ ...models.busyNow, grants: [models.notedGrant] }));
    expect(html).toContain('Nothing is allowed beyond the usual rules.');
    expect(html.split('Ended within the last hour')[1]).toContain('Facebook on Office PC, from 09:00 until 09:20');
    expect(html).toContain('for the record only. The box was not told.');
    expect(html).not.toMatch(/action="\/grants/);
  });

  it('keeps what is booked for later apart from what is allowed now', () => {
    const html = String(NowPage({ ...models.busyNow, grants: [models.bookedGrant] }));
    expect(html).toContain('Nothing is allowed beyond the usual rules.');
    expect(html.split('Booked for later')[1]).toContain('Facebook on Office PC, from tomorrow at 14:00 until 14:30');
    expect(html).toContain('Booked for tomorrow at 14:00. The box has it already');
    expect(html).toContain('Cancel the booking');
    expect(html).not.toContain('End now');
  });

  it('names the list that still blocks part of a service', () => {
    expect(String(NowPage(models.busyNow))).toContain(
      'The list “Family filter” still blocks some addresses of Facebook.',
    );
  });
});

describe('Box', () => {
  const pairing = { code: 'ABCD2345', expiresAt: models.nowMs + 600_000 };

  it('shows a code to whoever pairs or has just made it, not beside a box that is paired', () => {
    const code = 'ABCD 2345';
    expect(String(BoxPage({ ...models.unpairedBox, pairing }))).toContain(code);
    expect(String(BoxPage({ ...models.pairedBox, pairing }))).not.toContain(code);
    const flash = 'pairing-code-made' as const;
    const made = { ...models.pairedBox, frame: { ...models.pairedBox.frame, flash }, pairing };
    expect(String(BoxPage(made))).toContain(code);
  });

  it('says of a box that was removed what it goes on doing', () => {
    const { frame } = models.unpairedBox;
    const removed = { ...models.unpairedBox, frame: { ...frame, flash: 'box-removed' as const } };
    expect(String(BoxPage(removed))).toContain('It goes on filtering by its last rules');
    expect(String(BoxPage(removed))).not.toContain('nothing is being filtered');
  });
});

describe('the result of a grant', () => {
  it('shows the acknowledgement of the box, and the lists that still block', () => {
    const html = String(GrantResultPage(models.grantResults[0]!));
    expect(html).toContain('In force on the box since 10:31');
    expect(html).toContain('The list “Family filter” still blocks some addresses of Facebook.');
  });

  it('keeps looking only while something can still change', () => {
    const live = models.grantResults.filter((model) => String(GrantResultPage(model)).includes('<script'));
    expect(live.map((model) => model.grant.state.kind)).toEqual([
      'in-force',
      'booked',
      'sending',
      'waiting',
      'refused',
      'ending',
    ]);
  });
});

describe('Record', () => {
  it('says who allowed what, on what, until when and why', () => {
    expect(recordSentence(models.recordEntries[0]!, 'Europe/London')).toBe(
      'Tracey allowed Facebook on Office PC until 15:00: reply to a parent on our page',
    );
  });

  it('has a sentence of its own for every kind of entry', () => {
    const sentences = models.recordEntries.map((entry) => recordSentence(entry, 'Europe/London'));
    expect(new Set(sentences).size).toBe(sentences.length);
    for (const sentence of sentences) expect(sentence).toMatch(/^\S.{10,}$/);
  });

  it('is shown here with every type of entry that there is', () => {
    const shown = new Set(models.recordEntries.map(({ event }) => event.type));
    expect([...shown].sort()).toEqual(Object.keys(kinds).sort());
  });

  it('keeps what people wrote and who they are apart, for every type, and reads as a sentence without it', () => {
    // Whoever adds a field for a person's name or words gives it one of these names; the box's reason is no person's.
    const personal = /^(reason|askedBy|approvedBy|personName|userName|passkeyName)$/;
    for (const entry of models.recordEntries) {
      const { details, words } = splitWords(entry.event);
      const { type } = entry.event;
      expect({ ...details, ...words }).toEqual(entry.event);
      const kept = Object.keys(details).filter((field) => personal.test(field));
      expect({ type, kept }).toEqual({ type, kept: type === 'policy-refused' ? ['reason'] : [] });
      const event = { ...details, ...erasedWords(type) } as typeof entry.event;
      expect(Object.keys(event).sort(), type).toEqual(Object.keys(entry.event).sort());
      const sentence = recordSentence({ ...entry, who: '', event }, 'Europe/London');
      expect(sentence, type).toMatch(/^\S.{10,}$/);
      expect(sentence, type).not.toMatch(/Aisha|undefined|“”| {2}/);
    }
  });

  it.each([
    [0, 'Tracey allowed Facebook on Office PC until 15:00'],
    [4, 'Tracey asked for YouTube on a device not named as the setting’s own for 30 minutes'],
    [5, 'Tracey said no to somebody, who asked for TikTok'],
    [6, 'The request of somebody for TikTok was closed without an answer'],
  ])('still reads as a sentence when the words of entry %d have been erased', (index, sentence) => {
    const entry = models.recordEntries[index]!;
    const event = { ...entry.event, reason: '', askedBy: '' } as typeof entry.event;
    expect(recordSentence({ ...entry, event }, 'Europe/London')).toBe(sentence);
  });

  it('names no device and nobody who asked to whoever may not see what devices did', () => {
    const html = String(RecordPage(models.outlinedRecord));
    expect(String(RecordPage(models.fullRecord))).toMatch(/Office PC.*Toddler room tablet.*Baby room tablet/s);
    expect(html).not.toMatch(
      /Office PC|Toddler room tablet|Baby room tablet|Asked by|circle time|ten minutes are fine/,
    );
    expect(html).toContain('Names of devices and of those who asked are not shown to you');
    const sentences = models.outlinedRecord.entries.map((entry) => recordSentence(entry, 'Europe/London'));
    for (const sentence of [
      'Tracey allowed Facebook on a device until 15:00: reply to a parent on our page',
      'Tracey ended X on a device early',
      'Somebody asked for YouTube on a device for 30 minutes',
      'Tracey said no to somebody, who asked for TikTok',
      'Tracey removed the device (not shown)',
      'Tracey entered somebody as the one who uses the device (not shown)',
      'Tracey saw an alert about “(not shown)”',
    ]) {
      expect(sentences.map((text) => text.replace(/^Somebody \(the name has been erased\)/, 'Tracey'))).toContain(
        sentence,
      );
    }
  });

  it('keeps the filter when paging', () => {
    expect(String(RecordPage(models.fullRecord))).toContain(
      'href="/record?kind=permission&amp;from=2026-09-01&amp;to=&amp;person=Zo%C3%AB+O%27Neill+%3Cb%3E%26%22&amp;device=&amp;page=3"',
    );
  });

  it('joins the short list’s words and free text into one reason', () => {
    expect(reasonText('training', '')).toBe('training');
    expect(reasonText('training', ' first aid ')).toBe('training (first aid)');
    expect(reasonText('other', ' first aid ')).toBe('first aid');
  });
});

describe('a change before it is saved', () => {
  const sentences = changeSentences(models.changeFacts);

  it('is told in a sentence for each fact, and in one for days that change alike', () => {
    // Three days of the same hours are one, and so are two of the same breaks; safe search has a part for each
    // switch, and the list of first names for who has come and who has gone.
    expect(sentences).toHaveLength(models.changeFacts.length - 2 - 1 + 1 + 1);
    expect(new Set(sentences).size).toBe(sentences.length);
    for (const sentence of sentences) expect(sentence).toMatch(/^\S.{10,}\.$/);
  });

  it.each([
    'Tablet comes into “Nursery devices”. Its use of restricted services is counted.',
    `${models.awkward} moves from “Nursery devices” to “Guests”. Nothing that it does is recorded. Permission that it has now ends.`,
    `${models.awkward} moves from “Nursery devices” to “Office”.`,
    `${models.awkward}: MAC address none. Before: dc:a6:32:01:02:03.`,
    'For “Nursery devices”, everything under “Blogs”: blocked during opening hours. Before: as usual.',
    'Monday to Wednesday: open 07:30 to midnight. Before: open 08:00 to 12:00, 13:00 to 18:00.',
    'Whoever asks for permission can choose Aisha.',
    'Jo can no longer be chosen.',
    'Friday: closed. Before: open 08:00 to 12:00, 13:00 to 18:00.',
    'Breaks on Monday and Thursday: none. Before: 10:15 to 10:45.',
    'The term “Spring” is new: 4 January 2027 to 24 March 2027.',
    `No longer closed for “${models.awkward}”: 24 December 2026.`,
    "Open for “Parents' evening”: 19 November 2026, 18:00 to midnight. Before: 19 November 2026, 18:00 to 20:00.",
  ])('says: %s', (sentence) => {
    expect(sentences).toContain(sentence);
  });

  it('carries every field on, in its order, and has two ways to send them', () => {
    const form = String(PreviewPage(models.preview)).split('<form').at(-1) ?? '';
    expect(
      [...form.matchAll(/type="hidden" name="(?!setting|as")([^"]*)" value="([^"]*)"/g)].map(([, ...field]) => field),
    ).toEqual([
      ['version', '7'],
      ['closures-name', 'Zoë O&#39;Neill &lt;b&gt;&amp;&quot;'],
      ['closures-name', ''],
    ]);
    expect([...form.matchAll(/name="step" value="([^"]*)"/g)].map(([, step]) => step)).toEqual(['save', 'edit']);
  });

  it('says what follows at once, and nothing where nothing does', () => {
    expect(String(PreviewPage(models.preview))).toContain('social media is not blocked then');
    expect(String(PreviewPage(models.everyChange))).toContain('social media is blocked then');
    expect(String(PreviewPage(models.removal))).not.toContain('from the moment it is saved');
  });

  it('cannot be saved where it changes nothing', () => {
    expect(String(PreviewPage(models.nothingChanges))).not.toContain('value="save"');
  });
});

describe('the calendar', () => {
  it('says in words all that its pictures show, days in a row as one', () => {
    const text = String(CalendarPage(models.busyCalendar));
    const awkward = 'Zoë O&#39;Neill &lt;b&gt;&amp;&quot;';
    for (const line of [
      'Open for “Parents’ evening”: 12 November, 18:00 to 20:00',
      `Open for “${awkward}”: 5 December, 10:00 to midnight`,
      // Saturday's start of the holidays, up to the bank holidays, which are told by themselves.
      'Out of term: 19 to 24 December',
      'Bank holiday, Christmas Day: 25 December',
      'Closed for “Half term”: 15 to 19 February',
      // A closure that ends in the next month is told in both.
      `Closed for “${awkward}”: 28 to 31 May`,
      `Closed for “${awkward}”: 1 to 4 June`,
    ]) {
      expect(text).toContain(line);
    }
    expect(String(CalendarPage(models.usualCalendar))).toContain('Every day as in the usual week.');
  });
});

describe('Usage', () => {
  it('gives every figure of the picture in the table too, the largest first', () => {
    const model = models.manyUsage(seed);
    const html = String(UsagePage(model));
    const table = html.slice(html.indexOf('<table>'));
    for (const { blocked } of model.byService)
      expect(table).toContain(`<td class="number">${blocked.toLocaleString('en-GB')}</td>`);
    expect(html).toContain('asking once can open an hour’s video');
    expect(html).toContain('apps knock in the background');
  });
});

describe('Year', () => {
  const html = String(YearPage(models.busyYear(seed)));

  it('never shows a count from 1 to 4', () => {
    const cells = [...html.matchAll(/<d[td]>([^<]*)<\/dd>|<td class="number[^"]*">([^<]*)<\/td>/g)].map(
      ([, figure, cell]) => figure ?? cell,
    );
    expect(cells.length).toBeGreaterThan(300);
    // Days without a report are no counts of people.
    expect(cells.filter((cell) => /^[1-4]$/.test(cell ?? ''))).toEqual(['2']);
    expect(html).toContain('fewer than 5');
  });

  it('rounds what a hidden count could be worked out from', () => {
    const model = models.emptyYear;
    const months = model.months.map((_, index) => (index === 0 ? 3 : index === 1 ? 100 : 0));
    const one = String(YearPage({ ...model, services: [{ serviceName: 'Facebook', blocked: months, granted: [] }] }));
    expect(one).toContain('<td class="number total">105</td>');
    expect(one).not.toContain('103');
  });

  it('shows no free text that came up fewer than five times', () => {
    const model = models.emptyYear;
    const grants = {
      ...model.grants,
      total: 31,
      byPurpose: { personal: 31, official: 0, emergency: 0 },
      byMode: { written: 0, verbal: 31 },
      reasons: [
        { reason: 'Ada rang her mother', count: 2 },
        { reason: 'song for circle time', count: 9 },
        { reason: 'training (first aid)', count: 12 },
        { reason: 'training', count: 8 },
      ],
    };
    const page = String(YearPage({ ...model, grants }));
    expect(page).not.toContain('Ada');
    expect(page).not.toContain('first aid');
    expect(page).toMatch(/Training<\/th><td class="number">20</);
    expect(page).toContain('Song for circle time');
    // 2 of 31 would follow from 31 less 9 and 20.
    expect(page).not.toMatch(/>(31|9)</);
  });
});

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

describe('the navigation', () => {
  const navOf = (html: string) => html.match(/<nav class="wide".*?<\/nav>/s)![0];
  const linksOf = (html: string) => [...html.matchAll(/<a href="([^"]+)"/g)].map(([, href]) => href);

  it('has what is used every day in sight, and all that its reader may see', () => {
    const nav = navOf(String(NowPage(models.busyNow)));
    const [inSight = '', folded = ''] = nav.split('<details');
    expect(linksOf(inSight)).toEqual([paths.now, paths.give, paths.devices, paths.hours]);
    expect(linksOf(folded)).toEqual([
      paths.usage,
      paths.record,
      paths.year,
      paths.channels,
      paths.notice,
      paths.people,
      paths.box,
      paths.account,
    ]);
    expect(folded).toContain('<summary>More</summary>');
  });

  it('says where one is when that page is folded away', () => {
    expect(navOf(String(BoxPage(models.pairedBox)))).toContain('<summary>More: Box</summary>');
  });

  it('folds nothing away from whoever may see few pages', () => {
    const frame = { ...models.frame, may: new Set(['year.see', 'self', 'record.read'] as const) };
    const nav = navOf(String(YearPage({ ...models.emptyYear, frame })));
    expect(nav).not.toContain('<details');
    expect(linksOf(nav)).toEqual([paths.record, paths.year, paths.account]);
  });
});
