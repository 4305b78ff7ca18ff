/** The dashboard as a process of its own, on real workerd: started, stopped, killed, and what it remembers. */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EnrolResponse, PROTOCOL_VERSION } from '../../policy-rules/agent-protocol.ts';
import { createCertificateAuthority } from '../support/certificates.ts';
import { CodesApp } from '../support/codes-app.ts';
import {
  DashboardProcess,
  type DashboardReady,
  hostPath,
  startDashboardProcess,
} from '../support/dashboard-process.ts';
import { freePort } from '../support/free-port.ts';

const person = {
  name: 'Tracey Field',
  email: 'tracey@nursery.example',
  password: 'three words remembered',
  settingName: 'Halstead Nursery',
};

let dashboard: DashboardProcess;
let ready: DashboardReady;

beforeAll(async () => {
  ({ dashboard, ready } = await startDashboardProcess());
});

afterAll(async () => {
  await dashboard?.remove();
});

describe('the dashboard host', () => {
  it('prints where it is, the set-up link and a code for the box beside it', () => {
    expect(ready.url).toBe(`http://127.0.0.1:${dashboard.port}/`);
    expect(ready.setupLink).toMatch(/\/setup\/[\w-]{32}$/);
    expect(ready.pairingCode).toMatch(/^[A-Z0-9]{8}$/);
  });

  it('names the port that is none, wherever it was written', () => {
    const main = fileURLToPath(new URL('../../dashboard-worker/host/main.ts', import.meta.url));
    const env = { ...process.env, STAIRGATE_DASHBOARD_PORT: 'abc', STAIRGATE_DASHBOARD_STATE: dashboard.folder };
    const { stderr, status } = spawnSync(process.execPath, [main], { env, encoding: 'utf8' });
    expect(stderr).toContain('"abc" is no port');
    expect(status).toBe(1);
  });

  it('does not start with a set-up link that could be guessed', () => {
    const env = { ...process.env, STAIRGATE_SETUP_TOKEN: 'guess me' };
    const args = [hostPath, '--state', dashboard.folder, '--port', '0'];
    const { stderr, status } = spawnSync(process.execPath, args, { env, encoding: 'utf8', timeout: 60_000 });
    expect(stderr).toContain('has 8 characters: expected at least 24');
    expect(status).toBe(1);
  });

  it('keeps its host addresses to itself', async () => {
    for (const path of ['host/start', 'host/pairing-code']) {
      const response = await fetch(new URL(path, ready.url), { method: 'POST' });
      expect({ path, status: response.status }).toEqual({ path, status: 404 });
    }
  });

  it('asks for a session without waiting for what the first request, which needed none, had begun', async () => {
    const ask = (path: string) =>
      fetch(new URL(path, ready.url), { redirect: 'manual', signal: AbortSignal.timeout(10_000) });
    expect((await ask('setup/wrong')).status).toBe(410);
    expect((await ask('')).status).toBe(303);
  });

  it('pairs the box beside it once, and remembers everything over a stop and a kill', async () => {
    const first = await enrol(ready.pairingCode);
    expect(first.status).toBe(200);
    const { settingPublicKey, settingId } = (await first.json()) as EnrolResponse;
    expect((await enrol(ready.pairingCode)).status).toBe(403);
    const cookie = await setUp();
    await post(
      new URL('devices', ready.url).href,
      {
        ...{ setting: settingId, step: 'save', version: '0' },
        name: 'Office PC',
        group: 'setting',
        addresses: '192.168.1.20',
        macs: '',
        user: 'unknown',
        userName: '',
      },
      cookie,
    );

    await dashboard.stop();
    ready = await dashboard.start();
    expect(ready.setupLink).toBeNull();
    // The session survives as well: its secret is kept beside the data.
    expect(await page('devices', cookie)).toContain('Office PC');

    // A new token of its owner's makes a link that lets the manager back in; one that nobody asked for makes none.
    await dashboard.stop();
    ready = await dashboard.start({ STAIRGATE_SETUP_TOKEN: 'a new token, long enough' });
    expect(await page(new URL(ready.setupLink!).pathname.slice(1), '')).toContain('Let the manager back in');

    // Whoever switches the machine off every night still gets the hourly work done: at the start.
    await dashboard.stop();
    const old = "INSERT INTO failures (subject, count, first_at) VALUES ('password:old', 3, 1)";
    expect(inAccounts(`${old} RETURNING subject`)).toHaveLength(1);
    ready = await dashboard.start();
    await dashboard.stop();
    expect(inAccounts("SELECT subject FROM failures WHERE subject = 'password:old'")).toEqual([]);
    ready = await dashboard.start();

    await dashboard.stop('SIGKILL');
    ready = await dashboard.start();
    expect(await page('devices', cookie)).toContain('Office PC');
    const again = (await (await enrol(ready.pairingCode)).json()) as EnrolResponse;
    expect({ id: again.settingId, key: again.settingPublicKey, name: again.settingName }).toEqual({
      id: settingId,
      key: settingPublicKey,
      name: 'Halstead Nursery',
    });
  });
});

describe('beyond this machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stairgate-tls-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const refusal = (...options: string[]): string => {
    const args = [hostPath, '--state', join(folder, 'state'), '--port', '0', ...options];
    const { stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
    expect(status).toBe(1);
    return stderr;
  };

  it('does not start without a certificate, or a word', () => {
    for (const host of ['0.0.0.0', '192.168.1.2', '::', 'dashboard.home.arpa']) {
      expect(refusal('--host', host)).toContain('--allow-plain-http');
    }
    expect(refusal('--tls-cert', 'x')).toContain('--tls-cert and --tls-key go together');
  });

  it('says which certificate it cannot use, and why', () => {
    const authority = createCertificateAuthority(folder, 'refused');
    const [one, other] = [authority.issue('one.test'), authority.issue('other.test')];
    const expired = authority.issue('expired.test', { isExpired: true });
    const missing = join(folder, 'none.pem');
    expect(refusal('--tls-cert', missing, '--tls-key', one.key)).toContain(`--tls-cert: ${missing} cannot be read`);
    expect(refusal('--tls-cert', one.certificate, '--tls-key', other.key)).toContain('no certificate and its key');
    expect(refusal('--tls-cert', expired.certificate, '--tls-key', expired.key)).toContain('expired on 2020-02-01');
  });

  it('serves https with a certificate, whose cookies no other site and no plain http can set or read', async () => {
    const authority = createCertificateAuthority(folder, 'served');
    const { certificate, key } = authority.issue('localhost');
    const own = new DashboardProcess(await freePort());
    try {
      const started = await own.start({}, ['--tls-cert', certificate, '--tls-key', key]);
      expect(started.url).toMatch(/^https:/);
      const ca = readFileSync(authority.ca);
      const address = new URL(started.setupLink!);
      address.hostname = 'localhost';
      const made = await postOverTls(address, person, ca);
      expect(made.statusCode).toBe(303);
      const cookies = made.headers['set-cookie'] ?? [];
      expect(cookies.join()).toMatch(/^__Host-stairgate-session=[^;]+;.* Secure;/);
    } finally {
      await own.remove();
    }
  });

  it('serves plain http by that word, and says so on the page', async () => {
    const own = new DashboardProcess(await freePort());
    try {
      const started = await own.start({}, ['--host', '0.0.0.0', '--allow-plain-http']);
      expect(started.url).toMatch(/^http:/);
      // As a tablet asks that knows the machine by its address on the network.
      const asked = { host: '127.0.0.1', port: own.port, path: '/sign-in', headers: { host: '192.168.1.2' } };
      const page = await new Promise<IncomingMessage>((resolve, reject) => get(asked, resolve).once('error', reject));
      expect(await text(page)).toContain('This connection is not encrypted.');
    } finally {
      await own.remove();
    }
  });
});

function postOverTls(url: URL, fields: Record<string, string>, ca: Buffer): Promise<IncomingMessage> {
  const headers = { origin: url.origin, 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, ca }, (response) => {
      response.resume();
      resolve(response);
    });
    sent.once('error', reject);
    sent.end(new URLSearchParams(fields).toString());
  });
}

/** What the stopped dashboard keeps in its shared database. */
function inAccounts(sql: string): unknown[] {
  const folder = join(dashboard.folder, 'storage');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.sqlite')) continue;
    const database = new DatabaseSync(join(folder, name));
    try {
      const known = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'failures'").all();
      if (known.length > 0) return database.prepare(sql).all();
    } finally {
      database.close();
    }
  }
  throw new Error(`no database with accounts is in ${folder}`);
}

function enrol(code: string): Promise<Response> {
  const { x: publicKey } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  return fetch(new URL('box/enrol', ready.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ protocol: PROTOCOL_VERSION, code, publicKey, boxName: 'This machine' }),
  });
}

function post(url: string, fields: Record<string, string>, cookie = ''): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { origin: new URL(ready.url).origin, cookie },
    redirect: 'manual',
  });
}

/** By the set-up link and the app; answers the cookie of the session. */
async function setUp(): Promise<string> {
  const made = await post(ready.setupLink!, person);
  expect(made.status).toBe(303);
  const app = CodesApp.ofPage(await page('account/second-factor', cookieOf(made)));
  const address = new URL('account/second-factor', ready.url).href;
  return cookieOf(await post(address, { code: await app.nextCode() }, cookieOf(made)));
}

function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

async function page(path: string, cookie: string): Promise<string> {
  const response = await fetch(new URL(path, ready.url), { headers: { cookie }, redirect: 'manual' });
  expect(response.status).toBe(200);
  return await response.text();
}
