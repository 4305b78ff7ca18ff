/**
 * Whether others on the network can read what is typed. On this very machine plain http is enough; beyond it there is a
 * certificate, or somebody has said in so many words that there is to be none.
 */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { BlockList, isIP } from 'node:net';
import { createSecureContext } from 'node:tls';

export interface Listening {
  /** Where the dashboard listens: an address or a name. */
  readonly host: string;
  /** Paths of PEM files: the certificate with its chain, and its key. */
  readonly tls: { readonly certPath: string; readonly keyPath: string } | null;
  readonly allowPlainHttp: boolean;
}

/**
 * What Miniflare is told.
 *
 * @throws where it would be plain http beyond this machine without a word, and for files that are no certificate and key.
 */
export async function encryptionOf({
  host,
  tls,
  allowPlainHttp,
}: Listening): Promise<{ readonly https?: true; readonly httpsCert?: string; readonly httpsKey?: string }> {
  if (tls !== null) {
    const { certPath, keyPath } = tls;
    const [httpsCert, httpsKey] = await Promise.all([readPem('--tls-cert', certPath), readPem('--tls-key', keyPath)]);
    try {
      createSecureContext({ cert: httpsCert, key: httpsKey });
    } catch (cause) {
      throw new Error(`${certPath} and ${keyPath} are no certificate and its key, in PEM`, { cause });
    }
    const until = new X509Certificate(httpsCert).validToDate;
    if (until.getTime() < Date.now()) throw new Error(`the certificate ${certPath} expired on ${until.toISOString()}`);
    return { https: true, httpsCert, httpsKey };
  }
  if (isThisMachine(host) || allowPlainHttp) return {};
  throw new Error(
    `at ${host} others on the network could read every password: give --tls-cert and --tls-key, or --allow-plain-http ` +
      'if it has to be; docs/install.md says how a certificate is got',
  );
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

function isThisMachine(host: string): boolean {
  const version = isIP(host);
  return version === 0 ? host === 'localhost' : loopback.check(host, version === 4 ? 'ipv4' : 'ipv6');
}

async function readPem(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Error(`${option}: ${path} cannot be read`, { cause });
  }
}
