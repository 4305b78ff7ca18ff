/**
 * The local site: what a member of staff sees about this box, from a phone on the nursery's network.
 *
 * Owns the routes, who may ask them, and the limits. What the pages look like is in local-pages.ts; what is true is
 * asked of the box through BoxView. Keeps nothing about a visit: no log, no cookie, and of who asked only a count of
 * requests within the last minutes.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { getRequestListener } from '@hono/node-server';
import { type IRequest, Router } from 'itty-router';
import type { GrantScope } from '../../policy-rules/grants.ts';
import { oneLine } from '../../policy-rules/show-text.ts';
import {
  type AskErrors,
  type AskFields,
  askPage,
  homePage,
  messagePage,
  type NoticeErrors,
  noticePage,
  type PageContext,
  posterPage,
  REQUEST_REFRESH_SECONDS,
  recordedPage,
  requestPage,
  stylesheet,
  thanksPage,
  type WhyResult,
  whyPage,
} from './local-pages.ts';
import type { BoxHealth, BoxView, ClientView, RequestForm, ServiceState } from './local-view.ts';
import { formatMetrics, METRICS_CONTENT_TYPE } from './metrics.ts';

export interface LocalSiteOptions {
  /** "stairgate.home.arpa": the name that the box answers with its own address. */
  name: string;
  /** The port that the poster and links show; 80 is not shown. */
  port: number;
  /** Called with what a page could not be made for; never with an address or a name. */
  onError?: (error: unknown) => void;
}

export interface SiteAddress {
  readonly address: string;
  readonly port: number;
}

export interface Followed {
  /** In use, ports filled in. */
  readonly open: readonly SiteAddress[];
  readonly failed: readonly (SiteAddress & { readonly cause: Error })[];
}

export interface LocalSite {
  /** What it answers, as its router has it: "/ask/:id", and "*" for all else. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  fetch(request: Request, clientAddress: string): Promise<Response>;
  /** Resolves with the addresses in use (ports filled in) once all are bound; rejects, with none bound, when one cannot be. */
  listen(addresses: readonly SiteAddress[]): Promise<readonly SiteAddress[]>;
  /** Makes the addresses the complete set: opens what is new, closes what is gone; one that fails holds up no other. */
  follow(addresses: readonly SiteAddress[]): Promise<Followed>;
  close(): Promise<void>;
}

/** A form of four fields; anything longer is not ours. */
const MAX_BODY_BYTES = 16 * 1024;
/** Of requests and acknowledgements: a person sends one or two; a child with a tablet should not fill the manager's page. */
const REQUESTS_PER_CLIENT = 5;
const REQUESTS_IN_ALL = 40;
const REQUEST_WINDOW_MS = 10 * 60_000;
/** A page may lie open over lunch; half a day later it is sent again with one more tap. */
const TOKEN_PERIOD_MS = 6 * 60 * 60_000;
/** A nursery has tens of devices; the bound keeps a scanner from using up the box's sockets. */
const MAX_CONNECTIONS = 256;

export function createLocalSite(box: BoxView, options: LocalSiteOptions): LocalSite {
  const formKey = randomBytes(32);
  const limit = createRequestLimit();
  const servers = new Map<string, { server: Server; bound: SiteAddress }>();
  const siteUrl = `http://${options.name}${options.port === 80 ? '' : `:${options.port}`}`;

  const contextOf = (clientAddress: string): PageContext => ({
    client: box.describeClient(clientAddress),
    nowMs: box.nowMs(),
    siteUrl,
  });
  const message = (clientAddress: string, status: number, title: string, text: string) =>
    page(messagePage(contextOf(clientAddress), title, text), status);

  const router = Router<IRequest, [clientAddress: string], Response>();
  router
    .get('/', (_request, client) => page(homePage(contextOf(client), box.serviceStates(client), box.health())))
    .get('/why', (request, client) => {
      const services = box.serviceStates(client);
      const result = lookUp(box, client, services, new URL(request.url).searchParams);
      return page(whyPage(contextOf(client), services, result));
    })
    .get('/ask', (request, client) => {
      const service = new URL(request.url).searchParams.get('service');
      const what = service === null ? '' : `service:${service}`;
      return showForm(client, { ...emptyFields, what }, {}, 200);
    })
    .post('/ask', (request, client) => receiveRequest(request, client))
    .get('/ask/:id', async (request, client) => {
      const state = await box.requestState(request.params.id ?? '');
      if (state === null)
        return message(client, 404, 'No such request', 'This box does not know that request (any more).');
      const renewing = state.state === 'waiting' && new URL(request.url).searchParams.get('renew') !== 'no';
      const dashboardConnected = box.health().dashboardConnected === true;
      const response = page(requestPage(contextOf(client), state, { renewing, dashboardConnected }));
      // By header, so that the page's own link can leave it out (WCAG 2.2.2: what renews itself can be stopped).
      if (renewing) response.headers.set('Refresh', String(REQUEST_REFRESH_SECONDS));
      return response;
    })
    .get('/notice', (_request, client) => showNotice(client, '', {}, 200))
    .post('/notice', (request, client) => receiveAcknowledgement(request, client))
    .get('/notice/read', (_request, client) =>
      page(
        thanksPage(
          contextOf(client),
          'Thank you',
          'It is noted that you have read the notice. The manager’s dashboard is told as soon as it can be reached.',
        ),
      ),
    )
    .get('/recorded', async (_request, client) => page(recordedPage(contextOf(client), await box.recorded(client))))
    .get('/poster', (request, client) => page(posterPage(contextOf(client), addressUrl(request))))
    .get('/style.css', () => new Response(stylesheet, { headers: { 'Content-Type': 'text/css; charset=utf-8' } }))
    .get('/healthz', () => healthResponse(box.health(), box.nowMs()))
    .get(
      '/metrics',
      () => new Response(formatMetrics(box.metrics()), { headers: { 'Content-Type': METRICS_CONTENT_TYPE } }),
    )
    .all('*', (request, client) => {
      if (request.method === 'GET') return message(client, 404, 'No such page', 'There is no page at this address.');
      const response = message(client, 405, 'Not possible', 'This address takes no such message.');
      const takesForms = ['/ask', '/notice'].includes(new URL(request.url).pathname);
      response.headers.set('Allow', takesForms ? 'GET, HEAD, POST' : 'GET, HEAD');
      return response;
    });

  async function receiveRequest(request: Request, client: string): Promise<Response> {
    const context = contextOf(client);
    const body = await takeForm(request, client);
    if (body instanceof Response) return body;
    if (context.client.standing === 'outside') return showForm(client, emptyFields, {}, 403);
    const fields = fieldsOf(body);
    if (!hasToken(body.get('token'), client)) {
      return showForm(
        client,
        fields,
        { form: 'The page was open for too long, or on another device. Please press “Send the request” once more.' },
        403,
      );
    }
    const checked = checkFields(fields, context.client, box.serviceStates(client));
    if ('errors' in checked) return showForm(client, fields, checked.errors, 422);
    if (box.health().dashboardConnected === null) return showForm(client, fields, {}, 409);
    if (!limit.take(client)) {
      const form = 'Several requests have been sent already. Please wait ten minutes, or ask the manager in person.';
      return showForm(client, fields, { form }, 429);
    }
    const result = await box.submitRequest(client, checked.form);
    if (!result.ok) return showForm(client, fields, { form: result.reason }, 503);
    return new Response(null, { status: 303, headers: { Location: `/ask/${encodeURIComponent(result.id)}` } });
  }

  /** The fields of a form of this site, or the refusal of what is none. */
  async function takeForm(request: Request, client: string): Promise<URLSearchParams | Response> {
    if (!isOwnForm(request)) {
      const text = 'This form came from another site. Open it here and send it again.';
      return message(client, 403, 'Not sent', text);
    }
    const body = await readForm(request);
    if (typeof body !== 'number') return body;
    return message(client, body, 'Not sent', 'That was not the form of this page. Open it and send it again.');
  }

  async function receiveAcknowledgement(request: Request, client: string): Promise<Response> {
    const body = await takeForm(request, client);
    if (body instanceof Response) return body;
    const name = oneLine(body.get('name') ?? '');
    const { standing, group } = contextOf(client).client;
    if (standing === 'outside' || group?.kind === 'guest') return showNotice(client, '', {}, 403);
    const published = await box.notice();
    if (published === null) return showNotice(client, name, {}, 409);
    if (body.get('version') !== String(published.version)) {
      const form = 'The notice has changed since you opened this page. Please read it again, and say so once more.';
      return showNotice(client, name, { form }, 409);
    }
    if (!hasToken(body.get('token'), client)) {
      const form = 'The page was open for too long, or on another device. Please press “I have read it” once more.';
      return showNotice(client, name, { form }, 403);
    }
    if (name === '') return showNotice(client, name, { name: 'Give your name, so that it can be noted for you.' }, 422);
    if (name.length > NAME_MAX_CHARACTERS) {
      return showNotice(client, name, { name: tooLongName(name) }, 422);
    }
    if (!limit.take(client)) {
      const form =
        'This device has sent several forms already. Please wait ten minutes, or tell the manager in person.';
      return showNotice(client, name, { form }, 429);
    }
    const result = await box.acknowledgeNotice(published.version, name);
    if (!result.ok) return showNotice(client, name, { form: result.reason }, 503);
    return new Response(null, { status: 303, headers: { Location: '/notice/read' } });
  }

  async function showNotice(client: string, name: string, errors: NoticeErrors, status: number): Promise<Response> {
    const token = tokenFor(client, Math.floor(performance.now() / TOKEN_PERIOD_MS));
    return page(noticePage(contextOf(client), { published: await box.notice(), token, name, errors }), status);
  }

  function showForm(client: string, fields: AskFields, errors: AskErrors, status: number): Response {
    const { dashboardConnected } = box.health();
    const token = tokenFor(client, Math.floor(performance.now() / TOKEN_PERIOD_MS));
    const model = { services: box.serviceStates(client), dashboardConnected, token, fields, errors };
    return page(askPage(contextOf(client), model), status);
  }

  /** Another site cannot read a page of this one, so it cannot know the token; no cookie is needed for that. */
  function tokenFor(client: string, period: number): string {
    return createHmac('sha256', formKey).update(`${period} ${client}`).digest('base64url');
  }

  function hasToken(token: string | null, client: string): boolean {
    const period = Math.floor(performance.now() / TOKEN_PERIOD_MS);
    const given = Buffer.from(token ?? '');
    return [period, period - 1].some((candidate) => {
      const expected = Buffer.from(tokenFor(client, candidate));
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }

  async function fetch(request: Request, clientAddress: string): Promise<Response> {
    let response: Response;
    try {
      if (!isOwnHost(new URL(request.url).hostname, options.name)) {
        // DNS rebinding: a page on the internet whose name suddenly leads here must not read what this box says.
        response = new Response(`This box is at ${siteUrl}\n`, {
          status: 421,
          headers: { 'Content-Type': PLAIN_TEXT },
        });
      } else {
        const asked = request.method === 'HEAD' ? new Request(request.url, { headers: request.headers }) : request;
        response = await router.fetch(asked, clientAddress);
      }
    } catch (error) {
      options.onError?.(error);
      response = new Response('The box could not make this page. Please try again.\n', {
        status: 500,
        headers: { 'Content-Type': PLAIN_TEXT },
      });
    }
    for (const [name, value] of Object.entries(securityHeaders)) response.headers.set(name, value);
    return request.method === 'HEAD' ? new Response(null, response) : response;
  }

  async function follow(addresses: readonly SiteAddress[]): Promise<Followed> {
    const listener = getRequestListener(
      (request, { incoming }) => fetch(request, incoming.socket.remoteAddress ?? ''),
      { overrideGlobalObjects: false },
    );
    const wanted = new Map(addresses.map(({ address, port }) => [`${address} ${port}`, { address, port }]));
    const gone = [...servers].filter(([key]) => !wanted.has(key));
    for (const [key] of gone) servers.delete(key);
    await Promise.all(gone.map(([, { server }]) => end(server)));
    const failed: Followed['failed'][number][] = [];
    await Promise.all(
      [...wanted].map(async ([key, { address, port }]) => {
        if (servers.has(key)) return;
        const limits = { headersTimeout: 10_000, requestTimeout: 20_000, keepAliveTimeout: 5_000 };
        const server = createServer(limits, listener);
        server.maxConnections = MAX_CONNECTIONS;
        try {
          servers.set(key, { server, bound: await open(server, address, port) });
        } catch (cause) {
          failed.push({ address, port, cause: cause as Error });
        }
      }),
    );
    return { open: [...servers.values()].map(({ bound }) => bound), failed };
  }

  async function listen(addresses: readonly SiteAddress[]): Promise<readonly SiteAddress[]> {
    const { open: bound, failed } = await follow(addresses);
    if (failed[0] === undefined) return bound;
    await close();
    throw failed[0].cause;
  }

  async function close(): Promise<void> {
    await follow([]);
  }

  const routes = router.routes.map(([method, , , path]) => ({ method, path: path ?? '*' }));
  return { routes, fetch, follow, listen, close };
}

const PLAIN_TEXT = 'text/plain; charset=utf-8';

/** No script, no frame, no foreign content; nothing of a visit stays in a cache or goes to another site. */
const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

function page(markup: string, status = 200): Response {
  return new Response(markup, { status, headers: { 'Content-Type': 'text/html; charset=utf-8' } });
}

function open(server: Server, address: string, port: number): Promise<{ address: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new Error(
          `cannot open the local site on ${address} port ${port}: ${cause.message}; free it, or set localSite.port`,
          { cause },
        ),
      );
    });
    server.listen({ host: address, port, ipv6Only: isIP(address) === 6 }, () => {
      const bound = server.address();
      resolve({ address, port: typeof bound === 'object' && bound !== null ? bound.port : port });
    });
  });
}

// ---- who may ask -------------------------------------------------------------------------------------------------------

/** The site's name, localhost, or one of this machine's own addresses. `hostname` is as URL gives it. */
function isOwnHost(hostname: string, siteName: string): boolean {
  const host = hostname.replace(/\.$/, '');
  if (host === siteName || host === 'localhost') return true;
  const address = host.replace(/^\[|\]$/g, '');
  if (isIP(address) === 0) return false;
  if (address === '::1' || address.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some((infos) => infos?.some((info) => sameAddress(info.address, address)));
}

function sameAddress(own: string, asked: string): boolean {
  return own === asked || (isIP(own) === 6 && new URL(`http://[${own}]`).hostname === `[${asked}]`);
}

/** Browsers name the origin of a form; ours are sent without one, as "null" (no-referrer), or with the site's own. */
function isOwnForm(request: Request): boolean {
  const site = request.headers.get('Sec-Fetch-Site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return false;
  const origin = request.headers.get('Origin');
  return origin === null || origin === 'null' || origin === new URL(request.url).origin;
}

/** Counts within a sliding window, for one client and in all; holds addresses no longer than the window. */
function createRequestLimit() {
  let taken: { client: string; atMs: number }[] = [];
  return {
    take(client: string): boolean {
      const nowMs = performance.now();
      taken = taken.filter(({ atMs }) => nowMs - atMs < REQUEST_WINDOW_MS);
      if (taken.length >= REQUESTS_IN_ALL) return false;
      if (taken.filter((entry) => entry.client === client).length >= REQUESTS_PER_CLIENT) return false;
      taken.push({ client, atMs: nowMs });
      return true;
    },
  };
}

// ---- why ---------------------------------------------------------------------------------------------------------------

function lookUp(box: BoxView, client: string, services: readonly ServiceState[], query: URLSearchParams): WhyResult {
  const id = query.get('service');
  if (id !== null) {
    const service = services.find((candidate) => candidate.id === id);
    return service === undefined
      ? { kind: 'unreadable', reason: 'This box knows no such service. Pick one from the list, or type a site.' }
      : { kind: 'service', service };
  }
  const typed = (query.get('name') ?? '').trim();
  const name = hostOf(typed);
  if (name?.includes('.')) return { kind: 'name', name, explanation: box.explain(client, name) };
  const found = servicesCalled(typed, services);
  if (found.length === 1) return { kind: 'service', service: found[0]! };
  if (found.length > 1) return { kind: 'services', found };
  return { kind: 'unreadable', reason: unreadableReason(typed) };
}

function unreadableReason(typed: string): string {
  if (typed === '') return 'Nothing was typed: expected a site such as facebook.com, or the name of an app.';
  if (isIP(typed) !== 0 || /^[a-z]+:\/\/[\d.]+([:/]|$)/i.test(typed)) {
    return 'That is a numbered address. The filter decides about names such as facebook.com only.';
  }
  return 'That is neither a site such as facebook.com, nor the name of an app that this box knows.';
}

/** "Facebook" for "facebook" and "the facebook app"; several when a word is in several names. */
function servicesCalled(typed: string, services: readonly ServiceState[]): ServiceState[] {
  const words = typed.toLowerCase().slice(0, 80);
  if (words.length < 2)
    return words.length === 1 ? services.filter(({ name }) => name.toLowerCase().split(/\W+/)[0] === words) : [];
  const exact = services.filter(({ id, name }) => name.toLowerCase() === words || id === words);
  if (exact.length > 0) return exact;
  return services.filter(
    ({ id, name }) => name.toLowerCase().includes(words) || id.includes(words.replaceAll(' ', '-')),
  );
}

/**
 * The host of a name or of a pasted address, as lower-case A-labels; null for what has none. Path, query and user of
 * an address are let go here and nowhere kept.
 */
export function hostOf(typed: string): string | null {
  const text = typed.trim();
  if (text === '' || text.length > 2_000 || /\s/.test(text)) return null;
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
    ? text.replace(/^[^:]+/, 'http')
    : `http://${text.replace(/^\/+/, '')}`;
  if (!URL.canParse(address)) return null;
  const host = new URL(address).hostname.replace(/\.$/, '');
  // URL reads "1.2.3" and "0x7f.1" as IPv4 addresses and writes them out in full.
  if (isIP(host) !== 0 || host.startsWith('[') || host.length > 253) return null;
  return host.split('.').every((label) => /^[a-z0-9_-]{1,63}$/.test(label)) ? host : null;
}

// ---- ask ---------------------------------------------------------------------------------------------------------------

const emptyFields: AskFields = { who: '', askedBy: '', what: '', minutes: '30', reason: '' };

/** The form's fields, or the status of what is not our form. */
async function readForm(request: Request): Promise<URLSearchParams | 413 | 415> {
  const type = request.headers.get('Content-Type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') return 415;
  if (Number(request.headers.get('Content-Length') ?? 0) > MAX_BODY_BYTES) return 413;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return 413;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

/** What reaches the manager's page carries no control or direction marks. */
function fieldsOf(form: URLSearchParams): AskFields {
  return {
    who: oneLine(form.get('who') ?? ''),
    askedBy: oneLine(form.get('askedBy') ?? ''),
    what: oneLine(form.get('what') ?? ''),
    minutes: oneLine(form.get('minutes') ?? ''),
    reason: oneLine(form.get('reason') ?? ''),
  };
}

function checkFields(
  { who, askedBy: typed, what, minutes, reason }: AskFields,
  client: ClientView,
  services: readonly ServiceState[],
): { form: RequestForm } | { errors: AskErrors } {
  const errors: AskErrors = {};
  const askedBy = client.firstNames.includes(who) ? who : typed;
  const scope = scopeOf(what, client, services);
  if (scope === null) errors.what = 'Choose what you need.';
  const count = /^\d{1,4}$/.test(minutes) ? Number(minutes) : 0;
  if (count < 1 || count > 24 * 60) errors.minutes = 'Choose for how long, at most a day.';
  if (reason === '') errors.reason = 'Say in a few words what it is for.';
  if (reason.length > 300) errors.reason = `The reason has ${reason.length} characters; expected at most 300.`;
  if (askedBy === '') errors.askedBy = 'Give your name, so that the manager knows who asks.';
  if (askedBy.length > NAME_MAX_CHARACTERS) errors.askedBy = tooLongName(askedBy);
  if (scope === null || Object.keys(errors).length > 0) return { errors };
  return { form: { askedBy, scope, minutes: count, reason } };
}

/** As the dashboard takes it (grants.ts, monitoring-notice.ts). */
const NAME_MAX_CHARACTERS = 80;

function tooLongName(name: string): string {
  return `The name has ${name.length} characters; expected at most ${NAME_MAX_CHARACTERS}.`;
}

function scopeOf(what: string, client: ClientView, services: readonly ServiceState[]): GrantScope | null {
  if (what === 'all') return { allSocial: true };
  const [kind, id] = what.split(':', 2);
  if (kind === 'service' && services.some((service) => service.id === id)) return { service: id! };
  if (kind === 'category' && client.categories.some((category) => category.id === id)) return { category: id! };
  return null;
}

// ---- machines ----------------------------------------------------------------------------------------------------------

/**
 * 503 when no query can be answered as it should; what a person must see to but a restart would not mend (an upstream,
 * the clock, the database) is told in the body with 200, so that a supervisor does not restart a box that filters.
 */
function healthResponse(health: BoxHealth, nowMs: number): Response {
  const working = health.answering && health.rules > 0;
  const sound = health.clockTrusted && health.store && health.upstreams.some(({ healthy }) => healthy);
  const body = {
    status: working ? (sound ? 'ok' : 'degraded') : 'failing',
    answering: health.answering,
    rules: health.rules,
    clockTrusted: health.clockTrusted,
    upstreams: health.upstreams,
    store: health.store,
    reportingSince: health.reportingSinceMs === null ? null : new Date(health.reportingSinceMs).toISOString(),
    dashboardConnected: health.dashboardConnected,
    uptimeSeconds: Math.max(0, Math.floor((nowMs - health.startedAtMs) / 1000)),
    version: health.version,
  };
  return new Response(`${JSON.stringify(body)}\n`, {
    status: working ? 200 : 503,
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
  });
}

/** The address under which the poster was opened, when that helps a device that asks another resolver. */
function addressUrl(request: IRequest): string | null {
  const { hostname, origin } = new URL(request.url);
  const address = hostname.replace(/^\[|\]$/g, '');
  return isIP(address) === 0 || address === '::1' || address.startsWith('127.') ? null : origin;
}

function end(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  return closed;
}
