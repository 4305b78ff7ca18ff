/**
 * What went wrong in one sentence, and what to do. They say nothing about the setting, since anybody may see them.
 */

import { spoken } from './language.ts';
import { PlainPage } from './layout.tsx';
import type { ErrorModel } from './models.ts';
import { paths } from './paths.ts';

const t = spoken.errors;

export function ErrorPage({ kind, reference }: ErrorModel) {
  return <Sorry {...t.kinds[kind]} reference={reference} />;
}

export function NotFoundPage() {
  return <Sorry {...t.notFound} reference={null} />;
}

interface SorryProps {
  readonly title: string;
  readonly sentence: string;
  readonly whatToDo: string;
  readonly reference: string | null;
}

function Sorry({ title, sentence, whatToDo, reference }: SorryProps) {
  return (
    <PlainPage title={title}>
      <h1>{title}</h1>
      <p class="lead">{sentence}</p>
      <h2>{t.whatToDo}</h2>
      <p>{whatToDo}</p>
      {reference !== null && <p class="hint">{t.reference(reference)}</p>}
      <p>
        <a class="button primary" href={paths.now}>
          {t.backToNow}
        </a>
      </p>
    </PlainPage>
  );
}
