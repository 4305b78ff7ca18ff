/**
 * The dashboard's real Durable Object of one setting on workerd, as a process that can be killed. In front of it stands
 * only what hands requests through: no accounts, no pages.
 *
 * Arguments: the bundled Worker (bundleSettingWorker), the folder of its storage, the port (0: any). Says "ready URL".
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';

export interface SettingProcess {
  readonly url: string;
  /** Calls a method of the Durable Object. */
  call(method: string, ...args: unknown[]): Promise<unknown>;
  /** kill -9, of workerd too. */
  kill(): Promise<void>;
}

const frontDoor = `
  export { Setting } from './setting.ts';
  export default {
    async fetch(request, env) {
      const { pathname } = new URL(request.url);
      const setting = env.SETTING.get(env.SETTING.idFromName('one'));
      if (pathname === '/box/connect') return setting.fetch(request);
      const body = await request.json();
      if (pathname === '/call') return Response.json((await setting[body.method](...body.args)) ?? null);
      const box = { id: crypto.randomUUID(), publicKey: body.publicKey, name: body.boxName };
      const response = await setting.enrol(body.code, box);
      return response === null ? new Response('wrong code', { status: 403 }) : Response.json(response);
    },
  };
`;

/** Bundles the Durable Object once for all processes of a test. */
export async function bundleSettingWorker(path: string): Promise<void> {
  const { outputFiles } = await build({
    stdin: { contents: frontDoor, resolveDir: join(import.meta.dirname, '../../../dashboard-worker/setting') },
    bundle: true,
    format: 'esm',
    target: 'esnext',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    write: false,
  });
  await writeFile(path, outputFiles[0]!.text);
}

export async function startSettingProcess(bundle: string, storage: string, port: number): Promise<SettingProcess> {
  const self = fileURLToPath(import.meta.url);
  // A process group of its own, so that workerd dies with it.
  const child = spawn(process.execPath, [self, bundle, storage, String(port)], { detached: true });
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += String(data);
  });
  const ended = once(child, 'exit');
  const first = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended.then(() => [''])]);
  const url = String(first[0]).replace('ready ', '');
  if (!url.startsWith('http')) throw new Error(`the setting's process did not start: ${errors}`);
  return {
    url,
    async call(method, ...args) {
      const response = await fetch(new URL('call', url), { method: 'POST', body: JSON.stringify({ method, args }) });
      return response.json();
    },
    async kill() {
      process.kill(-child.pid!, 'SIGKILL');
      await ended;
    },
  };
}

async function serve(bundle: string, storage: string, port: number): Promise<void> {
  const setting = { type: 'durable-object' as const, worker: 'setting', exportName: 'Setting' };
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port,
    cf: false,
    telemetry: { enabled: false },
    resourcePersistencePath: storage,
    workers: [
      {
        config: {
          name: 'setting',
          compatibilityDate: '2026-10-01',
          compatibilityFlags: ['nodejs_compat'],
          manifest: {
            mainModule: 'worker.mjs',
            modulesRoot: '/',
            modules: { 'worker.mjs': { type: 'esm', contents: await readFile(bundle, 'utf8') } },
          },
          env: { SETTING: setting },
          exports: { Setting: { type: 'durable-object', storage: 'sqlite' } },
        },
        dev: { rootPath: '/' },
      },
    ],
  });
  process.stdout.write(`ready ${(await miniflare.ready).href}\n`);
}

const [, program, bundle, storage, port] = process.argv;
if (program === fileURLToPath(import.meta.url)) await serve(bundle ?? '', storage ?? '', Number(port));
