/**
 * Two settings with everything that is named by an id, each with a box that has gone again; and all that is stored of
 * both, so that a test can say that nothing was written.
 */
import { runInDurableObject } from 'cloudflare:test';
import { createSetting, settingOf } from '../../dashboard-worker/accounts/directory.ts';
import { invite } from '../../dashboard-worker/accounts/invitations.ts';
import { makeKey } from '../../dashboard-worker/accounts/keys.ts';
import { makePairingCode } from '../../dashboard-worker/accounts/pairing.ts';
import type { Setting } from '../../dashboard-worker/setting/setting.ts';
import { applyMigrations, Box, bindings, colleague, device, eventually } from './worker-fixtures.ts';

/** Ids of the other setting, by what stands before them in a path. */
export const theirs = {
  devices: 'openshaw-pc',
  groups: 'openshaw-group',
  grants: '',
  requests: '',
  people: '',
  invitations: '',
  channels: '',
  keys: '',
  sessions: '',
  readers: '',
};

/** As somebody of this setting would register it, on a device of the other. */
export const theirChannel = {
  ...{ name: 'Ours', purpose: 'X', approvedBy: 'X', approvedOn: '2026-01-01', assessedOn: '2026-01-01' },
  ...{ firstPerson: 'A', secondPerson: 'B', device: 'openshaw-pc', service: 'facebook' },
  ...{ from: '10:00', to: '11:00' },
};

export async function makeTwoSettings(): Promise<{ own: string; other: string }> {
  await applyMigrations();
  const own = await settingWithBox('halstead');
  const other = await settingWithBox('openshaw');
  const remote = settingOf(bindings, other);
  const actor = { id: 'user-of-theirs', name: 'Somebody else' };
  const given = await remote.giveGrant(
    {
      targets: [{ group: 'openshaw-group' }],
      scope: { allSocial: true },
      until: { minutes: 60 },
      purpose: 'official',
      mode: 'verbal',
      reason: 'Theirs',
      askedBy: 'Jo',
    },
    actor,
  );
  if (!given.ok) throw new Error(given.problem);
  theirs.grants = given.id;
  await colleague('manager', other);
  const inviter = { id: await idIn(other, 'memberships', 'user_id'), name: 'Somebody else' };
  await invite(bindings, other, { name: 'Invited to openshaw', role: 'staff' }, inviter);
  await makeKey(bindings, other, { name: 'Key of openshaw', scopes: ['now.see'] }, actor);
  theirs.keys = await idIn(other, 'api_keys', 'id');
  await remote.saveChannel(null, { ...theirChannel, name: 'Page of openshaw', days: ['monday'] }, actor);
  theirs.channels = (await remote.channels()).channels[0]!.id;
  await remote.publishNotice({ seenBy: ['Us'], contact: 'us', more: [] }, 0, actor);
  await remote.addReaders(['Reader of openshaw'], actor);
  theirs.readers = (await remote.notice()).readers[0]!.id;
  theirs.people = await idIn(other, 'memberships', 'user_id');
  const session = bindings.ACCOUNTS.prepare('SELECT id FROM session WHERE userId = ?').bind(theirs.people);
  theirs.sessions = (await session.first<{ id: string }>())!.id;
  theirs.invitations = await idIn(other, 'invitations', 'id');
  return { own, other };
}

/** With the other setting's id in the place of each that the path has. */
export function withTheirIds(path: string): string {
  const ids: Readonly<Record<string, string>> = theirs;
  return path.replace(/(\w+)\/:\w+/, (_, kind: string) => `${kind}/${ids[kind] ?? ''}`);
}

/** The rows of a table as JSON, by its name. */
type Tables = Readonly<Record<string, string>>;

export interface Everything {
  readonly settings: readonly Tables[];
  readonly accounts: Tables;
}

/** All rows of these settings and of what they share; of sessions only which there are, since use prolongs them. */
export async function everythingOf(settings: readonly string[]): Promise<Everything> {
  const { results } = await bindings.ACCOUNTS.prepare(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'`,
  ).all<{ name: string }>();
  const rows = await bindings.ACCOUNTS.batch(
    results.map(({ name }) =>
      bindings.ACCOUNTS.prepare(
        name === 'session' ? 'SELECT id, userId, settingId FROM session ORDER BY id' : `SELECT * FROM "${name}"`,
      ),
    ),
  );
  return {
    settings: await Promise.all(settings.map(tablesOf)),
    accounts: Object.fromEntries(results.map(({ name }, at) => [name, JSON.stringify(rows[at]!.results)])),
  };
}

/** What a refusal may write is its entry in the record. */
export function withoutRecord({ settings, accounts }: Everything): Everything {
  const others = settings.map(({ record: _, record_words: _words, sqlite_sequence: _sequence, ...rest }) => rest);
  return { settings: others, accounts };
}

/** The permissions that somebody was refused, as the record of their setting has them, each as often as it is there. */
export async function refusalsOf(setting: string, name: string): Promise<string[]> {
  return await runInDurableObject(stubOf(setting), (_: Setting, { storage }) =>
    storage.sql
      .exec<{ subject: string }>(
        `SELECT subject FROM record JOIN record_words USING (seq)
         WHERE action = 'access-refused' AND who = ? ORDER BY subject`,
        name,
      )
      .toArray()
      .map(({ subject }) => subject),
  );
}

function tablesOf(setting: string): Promise<Tables> {
  return runInDurableObject(stubOf(setting), (_: Setting, { storage }) => {
    const run = (sql: string) => storage.sql.exec(sql).toArray();
    const tables = run(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'`);
    return Object.fromEntries(tables.map(({ name }) => [String(name), JSON.stringify(run(`SELECT * FROM "${name}"`))]));
  });
}

function stubOf(setting: string) {
  return bindings.SETTING.get(bindings.SETTING.idFromName(setting));
}

/** A setting with a device and a group of its own, and a box that has gone again. */
async function settingWithBox(whose: 'halstead' | 'openshaw'): Promise<string> {
  const id = await createSetting(bindings, `Nursery of ${whose}`);
  const { code } = await makePairingCode(bindings, id, null);
  const box = await Box.enrolled(code);
  box.policy = {
    ...box.policy,
    groups: [...box.policy.groups, { ...box.policy.groups[0]!, id: `${whose}-group`, name: `Group, ${whose}` }],
    devices: [{ ...device(`${whose}-pc`, `PC, ${whose}`, '192.168.1.20'), group: `${whose}-group` }],
  };
  await box.connect();
  await box.next('grants');
  await eventually(
    async () => box.policy.version,
    (version) => version === 1,
  );
  if (whose === 'openshaw') {
    const asked = { scope: { service: 'instagram' }, minutes: 10, reason: '', askedBy: 'Sam', askedAt: Date.now() };
    theirs.requests = crypto.randomUUID();
    box.send({ type: 'request', request: { id: theirs.requests, device: 'openshaw-pc', ...asked } });
    await box.next('request-ack');
  }
  box.disconnect();
  await box.closed();
  return id;
}

async function idIn(setting: string, table: string, column: string): Promise<string> {
  const query = `SELECT ${column} AS id FROM ${table} WHERE setting_id = ?`;
  return (await bindings.ACCOUNTS.prepare(query).bind(setting).first<{ id: string }>())!.id;
}
