/**
 * Entity tags (RFC 9110, section 8.8.3): a change is made only of what its sender has read. The tag of an answer is the
 * hash of what it says, so one that nobody has changed meanwhile keeps it, whatever else was changed.
 */
import { sha256Hex } from '../../accounts/secrets.ts';

export async function entityTag(body: object): Promise<string> {
  return `"${(await sha256Hex(JSON.stringify(body))).slice(0, 32)}"`;
}

/** Whether a header If-Match names it. Weak tags match nothing (RFC 9110, section 13.1.1). */
export function ifMatch(header: string, tag: string): boolean {
  return header.trim() === '*' || header.split(',').some((one) => one.trim() === tag);
}
