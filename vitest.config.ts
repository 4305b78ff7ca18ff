import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

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
        },
      },
      {
        // The Worker in workerd, on a real D1 and real Durable Objects. Storage is new for each file.
        plugins: [
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
