import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

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

/**
 * Tests that time nothing, so that they may share the machine with others: what they wait for they wait for long, or
 * they have a clock of their own. Whoever measures how soon something comes, or that nothing is lost, has it alone.
 */
const untimed = [
  'test/*.test.ts',
  'test/dashboard-host/**/*.test.ts',
  'test/e2e/keyboard.test.ts',
  'test/filter-agent/*.test.ts',
  'test/filter-agent/answering/**/*.test.ts',
  'test/filter-agent/box/{canaries,damaged-start,hostile-names,kill,pairing,privacy,record-heads}.test.ts',
  'test/filter-agent/commands/**/*.test.ts',
  'test/filter-agent/control/**/*.test.ts',
  'test/fuzz/**/*.test.ts',
  'test/hardware/{encrypted-upstream,install,resolver-addresses,router,unit}.test.ts',
  'test/policy-rules/**/*.test.ts',
  'test/scenarios/**/*.test.ts',
];

/** Two at a time, once those that need the machine alone have had it. */
const together = { maxWorkers: 2, sequence: { groupOrder: 1 } };

/** The pages in browsers take longest by far: begun last, one of them would be left over while a core has nothing to do. */
class BrowsersFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const groupOf = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    const turnOf = ({ project }: TestSpecification) => (project.name === 'views' ? 0 : 1);
    return (await super.sort(files)).sort((a, b) => groupOf(a) - groupOf(b) || turnOf(a) - turnOf(b));
  }
}

export default defineConfig({
  test: {
    globalSetup: './test/support/temporary-folder.ts',
    sequence: { sequencer: BrowsersFirst },
    projects: [
      {
        test: {
          name: 'node-alone',
          include: ['test/**/*.test.ts'],
          exclude: ['test/dashboard-worker/**', ...untimed],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          pool: 'forks',
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: 'node',
          include: untimed,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          pool: 'forks',
          ...together,
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
          ...together,
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
          setupFiles: ['./test/dashboard-worker/worker-clock.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          ...together,
        },
      },
    ],
  },
});
