/**
 * The local site's pages, for a member of staff on a phone: plain HTML that works without scripts, prints, and reads
 * well in light and dark.
 *
 * Owns words, markup and style. Every value goes through the `html` tag, which escapes it; what is true comes as an
 * argument from local-site.ts.
 */
import { isMadeUpMac } from '../../policy-rules/mac-address.ts';
import { generalFacts, type MonitoringNotice, noticeSections } from '../../policy-rules/monitoring-notice.ts';
import { withoutControls } from '../../policy-rules/show-text.ts';
import { isBlocked, Verdict } from '../../policy-rules/verdict-codes.ts';
import { explain, formatDate, formatTime } from '../../policy-rules/words.ts';
import type {
  BoxHealth,
  ClientView,
  Explanation,
  RecordedView,
  RequestState,
  ServiceState,
  ViewsOfDevice,
} from './local-view.ts';

// ---- markup -----------------------------------------------------------------------------------------------------------

/** Markup that is safe as it stands: only the `html` tag makes it. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | null | false | readonly Part[];

/** A tagged template: texts are escaped, markup is kept, lists are joined, null and false are nothing. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { markup: literals.reduce((text, literal, index) => text + toMarkup(parts[index - 1]!) + literal) };
}

function toMarkup(part: Part): string {
  if (part === null || part === false) return '';
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escapeText(part);
  return 'markup' in part ? part.markup : part.map(toMarkup).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Also takes away control characters and the marks that turn the direction of writing around. */
function escapeText(text: string): string {
  return withoutControls(text)
    .replace(/[\n\r\t]/g, ' ')
    .replace(/[&<>"']/g, (sign) => entities[sign]!);
}

// ---- the frame --------------------------------------------------------------------------------------------------------

export interface PageContext {
  client: ClientView;
  nowMs: number;
  /** "http://stairgate.home.arpa". */
  siteUrl: string;
}

type PagePath = '/' | '/ask' | '/recorded' | '/notice';

const navigation: readonly (readonly [PagePath, string])[] = [
  ['/', 'This device'],
  ['/ask', 'Ask'],
  ['/recorded', 'Recorded'],
  ['/notice', 'Notice'],
];

function page(context: PageContext, title: string, current: PagePath | null, body: Html): string {
  return `<!doctype html>\n${
    html`<html lang="en-GB">
<head>
<meta charset="utf-8">
<title>${title} – ${context.client.settingName}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header><p class="brand">Stairgate <span>${context.client.settingName}</span></p>
<nav aria-label="Pages"><ul>${navigation.map(
      ([path, label]) => html`<li><a href="${path}"${path === current && html` aria-current="page"`}>${label}</a></li>`,
    )}</ul></nav></header>
<main id="main" tabindex="-1">
<h1>${title}</h1>
${body}
</main>
<footer><p>This page comes from the box in this building, not from the internet. It keeps nothing about your visit but what you send. <a href="/poster">Poster for the wall</a></p></footer>
</body>
</html>
`.markup
  }`;
}

function time(ms: number, { client, nowMs }: PageContext): string {
  return formatTime(ms, client.timeZone, nowMs);
}

function until(ms: number | null, context: PageContext): string {
  return ms === null ? '' : ` until ${time(ms, context)}`;
}

// ---- / ----------------------------------------------------------------------------------------------------------------

export function homePage(context: PageContext, services: readonly ServiceState[], health: BoxHealth): string {
  const { client } = context;
  const blocked = services.filter(({ verdict }) => isBlocked(verdict));
  const open = services.filter(({ verdict }) => !isBlocked(verdict));
  const inside = client.standing !== 'outside';
  return page(
    context,
    client.deviceName ?? (inside ? 'This device' : 'Not on our network'),
    '/',
    html`${standing(client)}
${inside && connection(health, blocked.length > 0)}
${inside && html`<div class="card"><h2>Now</h2>${hours(context)}${grants(context)}</div>`}
<div class="card"><h2>Why is this blocked?</h2>${whyForms(services, '')}</div>
${
  inside &&
  blocked.length > 0 &&
  html`<section><h2>Blocked on this device now</h2>${clauseNotes(blocked.flatMap(({ clauses }) => clauses.slice(0, 1)))}
<p><a class="button primary" href="/ask">Ask for permission</a></p>
${states(blocked, context)}</section>`
}
${inside && blocked.length === 0 && html`<p class="good">No service is blocked on this device now.</p>`}
${inside && open.length > 0 && html`<section><h2>Open on this device now</h2>${states(open, context)}</section>`}
${inside && addresses(client)}
`,
  );
}

/** What this device is to the setting, and what that means for its records. */
function standing({ standing: how, group, settingName }: ClientView): Html {
  if (how === 'outside' || group === null) {
    return html`<p class="note">This device has an address in none of ${settingName}’s networks, so the box does not answer its questions. Join the setting’s Wi-Fi, or tell the person who looks after the network.</p>`;
  }
  if (group.kind === 'personal') {
    return html`<p>A personal device (group “${group.name}”). Nothing is recorded about it, in any form.</p>`;
  }
  if (group.kind === 'guest') {
    return html`<p>A guest’s device (group “${group.name}”). Nothing is recorded about it, in any form.</p>`;
  }
  if (how === 'unnamed') {
    return html`<p>Nobody has named this device yet, so the rules of the group “${group.name}” hold. Its use is counted only together with that of all other unnamed devices, never by itself.</p>`;
  }
  return html`<p>A device of the setting (group “${group.name}”). <a href="/recorded">What is recorded about it</a></p>`;
}

/** Whoever names the device on the dashboard comes here for them; nobody else's page shows them. */
function addresses({ address, mac }: ClientView): Html {
  return html`<section><h2>The addresses of this device</h2>
<dl><dt>Address on the network</dt><dd><code>${address}</code></dd>
<dt>MAC address</dt><dd>${mac === null ? 'Not known to the box. It is on the sticker of the device, or in its Wi-Fi settings.' : html`<code>${mac}</code>`}</dd></dl>
<p class="hint">The manager types one of them to give this device a name.${mac !== null && isMadeUpMac(mac) && html` This MAC address is one that the device made up for this network, and may change: switch “private” or “random” address off for this Wi-Fi first, then look again.`}</p></section>`;
}

/** Whether what fails now fails because of a rule: the question that everybody has first. */
function connection(health: BoxHealth, anyBlocked: boolean): Html {
  if (health.upstreams.length === 0 || !health.upstreams.some(({ healthy }) => healthy)) {
    return html`<p class="warning"><strong>The box cannot reach the internet at the moment.</strong> Sites that fail now fail for that reason, not because of a rule. Tell the person who looks after the network.</p>`;
  }
  return html`<p class="good"><strong>The internet is not broken.</strong> ${anyBlocked ? 'What is listed below is blocked on purpose.' : 'No rule stands in the way of a service here.'}</p>`;
}

function hours(context: PageContext): Html {
  const { state, untilMs, clockTrusted } = context.client.hours;
  if (!clockTrusted) {
    return html`<p class="warning">The box is not sure of the time yet, so it acts as during opening hours, and permissions wait. This passes by itself, as soon as it reaches a time server.</p>`;
  }
  const words = { open: 'open', break: 'on a break', closed: 'closed' }[state];
  return html`<p>${context.client.settingName} is <strong>${words}</strong>${until(untilMs, context)}.</p>`;
}

function grants(context: PageContext): Html {
  const { grants: given } = context.client;
  if (given.length === 0) return html`<p>No permission is in force for this device.</p>`;
  const purposes = { personal: 'personal use', official: 'the setting’s own channel', emergency: 'an emergency' };
  return html`<p>Permission in force:</p><ul>${given.map(
    ({ what, untilMs, purpose }) =>
      html`<li><strong>${what}</strong> until ${time(untilMs, context)}, for ${purposes[purpose]}</li>`,
  )}</ul>`;
}

/** By category, folded, then by what holds until when: three hundred services in two dozen lines. */
function states(services: readonly ServiceState[], context: PageContext): Html {
  const categories = Map.groupBy(services, ({ categoryId }) => categoryId);
  return html`<div class="states">${[...categories.values()].map((members) => {
    const alike = [...Map.groupBy(members, ({ verdict, untilMs }) => `${verdict} ${untilMs}`).values()];
    const summary = alike.length === 1 ? shortState(members[0]!, context) : 'Differs by service';
    return html`<details${services.length <= UNFOLDED_SERVICES && html` open`}><summary>${members[0]!.categoryName} <span class="when">${summary}</span></summary>${alike.map(
      (same) =>
        html`<p>${alike.length > 1 && html`<span class="when">${shortState(same[0]!, context)}:</span> `}${same.map(
          ({ id, name }, index) => html`${index > 0 && ', '}<a href="/why?service=${id}">${name}</a>`,
        )}</p>`,
    )}</details>`;
  })}</div>`;
}

/** So few are shown without a tap. */
const UNFOLDED_SERVICES = 12;

function shortState({ verdict, untilMs }: ServiceState, context: PageContext): string {
  const ends = until(untilMs, context);
  switch (verdict) {
    case Verdict.BLOCK_OPENING_HOURS:
      return `Blocked${ends === '' ? ' during opening hours' : ends}`;
    case Verdict.BLOCK_CLOCK_UNTRUSTED:
      return 'Blocked until the time is known';
    case Verdict.BLOCK_ALWAYS:
    case Verdict.BLOCK_LIST:
    case Verdict.BLOCK_PROTECTED:
      return `Blocked at all hours${ends === '' ? '' : `,${ends}`}`;
    case Verdict.ALLOW_GRANTED:
      return `By permission${ends}`;
    case Verdict.ALLOW_OUTSIDE_HOURS:
      return `Open${ends}`;
    default:
      return 'Not restricted';
  }
}

function whyForms(services: readonly ServiceState[], typed: string): Html {
  return html`<form action="/why" method="get"><label for="name">A site, or the name of an app</label>
<div class="row"><input id="name" name="name" value="${typed}" maxlength="2000" autocapitalize="off" autocorrect="off" spellcheck="false" autocomplete="off" enterkeyhint="search" placeholder="facebook.com" required><button>Look it up</button></div></form>
<form action="/why" method="get"><label for="service">Or pick a service</label>
<div class="row"><select id="service" name="service">${byCategory(services, (service) => service.id)}</select><button>Look it up</button></div></form>
<p class="hint">Only the host of an address is looked at, and nothing of it is stored.</p>`;
}

function byCategory(
  services: readonly ServiceState[],
  optionOf: (service: ServiceState) => string,
  chosen = '',
): Html[] {
  return [...Map.groupBy(services, ({ categoryId }) => categoryId).values()].map(
    (members) =>
      html`<optgroup label="${members[0]!.categoryName}">${members.map((service) =>
        option(optionOf(service), service.name, chosen),
      )}</optgroup>`,
  );
}

function option(value: string, label: string, chosen: string): Html {
  return html`<option value="${value}"${value === chosen && html` selected`}>${label}</option>`;
}

/** What the clauses say, in short (PRODUCT.md's table). */
const clauseWords: Readonly<Record<string, string>> = {
  '7.1.2': 'Social media includes networks, forums, games, apps, video and photo sharing, chat and messaging.',
  '7.1.5': 'Access to social media on the setting’s devices is controlled by filtering.',
  '7.1.6': 'Personal social media in setting hours needs the Manager’s prior permission.',
  '6.2.2': 'Permission may be given verbally or in writing, and there are emergencies (applied by analogy).',
  '7.3.1': 'The setting’s own channels are dedicated, approved and risk assessed.',
};

function clauseNotes(clauses: readonly string[]): Html {
  const known = [...new Set(clauses)];
  if (known.length === 0) return html``;
  return html`<ul class="clauses">${known.map(
    (clause) =>
      html`<li><strong>Clause ${clause}</strong>${Object.hasOwn(clauseWords, clause) && html` ${clauseWords[clause]!}`}</li>`,
  )}</ul>`;
}

// ---- /why -------------------------------------------------------------------------------------------------------------

export type WhyResult =
  | { kind: 'name'; name: string; explanation: Explanation }
  | { kind: 'service'; service: ServiceState }
  /** Words that name several services. */
  | { kind: 'services'; found: readonly ServiceState[] }
  /** `reason` says what was expected. */
  | { kind: 'unreadable'; reason: string };

export function whyPage(context: PageContext, services: readonly ServiceState[], result: WhyResult): string {
  const forms = html`<div class="card"><h2>Look up another</h2>${whyForms(services, '')}</div>`;
  if (context.client.standing === 'outside') {
    return page(context, 'Why is this blocked?', null, html`${standing(context.client)}${forms}`);
  }
  return page(context, 'Why is this blocked?', null, html`${whyAnswer(context, result)}${forms}`);
}

function whyAnswer(context: PageContext, result: WhyResult): Html {
  if (result.kind === 'unreadable') return html`<p class="warning">${result.reason}</p>`;
  if (result.kind === 'services') {
    return html`<p>That could be one of these:</p>${states(result.found, context)}`;
  }
  if (result.kind === 'service') {
    const { service } = result;
    const { id: serviceId, name: source } = service;
    // Nothing of safe search: only some hosts of a service are shown so, and a name that was typed says it for itself.
    return answerCard(context, source, { ...service, source, serviceId, rule: null });
  }
  return answerCard(context, result.name, result.explanation);
}

function answerCard(context: PageContext, subject: string, explanation: Explanation): Html {
  const { verdict, source, serviceId, rule, clauses, untilMs, canAsk, safeSearch = false } = explanation;
  const blocked = isBlocked(verdict);
  const sentence = explain({
    verdict,
    ...(source === null ? {} : serviceId === null ? { list: source, service: subject } : { service: source }),
    timeZone: context.client.timeZone,
    nowMs: context.nowMs,
    until: untilMs,
    onBreak: context.client.hours.state === 'break',
    clauses: [],
    safeSearch,
  });
  return html`<div class="card ${blocked ? 'blocked' : 'open'}"><h2><span class="badge">${blocked ? 'Blocked' : 'Open'}</span> ${subject}</h2>
<p>${sentence}</p>
${!blocked && !safeSearch && verdict === Verdict.ALLOW_NO_RULE && html`<p>If it does not work, a rule of this box is not the reason. A page may also need other sites that are blocked.</p>`}
${safeSearch && html`<p>Explicit results are left out, as is set for this device. If something harmless is missing too, tell the manager.</p>`}
${blocked && html`<p>The internet is not broken: this is blocked on purpose.</p>`}
${blocked && canAsk && html`<p><a class="button primary" href="/ask${serviceId !== null && html`?service=${serviceId}`}">Ask for permission</a></p>`}
${blocked && !canAsk && html`<p>If you think that this is a mistake, tell the manager.</p>`}
${clauseNotes(clauses)}
${rule !== null && source !== null && html`<p class="hint">Decided by “${source}”, rule <code>${rule}</code></p>`}</div>`;
}

// ---- /ask -------------------------------------------------------------------------------------------------------------

/** As it was typed, so that a refused form comes back filled in. */
export interface AskFields {
  /** A name of the list; "" for one that is not on it. */
  who: string;
  askedBy: string;
  /** "service:facebook", "category:blogs" or "all". */
  what: string;
  minutes: string;
  reason: string;
}

export type AskErrors = Partial<Record<keyof AskFields | 'form', string>>;

export interface AskModel {
  services: readonly ServiceState[];
  /** null when the box has no dashboard. */
  dashboardConnected: boolean | null;
  /** Ties the form to the client that it was shown to. */
  token: string;
  fields: AskFields;
  errors: AskErrors;
}

const MINUTE_CHOICES: readonly (readonly [number, string])[] = [
  [10, '10 minutes'],
  [20, '20 minutes'],
  [30, 'half an hour'],
  [60, '1 hour'],
  [120, '2 hours'],
  [240, '4 hours'],
];

export function askPage(context: PageContext, model: AskModel): string {
  const { client } = context;
  const nothing = !model.services.some(({ canAsk }) => canAsk);
  const body = () => {
    if (client.standing === 'outside') return standing(client);
    if (client.group?.kind !== 'setting' && nothing) {
      return html`<p class="good">Nothing is blocked on this device that a permission could open, so there is nothing to ask for.</p>`;
    }
    if (model.dashboardConnected === null) {
      return html`<p class="warning">This box has no dashboard yet, so it cannot pass a request on.</p>${inPerson()}`;
    }
    return html`${nothing && html`<p class="good">Nothing is blocked on this device at the moment. You can still ask ahead.</p>`}
${!model.dashboardConnected && html`<p class="warning">The manager’s dashboard cannot be reached at the moment. You can send your request: it is delivered as soon as it can be. If it cannot wait, ask in person.</p>`}
${askForm(context, model)}${inPerson()}`;
  };
  return page(context, 'Ask for permission', '/ask', body());
}

function inPerson(): Html {
  return html`<div class="card"><h2>In a hurry?</h2><p>Ask the manager or the deputy in person. Permission may be verbal, and an emergency comes first (6.2.2). They can open it with two taps on the dashboard.</p></div>`;
}

function askForm({ client }: PageContext, { services, fields, errors, token }: AskModel): Html {
  const failed = Object.entries(errors);
  const wrong = (name: keyof AskFields) =>
    errors[name] !== undefined && html` aria-invalid="true" aria-describedby="${name}-error"`;
  const error = (name: keyof AskFields) =>
    errors[name] !== undefined && html`<p class="error" id="${name}-error">${errors[name]}</p>`;
  const askable = services.filter(({ canAsk }) => canAsk);
  const minutes = MINUTE_CHOICES.map(([value, label]) => option(String(value), label, fields.minutes));
  return html`${
    failed.length > 0 &&
    html`<div class="warning" role="alert"><p><strong>The request was not sent.</strong></p><ul>${failed.map(
      ([name, text]) => html`<li>${name === 'form' ? text : html`<a href="#${name}">${text}</a>`}</li>`,
    )}</ul></div>`
  }
<form class="card" action="/ask" method="post">
<input type="hidden" name="token" value="${token}">
<label for="what">What do you need?</label>${error('what')}
<select id="what" name="what" required${wrong('what')}>${option('', 'Choose…', fields.what)}${byCategory(
    askable.length > 0 ? askable : services,
    ({ id }) => `service:${id}`,
    fields.what,
  )}<optgroup label="More than one">${client.categories.map(({ id, name }) =>
    option(`category:${id}`, `Everything in ${name}`, fields.what),
  )}${option('all', 'All social media', fields.what)}</optgroup></select>
<label for="minutes">For how long?</label>${error('minutes')}
<select id="minutes" name="minutes"${wrong('minutes')}>${minutes}</select>
<label for="reason">What for?</label>${error('reason')}
<textarea id="reason" name="reason" rows="3" maxlength="300" required${wrong('reason')}>${fields.reason}</textarea>
${
  client.firstNames.length > 0 &&
  html`<label for="who">Your name</label>${error('who')}
<select id="who" name="who"${wrong('who')}>${option('', 'Not on this list', fields.who)}${client.firstNames.map(
    (name) => option(name, name, fields.who),
  )}</select>
`
}<label for="askedBy">${client.firstNames.length > 0 ? 'Your name, if it is not on the list' : 'Your name'}</label>${error('askedBy')}
<input id="askedBy" name="askedBy" value="${fields.askedBy}" maxlength="80" autocomplete="name"${client.firstNames.length === 0 && html` required`}${wrong('askedBy')}>
<p class="hint">The manager sees your name, your reason and this device’s name, and the request is kept with the answer (7.2.16).</p>
<button class="primary">Send the request</button>
</form>`;
}

/** `dashboardConnected`: where the request has not arrived yet, whether it is on its way or has to wait. */
export function requestPage(
  context: PageContext,
  state: RequestState,
  { renewing, dashboardConnected }: { readonly renewing: boolean; readonly dashboardConnected: boolean },
): string {
  const asked = html`<p class="hint">Asked for ${state.what}, ${state.minutes} ${state.minutes === 1 ? 'minute' : 'minutes'}, at ${time(state.askedAtMs, context)}.</p>`;
  return page(
    context,
    'Your request',
    '/ask',
    html`<div role="status">${requestAnswer(context, state, dashboardConnected)}</div>${asked}
${state.state === 'waiting' && (renewing ? html`<p>This page renews itself every ${REQUEST_REFRESH_SECONDS} seconds. <a href="?renew=no">Stop renewing</a></p>` : html`<p><a class="button" href="?renew=no">Look again</a></p><p><a href="?">Let this page renew itself</a></p>`)}
${(state.state === 'refused' || state.state === 'lapsed') && html`<p><a class="button" href="/ask">Ask again</a></p>`}`,
  );
}

/** How often a waiting request's page renews itself; a link on it ends that. */
export const REQUEST_REFRESH_SECONDS = 5;

function requestAnswer(
  context: PageContext,
  { state, what, untilMs, reason, delivered }: RequestState,
  dashboardConnected: boolean,
): Html {
  switch (state) {
    case 'granted':
      return html`<div class="card open"><h2><span class="badge">Granted</span> ${what}</h2>${reason !== '' && html`<p>${managerSays(reason)}</p>`}<p>You have permission${until(untilMs, context)}. If it still does not open, close the app or the page and open it again after half a minute.</p>${clauseNotes(['7.1.6'])}</div>`;
    case 'refused':
      return html`<div class="card blocked"><h2><span class="badge">Refused</span> ${what}</h2><p>${reason === '' ? 'The manager gave no reason here. You can ask in person.' : managerSays(reason)}</p>${clauseNotes(['7.1.6'])}</div>`;
    case 'lapsed':
      return html`<div class="card"><h2><span class="badge">Not answered</span> ${what}</h2><p>Nobody answered in time, so the request has ended. Ask again, or ask in person.</p></div>`;
    case 'waiting':
      return html`<div class="card"><h2><span class="badge">Waiting</span> ${what}</h2>${
        delivered
          ? html`<p>The manager has your request.</p>`
          : dashboardConnected
            ? html`<p>Your request is on its way to the manager.</p>`
            : html`<p class="warning">The manager’s dashboard cannot be reached, so your request has not arrived yet. It is sent as soon as it can be. If it cannot wait, ask the manager in person: permission may be verbal (6.2.2).</p>`
      }</div>`;
  }
}

function managerSays(words: string): Html {
  return html`The manager says: “${words}”`;
}

// ---- /recorded, /notice, /poster ---------------------------------------------------------------------------------------

export function recordedPage(context: PageContext, recorded: RecordedView | null): string {
  const { client } = context;
  const body = () => {
    if (client.standing === 'outside') return standing(client);
    if (recorded === null)
      return html`<p class="good"><strong>Nothing is recorded about this device by itself.</strong></p>${standing(client)}${noticeLink()}`;
    return html`<p>${about(recorded)}</p>
${howKept(recorded, context)}
${recorded.days.length === 0 ? html`<p class="good">Nothing has been recorded about it by itself in the last ${recorded.keptDays} days.</p>` : recordedTable(recorded)}
<p class="hint">An active minute is a minute in which the device asked for the service at least once. Apps ask by themselves in the background, so blocked minutes are no proof that somebody tried to use the service; and one question can open an hour’s video. After ${recorded.keptDays} days these figures are deleted.</p>
<h2>Who has looked at this</h2>${whoLooked(recorded.views, context)}
${noticeLink()}`;
  };
  return page(context, 'What is recorded', '/recorded', body());
}

function howKept({ reportingSinceMs }: RecordedView, { client, nowMs }: PageContext): Html {
  if (reportingSinceMs === null)
    return html`<p class="note">Figures of single devices are not kept: the setting has not told this box that its monitoring notice is published and its data protection assessment is dated. Until it has, this device is counted together with all others. Only that a device tried to go round the filter is kept by itself, for two days.</p>`;
  return html`<p>Figures of single devices have been kept since ${formatDate(reportingSinceMs, client.timeZone, nowMs)}, when people had been told.</p>`;
}

/** Where the box does not know, it does not say that nobody did. */
function whoLooked(views: ViewsOfDevice | null, context: PageContext): Html {
  const { timeZone } = context.client;
  const day = (atMs: number) => formatDate(atMs, timeZone, context.nowMs);
  if (views === null)
    return html`<p>This box cannot say: the manager’s dashboard has not told it. The dashboard keeps a record of everybody who looks; ask the manager.</p>`;
  const { sinceMs, untilMs, list } = views;
  return html`${
    list.length === 0
      ? html`<p>Nobody has looked at this device’s figures on the dashboard since ${day(sinceMs)}${untilMs !== null && html`, up to ${day(untilMs)} ${time(untilMs, context)}`}.</p>`
      : html`<ul>${list.map(({ at, by, what }) => html`<li>${by} ${what === 'figures' ? 'looked at its figures' : 'saw the alert that it tried to go round the filter'}, ${day(at)} ${time(at, context)}</li>`)}</ul>
<p>That is everybody since ${day(sinceMs)}${untilMs !== null && html`, up to ${day(untilMs)} ${time(untilMs, context)}`}.</p>`
  }${untilMs !== null && html`<p class="note">The manager’s dashboard cannot be reached at this moment: who has looked since then shows here when it is back.</p>`}`;
}

/** The one place where a person's name stands beside a device's figures, and only for who sits at it. */
function about({ deviceName, user }: RecordedView): Html {
  if (user?.kind === 'person')
    return html`This is about the device “${deviceName}”, which is entered as used by ${user.name} alone. If several people use it, tell the manager: a shared device is never attributed to a person.`;
  return html`This is about the device “${deviceName}”, whoever used it: a shared device is never attributed to a person.`;
}

function recordedTable({ days }: RecordedView): Html {
  return html`<table><caption>Active minutes by day and service</caption>
<thead><tr><th scope="col">Service</th><th scope="col" class="number">Blocked</th><th scope="col" class="number">By permission</th></tr></thead>
${days.map(
  ({ date, services }) =>
    html`<tbody><tr><th scope="rowgroup" colspan="3">${dayOf(date)}</th></tr>${services.map(
      ({ name, blockedMinutes, grantedMinutes }) =>
        html`<tr><td>${name}</td><td class="number">${blockedMinutes}</td><td class="number">${grantedMinutes}</td></tr>`,
    )}</tbody>`,
)}</table>`;
}

/** "2026-11-20" → "Friday 20 November 2026". */
function dayOf(date: string): string {
  const instant = Date.parse(`${date}T12:00:00Z`);
  if (Number.isNaN(instant)) return date;
  const format = new Intl.DateTimeFormat('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return format.format(instant).replace(',', '');
}

function noticeLink(): Html {
  return html`<p><a href="/notice">What is recorded, for how long, and who sees it</a></p>`;
}

export interface NoticeModel {
  /** Null: the text that holds for every setting is shown, and there is nothing to acknowledge. */
  published: MonitoringNotice | null;
  token: string;
  /** As it was typed. */
  name: string;
  errors: NoticeErrors;
}

export type NoticeErrors = Partial<Record<'name' | 'form', string>>;

export function noticePage(context: PageContext, model: NoticeModel): string {
  const { client, nowMs } = context;
  const { published } = model;
  return page(
    context,
    'Monitoring notice',
    '/notice',
    html`${noticeProblems(model.errors)}
${
  published === null
    ? html`<p class="note">${client.settingName} has not published a notice of its own on the dashboard yet. This is what holds for every setting.</p>`
    : html`<p class="hint">Version ${published.version}, published on ${formatDate(published.publishedAt, client.timeZone, nowMs)}. <a href="#read">Say that you have read it</a></p>`
}
${(published?.sections ?? noticeSections(generalFacts(client.settingName))).map(
  ({ title, paragraphs, items }) => html`<h2>${title}</h2>
${paragraphs.map((text) => html`<p>${text}</p>`)}${items.length > 0 && html`<ul>${items.map((text) => html`<li>${text}</li>`)}</ul>`}`,
)}
<p><a href="/recorded">What is recorded about this device</a></p>
${published !== null && acknowledgeForm(client, published.version, model)}`,
  );
}

function noticeProblems(errors: NoticeErrors): Html {
  const failed = Object.entries(errors);
  if (failed.length === 0) return html``;
  return html`<div class="warning" role="alert"><p><strong>It was not noted that you have read this.</strong></p><ul>${failed.map(
    ([name, text]) => html`<li>${name === 'form' ? text : html`<a href="#${name}">${text}</a>`}</li>`,
  )}</ul></div>`;
}

function acknowledgeForm(
  { standing: how, group }: ClientView,
  version: number,
  { token, name, errors }: NoticeModel,
): Html {
  // Guests have nothing to sign, and their devices are not recorded.
  if (how === 'outside' || group === null || group.kind === 'guest') {
    return html`<p class="note" id="read">Staff say that they have read it from a device on the setting’s own network, or on paper.</p>`;
  }
  return html`<form class="card" id="read" action="/notice" method="post">
<h2>For staff: I have read this notice</h2>
<input type="hidden" name="token" value="${token}">
<input type="hidden" name="version" value="${version}">
<label for="name">Your first and last name</label>${errors.name !== undefined && html`<p class="error" id="name-error">${errors.name}</p>`}
<input id="name" name="name" value="${name}" maxlength="80" autocomplete="name" required${errors.name !== undefined && html` aria-invalid="true" aria-describedby="name-error"`}>
<p class="hint">The manager sees your name and the day. It says that you were told, not that you agree: you may object all the same.</p>
<button class="primary">I have read it</button>
</form>`;
}

/** `addressUrl` is the box's address, for a device that does not use the box for names; null when it is not known. */
export function posterPage({ client, siteUrl }: PageContext, addressUrl: string | null): string {
  return `<!doctype html>\n${
    html`<html lang="en-GB">
<head>
<meta charset="utf-8">
<title>Poster – ${client.settingName}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/style.css">
</head>
<body class="poster">
<main>
<p class="setting">${client.settingName}</p>
<h1>Something blocked?</h1>
<p class="lead">The internet is not broken. Some sites and apps are blocked on our devices during opening hours.</p>
<ol><li>On the same device, open the browser.</li>
<li>Type this address: <strong class="address">${siteUrl}</strong></li>
<li>See why, until when, and ask for permission.</li></ol>
${addressUrl !== null && html`<p>If that does not open, try <strong>${addressUrl}</strong></p>`}
<p>In a hurry? Ask the manager: permission may be verbal.</p>
<p class="small">Use of the setting’s devices is filtered and monitored. The same page says what is recorded and what is not. Policy clauses 7.1.5, 7.1.6 and 5.1.</p>
</main>
<nav class="screen-only" aria-label="Pages"><p><a href="/">Back</a></p></nav>
</body>
</html>
`.markup
  }`;
}

/** After a form that needs no page of its own. */
export function thanksPage(context: PageContext, title: string, text: string): string {
  return page(
    context,
    title,
    null,
    html`<p class="good" role="status">${text}</p><p><a class="button" href="/">To the first page</a></p>`,
  );
}

/** For what was not found, not understood or not permitted; `text` is a sentence or two. */
export function messagePage(context: PageContext, title: string, text: string): string {
  return page(
    context,
    title,
    null,
    html`<p class="warning">${text}</p><p><a class="button" href="/">To the first page</a></p>`,
  );
}

/** Words have a contrast of 4.5:1 and more, borders of fields 3:1, in both schemes; what a finger hits is 44 px high. */
export const stylesheet = `
:root{--paper:#f6f5f1;--card:#fff;--ink:#1d282c;--soft:#4d5b61;--rule:#d5d8d4;--edge:#67757b;--key:#17555e;--key-ink:#fff;--link:#12505a;--good:#1e5f35;--good-soft:#e0f0e4;--wait:#734700;--wait-soft:#fcefd2;--bad:#9c1f2a;--focus:#1d282c}
@media screen and (prefers-color-scheme:dark){:root{--paper:#12181a;--card:#1b2326;--ink:#e9eeee;--soft:#b0bcc0;--rule:#37444a;--edge:#8b9aa0;--key:#86d0d3;--key-ink:#0c2326;--link:#8fd6d9;--good:#93d6a6;--good-soft:#17331f;--wait:#f2c879;--wait-soft:#38290c;--bad:#ffaaa9;--focus:#ffd54a}}
*,::before,::after{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:1.0625rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:44rem;margin:0 auto;padding:0 1rem}
header{padding-top:.75rem}
main{padding-bottom:1rem}
main:focus{outline:none}
footer{border-top:1px solid var(--rule);color:var(--soft);font-size:.9375rem}
h1{font-size:1.75rem;line-height:1.2;margin:1rem 0 .5rem}
h2{font-size:1.25rem;line-height:1.3;margin:1.5rem 0 .5rem}
.card>h2:first-child{margin-top:0}
p,ul,ol,dl,table{margin:.5rem 0}
ul,ol{padding-left:1.4rem}
a{color:var(--link);text-underline-offset:.15em}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.skip{position:absolute;left:-200vw}
.skip:focus{position:static}
.brand{margin:0;font-weight:700;color:var(--key)}
.brand span{font-weight:400;color:var(--soft);margin-left:.5rem}
nav ul{display:flex;flex-wrap:wrap;list-style:none;margin:.25rem -.6rem 0;padding:0;border-bottom:1px solid var(--rule)}
nav a{display:flex;align-items:center;min-height:44px;padding:0 .6rem;color:var(--ink);text-decoration:none;border-bottom:4px solid transparent}
nav [aria-current]{border-color:var(--key);color:var(--key);font-weight:600}
.card{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:1rem;margin:1rem 0}
.card.blocked{border-left:6px solid var(--bad)}
.card.open{border-left:6px solid var(--good)}
.note,.good,.warning{padding:.75rem 1rem;border-radius:8px;border-left:6px solid var(--edge);background:var(--card)}
.good{border-color:var(--good);background:var(--good-soft)}
.warning{border-color:var(--wait);background:var(--wait-soft)}
.warning p,.warning ul{margin:.25rem 0}
.badge{display:inline-block;padding:0 .6rem;margin-right:.25rem;border-radius:1rem;border:2px solid var(--edge);font-size:1rem;color:var(--ink)}
.blocked .badge{border-color:var(--bad);color:var(--bad)}
.open .badge{border-color:var(--good);color:var(--good)}
.hint{color:var(--soft);font-size:.9375rem}
.clauses{list-style:none;padding:0;color:var(--soft);font-size:.9375rem}
.states details{border-bottom:1px solid var(--rule)}
.states p{padding-bottom:.5rem}
.states a{display:inline-block;padding:.1rem 0;min-height:28px}
.when{color:var(--soft);font-weight:400}
summary .when{white-space:nowrap}
summary{min-height:44px;padding:.6rem 0;font-weight:600;cursor:pointer}
label{display:block;font-weight:600;margin:1rem 0 .25rem}
.card>form:first-of-type label:first-child{margin-top:0}
input,select,textarea,button,.button{font:inherit;min-height:44px;border-radius:8px}
input,select,textarea{width:100%;padding:.4rem .6rem;border:2px solid var(--edge);background:var(--card);color:var(--ink)}
::placeholder{color:var(--soft);opacity:1}
[aria-invalid]{border-color:var(--bad)}
.error{color:var(--bad);font-weight:600;margin:.25rem 0}
.row{display:flex;gap:.5rem}
.row>:first-child{flex:1;min-width:0}
button,.button{display:inline-flex;align-items:center;justify-content:center;padding:.4rem 1rem;border:2px solid var(--key);background:var(--card);color:var(--key);font-weight:600;text-decoration:none;cursor:pointer}
.row button{flex:none}
.primary{background:var(--key);color:var(--key-ink)}
dt{color:var(--soft)}
dd{margin:0 0 .5rem}
table{width:100%;border-collapse:collapse;background:var(--card)}
caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{text-align:left;padding:.4rem .5rem;border-bottom:1px solid var(--rule);vertical-align:top}
tbody th{padding-top:1rem}
.number{text-align:right;white-space:nowrap}
thead .number{white-space:normal}
th,td{overflow-wrap:break-word}
code{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.95em}
.poster{background:#fff;color:#000;color-scheme:light}
.poster main{max-width:48rem;padding-top:4vmin;text-align:center}
.poster .setting{font-size:1.5rem}
.poster h1{font-size:clamp(2.25rem,9vmin,4.75rem);margin:.25rem 0 1rem}
.poster .lead{font-size:1.5rem}
.poster ol{display:inline-block;text-align:left;font-size:1.375rem}
.poster li{margin:1rem 0}
.poster .address{display:block;margin-top:.5rem;padding:1rem;border:4px solid #000;border-radius:12px;font-size:clamp(1.25rem,5vmin,2.25rem);text-align:center}
.poster .small{font-size:.9375rem;margin-top:2rem}
.poster .screen-only{text-align:center}
.poster a{color:#12505a}
@page{size:A4;margin:18mm}
@media print{header nav,footer,.screen-only,.skip{display:none}.poster main{max-width:none;padding-top:2cm}.poster h1{font-size:56pt}.poster .setting,.poster .lead,.poster ol{font-size:20pt}.poster .address{font-size:27pt}.poster .small{font-size:11pt}}
`;
