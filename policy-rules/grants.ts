/**
 * Grants: the manager's permissions (7.1.6), with a start, an end and a reason (6.2.2, 7.2.16).
 *
 * All instants are milliseconds since the Unix epoch, UTC.
 */
import * as z from 'zod/mini';
import { oneLine } from './show-text.ts';

/** Up to the last instant that a date can have. */
export const Instant = z.int().check(z.minimum(0), z.maximum(8_640_000_000_000_000));
/** What a person typed, cleaned first: it is read on the manager's page, in the record and on a phone. */
const Words = z.string().check(z.overwrite(oneLine), z.maxLength(500, 'at most 500 characters'));

/** Who may: one device, or every device of a group. */
export const GrantTarget = z.union([z.object({ device: z.string() }), z.object({ group: z.string() })]);
export type GrantTarget = z.infer<typeof GrantTarget>;

/** What may be used: one service, a category, or every category that counts as social media (7.1.2). */
export const GrantScope = z.union([
  z.object({ service: z.string() }),
  z.object({ category: z.string() }),
  z.object({ allSocial: z.literal(true) }),
]);
export type GrantScope = z.infer<typeof GrantScope>;

export const Grant = z.object({
  id: z.uuid(),
  target: GrantTarget,
  scope: GrantScope,
  from: Instant,
  /** Excluded. Later than `from`. */
  until: Instant,
  purpose: z.enum(['personal', 'official', 'emergency']),
  /** How permission was given (6.2.2). */
  mode: z.enum(['written', 'verbal']),
  reason: Words,
  askedBy: Words,
  grantedBy: Words,
  grantedAt: Instant,
  /** Set when somebody ended it early: in force until then. */
  revokedAt: z.optional(Instant),
  revokedBy: z.optional(Words),
});
export type Grant = z.infer<typeof Grant>;

/** What a member of staff asks for on the local site. */
export const PermissionRequest = z.object({
  id: z.uuid(),
  /** The id of the device that asked when it is one of the setting's own, "" for any other (own-devices.ts). */
  device: z.string().check(z.maxLength(64)),
  scope: GrantScope,
  minutes: z.int().check(z.minimum(1), z.maximum(24 * 60)),
  reason: Words,
  askedBy: Words,
  askedAt: Instant,
});
export type PermissionRequest = z.infer<typeof PermissionRequest>;

/** Whether the grant opens its services at that instant. */
export function isActive(grant: Grant, nowMs: number): boolean {
  return grant.from <= nowMs && nowMs < grantEnd(grant);
}

/** The instant from which the grant no longer holds. */
export function grantEnd(grant: Grant): number {
  return grant.revokedAt === undefined ? grant.until : Math.min(grant.until, grant.revokedAt);
}

/** Whether the grant is for that client: its device, or every device of its group, named or not. */
export function targetCovers(
  target: GrantTarget,
  client: { readonly group: string; readonly device?: string },
): boolean {
  return 'device' in target ? target.device === client.device : target.group === client.group;
}

/** Whether the grant opens that service. A protected one is never opened, whatever the grant says. */
export function scopeCovers(
  scope: GrantScope,
  service: {
    readonly service: string;
    readonly category: string;
    readonly social: boolean;
    readonly protected: boolean;
  },
): boolean {
  if (service.protected) return false;
  if ('service' in scope) return scope.service === service.service;
  if ('category' in scope) return scope.category === service.category;
  return service.social;
}
