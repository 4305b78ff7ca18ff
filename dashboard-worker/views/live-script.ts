/**
 * The dashboard's one script, served as a file: pages that say so are fetched anew every few seconds, and what changed
 * in their live regions is exchanged. Without it, people press "Look again".
 *
 * A region in which somebody is typing, choosing or has the focus is left alone, so that nothing moves under a finger.
 */
export const liveScript = `
const EVERY_MS = 2000;
let failures = 0;
async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { accept: 'text/html' }, redirect: 'error' });
  if (!answer.ok) throw new Error('The page answered ' + answer.status + '.');
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const region of document.querySelectorAll('[data-live]')) {
    const next = fresh.getElementById(region.id);
    if (!next || region.contains(document.activeElement)) continue;
    if (region.innerHTML !== next.innerHTML) region.innerHTML = next.innerHTML;
  }
  const title = fresh.querySelector('title');
  if (title) document.title = title.textContent;
}
async function loop() {
  try { await refresh(); failures = 0; } catch { failures += 1; }
  // After failures it asks less and less often, up to once a minute.
  setTimeout(loop, Math.min(EVERY_MS * 2 ** failures, 60000));
}
setTimeout(loop, EVERY_MS);
`;
