/**
 * What the box says of itself: to the local site (BoxView), to the dashboard (health report) and to Prometheus.
 * Belongs to the composition root: it reads the keeper, the store and the threads, and changes none but requests.
 */
import { randomUUID } from 'node:crypto';
import type { HealthReport } from '../policy-rules/agent-protocol.ts';
import type { Catalogue } from '../policy-rules/catalogue/service.ts';
import { grantEnd, isActive, scopeCovers, targetCovers } from '../policy-rules/grants.ts';
import { formatRule } from '../policy-rules/lists/rule.ts';
import { ownDeviceId, ownDevices } from '../policy-rules/own-devices.ts';
import { dateAt, nextChange } from '../policy-rules/schedule.ts';
import { upstreamPresetNamed } from '../policy-rules/upstream-presets.ts';
import { isBlocked, Verdict } from '../policy-rules/verdict-codes.ts';
import {
  type Client,
  type Moment,
  restrictionOf,
  type ServiceFacts,
  verdictFor,
  verdictUntil,
} from '../policy-rules/verdicts.ts';
import { clausesFor, describeScope } from '../policy-rules/words.ts';
import type { Alerts } from './control/alerts.ts';
import type { BypassWatch } from './control/bypass-watch.ts';
import type { DashboardLink } from './control/dashboard-link.ts';
import { countUnnamed, findClient, macAt, plainAddress } from './control/devices.ts';
import { judgeName, overlapsOf } from './control/judge-name.ts';
import type {
  BoxView,
  ClientView,
  RecordedView,
  RequestForm,
  RequestState,
  ViewsOfDevice,
} from './control/local-view.ts';
import type { MetricFamily } from './control/metrics.ts';
import type { Neighbour } from './control/neighbour-table.ts';
import type { KeeperClock, PolicyKeeper } from './control/policy-keeper.ts';
import { activeMinutes } from './control/usage-counter.ts';
import type { Store } from './control/usage-store.ts';
import type { DataPlane } from './data-plane.ts';
import type { CounterName } from './shared-memory.ts';

export interface BoxParts {
  readonly catalogue: Catalogue;
  readonly keeper: PolicyKeeper;
  readonly clock: KeeperClock;
  readonly store: Store;
  readonly plane: DataPlane;
  readonly alerts: Alerts;
  /** Which devices tried to go round the filter: told to the dashboard alone. */
  readonly bypassWatch: Pick<BypassWatch, 'list'>;
  readonly neighbours: () => readonly Neighbour[];
  /** Null while no dashboard is paired. */
  readonly link: () => DashboardLink | null;
  /** Whether the box answered its own question lately. */
  readonly answering: () => boolean;
  readonly startedAtMs: number;
  readonly version: string;
}

/** Device-level hours are kept this long (PRODUCT.md, "Privacy is a feature"). */
const KEPT_DAYS = 30;
const MS_PER_DAY = 86_400_000;

export function createBoxView(parts: BoxParts): BoxView {
  const { catalogue, keeper, clock, store } = parts;
  return {
    nowMs: () => clock.nowMs(),
    describeClient: (address) => describeClient(parts, address),
    explain: (address, name) => {
      const client = clientAt(keeper, address);
      const judged = judgeName(keeper.rules, catalogue, keeper.moment(), client, name);
      return {
        verdict: judged.verdict,
        source: judged.sourceName,
        serviceId: judged.source?.kind === 'service' ? judged.source.service : null,
        rule: judged.rule === null ? null : formatRule(judged.rule),
        clauses: judged.clauses,
        untilMs: judged.untilMs,
        canAsk: judged.grantable,
        safeSearch: judged.safeHost !== null,
      };
    },
    serviceStates: (address) => serviceStates(parts, clientAt(keeper, address)),
    submitRequest: async (address, form: RequestForm) => {
      const { device = '' } = clientAt(keeper, address);
      // Which of staff's own or guests' devices asks is nobody's business but its owner's, here as on the dashboard.
      const asking = ownDeviceId(keeper.policy, device);
      const request = { id: randomUUID(), device: asking, askedAt: clock.nowMs(), ...form };
      try {
        await store.saveRequest(request);
      } catch {
        return { ok: false, reason: 'The box could not store your request. Please ask the manager in person.' };
      }
      parts.link()?.requestSaved();
      return { ok: true, id: request.id };
    },
    requestState: (id) => requestState(parts, id),
    health: () => ({
      answering: parts.answering(),
      rules: keeper.rules.image.ruleCount,
      clockTrusted: clock.trusted(),
      dashboardConnected: parts.link()?.state().connected ?? null,
      upstreams: parts.plane.upstreamHealth().map(({ name, healthy }, index) => {
        const preset = upstreamPresetNamed(name);
        const { filters = null, doesNot = null } = preset ?? {};
        return { name: preset?.name ?? `upstream ${index + 1}`, healthy, filters, doesNot };
      }),
      store: store.troubles().length === 0,
      reportingSinceMs: store.reportingSince(),
      startedAtMs: parts.startedAtMs,
      version: parts.version,
    }),
    metrics: () => metrics(parts),
    recorded: (address) => recorded(parts, address),
    // Its own text is shown where the published one cannot be read.
    notice: () => store.notice().catch(() => null),
    acknowledgeNotice: async (version, name) => {
      try {
        await store.saveAcknowledgement({ id: randomUUID(), version, name, at: clock.nowMs() });
      } catch {
        return { ok: false, reason: 'The box could not store that. Please tell the manager in person.' };
      }
      parts.link()?.acknowledgementSaved();
      return { ok: true };
    },
  };
}

/** The client of an address as verdicts.ts takes it. Outside the networks it has no group: the first setting group stands in. */
function clientAt(keeper: PolicyKeeper, address: string): Client {
  const { policy } = keeper;
  const range = findClient(keeper.clientRanges, address);
  if (range === null) return { group: policy.groups[0]!.id };
  const device = range.device < 0 ? undefined : policy.devices[range.device];
  return device === undefined ? { group: range.group } : { group: device.group, device: device.id };
}

function describeClient(parts: BoxParts, address: string): ClientView {
  const { keeper, clock, catalogue } = parts;
  const { policy, situation } = keeper;
  const nowMs = clock.nowMs();
  const client = clientAt(keeper, address);
  const outside = findClient(keeper.clientRanges, address) === null;
  const device = policy.devices.find(({ id }) => id === client.device);
  const group = policy.groups.find(({ id }) => id === client.group)!;
  const { schedule } = situation;
  const grants = clock.trusted()
    ? keeper.grants.grants.filter((grant) => isActive(grant, nowMs) && targetCovers(grant.target, client))
    : [];
  return {
    settingName: policy.settingName,
    timeZone: policy.timeZone,
    standing: outside ? 'outside' : device === undefined ? 'unnamed' : 'named',
    address: plainAddress(address),
    mac: macAt(parts.neighbours(), address),
    deviceName: device?.name ?? null,
    group: outside ? null : { id: group.id, name: group.name, kind: group.kind },
    hours: {
      state: !schedule.open ? 'closed' : schedule.onBreak ? 'break' : 'open',
      untilMs: nextChange(policy.hours, policy.timeZone, nowMs),
      clockTrusted: clock.trusted(),
    },
    // What was extended, or given by two people, is one line, with the later end.
    grants: [...Map.groupBy(grants, ({ scope, purpose }) => `${JSON.stringify(scope)} ${purpose}`).values()].map(
      (alike) => ({
        what: describeScope(alike[0]!.scope, catalogue),
        untilMs: Math.max(...alike.map(grantEnd)),
        purpose: alike[0]!.purpose,
      }),
    ),
    categories: catalogue.categories
      .filter((category) => !category.protected)
      .map(({ id, name, social }) => ({ id, name, social })),
    // Staff's names are not for whoever happens to be on the network.
    firstNames: device !== undefined && group.kind === 'setting' ? (policy.firstNames ?? []) : [],
  };
}

function serviceStates(parts: BoxParts, client: Client) {
  const { keeper, catalogue } = parts;
  const standingOf = standings(keeper.moment(), client);
  const facts = new Map(
    keeper.rules.facts.flatMap((source) => (source.kind === 'service' ? [[source.service, source] as const] : [])),
  );
  return catalogue.services.flatMap((service) => {
    const source = facts.get(service.id);
    const category = catalogue.categories.find(({ id }) => id === service.category);
    if (source === undefined || category === undefined || category.protected) return [];
    const { verdict, untilMs } = standingOf(source);
    return [
      {
        id: service.id,
        name: service.name,
        categoryId: category.id,
        categoryName: category.name,
        verdict,
        clauses: clausesFor(verdict, category.clauses, service.clauses),
        untilMs,
        canAsk: isBlocked(verdict) && verdict !== Verdict.BLOCK_PROTECTED,
      },
    ];
  });
}

/**
 * Verdict and end of a service by itself. Services with the same restriction and the same grants stand alike, and
 * working the calendar out for each of three hundred would hold the box up for a second.
 */
function standings(
  moment: Moment,
  client: Client,
): (facts: ServiceFacts) => { verdict: Verdict; untilMs: number | null } {
  const group = moment.policy.groups.find(({ id }) => id === client.group)!;
  const grants = moment.grants.filter(({ target }) => targetCovers(target, client));
  const known = new Map<string, { verdict: Verdict; untilMs: number | null }>();
  return (facts) => {
    const covering = grants.filter(({ scope }) => scopeCovers(scope, facts)).map(({ id }) => id);
    const key = [restrictionOf(group, facts), facts.protected, ...covering].join();
    let standing = known.get(key);
    if (standing === undefined) {
      const { verdict } = verdictFor(moment, client, [facts]);
      standing = { verdict, untilMs: verdictUntil(moment, client, [facts]) };
      known.set(key, standing);
    }
    return standing;
  };
}

async function requestState(parts: BoxParts, id: string): Promise<RequestState | null> {
  const stored = await parts.store.requestById(id);
  if (stored === null) return null;
  const { request, state, answerReason } = stored;
  const nowMs = parts.clock.nowMs();
  const asked = JSON.stringify(request.scope);
  const opened = parts.keeper.grants.grants.filter(
    (grant) =>
      isActive(grant, nowMs) &&
      JSON.stringify(grant.scope) === asked &&
      targetCovers(grant.target, clientOfDevice(parts.keeper, request.device)),
  );
  return {
    what: describeScope(request.scope, parts.catalogue),
    minutes: request.minutes,
    askedAtMs: request.askedAt,
    state: state === 'pending' || state === 'sent' ? 'waiting' : state,
    untilMs: state === 'granted' && opened.length > 0 ? Math.max(...opened.map(grantEnd)) : null,
    reason: answerReason,
    delivered: state !== 'pending',
  };
}

/** As verdicts.ts takes it. A device that the request does not name stands for a network's group, which it does not say either. */
function clientOfDevice({ policy }: PolicyKeeper, id: string): Client {
  const device = policy.devices.find((candidate) => candidate.id === id);
  return device === undefined ? { group: policy.networks[0]!.group } : { group: device.group, device: device.id };
}

async function recorded(parts: BoxParts, address: string): Promise<RecordedView | null> {
  const { keeper, store, clock, catalogue } = parts;
  const { policy } = keeper;
  const client = clientAt(keeper, address);
  const device = ownDevices(policy).find(({ id }) => id === client.device);
  if (device === undefined) return null;
  const days = new Map<string, Map<string, { name: string; blockedMinutes: number; grantedMinutes: number }>>();
  for (const row of await store.usageOfDevice(device.id, clock.nowMs() - KEPT_DAYS * MS_PER_DAY)) {
    const date = dateAt(policy.timeZone, row.hourStart);
    const services = days.get(date) ?? new Map();
    days.set(date, services);
    const name = catalogue.services.find(({ id }) => id === row.service)?.name ?? row.service;
    const entry = services.get(row.service) ?? { name, blockedMinutes: 0, grantedMinutes: 0 };
    if (row.verdict === 'blocked') entry.blockedMinutes += activeMinutes(row);
    else entry.grantedMinutes += activeMinutes(row);
    services.set(row.service, entry);
  }
  return {
    deviceName: device.name,
    user: device.user ?? null,
    days: [...days].map(([date, services]) => ({ date, services: [...services.values()] })),
    keptDays: KEPT_DAYS,
    reportingSinceMs: store.reportingSince(),
    views: await viewsOf(parts, device.id),
  };
}

async function viewsOf({ store, link }: BoxParts, device: string): Promise<ViewsOfDevice | null> {
  const told = await store.deviceViews(device);
  if (told === null) return null;
  // With a disk that fails, what it was told last may not be there to be read.
  const isCurrent = link()?.state().connected === true && store.troubles().length === 0;
  return { sinceMs: told.sinceMs, untilMs: isCurrent ? null : told.toldAtMs, list: told.views };
}

/** What the dashboard is told every few seconds. */
export function healthReport(parts: BoxParts): HealthReport {
  const { keeper, clock, plane } = parts;
  return {
    type: 'health',
    at: clock.nowMs(),
    startedAt: parts.startedAtMs,
    clockTrusted: clock.trusted(),
    open: keeper.situation.open,
    rules: keeper.rules.image.ruleCount,
    upstreams: plane.upstreamHealth().map(({ name, healthy }) => ({ name, healthy })),
    overlaps: overlapsOf(keeper.rules),
    unnamedDevices: countUnnamed(keeper.policy, parts.neighbours(), keeper.clientRanges),
    // The box asks itself for its own name once a second: that is nobody's question.
    queriesTotal: plane.counter('queries') - plane.counter('localSite'),
    blockedTotal: plane.counter('blocked'),
    alerts: [...parts.alerts.list(), ...parts.bypassWatch.list()],
  };
}

/** Figures of the box as a whole; no label holds a name, an address or a device. */
function metrics(parts: BoxParts): MetricFamily[] {
  const { plane, keeper, clock, alerts } = parts;
  const counter = (name: string, help: string, from: CounterName): MetricFamily => ({
    name: `stairgate_${name}_total`,
    help,
    type: 'counter',
    samples: [{ value: plane.counter(from) }],
  });
  const gauge = (name: string, help: string, value: number): MetricFamily => ({
    name: `stairgate_${name}`,
    help,
    type: 'gauge',
    samples: [{ value }],
  });
  return [
    counter('queries', 'Queries received over UDP and TCP.', 'queries'),
    counter('blocked', 'Queries answered as blocked.', 'blocked'),
    counter('granted', 'Queries answered because of a grant.', 'granted'),
    counter('cache_hits', 'Queries answered from an answering thread’s own cache.', 'cacheHits'),
    counter('forwarded', 'Queries handed to the resolving thread.', 'forwarded'),
    counter('refused', 'Queries from outside the configured networks, or of a kind that is not answered.', 'refused'),
    counter('malformed', 'Datagrams and messages that are no answerable query.', 'malformed'),
    counter('servfail', 'Queries answered SERVFAIL.', 'servfail'),
    counter('truncated', 'Answers that did not fit and were sent as TC.', 'truncated'),
    counter('events_dropped', 'Decided queries that were not counted because the ring was full.', 'eventsDropped'),
    counter('pending_full', 'Queries for which there was no room to wait.', 'pendingFull'),
    counter('rate_limited', 'Queries whose client was past its limit of look-ups.', 'rateLimited'),
    counter('repeated', 'Queries that were sent again while the first waited, and so cost nothing.', 'repeated'),
    counter('stale', 'Answers past their TTL, given for want of a better one.', 'stale'),
    counter('refreshed', 'Names that were looked up again before their TTL was over.', 'refreshed'),
    counter('private_dropped', 'Public answers without the private addresses that were in them.', 'privateDropped'),
    gauge('rules', 'Rules in force.', keeper.rules.image.ruleCount),
    gauge('open', '1 during opening hours.', Number(keeper.situation.open)),
    gauge('clock_trusted', '1 while the clock is trusted.', Number(clock.trusted())),
    gauge('alerts', 'Standing alerts.', alerts.list().length),
    gauge('start_time_seconds', 'When the box started, since the Unix epoch.', parts.startedAtMs / 1000),
    {
      name: 'stairgate_upstream_healthy',
      help: '1 while the upstream answers.',
      type: 'gauge',
      samples: plane.upstreamHealth().map(({ healthy }, index) => ({
        labels: { upstream: String(index + 1) },
        value: Number(healthy),
      })),
    },
  ];
}
