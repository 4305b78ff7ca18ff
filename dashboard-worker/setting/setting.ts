/**
 * One setting: a Durable Object with the setting's records in its SQLite and the line to its box.
 *
 * Its methods are what the routes call. Every method takes who asks as an argument, since accounts live elsewhere (D1),
 * and reads the clock itself. A change and its record are one transaction; telling the box comes after it, and is
 * repeated at the next connect, so a kill in between loses nothing.
 */
import { DurableObject } from 'cloudflare:workers';
import type { EnrolResponse } from '../../policy-rules/agent-protocol.ts';
import { ownDevices } from '../../policy-rules/own-devices.ts';
import type { Policy } from '../../policy-rules/policy.ts';
import type { ExportedEntry } from '../../policy-rules/record-export.ts';
import type {
  AnyRight,
  AskedRecord,
  BoxModel,
  BoxPresence,
  Changes,
  ChannelEditModel,
  ChannelForm,
  ChannelsModel,
  DeviceReporting,
  DeviceUsageModel,
  GiveModel,
  GrantModel,
  GrantResultModel,
  HoursModel,
  LastChange,
  NoticeForm,
  NoticeModel,
  NoticePreviewModel,
  NowModel,
  OwnRecordModel,
  RecordModel,
  RequestModel,
  SelfGrantsModel,
  UnnamedDevicesModel,
  UsageModel,
  VerifyModel,
  YearModel,
} from '../views/models.ts';
import { scopeKey } from '../views/models.ts';
import { paths } from '../views/paths.ts';
import { addReaders, noteOnPaper, readersOf } from './acknowledgements.ts';
import { type ExportBeginning, type ExportFormat, exportSlice, filterOf, startExport } from './asked-record.ts';
import { attentionItems, overlapsOf } from './attention.ts';
import { BoxLine } from './box-line.ts';
import {
  boxDetails,
  currentBox,
  type NewBox,
  openPairingCode,
  type PairingCode,
  presenceOf,
  replacePairingCode,
  revokeBox,
  takeBox,
} from './boxes.ts';
import {
  bookChannels,
  type ChannelSaved,
  channelDevices,
  channelForm,
  channelModels,
  closeChannel,
  saveChannel,
} from './channels.ts';
import { assessedOn, dateAssessment, deviceReporting } from './device-reporting.ts';
import { giveChoices, grantableCategories } from './give-choices.ts';
import { currentStories, findStory, wishToRepeat } from './grant-stories.ts';
import {
  endGrantsOfDevice,
  endStory,
  extendStory,
  forgetConfirmations,
  type Given,
  type GrantWish,
  giveGrant,
  grantsVersion,
  isGrantId,
  type MoreTime,
  noteGrant,
} from './grants.ts';
import { makeSettingKeys } from './keys.ts';
import { LivePages, readPageOwner } from './live-pages.ts';
import { migrate } from './migrations.ts';
import { draftNotice, newestNotice, noticeWording, publishedModel, publishNotice } from './notices.ts';
import { calendarOf, closingTime, endOfSessionBeforeClose, hoursFacts, openingAt } from './opening.ts';
import {
  changePolicy,
  currentPolicy,
  type PolicyChange,
  type PolicyChanged,
  type PolicyUnchanged,
  policyOf,
} from './policies.ts';
import { lastChangeModel, previewChange } from './policy-preview.ts';
import { type Actor, newestOf, type RecordNote, readRecord, readRecordBefore, writeRecord } from './record.ts';
import { everyEntry, type RecordFilter } from './record-filter.ts';
import { checkHeads } from './record-heads.ts';
import { verifyRecord } from './record-verify.ts';
import { type ClaimedCall, claimCall, dropCall, keepCall } from './repeated-calls.ts';
import {
  type Answered,
  answerRequest,
  countWaiting,
  findRequest,
  lapseRequests,
  nextLapse,
  type RequestAnswerWish,
  requestModel,
  settleByGrant,
  waitingRequests,
} from './requests.ts';
import { applyRetention, DEVICE_DAYS_KEPT } from './retention.ts';
import { selfGrantsPage } from './self-grants.ts';
import { isSentAlready } from './sent-twice.ts';
import { devicesOfLeavers, enterStaff, noteStaffLeft, staffNames } from './staff.ts';
import { Store } from './store.ts';
import { unnamedAmong } from './unnamed-devices.ts';
import { deviceFigures, usageFigures } from './usage.ts';
import { noteAccessRefused, noteAlertsSeen, noteDeviceUsageSeen, noteView, viewsOfDevices } from './who-looked.ts';
import { spanOf, yearFigures } from './year.ts';

/** How long a page waits for the box's own word before it is shown with "sending". */
const ACKNOWLEDGEMENT_MS = 1_500;

/** How long a page waits for the box to say who is on the network: it reads a table of its kernel. */
const SEEN_MS = 3_000;

/** After work of the alarm that failed. */
const AGAIN_MS = 60 * 60_000;

const DAY_MS = 24 * 60 * 60_000;

/** What the frame of every page needs from the setting. */
export interface SettingFrame {
  readonly settingName: string;
  readonly timeZone: string;
  readonly nowMs: number;
  readonly requestsWaiting: number;
  readonly box: BoxPresence;
  readonly clockTrusted: boolean;
}

export type GivenAndTold =
  | (Given & { readonly ok: true; readonly acknowledged: boolean })
  | (Given & { ok: false })
  /** The request that it was to answer does not wait any more. */
  | { readonly ok: false; readonly problem: 'gone' };
export type ChangedAndTold =
  | (PolicyChanged & { readonly ok: true; readonly acknowledged: boolean })
  | (PolicyChanged & { ok: false });

export type Previewed =
  | { readonly ok: true; readonly frame: SettingFrame; readonly changes: Changes }
  | PolicyUnchanged;

export class Setting extends DurableObject<object> {
  readonly #store: Store;
  readonly #line: BoxLine;
  readonly #pages: LivePages;

  constructor(state: DurableObjectState, env: object) {
    super(state, env);
    this.#store = new Store(state.storage);
    // Synchronous, so nothing can come between: no request sees a half migrated database.
    migrate(this.#store, Date.now());
    this.#pages = new LivePages(state);
    this.#line = new BoxLine(
      state,
      this.#store,
      () => this.#setAlarm(),
      () => this.#pages.tell(Date.now()),
    );
  }

  // ---- the setting itself --------------------------------------------------------------------------------------

  /** Once; again it changes nothing. */
  async create(id: string, name: string): Promise<void> {
    if (this.#exists()) return;
    const keys = await makeSettingKeys();
    // Two calls at once both come to here: the second finds the first one's row.
    if (this.#exists()) return;
    const nowMs = Date.now();
    this.#store.transaction(() => {
      this.#store.change((db) =>
        db.insertInto('setting').values({
          id,
          name,
          created_at: nowMs,
          grants_version: 0,
          private_key_json: keys.privateKeyJson,
          public_key: keys.publicKey,
        }),
      );
      writeRecord(this.#store, { at: nowMs, by: null, subject: id, event: { type: 'setting-created' } });
    });
    await this.#setAlarm();
  }

  async rename(name: string, actor: Actor): Promise<void> {
    if (this.#name() === name) return;
    this.#store.change((db) => db.updateTable('setting').set({ name }));
    if (currentPolicy(this.#store) !== null) await this.changePolicy({ kind: 'rename', settingName: name }, actor);
  }

  /** What somebody asked for is beyond their role. */
  noteAccessRefused(right: AnyRight, actor: Actor): void {
    noteAccessRefused(this.#store, right, actor, Date.now());
  }

  /** Of changes that were made in another database: told until they are here, each written once. */
  takeNotes(notes: readonly RecordNote[]): void {
    this.#store.transaction(() => {
      for (const note of notes) writeRecord(this.#store, note);
    });
  }

  frame(): SettingFrame {
    return this.#frame(Date.now());
  }

  // ---- the box -------------------------------------------------------------------------------------------------

  /** Null is the host, which pairs the box beside it. */
  createPairingCode(actor: Actor | null): PairingCode {
    return replacePairingCode(this.#store, actor, Date.now());
  }

  /** Null for a wrong, used or expired code. */
  enrol(code: string, box: NewBox): EnrolResponse | null {
    const nowMs = Date.now();
    const before = currentBox(this.#store);
    const taken = this.#store.transaction(() => {
      if (!takeBox(this.#store, code, box, nowMs)) return false;
      forgetConfirmations(this.#store, nowMs);
      return true;
    });
    if (!taken) return null;
    if (before !== null) this.#line.dismiss(before.id);
    this.#pages.tell(Date.now());
    const setting = this.#store.first((db) => db.selectFrom('setting').select(['id', 'name', 'public_key']))!;
    return {
      boxId: box.id,
      settingId: setting.id,
      settingName: setting.name,
      settingPublicKey: setting.public_key,
    };
  }

  /** The id of the box that went; null when there was none. */
  removeBox(actor: Actor): string | null {
    const nowMs = Date.now();
    const id = this.#store.transaction(() => {
      forgetConfirmations(this.#store, nowMs);
      return revokeBox(this.#store, actor, nowMs);
    });
    if (id !== null) this.#line.dismiss(id);
    this.#pages.tell(Date.now());
    return id;
  }

  /** Only upgrades come here: of a page, whose session the Worker knows, and of a box, whose id has led it to here. */
  override fetch(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url);
    const isPage = pathname === paths.live;
    const webSocket = isPage
      ? this.#pages.open(readPageOwner(searchParams), Date.now())
      : this.#line.open(searchParams.get('box') ?? '', Date.now());
    return new Response(null, { status: 101, webSocket });
  }

  /** Something about whether that person may come in has changed: who still may opens the page's socket anew. */
  closePagesOf(userId: string): void {
    this.#pages.closeOf(userId);
  }

  override async webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): Promise<void> {
    if (this.#pages.has(socket)) this.#pages.refuse(socket);
    else await this.#line.receive(socket, frame, Date.now());
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    if (!this.#pages.has(socket)) this.#line.closed(socket);
    // Codes below 3000 other than 1000 are the protocol's own, and may not all be sent.
    socket.close(code >= 3000 && code < 5000 ? code : 1000);
  }

  override webSocketError(socket: WebSocket): void {
    if (!this.#pages.has(socket)) this.#line.closed(socket);
  }

  // ---- permissions ---------------------------------------------------------------------------------------------

  /** Answers with the box's acknowledgement, or after a moment without it: then it is on its way. */
  async giveGrant(wish: GrantWish, actor: Actor, requestId = '', formId = ''): Promise<GivenAndTold> {
    const nowMs = Date.now();
    this.#lapse(nowMs);
    if (isSentAlready(this.#store, formId, wish, 'given', nowMs)) return { ok: true, id: formId, acknowledged: false };
    // Somebody else has answered it since the form was shown.
    if (requestId !== '' && findRequest(this.#store, requestId)?.status !== 'waiting') {
      return { ok: false, problem: 'gone' };
    }
    const id = formId === '' || isGrantId(this.#store, formId) ? crypto.randomUUID() : formId;
    const given = this.#store.transaction(() => {
      const result = giveGrant(this.#store, wish, actor, nowMs, id);
      if (result.ok && requestId !== '') settleByGrant(this.#store, requestId, result.id, actor, nowMs);
      return result;
    });
    if (!given.ok) return given;
    if (requestId !== '') this.#line.sendAnswer(requestId);
    return { ...given, acknowledged: await this.#tell('grants', grantsVersion(this.#store)) };
  }

  /** A record only: nothing is told to the box. */
  noteGrant(wish: GrantWish, actor: Actor, formId: string): Given {
    const nowMs = Date.now();
    if (isSentAlready(this.#store, formId, wish, 'noted', nowMs)) return { ok: true, id: formId };
    const id = formId === '' || isGrantId(this.#store, formId) ? crypto.randomUUID() : formId;
    const noted = noteGrant(this.#store, wish, actor, nowMs, id);
    if (noted.ok) this.#pages.tell(Date.now());
    return noted;
  }

  /** What is allowed now, booked, or ended within the last hour. */
  grants(): GrantModel[] {
    const { box, nowMs } = this.frame();
    return currentStories(this.#store, box, nowMs);
  }

  /** Those that wait for an answer. */
  requests(): RequestModel[] {
    this.#lapse(Date.now());
    return waitingRequests(this.#store);
  }

  /** Null when there is no such grant. */
  async repeatGrant(id: string, actor: Actor, formId = ''): Promise<GivenAndTold | null> {
    const wish = wishToRepeat(this.#store, id);
    return wish === null ? null : await this.giveGrant(wish, actor, '', formId);
  }

  /** `knownEnd`: the end that the person was shown. */
  async extendGrant(id: string, more: MoreTime, knownEnd: number, actor: Actor): Promise<GivenAndTold> {
    const given = extendStory(this.#store, id, more, knownEnd, actor, Date.now());
    if (!given.ok) return given;
    return { ...given, acknowledged: await this.#tell('grants', grantsVersion(this.#store)) };
  }

  /** All of its story. Null when it is not there or has ended already. */
  async endGrant(id: string, actor: Actor): Promise<{ acknowledged: boolean } | null> {
    if (!endStory(this.#store, id, actor, Date.now())) return null;
    return { acknowledged: await this.#tell('grants', grantsVersion(this.#store)) };
  }

  async answerRequest(id: string, wish: RequestAnswerWish, actor: Actor): Promise<Answered> {
    const nowMs = Date.now();
    this.#lapse(nowMs);
    const answered = answerRequest(this.#store, id, wish, actor, nowMs);
    if (!answered.ok) return answered;
    this.#line.sendAnswer(id);
    if (answered.grantId === null) this.#pages.tell(Date.now());
    else await this.#tell('grants', grantsVersion(this.#store));
    return answered;
  }

  // ---- the policy ----------------------------------------------------------------------------------------------

  async changePolicy(change: PolicyChange, actor: Actor): Promise<ChangedAndTold> {
    const nowMs = Date.now();
    const grantsBefore = grantsVersion(this.#store);
    const changed = this.#store.transaction(() => {
      const before = policyOf(this.#store);
      // Somebody who has left and is still a device's user does not come back by another change of the device.
      const names = new Set(before.devices.flatMap(({ user }) => (user?.kind === 'person' ? [user.name] : [])));
      const result = changePolicy(this.#store, change, actor, nowMs);
      const now = new Set(ownDevices(policyOf(this.#store)).map(({ id }) => id));
      for (const { id } of ownDevices(before)) {
        if (!now.has(id)) endGrantsOfDevice(this.#store, id, before, actor, nowMs);
      }
      // A device that is back has its channels' slots back.
      bookChannels(this.#store, nowMs);
      const { user } = change.kind === 'save-device' && result.ok ? change.device : {};
      if (user?.kind === 'person' && !names.has(user.name)) enterStaff(this.#store, [user.name], actor, nowMs);
      return result;
    });
    if (!changed.ok) return changed;
    if (grantsVersion(this.#store) !== grantsBefore) void this.#line.push('grants');
    return { ...changed, acknowledged: await this.#tell('policy', changed.version) };
  }

  /** What the change would come to at this moment; nothing is written. */
  previewPolicy(change: PolicyChange): Previewed {
    const frame = this.frame();
    const previewed = previewChange(this.#store, change, frame.nowMs);
    return previewed.ok ? { ...previewed, frame } : previewed;
  }

  /** The newest change of the policy; null when there is none that can be taken back. */
  lastChange(): { frame: SettingFrame; last: LastChange | null } {
    const frame = this.frame();
    return { frame, last: lastChangeModel(this.#store, frame.nowMs) };
  }

  /** Version 0 stands for what a new setting begins with, until a box has brought its own or somebody has saved one. */
  policy(): {
    frame: SettingFrame;
    policy: Policy;
    unnamedDevices: number | null;
    reporting: DeviceReporting;
    staff: string[];
    /** Ids of devices whose user has left. */
    ofLeavers: string[];
  } {
    const health = this.#line.health();
    return {
      frame: this.frame(),
      policy: policyOf(this.#store),
      unnamedDevices: health === null ? null : health.unnamedDevices,
      reporting: deviceReporting(this.#store),
      staff: staffNames(this.#store),
      ofLeavers: devicesOfLeavers(this.#store, policyOf(this.#store)).map(({ id }) => id),
    };
  }

  /** Asked of the box at this moment, and kept nowhere. That somebody has seen the answer is recorded. */
  async unnamedDevices(actor: Actor): Promise<{ frame: SettingFrame } & Pick<UnnamedDevicesModel, 'seen'>> {
    const seen = await this.#line.seenDevices(SEEN_MS);
    const frame = this.frame();
    if (seen.kind !== 'seen') return { frame, seen };
    noteView(this.#store, 'unnamed-devices-viewed', actor, Date.now());
    return { frame, seen: unnamedAmong(seen, policyOf(this.#store)) };
  }

  hours(): { frame: SettingFrame } & Pick<HoursModel, 'opening' | 'hours' | 'nextBankHolidays' | 'today' | 'version'> {
    const frame = this.frame();
    return { frame, ...hoursFacts(policyOf(this.#store), frame.nowMs) };
  }

  // ---- official channels ---------------------------------------------------------------------------------------

  channels(): { frame: SettingFrame } & Omit<ChannelsModel, 'frame'> {
    const frame = this.frame();
    return { frame, channels: channelModels(this.#store, frame.nowMs) };
  }

  channelChoices(): { frame: SettingFrame } & Pick<ChannelEditModel, 'devices' | 'staff' | 'categories' | 'today'> {
    const devices = channelDevices(policyOf(this.#store));
    const staff = staffNames(this.#store);
    return { frame: this.frame(), devices, staff, categories: grantableCategories, today: this.today() };
  }

  /** YYYY-MM-DD in the setting's zone. */
  today(): string {
    return calendarOf(policyOf(this.#store).timeZone, Date.now()).date;
  }

  /** Null when there is no such channel, or it is closed. */
  channelForm(id: string): ChannelForm | null {
    return channelForm(this.#store, id);
  }

  /** `id` null: a new one. `seen`: as whoever changes it has read it. The box is told at once of what stands open. */
  saveChannel(
    id: string | null,
    form: ChannelForm,
    actor: Actor,
    seen: ChannelForm | null = null,
    formId = '',
  ): ChannelSaved {
    const nowMs = Date.now();
    const saved = this.#store.transaction(() => {
      const before = id === null ? null : channelForm(this.#store, id);
      const result = saveChannel(this.#store, id, form, actor, nowMs, seen, formId);
      const named = [form.firstPerson, form.secondPerson].filter(
        (name) => name !== before?.firstPerson && name !== before?.secondPerson,
      );
      if (result.ok) enterStaff(this.#store, named, actor, nowMs);
      return result;
    });
    if (saved.ok) void this.#line.push('grants');
    return saved;
  }

  /** False when there is no such channel, or it is closed already. */
  closeChannel(id: string, actor: Actor): boolean {
    const closed = closeChannel(this.#store, id, actor, Date.now());
    if (closed) void this.#line.push('grants');
    return closed;
  }

  // ---- the monitoring notice ------------------------------------------------------------------------------------

  notice(): { frame: SettingFrame; wording: NoticeForm } & Omit<NoticeModel, 'frame' | 'values' | 'errors'> {
    const frame = this.frame();
    const newest = newestNotice(this.#store);
    const wording = noticeWording(this.#store);
    return {
      frame,
      wording,
      published: newest && publishedModel(this.#store, newest, wording),
      reporting: deviceReporting(this.#store),
      assessedOn: assessedOn(this.#store),
      today: calendarOf(frame.timeZone, frame.nowMs).date,
      ...readersOf(this.#store, newest?.version ?? 0),
    };
  }

  /** As it would be published now; nothing is written. */
  draftNotice(wording: NoticeForm): { frame: SettingFrame } & Omit<NoticePreviewModel, 'frame' | 'values'> {
    const newest = newestNotice(this.#store);
    const sections = draftNotice(this.#store, wording);
    const isUnchanged = JSON.stringify(newest?.sections) === JSON.stringify(sections);
    return { frame: this.frame(), known: newest?.version ?? 0, sections, isUnchanged };
  }

  /** False when there is a newer one than the person knew. */
  publishNotice(wording: NoticeForm, known: number, actor: Actor): boolean {
    const version = publishNotice(this.#store, wording, known, actor, Date.now());
    if (version !== null) {
      void this.#line.push('notice');
      this.#tellReporting();
    }
    return version !== null;
  }

  /** False for a date that lies ahead. */
  dateAssessment(date: string, actor: Actor): boolean {
    const nowMs = Date.now();
    if (date > calendarOf(policyOf(this.#store).timeZone, nowMs).date) return false;
    dateAssessment(this.#store, date, actor, nowMs);
    this.#tellReporting();
    return true;
  }

  /** It may have begun that figures of single devices are kept: the box keeps none before it has been told so. */
  #tellReporting(): void {
    void this.#line.push('device-views');
  }

  /** False when they would be too many. */
  addReaders(names: readonly string[], actor: Actor): boolean {
    return addReaders(this.#store, names, actor, Date.now());
  }

  /** How many of them are on the list. */
  noteReaders(what: 'paper' | 'left', readerIds: readonly string[], actor: Actor): number {
    const note = what === 'paper' ? noteOnPaper : noteStaffLeft;
    const nowMs = Date.now();
    const before = grantsVersion(this.#store);
    const noted = this.#store.transaction(() => readerIds.filter((id) => note(this.#store, id, actor, nowMs)).length);
    // Who has left looks after no channel any more.
    if (grantsVersion(this.#store) !== before) void this.#line.push('grants');
    return noted;
  }

  // ---- what pages show -----------------------------------------------------------------------------------------

  now(actor: Actor): { frame: SettingFrame } & Omit<NowModel, 'frame'> {
    this.#lapse(Date.now());
    const frame = this.frame();
    const policy = policyOf(this.#store);
    const alerts = frame.box.kind === 'none' ? [] : (this.#line.health()?.alerts ?? []);
    if (noteAlertsSeen(this.#store, alerts, actor, frame.nowMs)) void this.#line.push('device-views');
    return {
      frame,
      box: frame.box,
      opening: openingAt(policy, frame.nowMs),
      closesAt: closingTime(policy, frame.nowMs),
      sessionEndsAt: endOfSessionBeforeClose(policy, frame.nowMs),
      grants: currentStories(this.#store, frame.box, frame.nowMs),
      requests: waitingRequests(this.#store),
      attention: attentionItems(this.#store, frame.box, this.#line.health(), frame.nowMs),
    };
  }

  /** What the form of Give permission offers; `request` is null for an unknown or answered one. */
  give(
    requestId: string,
  ): { frame: SettingFrame; requestRow: { device: string; scopeKey: string } | null } & Omit<
    GiveModel,
    'frame' | 'values' | 'errors' | 'formId'
  > {
    this.#lapse(Date.now());
    const frame = this.frame();
    const row = findRequest(this.#store, requestId);
    const waiting = row?.status === 'waiting' ? row : undefined;
    return {
      frame,
      ...giveChoices(this.#store, frame.nowMs),
      box: frame.box,
      request: waiting === undefined ? null : requestModel(this.#store, waiting),
      requestRow:
        waiting === undefined ? null : { device: waiting.device, scopeKey: scopeKey(JSON.parse(waiting.scope_json)) },
    };
  }

  grant(id: string): ({ frame: SettingFrame } & Omit<GrantResultModel, 'frame'>) | null {
    const frame = this.frame();
    const grant = findStory(this.#store, id, frame.box, frame.nowMs);
    if (grant === null) return null;
    const policy = policyOf(this.#store);
    const sessionEndsAt = endOfSessionBeforeClose(policy, frame.nowMs);
    const closesAt = closingTime(policy, frame.nowMs);
    return { frame, grant, sessionEndsAt, closesAt, overlaps: overlapsOf(this.#line.health(), grant) };
  }

  usage(span: UsageModel['span'], actor: Actor): { frame: SettingFrame } & Omit<UsageModel, 'frame'> {
    noteView(this.#store, 'usage-viewed', actor, Date.now());
    const frame = this.frame();
    const devices = ownDevices(policyOf(this.#store)).map(({ id, name }) => ({ id, name }));
    const reporting = deviceReporting(this.#store);
    return { frame, reporting, devices, ...usageFigures(this.#store, span, frame.nowMs) };
  }

  /** `week`: its Monday, or "". Null for what is not one of the setting's own devices. Shown, it is on the record, and the box is told. */
  deviceUsage(
    id: string,
    week: string,
    actor: Actor,
  ): ({ frame: SettingFrame } & Omit<DeviceUsageModel, 'frame'>) | null {
    const device = ownDevices(policyOf(this.#store)).find((own) => own.id === id);
    if (device === undefined) return null;
    const frame = this.frame();
    const reporting = deviceReporting(this.#store);
    const facts = {
      frame,
      deviceId: id,
      deviceName: device.name,
      user: device.user ?? null,
      reporting,
      keptDays: DEVICE_DAYS_KEPT,
    };
    if (!reporting.on) return { ...facts, total: { blocked: 0, granted: 0 }, weeks: [], week: null };
    if (noteDeviceUsageSeen(this.#store, device, actor, frame.nowMs)) void this.#line.push('device-views');
    return { ...facts, ...deviceFigures(this.#store, id, week) };
  }

  /** What is not asked for has no bound. */
  record(
    asked: Partial<AskedRecord>,
    page: number,
  ): { frame: SettingFrame } & Pick<RecordModel, 'entries' | 'total' | 'page' | 'pageCount'> {
    return { frame: this.frame(), ...readRecord(this.#store, filterOf(this.#store, asked), page) };
  }

  /** The newest of those with a smaller number; null is all. Unlike pages by number these do not move as others are written. */
  recordBefore(
    asked: Partial<AskedRecord>,
    before: number | null,
    limit: number,
  ): { frame: SettingFrame } & ReturnType<typeof readRecordBefore> {
    return { frame: this.frame(), ...readRecordBefore(this.#store, filterOf(this.#store, asked), before, limit) };
  }

  /** Resolves once the result is on the record. */
  async verifyRecord(actor: Actor): Promise<void> {
    const { count, fault } = await verifyRecord(this.#store, () => scheduler.wait(0));
    const { firstWrong: contradicted } = await checkHeads(this.#store);
    // A chain that is whole by itself may have been cut off, or computed anew: the box's signatures show that.
    const event = { type: 'record-verified', count, firstWrong: fault?.seq ?? contradicted } as const;
    writeRecord(this.#store, { at: Date.now(), by: actor, subject: '', event });
  }

  /** That a copy is taken is on the record. */
  startExport(format: ExportFormat, asked: AskedRecord, actor: Actor): ExportBeginning {
    return startExport(this.#store, format, asked, actor, Date.now());
  }

  /** The next entries after number `after`, up to number `last`; none after the last. */
  exportSlice(asked: AskedRecord, after: number, last: number): ExportedEntry[] {
    return exportSlice(this.#store, asked, after, last);
  }

  async recordVerified(): Promise<{ frame: SettingFrame } & Omit<VerifyModel, 'frame'>> {
    const { upTo } = await checkHeads(this.#store);
    return { frame: this.frame(), last: newestOf(this.#store, 'record-verified'), countersigned: upTo };
  }

  /** Dates included; null bounds are the last twelve whole months and this one. `wholeMonths`: as in `spanOf`. */
  year(
    first: string | null,
    last: string | null,
    wholeMonths: boolean,
    actor: Actor,
  ): { frame: SettingFrame } & Omit<YearModel, 'frame' | 'errors'> {
    noteView(this.#store, 'year-viewed', actor, Date.now());
    const frame = this.frame();
    const span = spanOf(this.#store, first, last, wholeMonths, frame.nowMs);
    return { frame, ...span, ...yearFigures(this.#store, span.first, span.last, frame.nowMs) };
  }

  box(): { frame: SettingFrame } & Pick<BoxModel, 'presence' | 'pairing' | 'details'> {
    const frame = this.frame();
    const box = currentBox(this.#store);
    return {
      frame,
      presence: frame.box,
      pairing: openPairingCode(this.#store, frame.nowMs),
      details: box && boxDetails(this.#store, box, this.#line.health()),
    };
  }

  /** What is recorded about that person; and, if they may see it, that somebody looked at what single devices did. */
  recordAbout(
    person: Actor,
    page: number,
    withViews: boolean,
  ): { frame: SettingFrame } & Omit<OwnRecordModel, 'frame'> {
    const frame = this.frame();
    const about: RecordFilter = { ...everyEntry, about: person.id };
    const views = withViews ? viewsOfDevices(this.#store, frame.nowMs) : null;
    return { frame, ...readRecord(this.#store, about, page), views };
  }

  /** The same without those views, and as `recordBefore`. */
  recordAboutBefore(
    { id: about }: Actor,
    before: number | null,
    limit: number,
  ): { frame: SettingFrame } & ReturnType<typeof readRecordBefore> {
    return { frame: this.frame(), ...readRecordBefore(this.#store, { ...everyEntry, about }, before, limit) };
  }

  /** In the last twelve months and before, the newest first. */
  selfGrants(page: number): { frame: SettingFrame } & Omit<SelfGrantsModel, 'frame'> {
    const frame = this.frame();
    return { frame, ...selfGrantsPage(this.#store, page, frame.nowMs) };
  }

  // ---- calls of other programs that are sent again ----------------------------------------------------------------

  claimCall(keyId: string, name: string, essence: string): ClaimedCall {
    return claimCall(this.#store, keyId, name, essence, Date.now());
  }

  keepCall(keyId: string, name: string, status: number, bodyJson: string): void {
    keepCall(this.#store, keyId, name, status, bodyJson);
  }

  dropCall(keyId: string, name: string): void {
    dropCall(this.#store, keyId, name);
  }

  // ---- time ----------------------------------------------------------------------------------------------------

  override async alarm(): Promise<void> {
    const nowMs = Date.now();
    // Set first: an alarm that fails would otherwise be the last, and nothing would be erased any more.
    await this.ctx.storage.setAlarm(nowMs + AGAIN_MS);
    const daily = [() => this.#bookChannels(nowMs), () => applyRetention(this.#store, nowMs)];
    for (const work of [() => this.#lapse(nowMs), ...daily]) {
      try {
        work();
      } catch (error) {
        console.error(`the daily work of this setting failed, and is tried again in ${AGAIN_MS / 60_000} min:`, error);
        return;
      }
    }
    await this.#setAlarm();
  }

  /** Once a day for retention, and when the next request lapses. */
  async #setAlarm(): Promise<void> {
    const daily = Date.now() + DAY_MS;
    await this.ctx.storage.setAlarm(Math.min(daily, nextLapse(this.#store) ?? daily));
  }

  // ---- helpers -------------------------------------------------------------------------------------------------

  /** The box first; its word is news to the open pages, and so is its silence: nothing comes in between for their sake. */
  async #tell(kind: 'policy' | 'grants', version: number): Promise<boolean> {
    const acknowledgement = this.#line.acknowledgement(kind, version, ACKNOWLEDGEMENT_MS);
    void this.#line.push(kind);
    const acknowledged = await acknowledgement;
    if (!acknowledged) this.#pages.tell(Date.now());
    return acknowledged;
  }

  #bookChannels(nowMs: number): void {
    const before = grantsVersion(this.#store);
    bookChannels(this.#store, nowMs);
    if (grantsVersion(this.#store) !== before) void this.#line.push('grants');
  }

  #lapse(nowMs: number): void {
    const lapsed = lapseRequests(this.#store, nowMs);
    for (const id of lapsed) this.#line.sendAnswer(id);
    if (lapsed.length > 0) this.#pages.tell(Date.now());
  }

  #exists(): boolean {
    return this.#store.first((db) => db.selectFrom('setting').select('id')) !== undefined;
  }

  #name(): string {
    return this.#store.first((db) => db.selectFrom('setting').select('name'))?.name ?? '';
  }

  #frame(nowMs: number): SettingFrame {
    const heardAt = this.#line.lastHeardAt();
    return {
      settingName: this.#name(),
      timeZone: policyOf(this.#store).timeZone,
      nowMs,
      requestsWaiting: countWaiting(this.#store),
      box: presenceOf(currentBox(this.#store), heardAt, nowMs),
      clockTrusted: this.#line.health()?.clockTrusted ?? true,
    };
  }
}
