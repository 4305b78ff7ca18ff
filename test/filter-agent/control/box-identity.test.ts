import { once } from 'node:events';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  dashboardBase,
  enrol,
  followIdentity,
  isSignedBy,
  loadIdentity,
} from '../../../filter-agent/control/box-identity.ts';
import { type ProtocolDashboard, startProtocolDashboard } from './protocol-dashboard.ts';

let stateDir: string;
let dashboard: ProtocolDashboard;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'box-identity-'));
  dashboard = await startProtocolDashboard();
});
afterEach(async () => {
  await dashboard.close();
  await rm(stateDir, { recursive: true, force: true });
});

describe('enrolment', () => {
  it('gives the box an identity that outlives a restart, readable by nobody else', async () => {
    const made = await enrol({ stateDir, dashboardUrl: dashboard.url, code: 'ABCD-2345', boxName: 'hall cupboard' });
    const { identity, trouble } = await loadIdentity(stateDir);
    expect(trouble).toBeNull();
    expect(identity).toMatchObject({
      boxId: made.boxId,
      settingName: 'Halstead Nursery',
      dashboardUrl: `${dashboard.url}/`,
    });
    expect((await stat(join(stateDir, 'identity.json'))).mode & 0o777).toBe(0o600);

    const publicKey = dashboard.boxes.get(made.boxId)!;
    const signature = identity!.sign('text – with a dash');
    expect(isSignedBy(publicKey, 'text – with a dash', signature)).toBe(true);
    expect(isSignedBy(publicKey, 'text - with a dash', signature)).toBe(false);
    expect(isSignedBy(made.settingPublicKey, 'text – with a dash', signature)).toBe(false);
  });

  it('never keeps the private key where the rest of the program can see it', async () => {
    const identity = await enrol({ stateDir, dashboardUrl: dashboard.url, code: 'ABCD-2345', boxName: 'box' });
    expect(JSON.stringify(identity)).not.toContain('PRIVATE');
    expect(JSON.stringify((await loadIdentity(stateDir)).identity)).not.toContain('PRIVATE');
  });

  it('says that a code is wrong or was used, and keeps the identity that there was', async () => {
    const first = await enrol({ stateDir, dashboardUrl: dashboard.url, code: 'ABCD-2345', boxName: 'box' });
    await expect(
      enrol({ stateDir, dashboardUrl: dashboard.url, code: 'ABCD-2345', boxName: 'box' }),
    ).rejects.toMatchObject({ code: 'code-refused', message: expect.stringContaining('Make a new one') });
    expect((await loadIdentity(stateDir)).identity?.boxId).toBe(first.boxId);
  });

  it('says to wait when there were too many wrong codes', async () => {
    const slow = createHttpServer((_, outgoing) => outgoing.writeHead(429).end('too many'));
    await once(slow.listen(0, '127.0.0.1'), 'listening');
    const { port } = slow.address() as AddressInfo;
    const wish = { stateDir, dashboardUrl: `http://127.0.0.1:${port}/`, code: 'ABCD-2345', boxName: 'box' };
    await expect(enrol(wish)).rejects.toMatchObject({ code: 'slow-down', message: expect.stringContaining('quarter') });
    slow.close();
  });

  it('says that the dashboard cannot be reached, and where it was looked for', async () => {
    await dashboard.goAway();
    await expect(
      enrol({ stateDir, dashboardUrl: dashboard.url, code: 'ABCD-2345', boxName: 'box' }),
    ).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining(dashboard.url) });
  });

  it('does not wait without end for something that never answers', async () => {
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const address = mute.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await expect(
      enrol({ stateDir, dashboardUrl: `http://127.0.0.1:${port}`, code: 'X', boxName: 'box', timeoutMs: 100 }),
    ).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('no answer within 0.1 s') });
    mute.close();
  });

  it('says that something else answers at the address', async () => {
    await expect(
      enrol({ stateDir, dashboardUrl: `${dashboard.url}/elsewhere`, code: 'ABCD-2345', boxName: 'box' }),
    ).rejects.toMatchObject({ code: 'bad-answer' });
    expect((await loadIdentity(stateDir)).identity).toBeNull();
  });
});

describe('a stored identity', () => {
  it('is none on a new box', async () => {
    expect(await loadIdentity(stateDir)).toEqual({ identity: null, trouble: null });
  });

  it('that is damaged leaves the box without one, with words on how to mend it', async () => {
    await writeFile(join(stateDir, 'identity.json'), 'stairgate 1 sha256 00\n{}');
    const { identity, trouble } = await loadIdentity(stateDir);
    expect(identity).toBeNull();
    expect(trouble).toContain('make a new pairing code and enrol');
  });

  it('that is followed is read when it is new, another, damaged or of other rights, and not otherwise', async () => {
    const look = followIdentity(stateDir);
    const enrolAs = (code: string) => enrol({ stateDir, dashboardUrl: dashboard.url, code, boxName: 'box' });
    expect(await look()).toEqual({ identity: null, trouble: null });
    expect(await look()).toBeNull();

    const first = await enrolAs('ABCD-2345');
    expect((await look())?.identity?.boxId).toBe(first.boxId);
    expect(await look()).toBeNull();

    dashboard.code = 'EFGH-6789';
    const second = await enrolAs('EFGH-6789');
    expect((await look())?.identity?.boxId).toBe(second.boxId);
    expect(second.boxId).not.toBe(first.boxId);

    const path = join(stateDir, 'identity.json');
    await chmod(path, 0o400);
    expect((await look())?.identity?.boxId).toBe(second.boxId);
    expect(await look()).toBeNull();

    await rm(path);
    await writeFile(path, 'stairgate 1 sha256 00\n{}');
    expect((await look())?.trouble).toContain('make a new pairing code and enrol');
    expect(await look()).toEqual({ identity: null, trouble: null });
    expect(await look()).toBeNull();
  });
});

describe('the address of the dashboard', () => {
  it.each([
    ['https://dashboard.example', false, 'https://dashboard.example/'],
    ['https://dashboard.example/stairgate?x=1#y', false, 'https://dashboard.example/stairgate/'],
    ['http://127.0.0.1:8787', false, 'http://127.0.0.1:8787/'],
    ['http://localhost:8787/', false, 'http://localhost:8787/'],
    ['http://[::1]:8787', false, 'http://[::1]:8787/'],
    ['http://192.168.1.9:8787', true, 'http://192.168.1.9:8787/'],
  ])('%s (plain http allowed: %s) is %s', (text, allowPlainHttp, expected) => {
    expect(dashboardBase(text, allowPlainHttp).href).toBe(expected);
  });

  it.each([
    ['http://192.168.1.9:8787', 'plain http'],
    ['http://127.0.0.1.example.org', 'plain http'],
    ['http://localhost.example.org', 'plain http'],
    ['ftp://dashboard.example', 'expected https:'],
    ['dashboard', 'is not an address'],
  ])('%s is refused: %s', (text, words) => {
    expect(() => dashboardBase(text, false)).toThrow(words);
  });
});

describe('a signature', () => {
  it.each([
    ['an empty key', '', 'c2ln'],
    ['a key of the wrong length', 'AAAA', 'c2ln'],
    ['an empty signature', '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', ''],
  ])('with %s is simply not good', (_, key, signature) => {
    expect(isSignedBy(key, 'text', signature)).toBe(false);
  });
});
