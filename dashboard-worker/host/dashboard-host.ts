/**
 * The dashboard on this machine: the very Worker that is deployed to Cloudflare, run on workerd through Miniflare, with
 * D1 and Durable Objects in a local folder. No account, no internet; plain http on loopback, and
 * beyond it what encryption.ts lets through.
 *
 * Owns starting and stopping it, its secrets and its schema. What it does is the Worker's.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Log, LogLevel, Miniflare } from 'miniflare';
import { isSetupToken, SETUP_TOKEN_MIN_LENGTH } from '../accounts/setup-token.ts';
import { encryptionOf, type Listening } from './encryption.ts';
import { bundleWorker } from './worker-bundle.ts';

export interface DashboardOptions {
  /** Everything that must survive a restart. Made when it is not there. */
  readonly stateDir: string;
  /** 0 for any. A box that was paired with another port has to be paired again. */
  readonly port: number;
  /** Loopback when absent. */
  readonly host?: string;
  /** A certificate of one's own: needed beyond loopback, unless `allowPlainHttp`. */
  readonly tls?: Listening['tls'];
  readonly allowPlainHttp?: boolean;
  /** In the set-up link, at least 24 characters; a new one at each start when absent. One that was never used lets a manager back in. */
  readonly setupToken?: string;
}

export interface Dashboard {
  /** Ends with "/". */
  readonly url: string;
  /** For the first person, or for a manager who has lost everything where a new token was given; null where it opens nothing. */
  readonly setupLink: string | null;
  /** A new code for a box, without a person: for the box on this very machine. */
  pairingCode(): Promise<string>;
  stop(): Promise<void>;
}

/** As in wrangler.toml. */
const COMPATIBILITY_DATE = '2026-11-01';
const COMPATIBILITY_FLAGS = ['nodejs_compat'];

const HOUR_MS = 60 * 60_000;

export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  // Without these, a start waits for the internet.
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false';
  process.env.WRANGLER_SEND_METRICS = 'false';
  process.env.MINIFLARE_WORKERD_PATH = join(import.meta.dirname, 'workerd-with-parent.sh');
  const { stateDir, host = '127.0.0.1', setupToken = randomBytes(24).toString('base64url') } = options;
  if (!isSetupToken(setupToken)) {
    throw new RangeError(
      `the token of the set-up link has ${setupToken.length} characters: expected at least ${SETUP_TOKEN_MIN_LENGTH}`,
    );
  }
  const encryption = await encryptionOf({
    host,
    tls: options.tls ?? null,
    allowPlainHttp: options.allowPlainHttp ?? false,
  });
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const hostSecret = randomBytes(32).toString('base64url');
  const [script, authSecret] = await Promise.all([bundleWorker(join(stateDir, 'cache')), readAuthSecret(stateDir)]);
  const miniflare = new Miniflare({
    host,
    port: options.port,
    ...encryption,
    cf: false,
    telemetry: { enabled: false },
    log: new Log(LogLevel.WARN),
    logRequests: false,
    unsafeRuntimeEnv: { STAIRGATE_WORKERD: workerdPath() },
    resourcePersistencePath: join(stateDir, 'storage'),
    workers: [
      {
        config: {
          name: 'stairgate-dashboard',
          compatibilityDate: COMPATIBILITY_DATE,
          compatibilityFlags: COMPATIBILITY_FLAGS,
          manifest: {
            mainModule: 'worker.mjs',
            modulesRoot: '/',
            modules: { 'worker.mjs': { type: 'esm', contents: script } },
          },
          env: {
            ACCOUNTS: { type: 'd1', id: 'stairgate-accounts' },
            SETTING: { type: 'durable-object', worker: 'stairgate-dashboard', exportName: 'Setting' },
            AUTH_SECRET: { type: 'text', value: authSecret },
            SETUP_TOKEN: { type: 'text', value: setupToken },
            HOST_SECRET: { type: 'text', value: hostSecret },
          },
          exports: { Setting: { type: 'durable-object', storage: 'sqlite' } },
        },
        dev: { rootPath: '/' },
      },
    ],
  });
  try {
    const url = await miniflare.ready;
    await applyMigrations(await miniflare.getD1Database('ACCOUNTS'));
    const call = (path: string) => callHost(miniflare, path, hostSecret);
    const { setup } = (await call('host/start')) as { setup: string };
    const opens = setup === 'open' || (setup === 'recovery' && options.setupToken !== undefined);
    const worker = await miniflare.getWorker();
    // Cron triggers do not fire outside Cloudflare.
    const workHourly = (): Promise<unknown> =>
      worker
        .scheduled({ cron: '30 * * * *' })
        .catch((error: unknown) => console.error('the hourly work failed:', error));
    // Also at the start: what has expired while it was switched off goes now.
    await workHourly();
    const hourly = setInterval(workHourly, HOUR_MS);
    hourly.unref();
    return {
      url: url.href,
      setupLink: opens ? new URL(`setup/${setupToken}`, url).href : null,
      pairingCode: async () => ((await call('host/pairing-code')) as { code: string }).code,
      stop: async () => {
        clearInterval(hourly);
        await miniflare.dispose();
      },
    };
  } catch (error) {
    await miniflare.dispose();
    throw error;
  }
}

/** The program that Miniflare brings, and would run itself. */
function workerdPath(): string {
  const ofMiniflare = createRequire(createRequire(import.meta.url).resolve('miniflare'));
  return (ofMiniflare('workerd') as { readonly default: string }).default;
}

type LocalD1 = Awaited<ReturnType<Miniflare['getD1Database']>>;

const migrationsDir = join(import.meta.dirname, '../migrations');

/** Each file once, in the order of their names, as `wrangler d1 migrations apply` does; in the same table of its own. */
async function applyMigrations(database: LocalD1): Promise<void> {
  await database
    .prepare(
      'CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
    )
    .run();
  const { results } = await database.prepare('SELECT name FROM d1_migrations').all<{ name: string }>();
  const applied = new Set(results.map(({ name }) => name));
  const files = (await readdir(migrationsDir)).filter((name) => name.endsWith('.sql')).toSorted();
  for (const name of files.filter((file) => !applied.has(file))) {
    const statements = splitStatements(await readFile(join(migrationsDir, name), 'utf8'));
    // A batch is one transaction: after a kill in between, the file is applied as a whole at the next start.
    await database.batch([
      ...statements.map((statement) => database.prepare(statement)),
      database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name),
    ]);
  }
}

/** Our migrations end every statement with a semicolon at the end of a line, and hold none inside one. */
function splitStatements(sql: string): string[] {
  return sql
    .replaceAll(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

async function callHost(miniflare: Miniflare, path: string, secret: string): Promise<unknown> {
  const response = await miniflare.dispatchFetch(`http://dashboard/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
  });
  if (!response.ok) throw new Error(`the dashboard answered ${response.status} to ${path}: ${await response.text()}`);
  return await response.json();
}

/** Kept, or everybody would be signed out by a restart. */
async function readAuthSecret(stateDir: string): Promise<string> {
  const path = join(stateDir, 'auth-secret');
  const known = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  if (known.trim().length >= 32) return known.trim();
  const secret = randomBytes(32).toString('base64url');
  const file = await open(`${path}.new`, 'w', 0o600);
  await file.writeFile(secret);
  await file.sync();
  await file.close();
  await rename(`${path}.new`, path);
  return secret;
}
