import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/**
 * better-auth loads its database adapter by a dynamic import within the first request. Bundled, as it is deployed, that is
 * nothing; here it asks Vite over a connection of another request, which workerd lets wait for ever.
 */
const importAccountsAdapterAtOnce: Plugin = {
  name: 'stairgate:import-accounts-adapter-at-once',
  enforce: 'pre',
  transform(code, id) {
    if (!id.includes('/better-auth/dist/db/adapter-kysely.mjs')) return null;
    const adapter = '../adapters/kysely-adapter/index.mjs';
    return `import * as adapterModule from '${adapter}';\n${code.replace(`await import("${adapter}")`, 'adapterModule')}`;
  },
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/dashboard-worker/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          pool: 'forks',
        },
      },
      {
        // The pages are pure functions: they are rendered and looked at in plain Node, not in workerd.
        test: {
          name: 'views',
          include: ['test/dashboard-worker/views*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          pool: 'forks',
          // A browser each, and nothing that is timed: they share the machine, after all others have had it alone.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // The Worker in workerd, on a real D1 and real Durable Objects. Storage is new for each file.
        plugins: [
          importAccountsAdapterAtOnce,
          cloudflareTest(async () => ({
            main: './dashboard-worker/main.ts',
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              cf: false,
              bindings: {
                AUTH_SECRET: 'a secret of the tests, long enough to sign with',
                SETUP_TOKEN: 'the-token-of-the-set-up-link',
                HOST_SECRET: 'the-secret-of-the-host',
                MIGRATIONS: await readD1Migrations(`${import.meta.dirname}/dashboard-worker/migrations`),
              },
            },
          })),
        ],
        test: {
          name: 'dashboard-worker',
          include: ['test/dashboard-worker/worker*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
