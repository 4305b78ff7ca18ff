/**
 * One setting: a Durable Object with the setting's records in its SQLite and the line to its box.
 *
 * Its methods are what the routes call. Every method takes who asks as an argument, since accounts live elsewhere (D1),
 * and reads the clock itself. A change and its record are one transaction; telling the box comes after it, and is
 * repeated at the next connect, so a kill in between loses nothing.
 */
import { DurableObject } from 'cloudflare:workers';
import { deviceOfAlert, type EnrolResponse, type HealthReport } from '../../policy-rules/agent-protocol.ts';
import { bankHolidaysOf } from '../../policy-rules/bank-holidays.ts';
import { catalogue, findService } from '../../policy-rules/catalogue/catalogue.ts';
import type { GrantScope } from '../../policy-rules/grants.ts';
import type { Policy } from '../../policy-rules/policy.ts';
import type { ExportedEntry, ExportHeader } from '../../policy-rules/record-export.ts';
import type {
  AskedRecord,
  AttentionItem,
  BoxModel,
  BoxPresence,
  Changes,
  ChannelEditModel,
  ChannelForm,
  ChannelsModel,
  Choice,
  DeviceReporting,
  EnteringEvent,
  GiveModel,
  GrantModel,
  GrantResultModel,
  HoursModel,
  LastChange,
  NoticeForm,
  NoticeModel,
  NoticePreviewModel,
  NowModel,
  Overlap,
  OwnRecordModel,
  PermissionId,
  RecordModel,
  RequestModel,
  SelfGrantsModel,
  UnnamedDevicesModel,
  UsageModel,
  VerifyModel,
  YearModel,
} from '../views/models.ts';
import { scopeKey, targetKey } from '../views/models.ts';
import { paths } from '../views/paths.ts';
import { addReaders, noteOnPaper, noteReaderLeft, readersOf } from './acknowledgements.ts';
import { BoxLine } from './box-line.ts';
import {
  currentBox,
  enrolBox,
  makePairingCode,
  type NewBox,
  openPairingCode,
  type PairingCode,
  presenceOf,
  refusalsOf,
  revokeBox,
} from './boxes.ts';
import { bookChannels, type ChannelSaved, channelForm, channelModels, closeChannel, saveChannel } from './channels.ts';
import { assessedOn, dateAssessment, deviceReporting } from './device-reporting.ts';
import { currentStories, findStory, habits, wishToRepeat } from './grant-stories.ts';
import {
  endGrantsOfDevice,
  endStory,
  extendStory,
  forgetAcknowledgements,
  type Given,
  type GrantWish,
  giveGrant,
  grantsVersion,
  isGivenAlready,
  isGrantId,
  isNotedAlready,
  type MoreTime,
  noteGrant,
} from './grants.ts';
import { makeSettingKeys } from './keys.ts';
import { LivePages } from './live-pages.ts';
import { migrate } from './migrations.ts';
import { scopeName, serviceName } from './naming.ts';
import { draftNotice, newestNotice, noticeWording, publishNotice } from './notices.ts';
import { addDays, calendarOf, closingTime, instantOf, openingAt } from './opening.ts';
import {
  changePolicy,
  currentPolicy,
  type PolicyChange,
  type PolicyChanged,
  type PolicyUnchanged,
  policyOf,
} from './policies.ts';
import { lastChangeModel, previewChange } from './policy-preview.ts';
import {
  type Actor,
  countRecord,
  hasDone,
  newestOf,
  type RecordNote,
  readActions,
  readRecord,
  writeRecord,
} from './record.ts';
import { everyEntry, isWhole, type RecordFilter } from './record-filter.ts';
import { checkHeads } from './record-heads.ts';
import { exportHeader, readChain, readParts, verifyRecord } from './record-verify.ts';
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
import { applyRetention } from './retention.ts';
import { selfGrants } from './self-grants.ts';
import { Store } from './store.ts';
import { usageFigures } from './usage.ts';
import { yearFigures } from './year.ts';

/** How long a page waits for the box's own word before it is shown with "sending". */
const ACKNOWLEDGEMENT_MS = 1_500;

/** How long a page waits for the box to say who is on the network: it reads a table of its kernel. */
const SEEN_MS = 3_000;

/** After work of the alarm that failed. */
const AGAIN_MS = 60 * 60_000;

const DAY_MS = 24 * 60 * 60_000;

/** Entries that cross to the Worker at once: 1,000 of half a kilobyte. */
const EXPORT_SLICE = 1_000;

/** Several views of the same page within this are one entry of the record. */
const ONE_VIEW_MS = 60 * 60_000;
const ONE_REFUSAL_MS = 60 * 60_000;

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
      () => this.#pages.tell(),
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

  /** Accounts are not kept here, so this cannot be one transaction with what it tells of. */
  noteAccount(event: EnteringEvent, actor: Actor): void {
    writeRecord(this.#store, { at: Date.now(), by: actor, subject: '', event });
  }

  /** What somebody asked for is beyond their role: once an hour for each permission, or a reload would fill the record. */
  noteRefusal(permission: PermissionId, actor: Actor): void {
    const nowMs = Date.now();
    if (hasDone(this.#store, actor, 'access-refused', permission, nowMs - ONE_REFUSAL_MS)) return;
    const event = { type: 'access-refused', permission } as const;
    writeRecord(this.#store, { at: nowMs, by: actor, subject: permission, event });
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
    return makePairingCode(this.#store, actor, Date.now());
  }

  /** Null for a wrong, used or expired code. */
  enrol(code: string, box: NewBox): EnrolResponse | null {
    const nowMs = Date.now();
    const before = currentBox(this.#store);
    const taken = this.#store.transaction(() => {
      if (!enrolBox(this.#store, code, box, nowMs)) return false;
      forgetAcknowledgements(this.#store, nowMs);
      return true;
    });
    if (!taken) return null;
    if (before !== null) this.#line.dismiss(before.id);
    this.#pages.tell();
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
      forgetAcknowledgements(this.#store, nowMs);
      return revokeBox(this.#store, actor, nowMs);
    });
    if (id !== null) this.#line.dismiss(id);
    this.#pages.tell();
    return id;
  }

  /** Only upgrades come here: of a page, whose session the Worker knows, and of a box, whose id has led it to here. */
  override fetch(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url);
    const isPage = pathname === paths.live;
    const webSocket = isPage
      ? this.#pages.open(Date.now())
      : this.#line.open(searchParams.get('box') ?? '', Date.now());
    return new Response(null, { status: 101, webSocket });
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
    if (isGivenAlready(this.#store, formId, wish, nowMs)) return { ok: true, id: formId, acknowledged: false };
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
    if (isNotedAlready(this.#store, formId, wish, nowMs)) return { ok: true, id: formId };
    const id = formId === '' || isGrantId(this.#store, formId) ? crypto.randomUUID() : formId;
    const noted = noteGrant(this.#store, wish, actor, nowMs, id);
    if (noted.ok) this.#pages.tell();
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
    if (answered.grantId === null) this.#pages.tell();
    else await this.#tell('grants', grantsVersion(this.#store));
    return answered;
  }

  // ---- the policy ----------------------------------------------------------------------------------------------

  async changePolicy(change: PolicyChange, actor: Actor): Promise<ChangedAndTold> {
    const nowMs = Date.now();
    const grantsBefore = grantsVersion(this.#store);
    const changed = this.#store.transaction(() => {
      const before = policyOf(this.#store).devices;
      const result = changePolicy(this.#store, change, actor, nowMs);
      const now = new Set(policyOf(this.#store).devices.map(({ id }) => id));
      for (const { id } of before) {
        if (!now.has(id)) endGrantsOfDevice(this.#store, id, actor, nowMs);
      }
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
  policy(): { frame: SettingFrame; policy: Policy; unnamedDevices: number | null; reporting: DeviceReporting } {
    const health = this.#line.health();
    return {
      frame: this.frame(),
      policy: policyOf(this.#store),
      unnamedDevices: health === null ? null : health.unnamedDevices,
      reporting: deviceReporting(this.#store),
    };
  }

  /** Asked of the box at this moment, and kept nowhere. That somebody has seen the answer is recorded. */
  async unnamedDevices(actor: Actor): Promise<{ frame: SettingFrame } & Pick<UnnamedDevicesModel, 'seen'>> {
    const seen = await this.#line.seenDevices(SEEN_MS);
    const frame = this.frame();
    if (seen.kind !== 'seen') return { frame, seen };
    this.#noteView('unnamed-devices-viewed', actor);
    const { groups, devices: known } = policyOf(this.#store);
    const own = new Map(groups.flatMap(({ id, name, kind }) => (kind === 'setting' ? [[id, name]] : [])));
    const named = new Set(known.flatMap(({ macs }) => macs));
    // The box may be a moment behind what was saved here.
    const devices = seen.devices.flatMap(({ mac, addresses, group }) => {
      const groupName = own.get(group);
      return groupName === undefined || named.has(mac) ? [] : [{ mac, addresses, group, groupName }];
    });
    return { frame, seen: { kind: 'seen', devices, more: Math.max(0, seen.total - seen.devices.length) } };
  }

  hours(): { frame: SettingFrame } & Pick<HoursModel, 'opening' | 'hours' | 'nextBankHolidays' | 'today' | 'version'> {
    const frame = this.frame();
    const policy = policyOf(this.#store);
    const today = calendarOf(policy.timeZone, frame.nowMs).date;
    const year = Number(today.slice(0, 4));
    const holidays = [...bankHolidaysOf(year), ...bankHolidaysOf(year + 1)].filter(({ date }) => date >= today);
    return {
      frame,
      opening: openingAt(policy, frame.nowMs),
      hours: policy.hours,
      version: policy.version,
      nextBankHolidays: policy.hours.bankHolidays === 'none' ? [] : holidays.slice(0, NEXT_HOLIDAYS),
      today,
    };
  }

  // ---- official channels ---------------------------------------------------------------------------------------

  channels(): { frame: SettingFrame } & Omit<ChannelsModel, 'frame'> {
    const frame = this.frame();
    return { frame, channels: channelModels(this.#store, frame.nowMs) };
  }

  channelChoices(): { frame: SettingFrame } & Pick<ChannelEditModel, 'devices' | 'categories' | 'today'> {
    const policy = policyOf(this.#store);
    const own = new Set(policy.groups.filter(({ kind }) => kind === 'setting').map(({ id }) => id));
    const devices = policy.devices.filter(({ group }) => own.has(group)).map(({ id, name }) => ({ id, name }));
    return { frame: this.frame(), devices, categories: grantableCategories, today: this.today() };
  }

  /** YYYY-MM-DD in the setting's zone. */
  today(): string {
    return calendarOf(policyOf(this.#store).timeZone, Date.now()).date;
  }

  /** Null when there is no such channel, or it is closed. */
  channelForm(id: string): ChannelForm | null {
    return channelForm(this.#store, id);
  }

  /** `id` null: a new one. The box is told at once of what stands open for it. */
  saveChannel(id: string | null, form: ChannelForm, actor: Actor): ChannelSaved {
    const saved = saveChannel(this.#store, id, form, actor, Date.now());
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
    const onBox = currentBox(this.#store)?.notice_version;
    return {
      frame,
      wording,
      published: newest && {
        version: newest.version,
        at: newest.publishedAt,
        sections: newest.sections,
        isOutdated: JSON.stringify(newest.sections) !== JSON.stringify(draftNotice(this.#store, wording)),
        onBox:
          onBox === undefined ? 'no-box' : onBox === null ? 'too-old' : onBox < newest.version ? 'on-its-way' : 'shown',
      },
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
    if (version !== null) void this.#line.push('notice');
    return version !== null;
  }

  /** False for a date that lies ahead. */
  dateAssessment(date: string, actor: Actor): boolean {
    const nowMs = Date.now();
    if (date > calendarOf(policyOf(this.#store).timeZone, nowMs).date) return false;
    dateAssessment(this.#store, date, actor, nowMs);
    return true;
  }

  /** False when they would be too many. */
  addReaders(names: readonly string[], actor: Actor): boolean {
    return addReaders(this.#store, names, actor, Date.now());
  }

  /** How many of them are on the list. */
  noteReaders(what: 'paper' | 'left', readerIds: readonly string[], actor: Actor): number {
    const note = what === 'paper' ? noteOnPaper : noteReaderLeft;
    const nowMs = Date.now();
    return this.#store.transaction(() => readerIds.filter((id) => note(this.#store, id, actor, nowMs)).length);
  }

  // ---- what pages show -----------------------------------------------------------------------------------------

  now(actor: Actor): { frame: SettingFrame } & Omit<NowModel, 'frame'> {
    this.#lapse(Date.now());
    const frame = this.frame();
    const policy = policyOf(this.#store);
    if (frame.box.kind !== 'none') this.#noteAlertsSeen(policy, actor);
    return {
      frame,
      box: frame.box,
      opening: openingAt(policy, frame.nowMs),
      closesAt: closingTime(policy, frame.nowMs),
      grants: currentStories(this.#store, frame.box, frame.nowMs),
      requests: waitingRequests(this.#store),
      attention: this.#attention(policy, frame.box),
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
    const policy = policyOf(this.#store);
    const { usual, dayBefore, scopes } = habits(this.#store, frame.nowMs);
    const groupNames = new Map(policy.groups.map(({ id, name }) => [id, name]));
    const row = findRequest(this.#store, requestId);
    const waiting = row?.status === 'waiting' ? row : undefined;
    const own = policy.groups.find(({ kind }) => kind === 'setting');
    return {
      frame,
      box: frame.box,
      opening: openingAt(policy, frame.nowMs),
      closesAt: closingTime(policy, frame.nowMs),
      today: calendarOf(policy.timeZone, frame.nowMs).date,
      usual,
      dayBefore,
      groups: policy.groups
        .filter(({ kind }) => kind === 'setting')
        .map(({ id, name }) => ({ key: targetKey({ group: id }), name })),
      devices: policy.devices.map(({ id, name, group }) => ({
        key: targetKey({ device: id }),
        name,
        groupName: groupNames.get(group) ?? group,
      })),
      offered: offeredScopes(scopes).flatMap(choiceOf),
      categories: grantableCategories,
      emergency: own === undefined ? null : { key: targetKey({ group: own.id }), name: own.name },
      request: waiting === undefined ? null : requestModel(this.#store, waiting),
      requestRow:
        waiting === undefined ? null : { device: waiting.device, scopeKey: scopeKey(JSON.parse(waiting.scope_json)) },
    };
  }

  grant(id: string): ({ frame: SettingFrame } & Omit<GrantResultModel, 'frame'>) | null {
    const frame = this.frame();
    const grant = findStory(this.#store, id, frame.box, frame.nowMs);
    if (grant === null) return null;
    const closesAt = closingTime(policyOf(this.#store), frame.nowMs);
    return { frame, grant, closesAt, overlaps: overlapsOf(this.#line.health(), grant) };
  }

  usage(span: UsageModel['span'], actor: Actor): { frame: SettingFrame } & Omit<UsageModel, 'frame'> {
    this.#noteView('usage-viewed', actor);
    const frame = this.frame();
    return { frame, reporting: deviceReporting(this.#store), ...usageFigures(this.#store, span, frame.nowMs) };
  }

  /** What is not asked for has no bound. */
  record(
    asked: Partial<AskedRecord>,
    page: number,
  ): { frame: SettingFrame } & Pick<RecordModel, 'entries' | 'total' | 'page' | 'pageCount'> {
    return { frame: this.frame(), ...readRecord(this.#store, this.#filterOf(asked), page) };
  }

  #filterOf({ kind = '', from = '', to = '', person = '', device = '' }: Partial<AskedRecord>): RecordFilter {
    const { timeZone } = policyOf(this.#store);
    const fromMs = from === '' ? null : instantOf(timeZone, from);
    const toMs = to === '' ? null : instantOf(timeZone, addDays(to, 1));
    return { kind, fromMs, toMs, person, device };
  }

  /** Resolves once the result is on the record. */
  async verifyRecord(actor: Actor): Promise<void> {
    const { count, fault } = await verifyRecord(this.#store, () => scheduler.wait(0));
    const { firstWrong: contradicted } = await checkHeads(this.#store);
    // A chain that is whole by itself may have been cut off, or computed anew: the box's signatures show that.
    const event = { type: 'record-verified', count, firstWrong: fault?.seq ?? contradicted } as const;
    writeRecord(this.#store, { at: Date.now(), by: actor, subject: '', event });
  }

  /** That a copy is taken is on the record; of a whole copy it is the last entry, a part ends before it. */
  startExport(format: 'csv' | 'ndjson', asked: AskedRecord, actor: Actor): { timeZone: string; header: ExportHeader } {
    return this.#store.transaction(() => {
      const filter = this.#filterOf(asked);
      const part = !isWhole(filter);
      const count = countRecord(this.#store, filter) + (part ? 0 : 1);
      const before = part ? exportHeader(this.#store, count) : null;
      const event = { type: 'record-exported', format, count, part } as const;
      writeRecord(this.#store, { at: Date.now(), by: actor, subject: '', event });
      return { timeZone: policyOf(this.#store).timeZone, header: before ?? exportHeader(this.#store, null) };
    });
  }

  /** The next entries after number `after`, up to number `last`; none after the last. */
  exportSlice(asked: AskedRecord, after: number, last: number): ExportedEntry[] {
    const filter = this.#filterOf(asked);
    if (isWhole(filter)) return readChain(this.#store, after, last, EXPORT_SLICE);
    return readParts(this.#store, filter, after, last, EXPORT_SLICE);
  }

  async recordVerified(): Promise<{ frame: SettingFrame } & Omit<VerifyModel, 'frame'>> {
    const { upTo } = await checkHeads(this.#store);
    return { frame: this.frame(), last: newestOf(this.#store, 'record-verified'), countersigned: upTo };
  }

  /** Dates included; null bounds are the last twelve whole months and this one. */
  year(
    first: string | null,
    last: string | null,
    actor: Actor,
  ): { frame: SettingFrame } & Omit<YearModel, 'frame' | 'errors'> {
    this.#noteView('year-viewed', actor);
    const frame = this.frame();
    const today = calendarOf(frame.timeZone, frame.nowMs).date;
    const span = first !== null && last !== null ? { first, last } : { first: yearBefore(today), last: today };
    return { frame, ...span, ...yearFigures(this.#store, span.first, span.last, frame.nowMs) };
  }

  box(): { frame: SettingFrame } & Pick<BoxModel, 'presence' | 'pairing' | 'details'> {
    const frame = this.frame();
    const box = currentBox(this.#store);
    const health = this.#line.health();
    return {
      frame,
      presence: frame.box,
      pairing: openPairingCode(this.#store, frame.nowMs),
      details: box && {
        name: box.name,
        softwareVersion: box.software_version,
        pairedAt: box.enrolled_at,
        state: health && {
          startedAt: health.startedAt,
          clockTrusted: health.clockTrusted,
          rules: health.rules,
          upstreams: health.upstreams,
          unnamedDevices: health.unnamedDevices,
          queriesTotal: health.queriesTotal,
          blockedTotal: health.blockedTotal,
        },
        policySaved: currentPolicy(this.#store)?.version ?? 0,
        policyInForce: box.policy_version,
      },
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
    const since = frame.nowMs - VIEWS_SHOWN_DAYS * DAY_MS;
    const views = withViews ? readActions(this.#store, deviceViews, since, frame.nowMs + 1).toReversed() : null;
    return { frame, ...readRecord(this.#store, about, page), views: views?.slice(0, VIEWS_SHOWN) ?? null };
  }

  /** In the last twelve months and before, the newest first. */
  selfGrants(page: number): { frame: SettingFrame } & Omit<SelfGrantsModel, 'frame'> {
    const frame = this.frame();
    const grants = selfGrants(this.#store);
    const yearFrom = instantOf(frame.timeZone, yearBefore(calendarOf(frame.timeZone, frame.nowMs).date));
    const pageCount = Math.max(1, Math.ceil(grants.length / SELF_GRANTS_ON_A_PAGE));
    const shown = Math.min(Math.max(1, page), pageCount);
    const first = (shown - 1) * SELF_GRANTS_ON_A_PAGE;
    return {
      frame,
      yearFrom,
      inYear: grants.filter(({ from }) => from >= yearFrom).length,
      total: grants.length,
      grants: grants.slice(first, first + SELF_GRANTS_ON_A_PAGE),
      page: shown,
      pageCount,
    };
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
    if (!acknowledged) this.#pages.tell();
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
    if (lapsed.length > 0) this.#pages.tell();
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

  #noteView(type: 'usage-viewed' | 'year-viewed' | 'unnamed-devices-viewed', actor: Actor): void {
    const nowMs = Date.now();
    if (hasDone(this.#store, actor, type, '', nowMs - ONE_VIEW_MS)) return;
    writeRecord(this.#store, { at: nowMs, by: actor, subject: '', event: { type } });
  }

  /**
   * An alert that says what one device did is device-level data: who saw it is recorded. Once for a person and a device
   * until the device gives another cause, since the page stands open all day and looks again by itself.
   */
  #noteAlertsSeen(policy: Policy, actor: Actor): void {
    const nowMs = Date.now();
    const names = new Map(policy.devices.map(({ id, name }) => [id, name]));
    const newest = new Map<string, number>();
    for (const { code, since } of this.#line.health()?.alerts ?? []) {
      const told = deviceOfAlert(code);
      if (told === null) continue;
      // Devices that are gone count as one: a box cannot fill the record with devices of its own making.
      const device = names.has(told) ? told : '';
      newest.set(device, Math.max(since, newest.get(device) ?? 0));
    }
    for (const [device, since] of newest) {
      // The box's clock may be ahead of ours.
      if (hasDone(this.#store, actor, 'alert-viewed', device, Math.min(since, nowMs - ONE_VIEW_MS))) continue;
      const event = { type: 'alert-viewed', deviceName: names.get(device) ?? null } as const;
      writeRecord(this.#store, { at: nowMs, by: actor, subject: device, event });
    }
  }

  #attention(policy: Policy, box: BoxPresence): AttentionItem[] {
    const items: AttentionItem[] = [];
    const health = box.kind === 'none' ? null : this.#line.health();
    for (const [of, refusal] of Object.entries(refusalsOf(this.#store))) {
      items.push({ kind: 'refusal', of: of === 'policy' ? 'policy' : 'grants', reason: refusal.reason });
    }
    for (const { text, since } of health?.alerts ?? []) items.push({ kind: 'alert', text, since });
    const troubleAt = box.kind === 'none' ? null : (currentBox(this.#store)?.usage_trouble_at ?? null);
    if (troubleAt !== null) items.push({ kind: 'alert', text: UNUSABLE_USAGE, since: troubleAt });
    for (const { service, list } of health?.overlaps ?? []) {
      items.push({ kind: 'overlap', overlap: { serviceName: serviceName(service), listName: list } });
    }
    for (const { name, warnings } of channelModels(this.#store, Date.now())) {
      for (const warning of warnings) items.push({ kind: 'channel', channelName: name, warning });
    }
    if (box.kind !== 'none' && policy.devices.length === 0) items.push({ kind: 'no-devices' });
    return items;
  }
}

const UNUSABLE_USAGE =
  'The box has sent figures of use that cannot be right, and they were left out. Check the clock of the box.';

const NEXT_HOLIDAYS = 3;

const SELF_GRANTS_ON_A_PAGE = 50;

/** As long as what one device did is kept at all. */
const VIEWS_SHOWN_DAYS = 90;
/** Alerts of a device that runs wild would push everything else off the page. */
const VIEWS_SHOWN = 100;
const deviceViews = ['device-usage-viewed', 'alert-viewed', 'unnamed-devices-viewed'] as const;

const grantableCategories: GiveModel['categories'] = catalogue.categories
  .filter((category) => !category.protected)
  .map((category) => ({
    key: scopeKey({ category: category.id }),
    name: category.name,
    category: category.id,
    services: catalogue.services
      .filter((service) => service.category === category.id)
      .map((service) => ({ key: scopeKey({ service: service.id }), name: service.name })),
  }));

/** What nurseries' policies name first: offered where there is no habit yet, so that the usual takes no search. */
const wellKnown: readonly GrantScope[] = ['facebook', 'instagram', 'whatsapp', 'youtube', 'pinterest', 'tiktok'].map(
  (service) => ({ service }),
);

/** What was given lately, then what is well known, each once. */
function offeredScopes(lately: readonly GrantScope[]): GrantScope[] {
  return [...new Map([...lately, ...wellKnown].map((scope) => [scopeKey(scope), scope])).values()];
}

/** All social media has a tile of its own. */
function choiceOf(scope: GrantScope): Choice[] {
  const name = scopeName(scope);
  if (name.kind === 'all-social' || 'allSocial' in scope) return [];
  const category = 'category' in scope ? scope.category : findService(scope.service)?.category;
  return [{ key: scopeKey(scope), name: name.name, ...(category === undefined ? {} : { category }) }];
}

/** Overlaps of the services that the grant opens; by name, since that is what both sides are shown as. */
function overlapsOf(health: HealthReport | null, grant: GrantModel): Overlap[] {
  const { scope } = grant;
  return (health?.overlaps ?? []).flatMap(({ service, list }) => {
    const known = catalogue.services.find(({ id }) => id === service);
    const category = catalogue.categories.find(({ id }) => id === known?.category);
    const concerned =
      scope.kind === 'all-social'
        ? category?.social === true
        : scope.name === (scope.kind === 'service' ? known?.name : category?.name);
    return concerned ? [{ serviceName: serviceName(service), listName: list }] : [];
  });
}

/** The first of the month eleven months before: twelve months with the one that today is in. */
function yearBefore(today: string): string {
  const [year = 0, month = 1] = today.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 - 11, 1));
  return first.toISOString().slice(0, 10);
}
