/** The monitoring notice: publishing it, the assessment's date, and who has read it. */
import { Hono } from 'hono';
import { READERS_MAX } from '../setting/acknowledgements.ts';
import { spoken } from '../views/language.ts';
import { type FieldError, NAME_MAX_LENGTH, type NoticeForm } from '../views/models.ts';
import { NOTICE_LINE_MAX_LENGTH, NotFoundPage, NoticePage, NoticePreviewPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, frameOf, withFlash } from './context.ts';
import { isDate, oneOf, readFields, readForm, readLines } from './forms.ts';
import { needs } from './guard.ts';
import { readStep, readVersion } from './policy-forms.ts';

const t = spoken.notice.problems;

/** Of one field. */
const LINES_MAX = 20;

export const noticeRoutes = new Hono<AppEnv>()
  .get(paths.notice, needs('notice.change'), (c) => showNotice(c, null, []))

  .post(paths.notice, needs('notice.change'), async (c) => {
    const { contact } = await readFields(c, ['contact']);
    const wording = { contact, seenBy: await readLines(c, 'seenBy'), more: await readLines(c, 'more') };
    const errors = noticeProblems(wording);
    const step = await readStep(c);
    if (errors.length > 0 || step === 'edit') return showNotice(c, wording, errors);
    if (step === 'preview') {
      const { frame, ...draft } = await c.var.setting.draftNotice(wording);
      return c.html(NoticePreviewPage({ frame: frameOf(c, frame), ...draft, values: wording }));
    }
    const { known } = await readFields(c, ['known']);
    const published = await c.var.setting.publishNotice(wording, readVersion(known), c.var.actor);
    return c.redirect(published ? withFlash(paths.notice, 'notice-published') : paths.notice, 303);
  })

  .post(paths.assessment, needs('notice.change'), async (c) => {
    const { date } = await readFields(c, ['date']);
    const dated = isDate(date) && (await c.var.setting.dateAssessment(date, c.var.actor));
    if (!dated) return showNotice(c, null, [{ field: 'date', message: t.date }]);
    return c.redirect(withFlash(paths.notice, 'assessment-dated'), 303);
  })

  .post(paths.noticeReaders, needs('notice.change'), async (c) => {
    const names = await readLines(c, 'names');
    const wrong = (message: string) => showNotice(c, null, [{ field: 'names', message }]);
    if (names.length === 0) return wrong(t.names);
    if (names.some((name) => name.length > NAME_MAX_LENGTH)) return wrong(t.nameTooLong(NAME_MAX_LENGTH));
    if (!(await c.var.setting.addReaders(names, c.var.actor))) return wrong(t.tooMany(READERS_MAX));
    return c.redirect(withFlash(paths.notice, 'readers-added'), 303);
  })

  .post(paths.noteReaders, needs('notice.change'), async (c) => {
    const what = oneOf('what', (await readFields(c, ['what'])).what, ['paper', 'left']);
    const chosen = (await readForm(c, 'reader')).getAll('reader').filter((id) => typeof id === 'string');
    if (chosen.length === 0) return showNotice(c, null, [{ field: 'reader', message: t.nobodyChosen }]);
    const noted = await c.var.setting.noteReaders(what, chosen, c.var.actor);
    if (noted === 0) return c.html(NotFoundPage(), 404);
    return c.redirect(withFlash(paths.notice, what === 'paper' ? 'noted-on-paper' : 'reader-left'), 303);
  });

/** What is wrong with the wording that a setting wants. */
export function noticeProblems({ seenBy, contact, more }: NoticeForm): FieldError[] {
  const errors: FieldError[] = [];
  if (seenBy.length === 0) errors.push({ field: 'seenBy', message: t.seenBy });
  if (contact === '') errors.push({ field: 'contact', message: t.contact });
  const fields = { seenBy, contact: [contact], more };
  for (const [field, lines] of Object.entries(fields)) {
    const isTooLong = lines.length > LINES_MAX || lines.some((line) => line.length > NOTICE_LINE_MAX_LENGTH);
    if (isTooLong) errors.push({ field, message: t.tooLong(LINES_MAX, NOTICE_LINE_MAX_LENGTH) });
  }
  return errors;
}

/** `values` null: as it was published last. */
async function showNotice(c: AppContext, values: NoticeForm | null, errors: readonly FieldError[]): Promise<Response> {
  const { frame, wording, ...model } = await c.var.setting.notice();
  const page = NoticePage({ frame: frameOf(c, frame), ...model, values: values ?? wording, errors });
  return c.html(page, errors.length > 0 ? 422 : 200);
}
