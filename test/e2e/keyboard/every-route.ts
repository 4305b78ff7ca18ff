/**
 * That the flows left no form and no page out: what browsers were led to is held against the router itself. The few that one
 * setting on one machine cannot come to are walked on their pages alone, served from memory.
 */
import { expect, it } from 'vitest';
import type { Stage } from './stage.ts';

/** By its address, since its types are those of workerd and of its pages, which these tests do not have. */
const router = new URL('../../../dashboard-worker/app.ts', import.meta.url).href;
const rendered = new URL('../../dashboard-worker/views-in-browser.ts', import.meta.url).href;

interface Router {
  readonly app: { readonly routes: readonly { readonly method: string; readonly path: string }[] };
}

interface Rendered {
  readonly origin: string;
  readonly pages: ReadonlyMap<string, string>;
}

/** What no person comes to. */
const ofPrograms = [
  /^\S+ \/api\//,
  /^\S+ \/assets\//,
  /^\S+ \/box\/(enrol|connect)$/,
  /^\S+ \/host\//,
  /^GET \/(healthz|live)$/,
];

/** The button by which it is sent, on which page of those that every page test looks at. */
const onPaper: Readonly<Record<string, readonly [page: string, button: string, sent: RegExp]>> = {
  // There is no second setting on one's own machine,
  'POST /settings/switch': ['settings', 'button[name=to]', /(^|&)to=[^&]/],
  // and nobody from another one who could be invited.
  'POST /invitation/:token/accept': ['invitation-accept', 'form[action$="/accept"] button', /(^|&)as=[^&]/],
  // Loopback has no neighbours.
  'POST /unnamed-devices/name': ['unnamed-one', 'button[name=mac]', /(^|&)mac=[^&]/],
};

/** Leads on by itself to GET /setup/:token; and the page of the first of those above. */
const leftOut = [...Object.keys(onPaper), 'GET /setup', 'GET /settings'];

export function everyRouteIsWalked(on: () => Stage): void {
  it.each(Object.entries(onPaper))('on its page alone: %s', async (route, [name, button, sent]) => {
    const { origin, pages } = (await import(rendered)) as Rendered;
    const keys = await on().open(390);
    const stylesheet = await (await fetch(new URL('/assets/stairgate.css', on().ready.url))).text();
    let posted = '';
    await keys.page.route(`${origin}/**`, async (asked) => {
      const request = asked.request();
      const { pathname } = new URL(request.url());
      if (pathname.endsWith('.css')) return await asked.fulfill({ contentType: 'text/css', body: stylesheet });
      if (request.method() === 'POST') posted = `POST ${pathname} ${request.postData()}`;
      return await asked.fulfill({ contentType: 'text/html', body: pages.get(name) ?? '' });
    });
    await keys.page.goto(`${origin}/`);
    await keys.follow(button);
    const [method, path, body = ''] = posted.split(' ');
    expect(routeOf(`${method} ${path}`, [route])).toBe(route);
    expect(body).toMatch(sent);
    await keys.page.context().close();
  });

  it('every page was come to, and every form was sent', async () => {
    const { app } = (await import(router)) as Router;
    const routes = [...new Set(app.routes.map(({ method, path }) => `${method} ${path}`))]
      .filter((route) => /^(GET|POST) /.test(route) && !route.includes('*'))
      .filter((route) => !ofPrograms.some((pattern) => pattern.test(route)));
    const asked = new Set(on().asked.map((request) => routeOf(request, routes)));
    const missing = routes.filter((route) => !asked.has(route));
    expect(routes.length).toBeGreaterThan(80);
    expect(missing.toSorted()).toEqual(leftOut.toSorted());
  });
}

/** The route that answers it: one without parameters before one with them, as the router has it. */
function routeOf(request: string, routes: readonly string[]): string | undefined {
  if (routes.includes(request)) return request;
  return routes.find((route) => new RegExp(`^${route.replaceAll(/:\w+/g, '[^/]+')}$`).test(request));
}
