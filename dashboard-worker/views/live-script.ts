/**
 * The dashboard's one script, served as a file: pages that say so are fetched anew every few seconds, and what changed
 * in their live regions is exchanged. Without it, people press "Look again".
 *
 * When the session has ended it goes to sign in; when two looks in a row fail it says since when nothing is new.
 *
 * A region in which somebody is typing, choosing or has the focus is left alone, so that nothing moves under a finger.
 */
import { LIVE_HEADER, paths } from './paths.ts';

export const liveScript = `
const EVERY_MS = 2000;
let failures = 0;
const stale = document.getElementById('live-stale');
async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { accept: 'text/html', '${LIVE_HEADER}': '1' }, redirect: 'manual' });
  if (answer.type === 'opaqueredirect') {
    const next = encodeURIComponent(location.pathname + location.search);
    location.assign('${paths.signIn}?outcome=expired&next=' + next);
    return;
  }
  if (!answer.ok) throw new Error('The page answered ' + answer.status + '.');
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const region of document.querySelectorAll('[data-live]')) {
    const next = fresh.getElementById(region.id);
    if (!next || region.contains(document.activeElement)) continue;
    if (region.innerHTML !== next.innerHTML) region.innerHTML = next.innerHTML;
  }
  // The server's own words and clock, shown only once they are old.
  const freshStale = fresh.getElementById('live-stale');
  if (stale && freshStale) stale.textContent = freshStale.textContent;
  const title = fresh.querySelector('title');
  if (title) document.title = title.textContent;
}
async function loop() {
  try { await refresh(); failures = 0; } catch { failures += 1; }
  if (stale) stale.hidden = failures < 2;
  // After failures it asks less and less often, up to once a minute.
  setTimeout(loop, Math.min(EVERY_MS * 2 ** failures, 60000));
}
setTimeout(loop, EVERY_MS);
`;
