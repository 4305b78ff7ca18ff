/**
 * A box whose files are missing or damaged starts safe and says so: what is restricted stays blocked, everything else
 * works, and an alert names what is wrong. Each case is a real start over a copy of a good state folder.
 */

import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeDurableJson } from '../../../filter-agent/control/durable-file.ts';
import { openStore } from '../../../filter-agent/control/usage-store.ts';
import type { Grant } from '../../../policy-rules/grants.ts';
import { parsePolicy } from '../../../policy-rules/validate-policy.ts';
import {
  alwaysOpenPolicy,
  type BoxOptions,
  type BoxProcess,
  prepareBox,
  startBoxProcess,
} from '../../support/box-process.ts';
import { startTestUpstream, type TestUpstream } from '../../support/test-upstream.ts';

const BLOCKED = 'www.tiktok.com';
const LISTED = 'listed.example';
const GRANTED = 'www.instagram.com';
const OPEN = 'open.example';

const HOUR_MS = 3_600_000;
const grant: Grant = {
  id: '5d0a7a3e-0f57-4c6c-9a55-0f0f5a3d7c01',
  target: { group: 'setting' },
  scope: { service: 'instagram' },
  from: Date.now() - HOUR_MS,
  until: Date.now() + HOUR_MS,
  purpose: 'official',
  mode: 'written',
  reason: 'reply to a parent',
  askedBy: 'Sam',
  grantedBy: 'Tracey',
  grantedAt: Date.now() - HOUR_MS,
};

let upstream: TestUpstream;
let good: string;
const boxes: BoxProcess[] = [];

beforeAll(async () => {
  upstream = await startTestUpstream();
  good = mkdtempSync(join(tmpdir(), 'stairgate-good-'));
  const store = await openStore({ stateDir: good });
  await store.saveGrants({ version: 1, grants: [grant] });
  await store.close();
  const policy = parsePolicy({ ...alwaysOpenPolicy(), ...emptyWeek(), version: 3, settingName: 'Stored' });
  if ('problems' in policy) throw new Error(JSON.stringify(policy.problems));
  await writeDurableJson(join(good, 'policy.json'), policy.policy);
  writeFileSync(join(good, 'list.txt'), `${LISTED}\n`);
  // The first box makes the image.
  const box = await startBoxProcess({ ...options(join(good, 'list.txt')), stateDir: good });
  await vi.waitFor(async () => expect(await rcodeOf(box, LISTED)).toBe('NXDOMAIN'), { timeout: 20_000 });
  expect([await rcodeOf(box, BLOCKED), await rcodeOf(box, GRANTED), await rcodeOf(box, OPEN)]).toEqual([
    'NXDOMAIN',
    'NOERROR',
    'NOERROR',
  ]);
  const whole = /^alert lists-not-yet: .*“own”\.\nalert lists-not-yet is over\n$/;
  await vi.waitFor(() => expect(box.stderr).toMatch(whole));
  await box.stop();
  await box.remove();
});
afterAll(async () => {
  await upstream?.close();
  rmSync(good, { recursive: true, force: true });
});
afterEach(async () => {
  for (const box of boxes.splice(0)) await box.remove();
});

/** What the settings file may leave out and the stored policy must have. */
function emptyWeek(): object {
  const { hours, groups } = alwaysOpenPolicy() as { hours: { week: object }; groups: object[] };
  const none = { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] };
  return {
    hours: { terms: [], closures: [], openings: [], breaks: none, ...hours },
    groups: groups.map((group) => ({ categories: {}, services: {}, ...group })),
  };
}

function options(list = 'state/list.txt'): BoxOptions {
  return {
    upstreams: [upstream.url],
    obeysPermissions: true,
    settings: { policy: alwaysOpenPolicy(), lists: [{ id: 'own', path: list }] },
  };
}

const rcodeOf = async (box: BoxProcess, name: string) => (await box.ask(name)).rcode;

/** A box over a copy of the good state folder, after `damage` had its way with it; not started yet. */
async function boxAfter(damage: (stateDir: string) => void): Promise<BoxProcess> {
  const box = await prepareBox(options());
  boxes.push(box);
  cpSync(good, box.stateDir, { recursive: true });
  damage(box.stateDir);
  return box;
}

type Damage = (path: string) => void;

const damages: Readonly<Record<string, Damage>> = {
  'cut in half': (path) => truncateSync(path, Math.floor(statSync(path).size / 2)),
  'of no length': (path) => truncateSync(path, 0),
  'with flipped bits': (path) => {
    const bytes = readFileSync(path);
    // Every 97th octet, and so some of each header, index, page and checksum.
    for (let at = 13; at < bytes.length; at += 97) bytes[at] = bytes[at]! ^ 0x10;
    writeFileSync(path, bytes);
  },
  'full of garbage': (path) => writeFileSync(path, Buffer.alloc(5_000, 'garbage\0\xff', 'latin1')),
  'turned into a folder': (path) => {
    rmSync(path);
    mkdirSync(path);
  },
  'that may not be read': (path) => chmodSync(path, 0),
};

/** The box answers right from its first answer on, and the log names the trouble. */
async function startsSafe(box: BoxProcess, alert: string): Promise<void> {
  await box.start();
  expect(await rcodeOf(box, BLOCKED)).toBe('NXDOMAIN');
  expect(await rcodeOf(box, OPEN)).toBe('NOERROR');
  await expect.poll(() => box.stderr, { timeout: 15_000 }).toContain(`alert ${alert}: `);
}

describe('a box with nothing but its settings', () => {
  it('filters by the built-in catalogue without image, list, policy, database or network', async () => {
    const box = await startBoxProcess({ settings: { policy: alwaysOpenPolicy() } });
    boxes.push(box);
    expect([await rcodeOf(box, BLOCKED), await rcodeOf(box, OPEN)]).toEqual(['NXDOMAIN', 'SERVFAIL']);
    await Promise.all(['a', 'b', 'c'].map((label) => box.ask(`${label}.example`)));
    await expect.poll(async () => JSON.stringify((await box.health()).upstreams)).toContain('"healthy":false');
  });

  it('filters by the policy of a new setting where the settings have none', async () => {
    const box = await startBoxProcess({ upstreams: [upstream.url] });
    boxes.push(box);
    // A way around the filter is blocked at any hour.
    expect([await rcodeOf(box, 'nordvpn.com'), await rcodeOf(box, OPEN)]).toEqual(['NXDOMAIN', 'NOERROR']);
    expect(await box.metric('stairgate_rules')).toBeGreaterThan(500);
  });
});

describe.each(Object.keys(damages))('a box with a file %s', (how) => {
  const damage = damages[how]!;

  it('filters by the catalogue when it is the rule image, and by the list once it is compiled anew', async () => {
    const box = await boxAfter((stateDir) => damage(join(stateDir, 'rules.image')));
    await startsSafe(box, 'rules-damaged');
    if (how === 'turned into a folder') {
      // Nothing can be put in its place, so the list is out of force and the box says that too.
      await expect.poll(() => box.stderr, { timeout: 20_000 }).toContain('alert lists-not-compiled: ');
      return;
    }
    await expect.poll(() => rcodeOf(box, LISTED), { timeout: 20_000 }).toBe('NXDOMAIN');
    await expect.poll(() => box.stderr).toContain('alert rules-damaged is over');
  });

  it('obeys the settings file’s policy when it is the stored policy', async () => {
    const box = await boxAfter((stateDir) => damage(join(stateDir, 'policy.json')));
    await startsSafe(box, 'policy-damaged');
    expect(await rcodeOf(box, LISTED)).toBe('NXDOMAIN');
  });

  it('keeps its grants when it is the database, and never opens more than they do', async () => {
    const box = await boxAfter((stateDir) => damage(join(stateDir, 'box.sqlite')));
    const code = ['turned into a folder', 'that may not be read'].includes(how) ? 'store-unwritable' : 'store-damaged';
    // An empty file is a new database to SQLite.
    if (how === 'of no length') await box.start();
    else await startsSafe(box, code);
    expect([await rcodeOf(box, BLOCKED), await rcodeOf(box, GRANTED)]).toEqual(['NXDOMAIN', 'NOERROR']);
  });

  it('keeps its grants when it is their second copy', async () => {
    const box = await boxAfter((stateDir) => damage(join(stateDir, 'grants.json')));
    await startsSafe(box, 'store-damaged');
    expect(await rcodeOf(box, GRANTED)).toBe('NOERROR');
  });

  it('blocks what was granted when it is both copies of the grants', async () => {
    const box = await boxAfter((stateDir) => {
      damage(join(stateDir, 'grants.json'));
      damage(join(stateDir, 'box.sqlite'));
    });
    await startsSafe(box, 'store-damaged');
    expect(await rcodeOf(box, GRANTED)).toBe('NXDOMAIN');
    expect(box.stderr).not.toContain('The other copy is used');
  });
});

// A list is plain text without a checksum: one with flipped bits is another list, not a damaged one.
describe.each(Object.keys(damages).filter((how) => how !== 'with flipped bits'))('a box with a list %s', (how) => {
  it('keeps the list of the last good image', async () => {
    const box = await boxAfter((stateDir) => damages[how]!(join(stateDir, 'list.txt')));
    await startsSafe(box, 'list-failed');
    expect(await rcodeOf(box, LISTED)).toBe('NXDOMAIN');
  });
});

describe('a box', () => {
  it('keeps the list of the last good image when the list is gone, and says so', async () => {
    const box = await boxAfter((stateDir) => rmSync(join(stateDir, 'list.txt')));
    await startsSafe(box, 'list-failed');
    expect(await rcodeOf(box, LISTED)).toBe('NXDOMAIN');
    expect(box.stderr).toContain('The rules of the last good lists stay in force.');
  });

  it('filters, keeps its grants and says so when it may not write to its state folder', async () => {
    const box = await boxAfter((stateDir) => chmodSync(stateDir, 0o555));
    await startsSafe(box, 'store-unwritable');
    expect([await rcodeOf(box, LISTED), await rcodeOf(box, GRANTED)]).toEqual(['NXDOMAIN', 'NOERROR']);
    expect(await box.health()).toMatchObject({ store: false });
    chmodSync(box.stateDir, 0o755);
  });

  it('filters when its state folder is a file', async () => {
    const box = await boxAfter((stateDir) => {
      rmSync(stateDir, { recursive: true });
      writeFileSync(stateDir, 'no folder');
    });
    await startsSafe(box, 'store-unwritable');
    expect(await rcodeOf(box, GRANTED)).toBe('NXDOMAIN');
  });

  it('ends with code 1 and the mend when its port is taken', async () => {
    const first = await boxAfter(() => {});
    await first.start();
    const second = await prepareBox({ ...options(), port: first.server.port });
    boxes.push(second);
    await second.startWithoutWaiting();
    expect(await second.exited()).toBe(1);
    expect(second.stderr).toContain(
      `Another program already answers at 127.0.0.1:${first.server.port} over UDP: stop it, or listen elsewhere.`,
    );
    expect(second.stderr).not.toContain('    at ');
  });

  it('answers over UDP when only the TCP port is taken, says so, and takes it once it is free', {
    timeout: 60_000,
  }, async () => {
    const box = await boxAfter(() => {});
    const other = createServer();
    await new Promise<void>((resolve) => other.listen({ host: '127.0.0.1', port: box.server.port }, resolve));
    await startsSafe(box, 'not-listening');
    expect(box.stderr).toContain('over TCP: stop it, or listen elsewhere.');
    await new Promise((resolve) => other.close(resolve));
    await expect.poll(() => box.stderr, { timeout: 20_000 }).toContain('alert not-listening is over');
    expect((await box.askTcp(BLOCKED)).rcode).toBe('NXDOMAIN');
  });

  it('waits for an interface without an address, and names it', async () => {
    const box = await boxAfter(() => {});
    box.configure({ listen: [`nowhere0:${box.server.port}`] });
    await box.start();
    expect(box.stderr).toContain('alert not-listening: nowhere0 has no address yet');
    expect(box.stdout).toContain('filters at no address yet');
    expect(await box.health()).toMatchObject({ status: 'failing', answering: false });
  });

  it('ends with code 2, file, line and what was expected when its settings are wrong', async () => {
    const box = await boxAfter(() => {});
    box.configure({ upstreams: ['https:/nowhere'] });
    await box.startWithoutWaiting();
    expect(await box.exited()).toBe(2);
    expect(box.stderr).toMatch(/box\.yaml:\d+:\d+: upstreams\[0\]: got "https:\/nowhere", expected /);
    expect(box.stdout).toBe('');
  });
});
