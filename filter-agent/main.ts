/**
 * The box, put together: reads top to bottom as the story of a start and a stop. The only file that sees all parts.
 *
 * Order matters twice. Nothing is answered before rules, policy and grants are read by every thread; and what keeps the
 * nursery safe (policy, grants, rules of the last good day) comes from disk, so that a start needs no network.
 */
import { availableParallelism, networkInterfaces } from 'node:os';
import { toldOf } from '../policy-rules/bypass-words.ts';
import { catalogue } from '../policy-rules/catalogue/catalogue.ts';
import type { Policy } from '../policy-rules/policy.ts';
import { createBoxView, healthReport } from './box-view.ts';
import type { Config } from './config.ts';
import { Alerts } from './control/alerts.ts';
import { followIdentity, type Identity } from './control/box-identity.ts';
import { BypassWatch } from './control/bypass-watch.ts';
import { CompileLauncher } from './control/compile-launcher.ts';
import { createDashboardLink, type DashboardLink } from './control/dashboard-link.ts';
import { namedMacs } from './control/devices.ts';
import { ListRefresh } from './control/list-refresh.ts';
import { formatAddress, listenPlaces, withoutAddress } from './control/listen-addresses.ts';
import { createLocalSite, type SiteAddress } from './control/local-site.ts';
import { watchNeighbours } from './control/neighbours.ts';
import { PolicyKeeper } from './control/policy-keeper.ts';
import { connectServiceManager } from './control/sd-notify.ts';
import { seenDevices } from './control/seen-devices.ts';
import { startSelfCheck } from './control/self-check.ts';
import { collectGarbage, forgetProgramPages, giveBack, keepHeapsSmall } from './control/small-heaps.ts';
import { readStoredPolicy, writeStoredPolicy } from './control/stored-policy.ts';
import { createTrustedClock, type TrustedClockOptions } from './control/trusted-clock.ts';
import { UsageRecorder } from './control/usage-recorder.ts';
import { openStore, type StoreTrouble } from './control/usage-store.ts';
import { DataPlane, type ListenResult } from './data-plane.ts';
import { addressRange } from './sockets/client-address.ts';

export interface BoxOptions {
  readonly config: Config;
  readonly version: string;
  /** One line for the log; never a name, an address of a client or a device. */
  readonly log: (line: string) => void;
  /** The system's clock, unless a test brings its own. */
  readonly systemNow?: () => number;
  /** What the machine says about that clock, and how often it is looked at; for tests that bring a clock. */
  readonly machineClock?: Pick<TrustedClockOptions, 'probe' | 'tickIntervalMs'>;
  /** Something broke that only a new process mends. */
  readonly onFatal: (error: Error) => void;
}

export interface Box {
  /** What is listened on, and what could not be. */
  readonly listening: ListenResult;
  readonly localSite: readonly { readonly address: string; readonly port: number }[];
  readonly startedInMs: number;
  /** What the policy means now, by which rules, and when the hot path reads it. */
  readonly keeper: Pick<PolicyKeeper, 'situation' | 'rules' | 'inForce'>;
  /** Counts and saves what was used until now, as happens by itself every few seconds. */
  flushUsage(): Promise<void>;
  stop(): Promise<void>;
}

/** A device that joins, or an address that changes, is noticed by then; cable and DHCP take longer. */
const INTERFACES_INTERVAL_MS = 10_000;
/** A pairing made while the box runs is noticed by then. */
const PAIRING_INTERVAL_MS = 2_000;
/** As often as usage is saved: a disk that fails is told of by then. */
const STORE_INTERVAL_MS = 5_000;
const TIDY_AFTER_MS = 2_000;
const FORGET_INTERVAL_MS = 60_000;
const PRUNE_INTERVAL_MS = 3_600_000;
const STORE_TROUBLES: readonly StoreTrouble['code'][] = ['store-unwritable', 'store-damaged', 'usage-dropped'];
/** Past that they help only a site with thousands of devices. */
const ANSWERING_THREADS_LIMIT = 4;

export async function startBox(options: BoxOptions): Promise<Box> {
  const { config, log, onFatal } = options;
  const beganAtMs = performance.now();
  keepHeapsSmall();
  const launcher = new CompileLauncher();
  launcher.start();
  const service = connectServiceManager();
  const alerts = new Alerts((alert, stands) => {
    log(stands ? `alert ${alert.code}: ${alert.text}` : `alert ${alert.code} is over`);
    link?.healthChanged();
  });
  let link: DashboardLink | null = null;
  const lookForIdentity = followIdentity(config.stateDir);
  let pairedAs: string | null = null;
  let opening: Promise<ListenResult> = Promise.resolve({ udp: [], tcp: [], failed: [] });

  // 1. What is remembered: grants, policy, rules, the newest trusted time.
  const watched: ReadonlySet<string> = new Set(toldOf(catalogue).keys());
  const store = await openStore({ stateDir: config.stateDir, watchedServices: [...watched] });
  const refresh = new ListRefresh({
    stateDir: config.stateDir,
    catalogue,
    lists: config.lists,
    siteNames: [config.localSite.name],
    alerts,
    launcher,
    onRules: async (rules) => {
      const { buffer: replaced } = keeper.rules;
      await keeper.setRules(rules);
      // Every thread has said that it reads the new image.
      giveBack(replaced);
      setTimeout(tidyUp, TIDY_AFTER_MS, 'regular').unref();
      // Which lists still block part of a service may have changed with them.
      link?.healthChanged();
    },
  });
  const [grants, policy, rules, newestTrustedMs] = await Promise.all([
    store.loadGrants(),
    loadPolicy(config, alerts),
    refresh.load(),
    store.newestTrustedTimeMs(),
  ]);

  noteStore();

  // 2. The clock, and whether it may be believed.
  const clock = createTrustedClock({
    mode: config.clock.mode,
    newestTrustedMs,
    saveTrustedTime: (ms) => void store.saveTrustedTime(ms).catch(() => undefined),
    ...(options.systemNow !== undefined && { systemNow: options.systemNow }),
    ...options.machineClock,
  });
  const startedAtMs = clock.nowMs();
  noteClock();

  // 3. The threads, with rules before sockets.
  const plane = new DataPlane({
    answeringThreads: config.answeringThreads === 'auto' ? threadsByCores() : config.answeringThreads,
    upstreams: config.upstreams,
    forward: config.forward,
    allowPrivateAnswers: config.allowPrivateAnswers,
    cacheBytes: config.cache.sizeMegabytes * 1024 * 1024,
    clientLimits: {
      perSecond: config.lookUps.perClientPerSecond,
      exempt: config.lookUps.exempt.map(addressRange),
    },
    siteName: config.localSite.name,
    onDeath: onFatal,
    onBroken: (address, port, message) => {
      alerts.raise('socket-broken', `The box stopped listening on ${formatAddress({ address, port })}: ${message}.`);
      inBackground(openSockets());
    },
  });
  plane.setClockTrusted(clock.trusted());
  if (config.upstreams.length === 0) {
    alerts.raise('no-upstream', 'No upstream is configured: blocked names are blocked, but nothing else can be found.');
  }
  const keeper: PolicyKeeper = new PolicyKeeper({
    policy,
    grants,
    rules,
    clock,
    publish: async (generation) => {
      await plane.publish(generation);
      alerts.set(
        'devices',
        keeper.deviceProblems.map(({ text }) => text),
      );
    },
  });
  await keeper.start();
  clock.onChange(() => {
    noteClock();
    plane.setClockTrusted(clock.trusted());
    inBackground(keeper.clockChanged());
  });
  clock.start();

  // 4. Now it may answer.
  let answeringAt: ListenResult['udp'] = [];
  const listening = await openSockets();
  // An interface that waits for its lease is opened by a later round; an address that is refused needs a hand.
  if (listening.udp.length === 0 && listening.failed.length > 0) {
    await plane.stop();
    keeper.stop();
    await store.close();
    throw new Error(`The box could not listen on any address.\n${describeFailures(listening)}`);
  }
  const startedInMs = performance.now() - beganAtMs;
  const interfacesTimer = setInterval(() => inBackground(openSockets()), INTERFACES_INTERVAL_MS);
  const storeTimer = setInterval(noteStore, STORE_INTERVAL_MS);
  // Beats only while the box answers itself: a process that lives but is mute must be started again.
  const selfCheck = startSelfCheck({ places: () => answeringAt, name: config.localSite.name });
  const stopWatchdog = service.startWatchdog(() => selfCheck.healthy());
  service.ready(`Filtering with ${rules.image.ruleCount} rules`);

  // 5. What is around the answering: devices, lists, usage, the local site, the dashboard.
  const neighbours = watchNeighbours({
    namedMacs: () => namedMacs(keeper.policy),
    onChange: (table) => inBackground(keeper.setNeighbours(table)),
    onProblem: (text) => alerts.set('neighbours', text === null ? [] : [text]),
  });
  refresh.start();
  // What cannot be read now is read at the next look; the store tells of its own troubles.
  const bypassWatch = new BypassWatch({
    catalogue,
    policy: () => keeper.policy,
    nowMs: () => clock.nowMs(),
    usageOfDevice: (device, sinceMs) => store.usageOfDevice(device, sinceMs),
    onChange: () => {
      log('alert bypass: devices that tried to go round the filter are told of on the dashboard');
      link?.healthChanged();
    },
  });
  const recorder = new UsageRecorder({
    rings: plane.eventRings,
    keeper,
    clock,
    mayCountByDevice: (service, verdict, hourStart) => {
      // An alert that a device tries to go round the filter waits for no notice.
      if (verdict === 'blocked' && watched.has(service)) return true;
      const since = store.reportingSince();
      return since !== null && hourStart >= since;
    },
    save: async (rows) => {
      await store.addUsage(rows);
      link?.usageAdded();
      await bypassWatch.usageSaved(rows).catch(() => undefined);
    },
  });
  recorder.start();
  void bypassWatch.lookAtAll().catch(() => undefined);
  const pruneTimer = setInterval(() => {
    void bypassWatch.lookAtAll().catch(() => undefined);
    if (clock.trusted()) void store.prune(clock.nowMs()).catch(() => undefined);
  }, PRUNE_INTERVAL_MS);
  const parts = {
    catalogue,
    keeper,
    clock,
    store,
    plane,
    alerts,
    bypassWatch,
    neighbours: () => neighbours.current(),
    link: () => link,
    // Mute for want of an address is no reason for a restart, but it is not answering either.
    answering: () => answeringAt.length > 0 && selfCheck.healthy(),
    startedAtMs,
    version: options.version,
  };
  const site = createLocalSite(createBoxView(parts), config.localSite);
  const localSite = await openSite();
  // It follows the machine's addresses as the sockets do, or it would stay away after a lease that came late.
  const siteTimer = setInterval(() => inBackground(openSite()), INTERFACES_INTERVAL_MS);
  await connectDashboard();
  const pairingTimer = setInterval(() => inBackground(connectDashboard()), PAIRING_INTERVAL_MS);
  setImmediate(tidyUp, 'last-resort');
  const forgetTimer = setInterval(forgetProgramPages, FORGET_INTERVAL_MS);

  return {
    listening,
    localSite,
    startedInMs,
    keeper,
    flushUsage: () => recorder.flush(),
    stop: async () => {
      service.stopping();
      for (const timer of [interfacesTimer, siteTimer, storeTimer, pruneTimer, pairingTimer, forgetTimer])
        clearInterval(timer);
      selfCheck.stop();
      await link?.stop();
      await site.close();
      neighbours.close();
      await refresh.stop();
      keeper.stop();
      clock.stop();
      await plane.stop();
      await recorder.stop();
      await store.close();
      stopWatchdog();
    },
  };

  async function openSite(): Promise<readonly SiteAddress[]> {
    const { open, failed } = await site.follow(listenPlaces(config.localSite.listen, networkInterfaces()));
    const reasons = failed.map(({ cause }) => `${cause.message}.`);
    alerts.set('local-site', reasons.length === 0 ? [] : [...reasons, 'Filtering goes on.']);
    return open;
  }

  /** One at a time: two at once would open the same address twice. */
  function openSockets(): Promise<ListenResult> {
    opening = opening.then(openSocketsNow, openSocketsNow);
    return opening;
  }

  async function openSocketsNow(): Promise<ListenResult> {
    const interfaces = networkInterfaces();
    const result = await plane.listen(listenPlaces(config.listen, interfaces));
    answeringAt = result.udp;
    const waiting = withoutAddress(config.listen, interfaces).map(
      (name) => `${name} has no address yet: the box answers there as soon as it has one.`,
    );
    alerts.set('not-listening', [...waiting, ...(result.failed.length === 0 ? [] : [describeFailures(result)])]);
    if (result.failed.length === 0) alerts.clear('socket-broken');
    return result;
  }

  /** The store tells its troubles when it is asked; each becomes an alert of the box, and ends as one. */
  function noteStore(): void {
    for (const code of STORE_TROUBLES) {
      const texts = store.troubles().filter((trouble) => trouble.code === code);
      alerts.set(
        code,
        texts.map(({ text }) => text),
      );
    }
  }

  function noteClock(): void {
    if (clock.trusted()) alerts.clear('clock');
    else {
      const reason = clock.reason();
      alerts.raise(
        'clock',
        `The box cannot be sure of the time: ${reason}. Restricted services stay blocked, and permissions wait.`,
      );
    }
  }

  /** Looks for a pairing that is new since the last look, and links to its dashboard in place of the one before. */
  async function connectDashboard(): Promise<void> {
    const looked = await lookForIdentity();
    if (looked === null) return;
    const { identity, trouble } = looked;
    // A damaged pairing has been moved aside, so the next look finds none: the alert stands until there is one again.
    if (trouble !== null) alerts.raise('identity', trouble);
    else if (identity !== null) alerts.clear('identity');
    if (identity === null || identity.boxId === pairedAs) return;
    pairedAs = identity.boxId;
    await link?.stop();
    link = null;
    try {
      link = linkTo(identity);
    } catch (cause) {
      // A pairing that the settings no longer allow must not stop the box: it filters by what it has.
      alerts.raise('identity', `The box cannot be linked to its dashboard: ${(cause as Error).message}.`);
      return;
    }
    link.start();
    log(`linked to the dashboard of ${identity.settingName}`);
  }

  function linkTo(identity: Identity): DashboardLink {
    return createDashboardLink({
      dashboardUrl: identity.dashboardUrl,
      identity,
      store,
      softwareVersion: options.version,
      allowPlainHttp: config.dashboard?.allowPlainHttp ?? false,
      hooks: {
        currentPolicy: () => keeper.policy,
        applyPolicy: async (policy) => {
          // In force first: what the manager closes does not wait for a disk.
          await keeper.setPolicy(policy);
          const inForceAtMs = clock.nowMs();
          await storePolicy(policy);
          await neighbours.refresh();
          return inForceAtMs;
        },
        applyGrants: async (payload) => {
          await keeper.setGrants(payload);
          return clock.nowMs();
        },
        health: () => healthReport(parts),
        seenDevices: async () => {
          const table = await neighbours.refresh();
          const isUnread = alerts.list().some(({ code }) => code === 'neighbours');
          return isUnread ? { devices: null, total: 0 } : seenDevices(keeper.policy, table);
        },
        onRecordShown: (contradicts, sequence) =>
          alerts.set('record-contradicted', contradicts ? [recordContradicted(sequence)] : []),
        onRequestAnswer: () => {},
      },
    });
  }

  /** After a restart without it the dashboard sends it again, so a full disk costs an alert and not the policy. */
  async function storePolicy(policy: Policy): Promise<void> {
    try {
      await writeStoredPolicy(config.stateDir, policy);
      alerts.clear('policy-not-stored');
      alerts.clear('policy-damaged');
    } catch (cause) {
      const reason = (cause as Error).message;
      alerts.raise(
        'policy-not-stored',
        `The new rules are in force, but could not be stored (${reason}): check the disk.`,
      );
    }
  }

  /** What fails there without a catch of its own is a fault that only a new process mends. */
  function inBackground(work: Promise<unknown>): void {
    work.catch(onFatal);
  }
}

/** The last good policy of the dashboard, else the settings file's. */
async function loadPolicy(config: Config, alerts: Alerts): Promise<Policy> {
  const read = await readStoredPolicy(config.stateDir, 'move');
  if (read.state === 'read') return read.value;
  if (read.state === 'damaged') {
    alerts.raise(
      'policy-damaged',
      `The stored policy was damaged (${read.reason}). The settings file's policy is in force until the dashboard sends its own.`,
    );
  }
  return config.policy;
}

/** One for every two cores: the others are for looking up, for control and for whatever else the machine does. */
function threadsByCores(): number {
  return Math.min(ANSWERING_THREADS_LIMIT, Math.max(1, availableParallelism() >>> 1));
}

/** For when much was let go of: after the start, and after a change of the image. */
function tidyUp(flavor: 'regular' | 'last-resort'): void {
  collectGarbage(flavor);
  forgetProgramPages();
}

function describeFailures({ failed }: ListenResult): string {
  return failed
    .map(({ address, port, protocol, code, message }) => {
      const where = `${formatAddress({ address, port })} over ${protocol.toUpperCase()}`;
      if (code === 'EADDRINUSE') return `Another program already answers at ${where}: stop it, or listen elsewhere.`;
      if (code === 'EACCES')
        return `Not allowed to open ${where}: ports below 1024 need the installer's service, or root.`;
      return `Cannot listen at ${where}: ${message}.`;
    })
    .join('\n');
}

function recordContradicted(sequence: number): string {
  return `The record on the dashboard is not the one that this box has seen: entry no. ${sequence} was countersigned here, and is missing there or another. Somebody may have changed the record. Verify it on its page; pairing the box anew begins with the record as it is then.`;
}
