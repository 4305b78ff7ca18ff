/** What every route has at hand, and the frame of a page for somebody who is signed in. */
import type { Context } from 'hono';
import type { RemoteSetting } from '../accounts/directory.ts';
import type { Membership } from '../accounts/memberships.ts';
import type { RightId } from '../accounts/rights.ts';
import type { Sessions, SignedIn } from '../accounts/sessions.ts';
import type { Bindings } from '../bindings.ts';
import type { Actor } from '../setting/record.ts';
import type { SettingFrame } from '../setting/setting.ts';
import { readFlash } from '../views/flash.tsx';
import type { Flash, Frame, OperationScope, StandingWarning } from '../views/models.ts';
import { isThisMachine } from '../views/this-machine.ts';

export interface AppEnv {
  Bindings: Bindings;
  Variables: {
    sessions: Sessions;
    /** These only behind `requireSession`. */
    session: SignedIn;
    actor: Actor;
    may: ReadonlySet<RightId>;
    /** Only behind a key of another program, in place of `may`. */
    scopes: ReadonlySet<OperationScope>;
    /** All of theirs; the one that the session is in is `settingId`. */
    memberships: readonly Membership[];
    settingId: string;
    setting: RemoteSetting;
  };
}

export type AppContext = Context<AppEnv>;

export function originOf(c: AppContext): string {
  return new URL(c.req.url).origin;
}

/** Of the accounts library, which makes, prolongs and ends sessions. */
export function keepCookies(c: AppContext, setCookies: readonly string[]): void {
  for (const cookie of setCookies) c.header('set-cookie', cookie, { append: true });
}

/** The sender's network address; "" where nobody trustworthy says it: only Cloudflare sets this header itself. */
export function clientAddressOf(c: AppContext): string {
  return c.env.HOST_SECRET === undefined ? (c.req.header('cf-connecting-ip') ?? '') : '';
}

/** Neither encrypted nor on this very machine. */
export function isPlainHttp(c: AppContext): boolean {
  return new URL(c.req.url).protocol === 'http:' && !isThisMachine(c.req.url);
}

export function frameOf(c: AppContext, facts: SettingFrame): Frame {
  const warnings: StandingWarning[] = [];
  if (isPlainHttp(c)) warnings.push({ kind: 'plain-http' });
  if (facts.box.kind === 'none') warnings.push({ kind: 'no-box' });
  if (facts.box.kind === 'away') warnings.push({ kind: 'box-away', since: facts.box.since });
  if (facts.box.kind === 'working' && !facts.clockTrusted) warnings.push({ kind: 'clock-not-trusted' });
  return {
    settingId: c.var.settingId,
    settingName: facts.settingName,
    belongsToSeveral: c.var.memberships.length > 1,
    timeZone: facts.timeZone,
    nowMs: facts.nowMs,
    userId: c.var.actor.id,
    userName: c.var.actor.name,
    may: c.var.may,
    requestsWaiting: facts.requestsWaiting,
    warnings,
    flash: readFlash(c.req.query('done')),
  };
}

/** Of a list, from `?page=`, counted from 1; what is beyond the last is for the setting to say. */
export function pageNumber(c: AppContext): number {
  const page = Number(c.req.query('page') ?? '1');
  return Number.isSafeInteger(page) ? page : 1;
}

/** An address with what was just done, shown once at its top. */
export function withFlash(path: string, flash: Flash): string {
  return `${path}?done=${flash}`;
}
