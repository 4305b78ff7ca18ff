/** The Worker: what Cloudflare or the local host calls. Only handlers and Durable Object classes are exported. */
import { tidyDirectory } from './accounts/directory.ts';
import { forgetFailures } from './accounts/failures.ts';
import { forgetInvitations } from './accounts/invitations.ts';
import { forgetChallenges } from './accounts/passkeys.ts';
import { tellAllRecords } from './accounts/record-outbox.ts';
import { app } from './app.ts';
import type { Bindings } from './bindings.ts';

export { Setting } from './setting/setting.ts';

export default {
  fetch: app.fetch,
  /** Hourly. The settings themselves keep their own alarms. */
  scheduled: async ({ scheduledTime }, env) => {
    await tellAllRecords(env);
    await tidyDirectory(env, scheduledTime);
    await forgetFailures(env, scheduledTime);
    await forgetChallenges(env, scheduledTime);
    await forgetInvitations(env, scheduledTime);
  },
} satisfies ExportedHandler<Bindings>;
