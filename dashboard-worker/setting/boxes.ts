/**
 * The setting's box: pairing codes, its key, what it last said of itself.
 *
 * A setting has one box at a time. Pairing another takes the place of the one before, whose key is then no longer taken;
 * it goes on filtering by what it has.
 */
import type { HealthReport } from '../../policy-rules/agent-protocol.ts';
import type { BoxModel, BoxPresence } from '../views/models.ts';
import { policyOf } from './policies.ts';
import { type Actor, writeRecord } from './record.ts';
import type { Store } from './store.ts';
import type { SettingTables } from './tables.ts';

export type BoxRow = Omit<SettingTables['boxes'], 'refusals_json'> & { refusals_json: string };

export interface PairingCode {
  readonly code: string;
  readonly expiresAt: number;
}

/** Long enough to walk to the box, short enough to be worthless on yesterday's note. */
const PAIRING_MS = 15 * 60_000;

/** Without 0 O, 1 I L, 5 S, 2 Z, 8 B, U V: 23 letters and digits, so 8 of them are 36 bits. */
const CODE_ALPHABET = 'ACDEFGHJKMNPQRTWXY34679' as const;
const CODE_LENGTH = 8;

/** Makes a code and voids the ones before. Null is the host itself, which pairs the box beside it. */
export function replacePairingCode(store: Store, actor: Actor | null, nowMs: number): PairingCode {
  const code = randomCode(CODE_LENGTH);
  const expiresAt = nowMs + PAIRING_MS;
  store.transaction(() => {
    store.change((db) => db.deleteFrom('pairing_codes'));
    // In the clear, so that the page can show it again after a reload: whoever reads this database for the quarter of an
    // hour in which a code is good reads the setting's private key as well. The shared directory has a hash only.
    store.change((db) => db.insertInto('pairing_codes').values({ code, expires_at: expiresAt, used_at: null }));
    // The host makes one at every start, whether it is used or not: the record is for what people do.
    if (actor !== null) writeRecord(store, { at: nowMs, by: actor, subject: '', event: { type: 'pairing-code-made' } });
  });
  return { code, expiresAt };
}

/** The code that can be used now. */
export function openPairingCode(store: Store, nowMs: number): PairingCode | null {
  const row = store.first((db) =>
    db.selectFrom('pairing_codes').selectAll().where('used_at', 'is', null).where('expires_at', '>', nowMs),
  );
  return row === undefined ? null : { code: row.code, expiresAt: row.expires_at };
}

export interface NewBox {
  readonly id: string;
  readonly publicKey: string;
  readonly name: string;
}

/** Uses the code up and takes the box in the place of the one before. False, and nothing written, for a wrong code. */
export function takeBox(store: Store, code: string, box: NewBox, nowMs: number): boolean {
  return store.transaction(() => {
    if (openPairingCode(store, nowMs)?.code !== code) return false;
    store.change((db) => db.updateTable('pairing_codes').set({ used_at: nowMs }));
    revokeBox(store, null, nowMs);
    const name = box.name.trim() || 'Box';
    store.change((db) =>
      db.insertInto('boxes').values({
        id: box.id,
        public_key: box.publicKey,
        name,
        enrolled_at: nowMs,
        revoked_at: null,
        last_seen_at: null,
        software_version: '',
        policy_version: null,
        grants_version: null,
        notice_version: null,
        health_json: null,
        usage_trouble_at: null,
      }),
    );
    writeRecord(store, { at: nowMs, by: null, subject: box.id, event: { type: 'box-enrolled', boxName: name } });
    return true;
  });
}

/** Its key is no longer taken. The id of the box that went, or null when there was none. */
export function revokeBox(store: Store, actor: Actor | null, nowMs: number): string | null {
  const box = currentBox(store);
  if (box === null) return null;
  store.transaction(() => {
    store.change((db) =>
      db.updateTable('boxes').set({ revoked_at: nowMs, health_json: null }).where('id', '=', box.id),
    );
    writeRecord(store, { at: nowMs, by: actor, subject: box.id, event: { type: 'box-removed', boxName: box.name } });
  });
  return box.id;
}

export function currentBox(store: Store): BoxRow | null {
  return store.first((db) => db.selectFrom('boxes').selectAll().where('revoked_at', 'is', null).limit(1)) ?? null;
}

/** What its page shows of a box that is paired. */
export function boxDetails(store: Store, box: BoxRow, health: HealthReport | null): BoxModel['details'] {
  return {
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
    policySaved: policyOf(store).version,
    policyInForce: box.policy_version,
  };
}

export function updateBox(store: Store, id: string, values: Partial<Omit<BoxRow, 'id'>>): void {
  store.change((db) => db.updateTable('boxes').set(values).where('id', '=', id));
}

/** Whether any box, of now or of before, has said which policy it has. */
export function hasHeardPolicy(store: Store): boolean {
  const row = store.first((db) => db.selectFrom('boxes').select('id').where('policy_version', 'is not', null).limit(1));
  return row !== undefined;
}

/** The box has sent figures that cannot be right. The first time stays, so that the page can say since when. */
export function noteUsageTrouble(store: Store, id: string, nowMs: number): void {
  store.change((db) =>
    db.updateTable('boxes').set({ usage_trouble_at: nowMs }).where('id', '=', id).where('usage_trouble_at', 'is', null),
  );
}

export function healthOf(box: BoxRow | null): HealthReport | null {
  return box?.health_json ? (JSON.parse(box.health_json) as HealthReport) : null;
}

export interface Refusals {
  readonly policy?: { readonly version: number; readonly reason: string };
  readonly grants?: { readonly version: number; readonly reason: string };
}

export function refusalsOf(store: Store): Refusals {
  const box = currentBox(store);
  return box === null ? {} : (JSON.parse(box.refusals_json) as Refusals);
}

/** With null the box has taken a version since. */
export function noteRefusedVersion(
  store: Store,
  of: 'policy' | 'grants',
  refusal: { readonly version: number; readonly reason: string } | null,
): void {
  const box = currentBox(store);
  if (box === null) return;
  const { [of]: known, ...others } = refusalsOf(store);
  if (refusal === null && known === undefined) return;
  const refusals: Refusals = refusal === null ? others : { ...others, [of]: refusal };
  updateBox(store, box.id, { refusals_json: JSON.stringify(refusals) });
}

/** The box beats every few seconds; after this long without a beat it counts as away. */
const PRESENT_MS = 20_000;

/** `heardAt`: when the open line was last heard, or null when there is no line. */
export function presenceOf(box: BoxRow | null, heardAt: number | null, nowMs: number): BoxPresence {
  if (box === null) return { kind: 'none' };
  if (heardAt !== null && nowMs - heardAt <= PRESENT_MS) return { kind: 'working', lastHeardAt: heardAt };
  return { kind: 'away', since: Math.max(heardAt ?? 0, box.last_seen_at ?? box.enrolled_at) };
}

/** Spaces, hyphens and case do not count. */
export function normaliseCode(text: string): string {
  return text.replaceAll(/[\s-]/g, '').toUpperCase();
}

/** Of letters and digits that nobody takes for another. */
export function randomCode(length: number): string {
  let code = '';
  // Bytes beyond the last whole multiple of the alphabet would make its first letters likelier.
  const usable = 256 - (256 % CODE_ALPHABET.length);
  while (code.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) {
      if (byte < usable && code.length < length) code += CODE_ALPHABET[byte % CODE_ALPHABET.length];
    }
  }
  return code;
}
