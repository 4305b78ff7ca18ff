/**
 * The navigation: what is used every day in sight, the rest folded behind one word, by what somebody comes for. Whoever may
 * see few pages sees all of them at once.
 */
import { spoken } from './language.ts';
import type { Frame, PageId } from './models.ts';
import { dailyPages, furtherPages, pageOrder, rightOfPage } from './page-order.ts';
import { paths } from './paths.ts';

const t = spoken.layout;

/** As many as stand in two lines of a phone. */
const UNFOLDED_MAX = 6;

/** `page`: the one that is shown; null for one that is not in the navigation. */
export function Navigation({ frame, page }: { frame: Frame; page: PageId | null }) {
  const seen = (pages: readonly PageId[]) => pages.filter((id) => frame.may.has(rightOfPage[id]));
  const all = seen(pageOrder);
  const link = (id: PageId) => <PageLink id={id} page={page} waiting={id === 'now' ? frame.requestsWaiting : 0} />;
  return (
    <nav class="wide" aria-label={t.navigation}>
      <ul>{(all.length > UNFOLDED_MAX ? seen(dailyPages) : all).map(link)}</ul>
      {all.length > UNFOLDED_MAX && (
        <details class="more">
          <summary>{page === null || isDaily(page) ? t.more : t.moreHere(t.pages[page])}</summary>
          <div>
            {further
              .map((group) => ({ group, pages: seen(furtherPages[group]) }))
              .filter(({ pages }) => pages.length > 0)
              .map(({ group, pages }) => (
                <div>
                  <p id={`pages-${group}`}>{t.furtherPages[group]}</p>
                  <ul aria-labelledby={`pages-${group}`}>{pages.map(link)}</ul>
                </div>
              ))}
          </div>
        </details>
      )}
    </nav>
  );
}

const further = Object.keys(furtherPages) as (keyof typeof furtherPages)[];

function isDaily(page: PageId): boolean {
  return dailyPages.some((id) => id === page);
}

function PageLink({ id, page, waiting }: { id: PageId; page: PageId | null; waiting: number }) {
  return (
    <li>
      <a href={paths[id]} aria-current={id === page ? 'page' : undefined}>
        {t.pages[id]}
        {waiting > 0 && (
          <span class="badge">
            <span aria-hidden="true">{waiting}</span>
            <span class="hidden">{t.waitingCount(waiting)}</span>
          </span>
        )}
      </a>
    </li>
  );
}
