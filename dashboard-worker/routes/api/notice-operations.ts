/** The monitoring notice: its text, who has read it, publishing it, and the date of the data protection assessment. */
import * as z from 'zod/mini';
import { NoticeSection } from '../../../policy-rules/monitoring-notice.ts';
import { oneLine } from '../../../policy-rules/show-text.ts';
import { READERS_MAX } from '../../setting/acknowledgements.ts';
import { spoken } from '../../views/language.ts';
import { NAME_MAX_LENGTH } from '../../views/models.ts';
import { noticeProblems } from '../notice.ts';
import { type Answer, CalendarDate, type Call, Instant, ok, operation, wrongFields } from './operation.ts';

const Line = z.string().check(z.overwrite(oneLine), z.minLength(1), z.maxLength(1_000));

const wording = {
  seenBy: z.array(Line).check(z.maxLength(50)),
  contact: Line,
  more: z.array(Line).check(z.maxLength(50)),
};

const Notice = z.object({
  published: z.nullable(
    z.object({
      version: z.int(),
      at: Instant,
      sections: z.array(NoticeSection),
      /** What would be published now says something else. */
      isOutdated: z.boolean(),
      onBox: z.string(),
    }),
  ),
  wording: z.object({ seenBy: z.array(z.string()), contact: z.string(), more: z.array(z.string()) }),
  /** Whether figures of single devices are kept, and what has to be done first if not. */
  reporting: z.object({ on: z.boolean(), missing: z.array(z.string()) }),
  assessedOn: z.nullable(z.string()),
  readers: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      /** Of the newest version; null while it is outstanding. */
      acknowledged: z.nullable(z.object({ at: Instant, how: z.enum(['site', 'paper']) })),
    }),
  ),
  /** Who has said so under a name that is on no list. */
  strangers: z.array(z.object({ name: z.string(), at: Instant })),
});

const Readers = z.strictObject({
  readers: z.array(z.string()).check(z.minLength(1), z.maxLength(READERS_MAX)),
});

const Noted = z.object({ noted: z.int() });

export const noticeOperations = [
  operation({
    name: 'readNotice',
    method: 'GET',
    path: '/notice',
    scope: 'notice.change',
    summary: 'Read the monitoring notice, and who has read it',
    answer: Notice,
    run: async ({ setting }) => {
      const { frame: _, today: _today, ...notice } = await setting.notice();
      return ok(notice);
    },
  }),
  operation({
    name: 'publishNotice',
    method: 'POST',
    path: '/notice',
    scope: 'notice.change',
    summary: 'Publish a version of the notice; everybody is asked to read it again',
    body: z.strictObject({ ...wording, after: z.int().check(z.minimum(0)) }),
    status: 201,
    answer: z.object({ version: z.int() }),
    run: async ({ setting, actor, body: { after, ...words } }) => {
      const errors = noticeProblems(words);
      if (errors.length > 0) return wrongFields(errors);
      if (!(await setting.publishNotice(words, after, actor))) {
        return { status: 409, detail: 'Version “after” is not the newest one. Read the notice again.' };
      }
      const { published } = await setting.notice();
      return { status: 201, body: { version: published?.version ?? 0 } };
    },
  }),
  operation({
    name: 'previewNotice',
    method: 'POST',
    path: '/notice/preview',
    scope: 'notice.change',
    summary: 'Read the notice as it would be published with these words; nothing is written',
    body: z.strictObject(wording),
    answer: z.object({
      sections: z.array(NoticeSection),
      /** It says what the published one says. */
      isUnchanged: z.boolean(),
    }),
    run: async ({ setting, body }) => {
      const errors = noticeProblems(body);
      if (errors.length > 0) return wrongFields(errors);
      const { sections, isUnchanged } = await setting.draftNotice(body);
      return ok({ sections, isUnchanged });
    },
  }),
  operation({
    name: 'dateAssessment',
    method: 'PUT',
    path: '/notice/assessment',
    scope: 'notice.change',
    summary: 'Enter when the data protection assessment was done',
    body: z.strictObject({ date: CalendarDate }),
    answer: z.object({ date: z.string() }),
    run: async ({ setting, actor, body: { date } }) =>
      (await setting.dateAssessment(date, actor))
        ? ok({ date })
        : wrongFields([{ field: 'date', message: spoken.notice.problems.date }]),
  }),
  operation({
    name: 'addReaders',
    method: 'POST',
    path: '/notice/readers',
    scope: 'notice.change',
    summary: 'Add people who have to read the notice',
    body: z.strictObject({
      names: z
        .array(z.string().check(z.overwrite(oneLine), z.minLength(1), z.maxLength(NAME_MAX_LENGTH)))
        .check(z.minLength(1), z.maxLength(READERS_MAX)),
    }),
    answer: z.object({ readers: z.int() }),
    run: async ({ setting, actor, body: { names } }) => {
      if (!(await setting.addReaders(names, actor))) {
        return wrongFields([{ field: 'names', message: spoken.notice.problems.tooMany(READERS_MAX) }]);
      }
      return ok({ readers: (await setting.notice()).readers.length });
    },
  }),
  operation({
    name: 'noteReadOnPaper',
    method: 'POST',
    path: '/notice/readers/read-on-paper',
    scope: 'notice.change',
    summary: 'Enter who has signed the notice on paper',
    body: Readers,
    answer: Noted,
    run: (call) => noteReaders(call, 'paper'),
  }),
  operation({
    name: 'noteReadersLeft',
    method: 'POST',
    path: '/notice/readers/left',
    scope: 'notice.change',
    summary: 'Enter who has left',
    body: Readers,
    answer: Noted,
    run: (call) => noteReaders(call, 'left'),
  }),
];

/** As on the page: of those chosen, the ones that are not on the list any more are passed over. */
async function noteReaders(
  { setting, actor, body }: Call<unknown, z.infer<typeof Readers>>,
  what: 'paper' | 'left',
): Promise<Answer> {
  const noted = await setting.noteReaders(what, body.readers, actor);
  return noted === 0 ? wrongFields([{ field: 'readers', message: 'None of them is on the list.' }]) : ok({ noted });
}
