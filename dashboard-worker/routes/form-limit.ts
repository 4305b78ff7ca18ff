/** How much a request may send: the longest form, a year's opening hours, stays far below it. */
import { bodyLimit } from 'hono/body-limit';
import { ErrorPage } from '../views/pages.ts';

const FORM_MAX_BYTES = 256 * 1024;

export const formLimit = bodyLimit({
  maxSize: FORM_MAX_BYTES,
  onError: (c) => c.html(ErrorPage({ kind: 'bad-form', reference: null }), 413),
});

/** An enrolment is a code, a key and a name. */
export const enrolmentLimit = bodyLimit({
  maxSize: 16 * 1024,
  onError: (c) => c.text('That is longer than any enrolment: at most 16 KB.', 413),
});
