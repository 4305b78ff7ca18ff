/**
 * A dashboard in workerd with its accounts, a person with a browser's habits, and a box that speaks the real protocol
 * with a real Ed25519 key over a real WebSocket. Nothing of the Worker is replaced.
 */
import { applyD1Migrations, type D1Migration } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { createSetting, settingOf } from '../../dashboard-worker/accounts/directory.ts';
import type { RoleId } from '../../dashboard-worker/accounts/rights.ts';
import { sessionsOf } from '../../dashboard-worker/accounts/sessions.ts';
import type { Bindings } from '../../dashboard-worker/bindings.ts';
import { fromBase64Url, toBase64Url } from '../../dashboard-worker/setting/keys.ts';
import {
  DeviceViewsPayload,
  type EnrolResponse,
  type FromBox,
  FromDashboard,
  GrantsPayload,
  type HealthReport,
  helloText,
  PROTOCOL_VERSION,
  type Seen,
  type SignedKind,
  signedText,
} from '../../policy-rules/agent-protocol.ts';
import { defaultPolicy } from '../../policy-rules/default-policy.ts';
import { MonitoringNotice } from '../../policy-rules/monitoring-notice.ts';
import { Policy } from '../../policy-rules/policy.ts';
import { CodesApp } from '../support/codes-app.ts';

export const ORIGIN = 'http://127.0.0.1:8080';
export const bindings = env as unknown as Bindings & { readonly MIGRATIONS: D1Migration[] };
const worker = (exports as unknown as { default: { fetch(request: Request): Promise<Response> } }).default;

export const manager = {
  name: 'Tracey Field',
  email: 'tracey@nursery.example',
  password: 'three words remembered',
  settingName: 'Halstead Nursery',
};

export async function applyMigrations(): Promise<void> {
  await applyD1Migrations(bindings.ACCOUNTS, bindings.MIGRATIONS);
}

export function request(path: string, init: RequestInit = {}): Promise<Response> {
  return worker.fetch(new Request(new URL(path, ORIGIN), { redirect: 'manual', ...init }));
}

export function hostRequest(path: string, secret = bindings.HOST_SECRET ?? ''): Promise<Response> {
  return request(path, { method: 'POST', headers: { authorization: `Bearer ${secret}` } });
}

/** Keeps cookies, sends forms with an Origin, follows nothing by itself. */
export class Browser {
  readonly #cookies = new Map<string, string>();
  /** Sent with everything: what the browser calls itself, or which address it has. */
  readonly #own: Readonly<Record<string, string>>;
  /** The address of the dashboard, as typed. Cookies go wherever it is. */
  origin = ORIGIN;
  #setting = '';
  /** Typed wherever a page asks for it once more. */
  #password = '';

  constructor(own: Readonly<Record<string, string>> = {}) {
    this.#own = own;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.#take(await request(new URL(path, this.origin).href, { headers: { ...this.#headers(), ...headers } }));
  }

  async page(path: string): Promise<string> {
    const response = await this.get(path);
    if (response.status !== 200) throw new Error(`GET ${path} answered ${response.status}`);
    return await response.text();
  }

  /** Says of which setting the form is, as the page that it stands on would have. Pairs, where a field is sent several times. */
  async post(path: string, fields: Record<string, string> | string[][], origin = this.origin): Promise<Response> {
    if (path === '/sign-in' || path.startsWith('/setup/')) this.#password = fieldOf(fields, 'password');
    const inFront = /^\/(sign-in|sign-out|setup|invitation|account\/second-factor)\b/.test(path);
    const sent = Array.isArray(fields) ? fields : Object.entries(fields);
    const named = inFront || sent.some(([name]) => name === 'setting');
    const body = new URLSearchParams(named ? sent : [['setting', await this.setting()], ...sent]);
    if (asksForPassword.test(path) && !body.has('ownPassword')) body.set('ownPassword', this.#password);
    return this.#take(
      await request(new URL(path, this.origin).href, { method: 'POST', body, headers: { ...this.#headers(), origin } }),
    );
  }

  /** With the password, and with the app where the account has one. Answers what the last step was answered. */
  async signIn(email = manager.email, password = manager.password, next = ''): Promise<Response> {
    const response = await this.post('/sign-in', { email, password, next });
    const step = new URL(response.headers.get('location') ?? '/', ORIGIN);
    if (step.pathname !== '/sign-in/code') return response;
    // Tests sign in more often than a person can: the dashboard forgets which codes were used before.
    await bindings.ACCOUNTS.exec('UPDATE codes_apps SET last_step = 0');
    phone(email).forget();
    return await this.post('/sign-in/code', {
      code: await phone(email).codeAt(Date.now()),
      next: step.searchParams.get('next') ?? '',
    });
  }

  /** Sets up the app as the page says, on a phone that `signIn` asks from then on; answers the recovery codes. */
  async setUpApp(email = manager.email): Promise<string[]> {
    const app = CodesApp.ofPage(await this.page('/account/second-factor'));
    let response = await this.post('/account/second-factor', { code: await app.nextCode() });
    // The half minute that the code was of counted until it was over.
    if (response.status === 401) response = await this.post('/account/second-factor', { code: await app.nextCode() });
    if (response.status !== 200) throw new Error(`setting up the app answered ${response.status}`);
    phones.set(email, app);
    return recoveryCodesOn(await response.text());
  }

  /** As they are sent. */
  cookies(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Read from the first page that this person is led to; "" without one. */
  async setting(): Promise<string> {
    if (this.#setting !== '') return this.#setting;
    let response = await this.get('/');
    const next = response.headers.get('location');
    if (next !== null) response = await this.get(next);
    this.#setting = /name="setting" value="([^"]+)"/.exec(await response.text())?.[1] ?? '';
    return this.#setting;
  }

  #headers(): Record<string, string> {
    return { ...this.#own, cookie: this.cookies() };
  }

  #take(response: Response): Response {
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = cookie.split(';')[0]!.split(/=(.*)/s);
      if (/max-age=0/i.test(cookie)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }
}

const asksForPassword = /^\/(people\/invitations|people\/[^/]+\/(role|second-factor)|keys)$/;

function fieldOf(fields: Record<string, string> | string[][], name: string): string {
  return new Map(Array.isArray(fields) ? (fields as [string, string][]) : Object.entries(fields)).get(name) ?? '';
}

const phones = new Map<string, CodesApp>();

/** The app that this account was set up with. */
export function phone(email = manager.email): CodesApp {
  const app = phones.get(email);
  if (app === undefined) throw new Error(`nobody has set up an app for ${email}`);
  return app;
}

export function recoveryCodesOn(page: string): string[] {
  return [...page.matchAll(/<li class="code">([A-Z0-9-]+)<\/li>/g)].map(([, code]) => code ?? '');
}

/** Through the set-up link, and the app set up: signed in. */
export async function setUpAndSignIn(): Promise<Browser> {
  const browser = new Browser();
  const response = await browser.post(`/setup/${bindings.SETUP_TOKEN}`, manager);
  if (response.status !== 303) throw new Error(`set-up answered ${response.status}: ${await response.text()}`);
  await browser.setUpApp();
  return browser;
}

/** Somebody who belongs to that setting and is signed in with both factors. */
export async function colleague(role: RoleId, settingId: string): Promise<Browser> {
  const id = crypto.randomUUID();
  const email = `${role}-${id}@nursery.example`;
  const password = 'another three words';
  const hash = await (await sessionsOf(bindings, ORIGIN)).hashPassword(password);
  const at = new Date().toISOString();
  const insert = (sql: string, ...values: readonly (string | number)[]) =>
    bindings.ACCOUNTS.prepare(sql).bind(...values);
  await bindings.ACCOUNTS.batch([
    insert(
      'INSERT INTO user (id, name, email, emailVerified, createdAt, updatedAt) VALUES (?, ?, ?, 1, ?, ?)',
      ...[id, `A ${role}`, email, at, at],
    ),
    insert(
      `INSERT INTO account (id, accountId, providerId, userId, password, createdAt, updatedAt)
       VALUES (?, ?, 'credential', ?, ?, ?, ?)`,
      ...[id, id, id, hash, at, at],
    ),
    insert('INSERT INTO memberships (user_id, setting_id, role, since) VALUES (?, ?, ?, ?)', id, settingId, role, 1),
  ]);
  const browser = new Browser();
  const response = await browser.signIn(email, password);
  if (response.status !== 303) throw new Error(`the sign-in of a ${role} answered ${response.status}`);
  await browser.setUpApp(email);
  return browser;
}

export async function pairingCode(): Promise<string> {
  const { code } = (await (await hostRequest('/host/pairing-code')).json()) as { code: string };
  return code;
}

/** A second setting with a person of its own kind, as a second installation's would be in the hosted dashboard. */
export async function otherSetting(): Promise<{ id: string; remote: ReturnType<typeof settingOf> }> {
  const id = await createSetting(bindings, 'Openshaw Nursery');
  return { id, remote: settingOf(bindings, id) };
}

interface BoxKeys {
  readonly privateKey: CryptoKey;
  readonly publicKey: string;
}

export async function makeBoxKeys(): Promise<BoxKeys> {
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
  const raw = (await crypto.subtle.exportKey('raw', pair.publicKey)) as ArrayBuffer;
  return { privateKey: pair.privateKey, publicKey: toBase64Url(new Uint8Array(raw)) };
}

export function enrol(code: string, publicKey: string): Promise<Response> {
  return request('/box/enrol', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ protocol: PROTOCOL_VERSION, code, publicKey, boxName: 'Office cupboard' }),
  });
}

/** A box that was paired; `connect` says hello. */
export class Box {
  readonly keys: BoxKeys;
  readonly identity: EnrolResponse;
  policy: Policy = { ...defaultPolicy('Box'), devices: [device('office-pc', 'Office PC', '192.168.1.20')] };
  grantsVersion = 0;
  /** Of the notice that it shows; null for a box of before notices. */
  noticeVersion: number | null = 0;
  /** Whether a challenge is answered. */
  saysHello = true;
  /** Whether what arrives is acknowledged at once. */
  acknowledges = true;
  /** What it says of devices without a name; a box that does not know the question unless told. */
  seen: Pick<Seen, 'devices' | 'total'> | undefined;
  readonly received: FromDashboard[] = [];
  closeCode: number | null = null;
  #socket: WebSocket | null = null;
  #listeners = new Set<() => void>();

  constructor(keys: BoxKeys, identity: EnrolResponse) {
    this.keys = keys;
    this.identity = identity;
  }

  static async enrolled(code?: string): Promise<Box> {
    const keys = await makeBoxKeys();
    const response = await enrol(code ?? (await pairingCode()), keys.publicKey);
    if (response.status !== 200) throw new Error(`enrolment answered ${response.status}`);
    return new Box(keys, (await response.json()) as EnrolResponse);
  }

  static async connected(code?: string): Promise<Box> {
    const box = await Box.enrolled(code);
    await box.connect();
    await box.next('grants');
    return box;
  }

  /** Opens the line and answers the challenge; `sign` may be another key's. */
  async connect(sign: CryptoKey = this.keys.privateKey): Promise<void> {
    this.received.length = 0;
    this.closeCode = null;
    const response = await request(`/box/connect?box=${this.identity.boxId}`, { headers: { upgrade: 'websocket' } });
    const socket = response.webSocket;
    if (socket === null) throw new Error(`the upgrade answered ${response.status}`);
    socket.accept();
    this.#socket = socket;
    socket.addEventListener('message', (event) => void this.#take(String(event.data)));
    socket.addEventListener('close', (event) => {
      this.closeCode = event.code;
      this.#tell();
    });
    const { nonce } = await this.next('challenge');
    if (!this.saysHello) return;
    const signature = await signWith(sign, helloText(nonce, this.identity.boxId));
    this.send({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      boxId: this.identity.boxId,
      signature,
      softwareVersion: '0.1.0',
      policyVersion: this.policy.version,
      grantsVersion: this.grantsVersion,
      ...(this.seen !== undefined && { tellsSeen: true }),
      ...(this.noticeVersion === null ? {} : { noticeVersion: this.noticeVersion }),
      policy: this.policy,
    });
  }

  disconnect(): void {
    this.#socket?.close(1000, 'the box stops');
  }

  /** On a line that is gone it goes nowhere, as a real box's would. */
  send(message: FromBox): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  sendText(text: string): void {
    this.#socket?.send(text);
  }

  /** The first message of that type that has come or comes, taken from the list. */
  async next<Type extends FromDashboard['type']>(type: Type): Promise<Extract<FromDashboard, { type: Type }>> {
    return await this.#waitFor(type, () => {
      const at = this.received.findIndex((message) => message.type === type);
      return at < 0 ? undefined : (this.received.splice(at, 1)[0] as Extract<FromDashboard, { type: Type }>);
    });
  }

  async closed(): Promise<number> {
    return await this.#waitFor('close', () => this.closeCode ?? undefined);
  }

  /** What the setting signed, checked with the key that was pinned at enrolment. */
  async readGrants(message: Extract<FromDashboard, { type: 'grants' }>): Promise<GrantsPayload> {
    await this.#verify('grants', message);
    return GrantsPayload.parse(JSON.parse(message.payload));
  }

  async readPolicy(message: Extract<FromDashboard, { type: 'policy' }>): Promise<Policy> {
    await this.#verify('policy', message);
    return Policy.parse(JSON.parse(message.payload));
  }

  async readNotice(message: Extract<FromDashboard, { type: 'notice' }>): Promise<MonitoringNotice> {
    await this.#verify('notice', message);
    return MonitoringNotice.parse(JSON.parse(message.payload));
  }

  async readViews(message: Extract<FromDashboard, { type: 'device-views' }>): Promise<DeviceViewsPayload> {
    await this.#verify('device-views', message);
    return DeviceViewsPayload.parse(JSON.parse(message.payload));
  }

  health(values: Partial<HealthReport> = {}): HealthReport {
    return {
      type: 'health',
      at: Date.now(),
      startedAt: Date.now() - 60_000,
      clockTrusted: true,
      open: true,
      rules: 3210,
      upstreams: [{ name: 'Filtering upstream', healthy: true }],
      overlaps: [],
      unnamedDevices: 2,
      queriesTotal: 100,
      blockedTotal: 7,
      alerts: [],
      ...values,
    };
  }

  async #verify(kind: SignedKind, message: { payload: string; signature: string }): Promise<void> {
    const { settingId, settingPublicKey } = this.identity;
    const key = await crypto.subtle.importKey('raw', fromBase64Url(settingPublicKey), 'Ed25519', false, ['verify']);
    const text = new TextEncoder().encode(signedText(kind, settingId, message.payload));
    if (!(await crypto.subtle.verify('Ed25519', key, fromBase64Url(message.signature), text))) {
      throw new Error(`the ${kind} message is not signed by the key that was pinned`);
    }
  }

  async #take(text: string): Promise<void> {
    if (text !== 'pong') {
      const message = FromDashboard.parse(JSON.parse(text));
      this.received.push(message);
      if (message.type === 'seen-request' && this.seen !== undefined) {
        this.send({ type: 'seen', id: message.id, ...this.seen });
      }
      if (this.acknowledges && message.type === 'grants') {
        const { version } = await this.readGrants(message);
        this.grantsVersion = version;
        this.send({ type: 'grants-ack', version, inForceAt: Date.now() });
      }
      if (this.acknowledges && message.type === 'policy') {
        this.policy = await this.readPolicy(message);
        this.send({ type: 'policy-ack', version: this.policy.version, inForceAt: Date.now() });
      }
    }
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #waitFor<Result>(what: string, read: () => Result | undefined): Promise<Result> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const result = read();
        if (result === undefined) return;
        clearTimeout(timer);
        this.#listeners.delete(look);
        resolve(result);
      };
      const timer = setTimeout(() => {
        this.#listeners.delete(look);
        reject(new Error(`the box waited 5 s for "${what}"; it has received ${JSON.stringify(this.received)}`));
      }, 5_000);
      this.#listeners.add(look);
      look();
    });
  }
}

export function device(id: string, name: string, address: string): Policy['devices'][number] {
  return { id, name, group: 'setting', addresses: [address], macs: [] };
}

/** Looks again until it holds, since a message of the box takes its way. */
export async function eventually<Result>(
  look: () => Promise<Result>,
  holds: (result: Result) => boolean,
): Promise<Result> {
  const until = Date.now() + 5_000;
  for (;;) {
    const result = await look();
    if (holds(result)) return result;
    if (Date.now() > until) throw new Error(`it did not come about within 5 s: ${JSON.stringify(result)}`);
    await scheduler.wait(20);
  }
}

async function signWith(key: CryptoKey, text: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.sign('Ed25519', key, new TextEncoder().encode(text))));
}
