/** What a machine must have for the tests of this folder, and one clear line about what it lacks. */
import { spawnSync } from 'node:child_process';

export type Need =
  | 'root'
  | 'namespaces'
  | 'nft'
  | 'nsd'
  | 'unbound'
  | 'dig'
  | 'openssl'
  | 'systemd-analyze'
  | 'setpriv'
  | 'libseccomp';

const packages: Readonly<Record<Exclude<Need, 'root' | 'namespaces'>, string>> = {
  nft: 'nftables',
  nsd: 'nsd',
  unbound: 'unbound',
  openssl: 'openssl',
  dig: 'bind9-dnsutils',
  'systemd-analyze': 'systemd',
  setpriv: 'util-linux',
  libseccomp: 'libseccomp2',
};

/** True when something is missing; prints `skipped: …` then. For `describe.skipIf`. */
export function lacks(what: string, needs: readonly Need[]): boolean {
  const missing = needs.map(missingReason).find((reason) => reason !== null);
  if (missing !== undefined) process.stderr.write(`skipped: ${what}: ${missing}\n`);
  return missing !== undefined;
}

function missingReason(need: Need): string | null {
  switch (need) {
    case 'root':
      return process.getuid?.() === 0 ? null : 'it must run as root';
    case 'namespaces': {
      const name = `sg${process.pid}probe`;
      if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return 'network namespaces cannot be made here';
      spawnSync('ip', ['netns', 'delete', name]);
      return null;
    }
    case 'libseccomp':
      return has('ldconfig -p | grep -q libseccomp.so.2') ? null : lacking(need);
    default:
      return has(`command -v ${need}`) ? null : lacking(need);
  }
}

function lacking(need: keyof typeof packages): string {
  return `${need} is not installed (apt install ${packages[need]})`;
}

/** Debian's system programs are not on everybody's path. */
export const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

function has(command: string): boolean {
  return spawnSync('sh', ['-c', command], { env: { ...process.env, PATH }, stdio: 'ignore' }).status === 0;
}
