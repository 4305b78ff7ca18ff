/**
 * The dashboard's one script, served as a file: pages that say so are fetched anew when there is news, and what changed
 * in their live regions is exchanged. Without it, people press "Look again".
 *
 * News comes over a WebSocket, and says nothing but that there is some. What time alone changes, the page itself says
 * when to look for (`data-due`). While there is no socket, behind a proxy that lets none through or when the dashboard is
 * being started anew, it looks every two seconds.
 *
 * When the session has ended it goes to sign in; when two looks in a row fail it says since when nothing is new.
 *
 * A region in which somebody is typing, choosing or has the focus is left alone, so that nothing moves under a finger.
 */
import { LIVE_HEADER, paths } from './paths.ts';

export const liveScript = `
const EVERY_MS = 2000;
/** With a socket: "heard from 40 seconds ago" grows older by itself. */
const TICK_MS = 30000;
const MOST_MS = 60000;
const stale = document.getElementById('live-stale');
let failures = 0;
let timer;
let looking = false;
let again = false;
let socket = null;
let refusals = 0;

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
  if (stale && freshStale) {
    stale.textContent = freshStale.textContent;
    stale.dataset.due = freshStale.dataset.due ?? '';
  }
  const title = fresh.querySelector('title');
  if (title) document.title = title.textContent;
}

function pauseMs() {
  // After failures it asks less and less often, up to once a minute.
  if (failures > 0) return Math.min(EVERY_MS * 2 ** failures, MOST_MS);
  if (socket === null || socket.readyState !== WebSocket.OPEN) return EVERY_MS;
  const due = Number(stale?.dataset.due || TICK_MS);
  return Math.min(Math.max(due, 0) + 100, TICK_MS);
}

async function look() {
  if (looking) { again = true; return; }
  looking = true;
  clearTimeout(timer);
  do {
    again = false;
    try { await refresh(); failures = 0; } catch { failures += 1; }
  } while (again && failures === 0);
  looking = false;
  if (stale) stale.hidden = failures < 2;
  timer = setTimeout(look, pauseMs());
}

function listen() {
  const opening = new WebSocket(location.origin.replace('http', 'ws') + '${paths.live}');
  socket = opening;
  opening.onopen = () => { refusals = 0; look(); };
  opening.onmessage = look;
  opening.onclose = () => {
    socket = null;
    refusals += 1;
    setTimeout(listen, Math.min(EVERY_MS * 2 ** refusals, MOST_MS));
    look();
  };
}

// What happened while the page was out of sight.
document.addEventListener('visibilitychange', () => { if (!document.hidden) look(); });
timer = setTimeout(look, EVERY_MS);
listen();
`;
