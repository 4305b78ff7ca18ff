/**
 * The WebSockets of a setting's box: the conversation of agent-protocol.ts from the dashboard's side.
 *
 * Owns who is on the line (a challenge, and a signature over it), what is sent when, and who waits for which
 * acknowledgement. The sockets hibernate: what must outlive that is in the socket's attachment or in the database.
 * Left out: what the messages do to the setting; that is in the files beside this one.
 */
import {
  CLOSE_NOT_ENROLLED,
  FromBox,
  type FromDashboard,
  type HealthReport,
  helloText,
  type RecordHeadPayload,
  type SeenDevice,
  type SignedHead,
  type SignedKind,
  signedText,
  UsageBatchNumber,
} from '../../policy-rules/agent-protocol.ts';
import { receiveAcknowledgement } from './acknowledgements.ts';
import { currentBox, hasHeardPolicy, healthOf, noteRefusedVersion, noteUsageTrouble, updateBox } from './boxes.ts';
import { closeSocket } from './close-socket.ts';
import { acknowledgeGrants, grantsPayload, raiseGrantsVersionAbove } from './grants.ts';
import { isSignedBy, signText, toBase64Url } from './keys.ts';
import { newestNotice } from './notices.ts';
import { adoptPolicy, currentPolicy, joinFirstPolicy, raiseVersionAbove } from './policies.ts';
import { recordHead, writeRecord } from './record.ts';
import { entryHead, isExpired, noteHead } from './record-heads.ts';
import { answersSince, findRequest, type RequestRow, receiveRequest } from './requests.ts';
import type { Store } from './store.ts';
import { applyUsage, noteReportingDay } from './usage.ts';
import { deviceViews } from './who-looked.ts';

/** What hibernation keeps of a socket. */
interface Attachment {
  readonly boxId: string;
  /** Used once: null after the hello that answered it. */
  readonly nonce: string | null;
  readonly since: number;
  /** Of the head that the box countersigned last; null for a box that countersigns nothing, and before the hello. */
  readonly recordSeq: number | null;
  readonly tellsSeen: boolean;
  /** Last message; the beats in between are counted by the runtime. */
  readonly heardAt: number;
}

type Hello = Extract<FromBox, { type: 'hello' }>;
type Versioned = 'policy' | 'grants';

interface Waiter {
  readonly kind: Versioned;
  readonly version: number;
  readonly done: (acknowledged: boolean) => void;
}

/** What the box says about machines without a name; or why it says nothing. */
export type SeenAnswer =
  | { readonly kind: 'seen'; readonly devices: readonly SeenDevice[]; readonly total: number }
  | { readonly kind: 'unreadable' | 'away' | 'too-old' };

/** The tag of the sockets here: the object may hold others, which are none of this line's. */
const BOX = 'box';

/** Sockets that have not said hello: a stranger who knows a box's id can open them, so there are few. */
const STRANGERS_MAX = 4;

/** RFC 6455, section 7.4.1. */
const PROTOCOL_ERROR = 1002;

/** Answers of this age are said again at a connect. */
const ANSWERS_AGAIN_MS = 24 * 60 * 60_000;

/** An unchanged health report is written at most this often: every write of a row costs. */
const HEALTH_WRITE_MS = 60_000;

/** The head of the record is shown to the box this often at most, when there is a newer one. */
const RECORD_SHOWN_MS = 60_000;

/** A policy of a large organisation is some 100 kB; a frame of more than this is none of ours. */
const FRAME_MAX_CHARACTERS = 2 * 1024 * 1024;

export class BoxLine {
  readonly #state: DurableObjectState;
  readonly #store: Store;
  readonly #afterRequest: () => Promise<void>;
  readonly #onNews: () => void;
  readonly #turns = new WeakMap<WebSocket, Promise<void>>();
  readonly #waiters = new Set<Waiter>();
  /** Who waits for which answer about machines without a name. */
  readonly #lookers = new Map<string, (answer: SeenAnswer) => void>();
  /** One message is signed and sent after the other, each from what the database holds at that moment. */
  #sending: Promise<void> = Promise.resolve();
  #health: HealthReport | null = null;
  #healthWrittenAt = 0;
  #reportedDayAt = 0;
  #recordShownAt = 0;

  /**
   * `afterRequest`: a request has come in and waits, until it lapses. `onNews`: the box has said, or stopped saying,
   * something that a page may show.
   */
  constructor(state: DurableObjectState, store: Store, afterRequest: () => Promise<void>, onNews: () => void) {
    this.#state = state;
    this.#store = store;
    this.#afterRequest = afterRequest;
    this.#onNews = onNews;
    // Beats are answered by the runtime, so that they do not wake the object.
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
  }

  /** The socket for the box, with the challenge on its way. Whose key it is shows only with the hello. */
  open(boxId: string, nowMs: number): WebSocket {
    const { 0: client, 1: server } = new WebSocketPair();
    const strangers = this.#sockets().filter(({ attachment }) => attachment.nonce !== null);
    strangers.sort((a, b) => a.attachment.since - b.attachment.since);
    for (const { socket } of strangers.slice(0, Math.max(0, strangers.length - STRANGERS_MAX + 1))) {
      closeSocket(socket, 1008, 'too many connections without a hello');
    }
    const nonce = toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
    this.#state.acceptWebSocket(server, [BOX]);
    attach(server, { boxId, nonce, since: nowMs, recordSeq: null, tellsSeen: false, heardAt: nowMs });
    send(server, { type: 'challenge', nonce });
    return client;
  }

  /** Frames of one socket take their turn, since a signature is checked asynchronously. */
  receive(socket: WebSocket, frame: string | ArrayBuffer, nowMs: number): Promise<void> {
    const turn = (this.#turns.get(socket) ?? Promise.resolve())
      .then(() => this.#take(socket, frame, nowMs))
      .catch((error: unknown) => {
        console.error('a message of the box could not be taken:', error);
        // The box repeats what was not acknowledged when it connects again.
        closeSocket(socket, 1011, 'the dashboard could not take a message');
      });
    this.#turns.set(socket, turn);
    return turn;
  }

  closed(socket: WebSocket): void {
    const attachment = attachmentOf(socket);
    if (attachment === null || attachment.nonce !== null) return;
    this.#noteSeen(attachment.boxId, heardAt(this.#state, socket, attachment));
    this.#onNews();
  }

  /** When the box was last heard on its open line; null without one. */
  lastHeardAt(): number | null {
    const live = this.#live();
    return live === null ? null : heardAt(this.#state, live.socket, live.attachment);
  }

  health(): HealthReport | null {
    return this.#health ?? healthOf(currentBox(this.#store));
  }

  /** Ends the line of a box whose key is no longer taken. */
  dismiss(boxId: string): void {
    this.#health = null;
    for (const { socket, attachment } of this.#sockets()) {
      if (attachment.boxId === boxId) closeSocket(socket, CLOSE_NOT_ENROLLED, 'this box is no longer paired');
    }
    for (const waiter of this.#waiters) waiter.done(false);
  }

  /** Sends the newest of it, when there is a line. */
  push(kind: SignedKind): Promise<void> {
    this.#sending = this.#sending
      .then(() => this.#sendSigned(kind))
      .catch((error: unknown) => console.error(`the ${kind} could not be sent to the box:`, error));
    return this.#sending;
  }

  /** Whether the box has acknowledged that version within the time. At once when it is not there, or refuses it. */
  acknowledgement(kind: Versioned, version: number, timeoutMs: number): Promise<boolean> {
    if (this.#live() === null) return Promise.resolve(false);
    return new Promise((resolve) => {
      const done = (acknowledged: boolean) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(acknowledged);
      };
      const waiter: Waiter = { kind, version, done };
      const timer = setTimeout(() => done(false), timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  /** Asks the box which machines without a name are on the setting's own networks. Nothing of the answer is kept. */
  seenDevices(timeoutMs: number): Promise<SeenAnswer> {
    const live = this.#live();
    if (live === null) return Promise.resolve({ kind: 'away' });
    if (!live.attachment.tellsSeen) return Promise.resolve({ kind: 'too-old' });
    const id = crypto.randomUUID();
    return new Promise((resolve) => {
      const done = (answer: SeenAnswer) => {
        clearTimeout(timer);
        this.#lookers.delete(id);
        resolve(answer);
      };
      const timer = setTimeout(() => done({ kind: 'away' }), timeoutMs);
      this.#lookers.set(id, done);
      send(live.socket, { type: 'seen-request', id });
    });
  }

  sendAnswer(requestId: string): void {
    const live = this.#live();
    const request = findRequest(this.#store, requestId);
    if (live !== null && request !== undefined) sendAnswer(live.socket, request);
  }

  // ---- messages ------------------------------------------------------------------------------------------------

  async #take(socket: WebSocket, frame: string | ArrayBuffer, nowMs: number): Promise<void> {
    const attachment = attachmentOf(socket);
    if (attachment === null) return;
    const message = readFrame(frame);
    if (attachment.nonce !== null) {
      if (message?.type === 'hello') await this.#hello(socket, attachment, attachment.nonce, message, nowMs);
      else if (message === null)
        closeSocket(socket, PROTOCOL_ERROR, 'expected a hello of this version: update both sides');
      else closeSocket(socket, CLOSE_NOT_ENROLLED, 'expected a hello first');
      return;
    }
    // The key may have been revoked while this frame was on its way.
    if (currentBox(this.#store)?.id !== attachment.boxId) {
      closeSocket(socket, CLOSE_NOT_ENROLLED, 'this box is no longer paired');
      return;
    }
    attach(socket, { ...attachment, heardAt: nowMs });
    const unusable = message === null ? sequenceOf(frame) : null;
    if (unusable !== null) {
      // Unacknowledged, the box would send it for ever, and nothing after it.
      noteUsageTrouble(this.#store, attachment.boxId, nowMs);
      applyUsage(this.#store, attachment.boxId, unusable, [], nowMs);
      send(socket, { type: 'usage-ack', seq: unusable });
    }
    // A newer box may say what this dashboard does not know yet.
    if (message !== null && message.type !== 'hello') await this.#obey(socket, attachment.boxId, message, nowMs);
  }

  async #hello(socket: WebSocket, attachment: Attachment, nonce: string, hello: Hello, nowMs: number): Promise<void> {
    const { boxId } = attachment;
    const box = currentBox(this.#store);
    const known =
      box !== null &&
      box.id === boxId &&
      hello.boxId === boxId &&
      (await isSignedBy(box.public_key, helloText(nonce, boxId), hello.signature));
    // Asked again, since another box may have been paired while the signature was checked.
    if (!known || currentBox(this.#store)?.id !== boxId) {
      closeSocket(socket, CLOSE_NOT_ENROLLED, 'the key of this box is not known here');
      return;
    }
    for (const other of this.#sockets()) {
      if (other.socket !== socket && other.attachment.nonce === null)
        closeSocket(other.socket, 1000, 'the box is back');
    }
    const { recordSeq = null, tellsSeen = false } = hello;
    attach(socket, { ...attachment, nonce: null, recordSeq, tellsSeen, heardAt: nowMs });
    const isFirst = !hasHeardPolicy(this.#store);
    const isNew = box.policy_version === null;
    updateBox(this.#store, boxId, {
      last_seen_at: nowMs,
      software_version: hello.softwareVersion,
      policy_version: hello.policyVersion,
      grants_version: hello.grantsVersion,
      // What a box shows when it says its first hello may be of another setting.
      notice_version: hello.noticeVersion === undefined ? null : isNew ? 0 : hello.noticeVersion,
    });
    this.#noteReport(nowMs);
    const own = currentPolicy(this.#store);
    if (own === null || isFirst) {
      const isTaken =
        own === null
          ? adoptPolicy(this.#store, hello.policy, this.#setting().name, nowMs)
          : joinFirstPolicy(this.#store, own, hello.policy, nowMs);
      if (!isTaken) {
        console.error('the policy of the box is not one that can be adopted; it keeps its own');
      }
    }
    // At its first hello a box may still have what another setting sent it, under numbers of that setting's own: then the
    // same number does not mean the same thing.
    const isOther = JSON.stringify(hello.policy) !== JSON.stringify(currentPolicy(this.#store));
    raiseVersionAbove(this.#store, hello.policyVersion, isNew && isOther, nowMs);
    raiseGrantsVersionAbove(this.#store, hello.grantsVersion, isNew && hello.grantsVersion > 0);
    if ((currentPolicy(this.#store)?.version ?? 0) > hello.policyVersion) this.push('policy');
    this.push('grants');
    if (currentBox(this.#store)?.notice_version !== newestNotice(this.#store)?.version) this.push('notice');
    for (const request of answersSince(this.#store, nowMs - ANSWERS_AGAIN_MS)) sendAnswer(socket, request);
    this.push('device-views');
    this.#showRecord(nowMs);
    this.#onNews();
  }

  async #obey(
    socket: WebSocket,
    boxId: string,
    message: Exclude<FromBox, { type: 'hello' }>,
    nowMs: number,
  ): Promise<void> {
    switch (message.type) {
      case 'policy-ack':
        updateBox(this.#store, boxId, { policy_version: message.version });
        this.#acknowledged('policy', message.version);
        this.#onNews();
        return;
      case 'grants-ack':
        acknowledgeGrants(this.#store, message.version, message.inForceAt, nowMs);
        updateBox(this.#store, boxId, { grants_version: message.version });
        this.#acknowledged('grants', message.version);
        this.#onNews();
        return;
      case 'refusal':
        this.#refused(boxId, message.of, message.version, message.reason, nowMs);
        this.#onNews();
        return;
      case 'usage-batch':
        if (applyUsage(this.#store, boxId, message.seq, message.rows, nowMs) === 'unusable') {
          noteUsageTrouble(this.#store, boxId, nowMs);
        }
        this.#noteReport(nowMs);
        send(socket, { type: 'usage-ack', seq: message.seq });
        this.#showRecordAgain(nowMs);
        return;
      case 'health':
        this.#takeHealth(boxId, message, nowMs);
        this.#showRecordAgain(nowMs);
        return;
      case 'seen': {
        const { id, devices, total } = message;
        this.#lookers.get(id)?.(devices === null ? { kind: 'unreadable' } : { kind: 'seen', devices, total });
        return;
      }
      case 'head-signed':
        await this.#noteHead(socket, boxId, message.head, nowMs);
        return;
      case 'head-refused':
        await this.#noteHead(socket, boxId, message.known, nowMs);
        return;
      case 'notice-ack':
        updateBox(this.#store, boxId, { notice_version: message.version });
        return;
      case 'acknowledgement':
        receiveAcknowledgement(this.#store, message.acknowledgement, nowMs);
        send(socket, { type: 'acknowledgement-ack', id: message.acknowledgement.id });
        return;
      case 'request':
        receiveRequest(this.#store, message.request, nowMs);
        await this.#afterRequest();
        send(socket, { type: 'request-ack', id: message.request.id });
        this.#onNews();
        // One too many is answered at once.
        this.sendAnswer(message.request.id);
        return;
    }
  }

  #acknowledged(kind: Versioned, version: number): void {
    noteRefusedVersion(this.#store, kind, null);
    for (const waiter of this.#waiters) {
      if (waiter.kind === kind && waiter.version <= version) waiter.done(true);
    }
  }

  #refused(boxId: string, of: Versioned, version: number, reason: string, nowMs: number): void {
    this.#store.transaction(() => {
      noteRefusedVersion(this.#store, of, { version, reason });
      if (of === 'policy') {
        writeRecord(this.#store, {
          at: nowMs,
          by: null,
          subject: boxId,
          event: { type: 'policy-refused', version, reason },
        });
      }
    });
    for (const waiter of this.#waiters) if (waiter.kind === of) waiter.done(false);
  }

  #takeHealth(boxId: string, health: HealthReport, nowMs: number): void {
    const before = this.health();
    this.#health = health;
    this.#noteReport(nowMs);
    const changed = before === null || newsOf(before) !== newsOf(health);
    if (!changed && nowMs - this.#healthWrittenAt < HEALTH_WRITE_MS) return;
    this.#healthWrittenAt = nowMs;
    updateBox(this.#store, boxId, { health_json: JSON.stringify(health), last_seen_at: nowMs });
    if (changed) this.#onNews();
  }

  // ---- the record ----------------------------------------------------------------------------------------------

  #showRecordAgain(nowMs: number): void {
    if (nowMs - this.#recordShownAt < RECORD_SHOWN_MS) return;
    const countersigned = this.#live()?.attachment.recordSeq ?? null;
    if (countersigned !== recordHead(this.#store).seq) this.#showRecord(nowMs);
  }

  #showRecord(nowMs: number): void {
    this.#recordShownAt = nowMs;
    this.push('record-head');
  }

  async #noteHead(socket: WebSocket, boxId: string, head: SignedHead, nowMs: number): Promise<void> {
    await noteHead(this.#store, boxId, head, nowMs);
    const attachment = attachmentOf(socket);
    if (attachment !== null) attach(socket, { ...attachment, recordSeq: head.seq });
  }

  /**
   * Null for a box that countersigns nothing, and for one that was away until the entry it knows was past its time: what
   * came after that entry cannot be shown to go on from it.
   */
  #recordHead(recordSeq: number | null): RecordHeadPayload | null {
    if (recordSeq === null || isExpired(this.#store, recordSeq)) return null;
    return { head: recordHead(this.#store), since: entryHead(this.#store, recordSeq) };
  }

  // ---- helpers -------------------------------------------------------------------------------------------------

  async #sendSigned(kind: SignedKind): Promise<void> {
    const live = this.#live();
    if (live === null) return;
    const { id, private_key_json } = this.#setting();
    const body = this.#bodyOf(kind, live.attachment);
    if (body === null) return;
    const payload = JSON.stringify(body);
    const signature = await signText(private_key_json, signedText(kind, id, payload));
    send(live.socket, { type: kind, payload, signature });
  }

  #bodyOf(kind: SignedKind, { recordSeq }: Attachment): object | null {
    if (kind === 'policy') return currentPolicy(this.#store);
    if (kind === 'notice') {
      // A box of before notices would not know what to do with it.
      return currentBox(this.#store)?.notice_version == null ? null : newestNotice(this.#store);
    }
    if (kind === 'device-views') return deviceViews(this.#store, Date.now());
    return kind === 'grants' ? grantsPayload(this.#store, Date.now()) : this.#recordHead(recordSeq);
  }

  #setting() {
    const row = this.#store.first((db) => db.selectFrom('setting').selectAll());
    if (row === undefined)
      throw new Error('this object holds no setting: it was asked for by an id that was never created');
    return row;
  }

  #live(): { socket: WebSocket; attachment: Attachment } | null {
    return this.#sockets().find(({ attachment }) => attachment.nonce === null) ?? null;
  }

  #sockets(): { socket: WebSocket; attachment: Attachment }[] {
    return this.#state.getWebSockets(BOX).flatMap((socket) => {
      const attachment = attachmentOf(socket);
      return attachment === null || socket.readyState !== WebSocket.OPEN ? [] : [{ socket, attachment }];
    });
  }

  #noteSeen(boxId: string, atMs: number): void {
    updateBox(this.#store, boxId, { last_seen_at: atMs });
  }

  #noteReport(nowMs: number): void {
    if (nowMs - this.#reportedDayAt < HEALTH_WRITE_MS) return;
    this.#reportedDayAt = nowMs;
    noteReportingDay(this.#store, nowMs);
  }
}

/** What of a health report somebody would want to know at once. */
function newsOf({ clockTrusted, open, upstreams, overlaps, unnamedDevices, alerts, startedAt }: HealthReport): string {
  return JSON.stringify([clockTrusted, open, upstreams, overlaps, unnamedDevices, alerts, startedAt]);
}

function heardAt(state: DurableObjectState, socket: WebSocket, attachment: Attachment): number {
  return Math.max(attachment.heardAt, state.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0);
}

function readFrame(frame: string | ArrayBuffer): FromBox | null {
  if (typeof frame !== 'string' || frame.length > FRAME_MAX_CHARACTERS) return null;
  try {
    const parsed = FromBox.safeParse(JSON.parse(frame));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** The number of a usage batch that makes no sense otherwise; null for any other frame. */
function sequenceOf(frame: string | ArrayBuffer): number | null {
  if (typeof frame !== 'string' || frame.length > FRAME_MAX_CHARACTERS) return null;
  try {
    const parsed = UsageBatchNumber.safeParse(JSON.parse(frame));
    return parsed.success ? parsed.data.seq : null;
  } catch {
    return null;
  }
}

function attach(socket: WebSocket, attachment: Attachment): void {
  socket.serializeAttachment(attachment);
}

function attachmentOf(socket: WebSocket): Attachment | null {
  return socket.deserializeAttachment() as Attachment | null;
}

function send(socket: WebSocket, message: FromDashboard): void {
  try {
    socket.send(JSON.stringify(message));
  } catch {
    // The line has gone meanwhile: everything that matters is said again at the next connect.
  }
}

function sendAnswer(socket: WebSocket, { id, status, answer_reason }: RequestRow): void {
  if (status !== 'waiting') send(socket, { type: 'request-answer', id, answer: status, reason: answer_reason ?? '' });
}
