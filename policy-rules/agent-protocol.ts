/**
 * What the box and the dashboard say to each other over the box's one outbound WebSocket.
 *
 * Every frame is one JSON object with a `type`. Each side repeats what was not acknowledged at the next connect, and
 * every message may arrive twice, so each is idempotent: policies and grants by version, usage by sequence, notices by
 * version, requests and acknowledgements of a notice by id; who looked at a device is told whole each time.
 *
 * Connecting: GET {dashboard}/box/connect?box=BOX_ID upgrades to a WebSocket; the dashboard sends `challenge`; the box
 * answers `hello` with an Ed25519 signature over `helloText`; a box that fails is closed with code 4401.
 * Enrolment comes first: POST {dashboard}/box/enrol with EnrolRequest as JSON, answered by EnrolResponse or by 403.
 */
import * as z from 'zod/mini';
import { Grant, Instant, PermissionRequest } from './grants.ts';
import { Acknowledgement } from './monitoring-notice.ts';
import { MacAddress, Policy } from './policy.ts';
import { oneLine } from './show-text.ts';

/** Raised when an old peer could no longer make sense of a message. */
export const PROTOCOL_VERSION = 1;

/** The close code that tells a box that its key is unknown or revoked: it keeps filtering, and stops trying for a minute. */
export const CLOSE_NOT_ENROLLED = 4401;

/** Of policies and grants. Bounded, since the other side counts on from what it is told. */
const Version = z.int().check(z.minimum(0), z.maximum(2 ** 31 - 1));
const Total = z.int().check(z.minimum(0));
/** 32-byte Ed25519 public key or 64-byte signature, base64url without padding. */
const Base64Url = z.string().check(z.regex(/^[A-Za-z0-9_-]+$/), z.maxLength(120));

export const EnrolRequest = z.object({
  protocol: z.literal(PROTOCOL_VERSION),
  /** As shown on the dashboard: eight characters, spaces, hyphens and case ignored. */
  code: z.string().check(z.maxLength(32)),
  publicKey: Base64Url,
  boxName: z.string().check(z.overwrite(oneLine), z.maxLength(80)),
});
export type EnrolRequest = z.infer<typeof EnrolRequest>;

export const EnrolResponse = z.object({
  boxId: z.uuid(),
  settingId: z.uuid(),
  settingName: z.string(),
  /** The setting's own key, pinned by the box: policies and grants must be signed by it. */
  settingPublicKey: Base64Url,
});
export type EnrolResponse = z.infer<typeof EnrolResponse>;

/** The text that a box signs, as UTF-8, to prove its key at a connect. */
export function helloText(nonce: string, boxId: string): string {
  return `stairgate hello ${PROTOCOL_VERSION}\n${boxId}\n${nonce}`;
}

/** What the setting signs. */
export type SignedKind = 'policy' | 'grants' | 'record-head' | 'notice' | 'device-views';

/** The text that the setting's key signs, as UTF-8, over the payload of a message (the exact JSON text that was sent). */
export function signedText(kind: SignedKind, settingId: string, payload: string): string {
  return `stairgate ${kind} ${PROTOCOL_VERSION}\n${settingId}\n${payload}`;
}

/** A place in the setting's record (record-chain.ts): the number of an entry, and the hash that stands for all up to it. */
export const RecordHead = z.object({
  seq: z.int().check(z.minimum(1)),
  hash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});
export type RecordHead = z.infer<typeof RecordHead>;

/** The text that a box signs, as UTF-8: it has seen that the record of this setting came to this head. */
export function headText(settingId: string, { seq, hash }: RecordHead): string {
  return `stairgate head ${PROTOCOL_VERSION}\n${settingId}\n${seq}\n${hash}`;
}

/** One hour of one (device, service, verdict), as a difference to what was sent before. */
export const UsageRow = z.object({
  /** A device id of the policy, or "" for all unnamed devices of setting networks together. */
  device: z.string().check(z.maxLength(64)),
  service: z.string().check(z.maxLength(64)),
  verdict: z.enum(['blocked', 'granted']),
  /** Start of the hour, UTC. The dashboard leaves out a row of another instant, and still takes its batch. */
  hourStart: z.int(),
  /** Look-ups; chatter inflates it, so reports show active minutes. */
  count: z.int().check(z.minimum(1)),
  /** Active minutes of the hour: bit 0 is the first minute. Two halves of 30 bits, since JSON numbers hold 53. */
  minutesLow: z.int().check(z.minimum(0), z.maximum(0x3fffffff)),
  minutesHigh: z.int().check(z.minimum(0), z.maximum(0x3fffffff)),
});
export type UsageRow = z.infer<typeof UsageRow>;

// ---- from the box ----------------------------------------------------------------------------------------------

export const Hello = z.object({
  type: z.literal('hello'),
  protocol: z.literal(PROTOCOL_VERSION),
  boxId: z.uuid(),
  signature: Base64Url,
  softwareVersion: z.string().check(z.maxLength(40)),
  policyVersion: Version,
  grantsVersion: Version,
  /** Of the newest head that the box has countersigned, 0 for none; absent from a box that countersigns nothing. */
  recordSeq: z.optional(z.int().check(z.minimum(0))),
  /** The box answers a `seen-request`; absent from one that does not know it. */
  tellsSeen: z.optional(z.boolean()),
  /** Of the monitoring notice that the box shows, 0 for none; absent from a box that shows its own text only. */
  noticeVersion: z.optional(Version),
  /** The policy in force on the box; the dashboard adopts it as version 1 when the setting has none yet. */
  policy: Policy,
});
export const PolicyAck = z.object({ type: z.literal('policy-ack'), version: Version, inForceAt: Instant });
/** A policy or grants message that the box could not take: it keeps the last good one. */
export const Refusal = z.object({
  type: z.literal('refusal'),
  of: z.enum(['policy', 'grants']),
  version: Version,
  reason: z.string().check(z.maxLength(500)),
});
/** Sent when the hot path reads the new grants, not when they were merely stored. */
export const GrantsAck = z.object({ type: z.literal('grants-ack'), version: Version, inForceAt: Instant });
export const UsageBatch = z.object({
  type: z.literal('usage-batch'),
  /** Counts from 1 for each enrolment; applied once, in order. */
  seq: z.int().check(z.minimum(1)),
  rows: z.array(UsageRow).check(z.maxLength(500)),
});
/** What is still known of a usage batch whose rows cannot be read: enough to acknowledge it. */
export const UsageBatchNumber = z.object({ type: z.literal('usage-batch'), seq: z.int().check(z.minimum(1)) });
/**
 * How the code of an alert begins that tells what one device did: `bypass:DEVICE:SERVICE`. Device-level data, so that
 * whoever is shown it is recorded.
 */
export const BYPASS_ALERT = 'bypass:';

/** The device of such a code; null for an alert of another kind. */
export function deviceOfAlert(code: string): string | null {
  return code.startsWith(BYPASS_ALERT)
    ? code.slice(BYPASS_ALERT.length, Math.max(code.lastIndexOf(':'), BYPASS_ALERT.length))
    : null;
}

export const Health = z.object({
  type: z.literal('health'),
  at: Instant,
  startedAt: Instant,
  clockTrusted: z.boolean(),
  open: z.boolean(),
  rules: Total,
  upstreams: z
    .array(z.object({ name: z.string().check(z.maxLength(200)), healthy: z.boolean() }))
    .check(z.maxLength(100)),
  /** Protected lists that still block some names of a service, granted or not. */
  overlaps: z
    .array(z.object({ service: z.string().check(z.maxLength(200)), list: z.string().check(z.maxLength(200)) }))
    .check(z.maxLength(5_000)),
  unnamedDevices: Total,
  queriesTotal: Total,
  blockedTotal: Total,
  /** Standing troubles, in words for the manager. */
  alerts: z
    .array(
      z.object({
        code: z.string().check(z.maxLength(100)),
        text: z.string().check(z.maxLength(2_000)),
        since: Instant,
      }),
    )
    .check(z.maxLength(500)),
});
export const RequestMessage = z.object({ type: z.literal('request'), request: PermissionRequest });
/** Sent when the notice of that version is stored, or a newer one is. */
export const NoticeAck = z.object({ type: z.literal('notice-ack'), version: Version });
export const AcknowledgementMessage = z.object({
  type: z.literal('acknowledgement'),
  acknowledgement: Acknowledgement,
});

/** So many machines are told of at once, and so many addresses of each: 50 kB at most, and a page that can be read. */
export const SEEN_MAX = 100;
export const SEEN_ADDRESSES_MAX = 8;

/** A machine that is on a network of the setting's own now, and that nobody has named. */
export const SeenDevice = z.object({
  mac: MacAddress,
  /** On the setting's own networks, IPv4 first. */
  addresses: z.array(z.string().check(z.maxLength(45))).check(z.minLength(1), z.maxLength(SEEN_ADDRESSES_MAX)),
  /** The id of the group as which it is filtered until it has a name. */
  group: z.string().check(z.maxLength(64)),
});
export type SeenDevice = z.infer<typeof SeenDevice>;

/** The answer to the `seen-request` of that id. Machines of personal and guest networks are in none. */
export const Seen = z.object({
  type: z.literal('seen'),
  id: z.uuid(),
  /** Null when the box cannot read who is on the network. */
  devices: z.nullable(z.array(SeenDevice).check(z.maxLength(SEEN_MAX))),
  /** How many there are, also of those that had no place in `devices`. */
  total: Total,
});
export type Seen = z.infer<typeof Seen>;

/** The signature is over `headText`. */
export const SignedHead = z.object({ ...RecordHead.shape, signature: Base64Url });
export type SignedHead = z.infer<typeof SignedHead>;
/** The newest head that the box has countersigned: the one that it was shown, or one that the dashboard did not know of. */
export const HeadSigned = z.object({ type: z.literal('head-signed'), head: SignedHead });
/** The record that was shown does not go on from the head that the box has countersigned. */
export const HeadRefused = z.object({ type: z.literal('head-refused'), known: SignedHead });

export const FromBox = z.discriminatedUnion('type', [
  Hello,
  PolicyAck,
  Refusal,
  GrantsAck,
  UsageBatch,
  Health,
  RequestMessage,
  NoticeAck,
  AcknowledgementMessage,
  HeadSigned,
  HeadRefused,
  Seen,
]);
export type FromBox = z.infer<typeof FromBox>;
export type HealthReport = z.infer<typeof Health>;

// ---- from the dashboard ----------------------------------------------------------------------------------------

export const Challenge = z.object({ type: z.literal('challenge'), nonce: z.string() });
/** `payload` is the JSON text of a Policy. */
export const PolicyMessage = z.object({ type: z.literal('policy'), payload: z.string(), signature: Base64Url });
/** `payload` is the JSON text of GrantsPayload: all grants that have not ended, so that a lost message heals itself. */
export const GrantsMessage = z.object({ type: z.literal('grants'), payload: z.string(), signature: Base64Url });
export const GrantsPayload = z.object({ version: z.int(), grants: z.array(Grant) });
export type GrantsPayload = z.infer<typeof GrantsPayload>;
/** `payload` is the JSON text of the newest MonitoringNotice; sent only to a box that says which one it shows. */
export const NoticeMessage = z.object({ type: z.literal('notice'), payload: z.string(), signature: Base64Url });
/** `payload` is the JSON text of RecordHeadPayload. Sent at a hello, and once in a while when the record has grown. */
export const RecordHeadMessage = z.object({
  type: z.literal('record-head'),
  payload: z.string(),
  signature: Base64Url,
});
export const RecordHeadPayload = z.object({
  head: RecordHead,
  /**
   * What the record has under the number that the box countersigned last, as far as the dashboard knows; null when there
   * is no such entry, or no such number.
   */
  since: z.nullable(RecordHead),
});
export type RecordHeadPayload = z.infer<typeof RecordHeadPayload>;
/** So many views are told of, the newest: 75 kB at most. */
export const DEVICE_VIEWS_MAX = 500;

/** Somebody looked at what one of the setting's own devices did. */
export const DeviceView = z.object({
  device: z.string().check(z.maxLength(64)),
  at: Instant,
  /** As the record has the name. */
  by: z.string().check(z.overwrite(oneLine), z.maxLength(100)),
  /** `figures`: those of the device, day by day; `alert`: that it tried to go round the filter. */
  what: z.enum(['figures', 'alert']),
});
export type DeviceView = z.infer<typeof DeviceView>;
/**
 * `payload` is the JSON text of DeviceViewsPayload. Sent at a hello, when somebody has looked, and when it begins that
 * there is something to look at.
 */
export const DeviceViewsMessage = z.object({
  type: z.literal('device-views'),
  payload: z.string(),
  signature: Base64Url,
});
export const DeviceViewsPayload = z.object({
  /** There was no other view between these two instants. */
  since: Instant,
  toldAt: Instant,
  /**
   * From when on figures of single devices may be kept: people have been told then, and the setting has weighed it. Null
   * while they may not. Absent from a dashboard that does not know it, which is as much as null.
   */
  reportingSince: z.optional(z.nullable(Instant)),
  /** In the place of those that were told before. */
  views: z.array(DeviceView).check(z.maxLength(DEVICE_VIEWS_MAX)),
});
export type DeviceViewsPayload = z.infer<typeof DeviceViewsPayload>;
/** Somebody looks at who is on the network without a name, and is about to give one. Asked for that moment alone. */
export const SeenRequest = z.object({ type: z.literal('seen-request'), id: z.uuid() });
export const UsageAck = z.object({ type: z.literal('usage-ack'), seq: z.int() });
export const RequestAck = z.object({ type: z.literal('request-ack'), id: z.uuid() });
export const AcknowledgementAck = z.object({ type: z.literal('acknowledgement-ack'), id: z.uuid() });
export const RequestAnswer = z.object({
  type: z.literal('request-answer'),
  id: z.uuid(),
  answer: z.enum(['granted', 'refused', 'lapsed']),
  reason: z.string(),
});

export const FromDashboard = z.discriminatedUnion('type', [
  Challenge,
  PolicyMessage,
  GrantsMessage,
  NoticeMessage,
  RecordHeadMessage,
  DeviceViewsMessage,
  SeenRequest,
  UsageAck,
  RequestAck,
  AcknowledgementAck,
  RequestAnswer,
]);
export type FromDashboard = z.infer<typeof FromDashboard>;
