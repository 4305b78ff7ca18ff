/** What the Worker is given by wrangler.toml, by `wrangler secret put`, or by the local host. */
import type { Setting } from './setting/setting.ts';

export interface Bindings {
  /** Accounts, memberships and the directory of settings. */
  readonly ACCOUNTS: D1Database;
  readonly SETTING: DurableObjectNamespace<Setting>;
  /** Signs session cookies: at least 32 random characters. */
  readonly AUTH_SECRET: string;
  /** BCP 47 tag of the language of the pages, of those in views/language.ts; absent is English. */
  readonly LANGUAGE?: string;
  /** In the one-time set-up link: at least 24 characters. Absent, or shorter: set-up is closed. */
  readonly SETUP_TOKEN?: string;
  /** Local host only: opens /host/… to the process that started the Worker. Absent: those addresses do not exist. */
  readonly HOST_SECRET?: string;
}
