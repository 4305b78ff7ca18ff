/**
 * The box's one outbound WebSocket to its setting on the dashboard.
 *
 * Owns the conversation of agent-protocol.ts from the box's side: proving the key, verifying what the setting signed,
 * storing before acknowledging, repeating until acknowledged, and noticing a peer that has silently gone. Nothing that
 * is sent waits in this file: what is not acknowledged stays in the store and is read from there at the next connect,
 * so a lost line, a restart and a power cut are one case. With the dashboard away everything on the box goes on.
 */
import ReconnectingWebSocket from 'partysocket/ws';
import { WebSocket } from 'ws';
import {
  CLOSE_NOT_ENROLLED,
  DeviceViewsPayload,
  type FromBox,
  FromDashboard,
  GrantsPayload,
  type HealthReport,
  helloText,
  PROTOCOL_VERSION,
  RecordHeadPayload,
  signedText,
} from '../../policy-rules/agent-protocol.ts';
import { type Grant, grantEnd } from '../../policy-rules/grants.ts';
import { MonitoringNotice } from '../../policy-rules/monitoring-notice.ts';
import { ownDeviceId } from '../../policy-rules/own-devices.ts';
import type { Policy } from '../../policy-rules/policy.ts';
import { parsePolicy } from '../../policy-rules/validate-policy.ts';
import { dashboardBase, type Identity, isSignedBy } from './box-identity.ts';
import { judgeHead, signHead } from './record-heads.ts';
import type { SeenDevices } from './seen-devices.ts';
import type { Store } from './usage-store.ts';

export interface LinkHooks {
  /** The policy in force now, with its version. */
  currentPolicy(): Policy;
  /** Makes it the last good one and puts it in force; resolves with the instant (ms) from which the hot path reads it. */
  applyPolicy(policy: Policy): Promise<number>;
  /** The same for grants, which the link has stored already. */
  applyGrants(payload: GrantsPayload): Promise<number>;
  health(): HealthReport;
  /** The machines without a name that are on the setting's own networks at this moment. */
  seenDevices(): Promise<SeenDevices>;
  /**
   * After each head of the setting's record that the dashboard has shown: whether it contradicts the one that the box has
   * countersigned, whose number is `sequence`.
   */
  onRecordShown(contradicts: boolean, sequence: number): void;
  onRequestAnswer(id: string, answer: 'granted' | 'refused' | 'lapsed', reason: string): void;
}

export interface DashboardLinkOptions {
  readonly dashboardUrl: string;
  readonly identity: Identity;
  readonly store: Store;
  readonly hooks: LinkHooks;
  readonly softwareVersion: string;
  readonly allowPlainHttp?: boolean;
  readonly timing?: Partial<LinkTiming>;
}

/** In milliseconds, as their names say. */
export interface LinkTiming {
  readonly pingIntervalMs: number;
  /**
   * Pings without an answer after which the line counts as dead: a router that has lost its state drops packets without
   * a word. Counted rather than timed, so that a box that was itself held up does not blame the dashboard.
   */
  readonly deadAfterPings: number;
  readonly connectTimeoutMs: number;
  readonly healthIntervalMs: number;
  /** A change of health is told at most this often. */
  readonly healthPauseMs: number;
  /** Usage is uploaded at most this often while the dashboard keeps up. */
  readonly uploadPauseMs: number;
  /** A batch without an acknowledgement is sent again after this; the dashboard applies it once. */
  readonly resendMs: number;
  readonly firstRetryMs: number;
  readonly maxRetryMs: number;
  /** How long the dashboard has to refuse a hello to which it has nothing else to say. */
  readonly acceptanceMs: number;
  /** After the dashboard said that it does not know the box. */
  readonly notEnrolledPauseMs: number;
}

const defaultTiming: LinkTiming = {
  pingIntervalMs: 5_000,
  // A silent line is noticed after 15 to 20 s.
  deadAfterPings: 3,
  connectTimeoutMs: 10_000,
  healthIntervalMs: 15_000,
  healthPauseMs: 1_000,
  uploadPauseMs: 10_000,
  resendMs: 30_000,
  firstRetryMs: 1_000,
  maxRetryMs: 30_000,
  acceptanceMs: 500,
  notEnrolledPauseMs: 60_000,
};

export interface LinkState {
  /** The box has proved its key on an open line, and the dashboard did not refuse it. */
  readonly connected: boolean;
  /** When it became so, in ms since the epoch. */
  readonly since: number;
  /** In words; null when nothing has gone wrong since the last connect. */
  readonly lastError: string | null;
}

export interface DashboardLink {
  start(): void;
  stop(): Promise<void>;
  state(): LinkState;
  onStateChange(listener: (state: LinkState) => void): void;
  /** Tells the dashboard now rather than at the next beat: something in the health report changed. */
  healthChanged(): void;
  /** A request was saved in the store: forward it now. */
  requestSaved(): void;
  /** That somebody has read the notice was saved in the store: forward it now. */
  acknowledgementSaved(): void;
  /** Usage was added to the store: upload it soon. */
  usageAdded(): void;
}

/** Throws an EnrolError `bad-url` for an address that the box must not speak to. */
export function createDashboardLink(options: DashboardLinkOptions): DashboardLink {
  return new Link(options);
}

/** A policy of a large organisation is some 100 kB; more than this is not one. */
const MAX_FRAME_BYTES = 8 * 1024 * 1024;
const MAX_REFUSAL_CHARACTERS = 500;

class Link implements DashboardLink {
  readonly #options: DashboardLinkOptions;
  readonly #timing: LinkTiming;
  readonly #url: string;
  readonly #listeners: ((state: LinkState) => void)[] = [];
  #state: LinkState = { connected: false, since: Date.now(), lastError: null };
  #socket: ReconnectingWebSocket | null = null;
  /** The connection under `#socket`, to be ended without the polite handshake that a dead peer never answers. */
  #connection: WebSocket | null = null;
  /**
   * What the box may say on this connection. Checking a signature takes the dashboard a moment, in which it may hand
   * out the next frame already: so the box reports only when it is accepted, by word or by silence.
   */
  #standing: 'unknown' | 'hello-sent' | 'accepted' = 'unknown';
  #acceptanceTimer: NodeJS.Timeout | null = null;
  #unansweredPings = 0;
  #pauseUntilMs = 0;
  #endPause: (() => void) | null = null;
  #timers: NodeJS.Timeout[] = [];
  #healthTimer: NodeJS.Timeout | null = null;
  #lastHealthMs = Number.NEGATIVE_INFINITY;
  #uploadTimer: NodeJS.Timeout | null = null;
  #enrolmentAdopted = false;
  /** The batch that was sent on this connection and not acknowledged yet. */
  #inFlight: { seq: number; sentMs: number } | null = null;
  /** Messages and uploads take their turn: a policy is in force before the grants behind it are looked at. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: DashboardLinkOptions) {
    this.#options = options;
    this.#timing = { ...defaultTiming, ...options.timing };
    const url = new URL('box/connect', dashboardBase(options.dashboardUrl, options.allowPlainHttp ?? false));
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.searchParams.set('box', options.identity.boxId);
    this.#url = url.href;
  }

  start(): void {
    if (this.#socket !== null) return;
    const link = this;
    const socket = new ReconnectingWebSocket(() => this.#urlAfterPause(), null, {
      WebSocket: class extends WebSocket {
        constructor(url: string) {
          super(url, {
            handshakeTimeout: link.#timing.connectTimeoutMs,
            maxPayload: MAX_FRAME_BYTES,
            perMessageDeflate: false,
            followRedirects: false,
          });
          link.#connection = this;
        }
      },
      // The pause before a try is made in #urlAfterPause(), where it has jitter and can be ended.
      minReconnectionDelay: 0,
      maxReconnectionDelay: 0,
      connectionTimeout: this.#timing.connectTimeoutMs,
      maxEnqueuedMessages: 0,
    });
    socket.onopen = () => this.#onOpen();
    socket.onmessage = (event) => this.#onFrame(event.data);
    socket.onerror = (event) => this.#onLost(`the line to the dashboard failed: ${event.message}`);
    socket.onclose = (event) => this.#onClose(event.code, event.reason);
    this.#socket = socket;
    this.#every(this.#timing.pingIntervalMs, () => this.#beat());
    this.#every(this.#timing.healthIntervalMs, () => {
      this.#sendHealth();
      this.#queue(() => this.#forwardRequests());
      this.#queue(() => this.#forwardAcknowledgements());
      this.#queue(() => this.#upload());
    });
  }

  async stop(): Promise<void> {
    const socket = this.#socket;
    this.#socket = null;
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    clearTimeout(this.#healthTimer ?? undefined);
    clearTimeout(this.#uploadTimer ?? undefined);
    clearTimeout(this.#acceptanceTimer ?? undefined);
    this.#standing = 'unknown';
    this.#healthTimer = null;
    this.#uploadTimer = null;
    socket?.close(1000, 'the box stops');
    this.#endPause?.();
    await this.#turn;
    this.#setState(false, this.#state.lastError);
  }

  state(): LinkState {
    return this.#state;
  }

  onStateChange(listener: (state: LinkState) => void): void {
    this.#listeners.push(listener);
  }

  healthChanged(): void {
    if (this.#healthTimer !== null || this.#socket === null) return;
    const wait = Math.max(0, this.#lastHealthMs + this.#timing.healthPauseMs - performance.now());
    this.#healthTimer = this.#after(wait, () => {
      this.#healthTimer = null;
      this.#sendHealth();
    });
  }

  requestSaved(): void {
    this.#queue(() => this.#forwardRequests());
  }

  acknowledgementSaved(): void {
    this.#queue(() => this.#forwardAcknowledgements());
  }

  usageAdded(): void {
    if (this.#uploadTimer !== null || this.#socket === null) return;
    this.#uploadTimer = this.#after(this.#timing.uploadPauseMs, () => {
      this.#uploadTimer = null;
      this.#queue(() => this.#upload());
    });
  }

  // ---- the line ------------------------------------------------------------------------------------------------

  /** Exponential, capped, and with jitter: after a power cut in a town, its boxes do not all call at once. */
  async #urlAfterPause(): Promise<string> {
    const tries = this.#socket?.retryCount ?? 0;
    const backOffMs = tries === 0 ? 0 : Math.min(this.#timing.maxRetryMs, this.#timing.firstRetryMs * 2 ** (tries - 1));
    const pauseMs = Math.max(backOffMs * (0.5 + Math.random() / 2), this.#pauseUntilMs - performance.now());
    if (pauseMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = this.#after(pauseMs, resolve);
        this.#endPause = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#endPause = null;
    }
    return this.#url;
  }

  #onOpen(): void {
    this.#standing = 'unknown';
    this.#inFlight = null;
    this.#unansweredPings = 0;
  }

  #onClose(code: number, reason: string): void {
    if (code === CLOSE_NOT_ENROLLED) {
      this.#pauseUntilMs = performance.now() + this.#timing.notEnrolledPauseMs;
      this.#onLost('the dashboard does not know this box, or its key was revoked: pair it again with a new code');
    } else {
      // After an error the words of the error say more than the close that follows it.
      this.#onLost(this.#state.connected ? `the dashboard closed the line (${code} ${reason})` : null);
    }
  }

  #onLost(error: string | null): void {
    clearTimeout(this.#acceptanceTimer ?? undefined);
    this.#standing = 'unknown';
    this.#inFlight = null;
    this.#setState(false, error ?? this.#state.lastError);
  }

  #beat(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    if (this.#unansweredPings >= this.#timing.deadAfterPings) {
      this.#onLost(`the dashboard has left ${this.#unansweredPings} pings without an answer`);
      this.#connection?.terminate();
      return;
    }
    this.#unansweredPings++;
    this.#socket.send('ping');
  }

  #onFrame(data: unknown): void {
    this.#unansweredPings = 0;
    if (typeof data !== 'string' || data === 'pong') return;
    const message = FromDashboard.safeParse(parseJson(data));
    // A newer dashboard may say what this box does not know yet; what it must know has a version (policy, grants).
    if (message.success) this.#queue(() => this.#take(message.data));
  }

  #send(message: FromBox): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    return this.#socket.send(JSON.stringify(message));
  }

  // ---- the conversation ----------------------------------------------------------------------------------------

  async #take(message: FromDashboard): Promise<void> {
    if (message.type !== 'challenge') this.#accepted();
    switch (message.type) {
      case 'challenge':
        await this.#hello(message.nonce);
        return;
      case 'policy':
        await this.#takePolicy(message.payload, message.signature);
        return;
      case 'grants':
        await this.#takeGrants(message.payload, message.signature);
        return;
      case 'notice':
        await this.#takeNotice(message.payload, message.signature);
        return;
      case 'record-head':
        await this.#takeRecordHead(message.payload, message.signature);
        return;
      case 'device-views':
        await this.#takeDeviceViews(message.payload, message.signature);
        return;
      case 'seen-request':
        this.#send({ type: 'seen', id: message.id, ...(await this.#options.hooks.seenDevices()) });
        return;
      case 'usage-ack':
        await this.#options.store.acknowledgeBatch(message.seq);
        if (this.#inFlight?.seq === message.seq) this.#inFlight = null;
        await this.#upload();
        return;
      case 'request-ack':
        await this.#options.store.acknowledgeRequest(message.id);
        return;
      case 'acknowledgement-ack':
        await this.#options.store.deleteAcknowledgement(message.id);
        return;
      case 'request-answer':
        await this.#options.store.answerRequest(message.id, message.answer, message.reason);
        this.#options.hooks.onRequestAnswer(message.id, message.answer, message.reason);
        return;
    }
  }

  async #hello(nonce: string): Promise<void> {
    const { identity, store, hooks, softwareVersion } = this.#options;
    const policy = hooks.currentPolicy();
    const { version: grantsVersion } = await store.loadGrants();
    // Without a word of it where the disk cannot be read: such a box must still reach its dashboard.
    const record = await store.recordHead(identity.boxId).then(
      (head) => ({ recordSeq: head?.seq ?? 0 }),
      () => ({}),
    );
    const notice = await store.notice().then(
      (kept) => ({ noticeVersion: kept?.version ?? 0 }),
      () => ({}),
    );
    const sent = this.#send({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      boxId: identity.boxId,
      signature: identity.sign(helloText(nonce, identity.boxId)),
      softwareVersion,
      policyVersion: policy.version,
      grantsVersion,
      ...record,
      tellsSeen: true,
      ...notice,
      policy,
    });
    if (!sent) return;
    this.#standing = 'hello-sent';
    this.#acceptanceTimer = this.#after(this.#timing.acceptanceMs, () => this.#accepted());
  }

  #accepted(): void {
    if (this.#standing !== 'hello-sent') return;
    clearTimeout(this.#acceptanceTimer ?? undefined);
    this.#standing = 'accepted';
    this.#setState(true, null);
    this.#sendHealth();
    this.#queue(() => this.#forwardRequests());
    this.#queue(() => this.#forwardAcknowledgements());
    this.#queue(() => this.#upload());
  }

  async #takePolicy(payload: string, signature: string): Promise<void> {
    if (!this.#isFromSetting('policy', payload, signature)) return;
    const document = parseJson(payload);
    const parsed = parsePolicy(document);
    if ('problems' in parsed) {
      const words = parsed.problems.map((problem) => problem.message).join(' ');
      return this.#refuse('policy', versionOf(document), `the policy cannot be used: ${words}`);
    }
    const { policy } = parsed;
    const known = this.#options.hooks.currentPolicy().version;
    if (policy.version < known) {
      return this.#refuse('policy', policy.version, `the box has version ${known} already`);
    }
    try {
      const inForceAt = await this.#options.hooks.applyPolicy(policy);
      this.#send({ type: 'policy-ack', version: policy.version, inForceAt });
    } catch (cause) {
      this.#refuse('policy', policy.version, `the last good policy stays in force: ${messageOf(cause)}`);
    }
  }

  async #takeGrants(payload: string, signature: string): Promise<void> {
    if (!this.#isFromSetting('grants', payload, signature)) return;
    const document = parseJson(payload);
    const parsed = GrantsPayload.safeParse(document);
    if (!parsed.success) {
      return this.#refuse('grants', versionOf(document), `the grants cannot be read: ${parsed.error.message}`);
    }
    const grants = parsed.data;
    const { store, hooks } = this.#options;
    try {
      if ((await store.saveGrants(grants)) === 'older') {
        const known = await store.loadGrants();
        return this.#refuse('grants', grants.version, `the box has version ${known.version} already`);
      }
    } catch (cause) {
      // The end of a permission does not wait for a disk; only a new one does, since it would be lost at a restart.
      await hooks.applyGrants(narrowGrants(await store.loadGrants(), grants));
      return this.#refuse('grants', grants.version, messageOf(cause));
    }
    try {
      this.#send({ type: 'grants-ack', version: grants.version, inForceAt: await hooks.applyGrants(grants) });
    } catch (cause) {
      this.#refuse('grants', grants.version, `stored, but not in force: ${messageOf(cause)}`);
    }
  }

  /** What cannot be read, or is not from the setting, changes nothing: the page stays as it is, and nothing hangs on it. */
  async #takeNotice(payload: string, signature: string): Promise<void> {
    const { identity, store } = this.#options;
    if (!isSignedBy(identity.settingPublicKey, signedText('notice', identity.settingId, payload), signature)) return;
    const notice = MonitoringNotice.safeParse(parseJson(payload));
    if (!notice.success) return;
    const version = await store.saveNotice(identity.settingId, notice.data);
    this.#send({ type: 'notice-ack', version });
  }

  /** Nothing hangs on them but what a page says: what cannot be read leaves it as it was. */
  async #takeDeviceViews(payload: string, signature: string): Promise<void> {
    const { identity, store } = this.#options;
    const text = signedText('device-views', identity.settingId, payload);
    if (!isSignedBy(identity.settingPublicKey, text, signature)) return;
    const told = DeviceViewsPayload.safeParse(parseJson(payload));
    if (told.success) await store.saveDeviceViews(identity.settingId, told.data);
  }

  /** Countersigned only once it is stored: what the box forgets it could not hold anybody to. */
  async #takeRecordHead(payload: string, signature: string): Promise<void> {
    const { identity, store, hooks } = this.#options;
    if (!isSignedBy(identity.settingPublicKey, signedText('record-head', identity.settingId, payload), signature))
      return;
    const shown = RecordHeadPayload.safeParse(parseJson(payload));
    if (!shown.success) return;
    const known = await store.recordHead(identity.boxId);
    const judged = judgeHead(known, shown.data);
    if (judged === 'new') await store.saveRecordHead(identity.boxId, shown.data.head);
    const head = signHead(identity, judged === 'new' || known === null ? shown.data.head : known);
    this.#send(judged === 'contradicts' ? { type: 'head-refused', known: head } : { type: 'head-signed', head });
    hooks.onRecordShown(judged === 'contradicts', head.seq);
  }

  #isFromSetting(kind: 'policy' | 'grants', payload: string, signature: string): boolean {
    const { settingId, settingPublicKey } = this.#options.identity;
    if (isSignedBy(settingPublicKey, signedText(kind, settingId, payload), signature)) return true;
    // Version 0: nothing of an unsigned payload is worth reading.
    this.#refuse(kind, 0, "the signature is not from the setting's own key, which the box pinned when it was paired");
    return false;
  }

  #refuse(of: 'policy' | 'grants', version: number, reason: string): void {
    this.#send({ type: 'refusal', of, version, reason: reason.slice(0, MAX_REFUSAL_CHARACTERS) });
    this.#setState(this.#state.connected, `refused ${of} version ${version}: ${reason}`);
  }

  #sendHealth(): void {
    if (this.#standing !== 'accepted') return;
    this.#lastHealthMs = performance.now();
    this.#send(this.#options.hooks.health());
  }

  async #forwardRequests(): Promise<void> {
    if (this.#standing !== 'accepted') return;
    const { store, hooks } = this.#options;
    const policy = hooks.currentPolicy();
    for (const request of await store.pendingRequests()) {
      // The device may have become somebody's own since it asked.
      this.#send({ type: 'request', request: { ...request, device: ownDeviceId(policy, request.device) } });
    }
  }

  async #forwardAcknowledgements(): Promise<void> {
    if (this.#standing !== 'accepted') return;
    for (const acknowledgement of await this.#options.store.pendingAcknowledgements()) {
      this.#send({ type: 'acknowledgement', acknowledgement });
    }
  }

  /** One batch at a time: the next leaves when this one is acknowledged. */
  async #upload(): Promise<void> {
    if (this.#standing !== 'accepted') return;
    if (this.#inFlight !== null && performance.now() - this.#inFlight.sentMs < this.#timing.resendMs) return;
    const { store, identity } = this.#options;
    if (!this.#enrolmentAdopted) {
      await store.adoptEnrolment(identity);
      this.#enrolmentAdopted = true;
    }
    const batch = await store.nextBatch();
    if (batch === null || !this.#send({ type: 'usage-batch', ...batch })) return;
    this.#inFlight = { seq: batch.seq, sentMs: performance.now() };
  }

  // ---- helpers -------------------------------------------------------------------------------------------------

  #queue(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(work).catch((cause) => this.#setState(this.#state.connected, messageOf(cause)));
  }

  #setState(connected: boolean, lastError: string | null): void {
    const state = this.#state;
    if (state.connected === connected && state.lastError === lastError) return;
    this.#state = { connected, since: state.connected === connected ? state.since : Date.now(), lastError };
    for (const listener of this.#listeners) listener(this.#state);
  }

  #every(intervalMs: number, work: () => void): void {
    const timer = setInterval(work, intervalMs);
    timer.unref();
    this.#timers.push(timer);
  }

  #after(delayMs: number, work: () => void): NodeJS.Timeout {
    const timer = setTimeout(work, delayMs);
    timer.unref();
    return timer;
  }
}

/** The known grants without what the incoming ones no longer hold, and each with the earlier of the two ends. */
function narrowGrants(known: GrantsPayload, incoming: GrantsPayload): GrantsPayload {
  if (incoming.version < known.version) return known;
  const kept = known.grants.flatMap((grant): Grant[] => {
    const now = incoming.grants.find((other) => other.id === grant.id);
    if (now === undefined) return [];
    return [{ ...grant, revokedAt: Math.min(grantEnd(grant), grantEnd(now)) }];
  });
  return { version: known.version, grants: kept };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** 0 when the document does not say. */
function versionOf(document: unknown): number {
  const hasVersion = typeof document === 'object' && document !== null && 'version' in document;
  return hasVersion && Number.isSafeInteger(document.version) ? Number(document.version) : 0;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
