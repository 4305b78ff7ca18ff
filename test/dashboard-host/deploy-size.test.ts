/** What `wrangler deploy` would upload, built by wrangler itself: nothing leaves the machine in a dry run. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const project = join(import.meta.dirname, '../..');
const wrangler = join(project, 'node_modules/wrangler/bin/wrangler.js');

/** Cloudflare's limit for a Worker of the free plan, compressed. */
const LIMIT_KIB = 3 * 1024;

it('a Worker of less than 3 MB, compressed, with its object and its database', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'deploy-size-'));
  try {
    const args = [wrangler, 'deploy', '--dry-run', '--outdir', folder];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: project,
      env: {
        PATH: process.env.PATH ?? '',
        // Its settings and logs go there too, and nothing is told to anybody.
        HOME: folder,
        WRANGLER_SEND_METRICS: 'false',
        WRANGLER_HIDE_BANNER: 'true',
        NO_COLOR: '1',
      },
    });
    const gzipKib = Number(/gzip: ([\d.]+) KiB/.exec(stdout)?.[1]);
    expect(gzipKib, stdout).toBeGreaterThan(100);
    expect(gzipKib, stdout).toBeLessThan(LIMIT_KIB);
    expect(stdout).toContain('env.SETTING');
    expect(stdout).toContain('env.ACCOUNTS');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
