/**
 * Certificates for servers of a test's own, made anew each time by openssl: an authority, and what it signs. Nothing of it
 * is trusted by any machine; a box is told of it with `ca`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';

/** Paths of PEM files. */
export interface Certificate {
  /** The server's own, and after it the intermediate authority's where there is one. */
  readonly certificate: string;
  readonly key: string;
}

export interface IssueOptions {
  /** For long. */
  readonly isExpired?: boolean;
  /** Its first day is far away. */
  readonly isOfFuture?: boolean;
  /** What it is for (extended key usage); "serverAuth" unless told. */
  readonly usage?: string;
  /** Its name stands in the subject alone, as it once did. */
  readonly hasCommonNameOnly?: boolean;
  /** The authority has handed over to one below it. */
  readonly viaIntermediate?: boolean;
}

export interface CertificateAuthority {
  /** The path of its own certificate (PEM): what a client trusts. */
  readonly ca: string;
  /** A server's, for one DNS name or IP address. */
  issue(name: string, options?: IssueOptions): Certificate;
}

type Span = readonly [from: string, to: string];

const VALID: Span = ['20200101000000Z', '20491231000000Z'];
const EXPIRED: Span = ['20200101000000Z', '20200201000000Z'];
const FUTURE: Span = ['20480101000000Z', '20491231000000Z'];

const AUTHORITY_EXTENSIONS = `basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
`;

/** `name`: part of the names of its files in `folder`, and of its own. */
export function createCertificateAuthority(folder: string, name = 'authority'): CertificateAuthority {
  const own = join(folder, name);
  const path = (file: string) => join(own, file);
  mkdirSync(own);
  writeFileSync(path('index.txt'), '');
  writeFileSync(path('index.txt.attr'), 'unique_subject = no\n');
  writeFileSync(path('serial'), '01\n');
  writeFileSync(
    path('ca.conf'),
    `[ca]
default_ca = own
[own]
new_certs_dir = ${own}
database = ${path('index.txt')}
serial = ${path('serial')}
default_md = sha256
policy = any
[any]
commonName = supplied
`,
  );
  let made = 0;
  /** The only way to name both dates in every openssl that Debian has. */
  const sign = (subject: string, signer: readonly string[] | 'itself', span: Span, extensions: string): Certificate => {
    const number = ++made;
    const [key, request, file] = [path(`${number}.key`), path(`${number}.csr`), path(`${number}.ext`)];
    const certificate = path(`${number}.pem`);
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key];
    openssl('req', '-new', ...newKey, '-subj', `/CN=${subject}`, '-out', request);
    writeFileSync(file, extensions);
    const by = signer === 'itself' ? ['-selfsign', '-keyfile', key] : signer;
    const files = ['-in', request, '-out', certificate, '-notext', '-extfile', file];
    openssl('ca', '-batch', '-config', path('ca.conf'), ...by, '-startdate', span[0], '-enddate', span[1], ...files);
    return { certificate, key };
  };
  const signedBy = ({ certificate, key }: Certificate) => ['-cert', certificate, '-keyfile', key];
  const root = sign(`Test ${name}`, 'itself', VALID, AUTHORITY_EXTENSIONS);
  return {
    ca: root.certificate,
    issue: (
      serverName,
      { isExpired = false, isOfFuture = false, usage = 'serverAuth', hasCommonNameOnly, viaIntermediate = false } = {},
    ) => {
      const issuer = viaIntermediate
        ? sign(`Test ${name} intermediate`, signedBy(root), VALID, AUTHORITY_EXTENSIONS)
        : root;
      const kind = isIP(serverName) === 0 ? 'DNS' : 'IP';
      const altName = hasCommonNameOnly ? '' : `subjectAltName = ${kind}:${serverName}\n`;
      const extensions = `basicConstraints = CA:false\nextendedKeyUsage = ${usage}\n${altName}`;
      const issued = sign(serverName, signedBy(issuer), isExpired ? EXPIRED : isOfFuture ? FUTURE : VALID, extensions);
      if (viaIntermediate) {
        writeFileSync(
          issued.certificate,
          readFileSync(issued.certificate, 'utf8') + readFileSync(issuer.certificate, 'utf8'),
        );
      }
      return issued;
    },
  };
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
