/**
 * What is recorded about whoever reads it, and that somebody looked at what single devices did. Nothing on this page can
 * be changed; the account itself is on another one.
 */
import { formatCount } from './format.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { OwnRecordModel } from './models.ts';
import { Paging } from './parts.tsx';
import { paths } from './paths.ts';
import { EntryList } from './record-entries.tsx';

const t = spoken.ownRecord;

export function OwnRecordPage({ frame, entries, total, page, pageCount, views }: OwnRecordModel) {
  return (
    <Page frame={frame} page="account" title={t.title}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro}</p>
      <section aria-labelledby="own">
        <h2 id="own">{t.own}</h2>
        {entries.length === 0 ? (
          <p>{t.none}</p>
        ) : (
          <>
            <p>{spoken.record.found(total, formatCount(total))}</p>
            <EntryList entries={entries} frame={frame} within />
            <Paging page={page} pageCount={pageCount} address={(to) => `${paths.ownRecord}?page=${to}`} />
          </>
        )}
      </section>
      {views !== null && (
        <section aria-labelledby="views">
          <h2 id="views">{t.views}</h2>
          <p>{t.viewsText}</p>
          {views.length === 0 ? <p>{t.noViews}</p> : <EntryList entries={views} frame={frame} within />}
        </section>
      )}
      <section aria-labelledby="rules">
        <h2 id="rules">{t.rules}</h2>
        <ul>
          {t.ruleSentences.map((sentence) => (
            <li>{sentence}</li>
          ))}
        </ul>
      </section>
      <p>
        <a class="button" href={paths.account}>
          {t.back}
        </a>
      </p>
    </Page>
  );
}
