/**
 * The tables of one setting, in the SQLite of its own Durable Object, as kysely types. How they came to be is in
 * migrations.ts. Instants are milliseconds since the epoch; columns that end in `_json` hold JSON text.
 */
import type { ColumnType } from 'kysely';

export interface SettingTables {
  /** One row. */
  setting: {
    id: string;
    name: string;
    created_at: number;
    /** Of the newest grants message; see grants.ts. */
    grants_version: number;
    /** Ed25519 as JWK text: what boxes pin. */
    private_key_json: string;
    public_key: string;
    /** YYYY-MM-DD: when the data protection assessment was done. */
    assessed_on: string | null;
    /** When there first were both a notice and an assessment: from then on figures of single devices are kept. */
    reporting_since: number | null;
  };
  policy_versions: {
    version: number;
    saved_at: number;
    document_json: string;
    /** The id of the person; null when it came with the box, or the dashboard made it itself. */
    saved_by: string | null;
    /** The version that it took back. */
    undoes: number | null;
  };
  grants: {
    id: string;
    /** The first grant of what was given together and of what it was extended by: one permission to people. */
    story: string;
    /** The first grant of what one person decided at once; of an extension, that of what it extends. */
    decision: string;
    target_json: string;
    scope_json: string;
    from_at: number;
    until_at: number;
    purpose: string;
    mode: string;
    /** Personal words, emptied by retention: reason, asked_by, granted_by, revoked_by. */
    reason: string;
    asked_by: string;
    granted_by: string;
    /** Of the account, emptied as the names are; null where it is not known. */
    granted_by_id: string | null;
    granted_at: number;
    to_self: number;
    /** Of the official channel that it follows from, and the slot of it that it is (channels.ts). */
    channel_id: string | null;
    channel_slot: string | null;
    /** 1: entered when it was over. A record only, which no box is ever told of. */
    after_the_fact: number;
    revoked_at: number | null;
    revoked_by: string | null;
    /** The grants message that held it first, and the first that held it no more after an early end. */
    version: number;
    end_version: number | null;
    /** As the box said; null until it did. */
    in_force_at: number | null;
    end_confirmed_at: number | null;
  };
  requests: {
    id: string;
    device: string;
    scope_json: string;
    minutes: number;
    reason: string;
    asked_by: string;
    asked_at: number;
    /** When it lapses without an answer. */
    lapses_at: number;
    status: 'waiting' | 'granted' | 'refused' | 'lapsed';
    answered_at: number | null;
    answer_reason: string | null;
    grant_id: string | null;
  };
  usage_hours: {
    device: string;
    service: string;
    verdict: string;
    hour_start: number;
    count: number;
    minutes_low: number;
    minutes_high: number;
  };
  usage_days: { device: string; service: string; verdict: string; date: string; count: number; minutes: number };
  /** Setting-level: no device. `week` is the date of its Monday; `hour` is of the day, in the setting's zone. */
  usage_weeks: { service: string; verdict: string; week: string; hour: number; count: number; minutes: number };
  usage_months: { service: string; verdict: string; month: string; count: number; minutes: number };
  usage_applied: { box_id: string; seq: number };
  /** Days on which the box was heard from at all. */
  reporting_days: { date: string };
  record: {
    /** From 1, without a gap. */
    seq: number;
    at: number;
    kind: string;
    action: string;
    /** The id of what it is about: a grant, a device, a box. */
    subject: string;
    /** Null when the box or the dashboard itself did it. */
    actor_id: string | null;
    /** Of the actor; null where there was none, and in entries that are older than the chain. */
    session_id: string | null;
    /** The event without the personal words. */
    details_json: string;
    /** Both as in record-chain.ts. */
    commitment: string;
    hash: string;
  };
  /** What retention may take from a record without touching it: who did it, and the words that people wrote. */
  record_words: { seq: number; who: string; words_json: string; salt: string };
  /** The entries up to `seq` may go; the newest is what the chain goes on from once they are gone. */
  record_checkpoints: { seq: number; hash: string };
  /** The newest head that each box has countersigned. */
  record_heads: { box_id: string; seq: number; hash: string; signature: string; signed_at: number };
  /** Notes that came from another database, each of which is written once however often it comes. */
  record_sources: { source_id: string; seq: number };
  boxes: {
    id: string;
    public_key: string;
    name: string;
    enrolled_at: number;
    revoked_at: number | null;
    last_seen_at: number | null;
    software_version: string;
    policy_version: number | null;
    grants_version: number | null;
    /** The newest only: no history. */
    health_json: string | null;
    /** Of the monitoring notice that it shows, 0 for none; null where it shows none of the setting's. */
    notice_version: number | null;
    /** When the box first sent figures of use that cannot be right. */
    usage_trouble_at: number | null;
    /** What the box could not take, until it takes a newer one: `Refusals` of boxes.ts. */
    refusals_json: ColumnType<string, string | undefined, string>;
  };
  /** `wording_json`: a `NoticeForm`; `sections_json`: the text that was made of it then. */
  notices: { version: number; published_at: number; wording_json: string; sections_json: string };
  /** Who has to read the notice. `name_key`: the name as names are compared. */
  notice_readers: { id: string; name: string; name_key: string; left_at: number | null };
  acknowledgements: { version: number; name_key: string; name: string; how: 'site' | 'paper'; at: number };
  /** `slot_json`: days, from and to; `revision` counts the changes of where and when. */
  channels: {
    id: string;
    name: string;
    purpose: string;
    approved_by: string;
    approved_on: string;
    assessed_on: string;
    device: string;
    service: string;
    slot_json: string;
    revision: number;
    saved_by: string;
    saved_by_id: string;
    closed_at: number | null;
  };
  channel_people: { id: string; channel_id: string; name: string; left_at: number | null };
  pairing_codes: { code: string; expires_at: number; used_at: number | null };
  /** Calls of the API that brought a name of their own, for a day (repeated-calls.ts). */
  repeated_calls: {
    key_id: string;
    name: string;
    /** A hash: the same for calls that ask for the same. */
    essence: string;
    claimed_at: number;
    /** Both null until it is done. */
    status: number | null;
    body_json: string | null;
  };
}
