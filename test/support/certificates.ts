/**
 * Certificates for servers of a test's own, made anew each time by openssl: an authority, and what it signs. Nothing of it
 * is trusted by any machine; a box is told of it with `ca`.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of PEM files. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateAuthority {
  /** Its own certificate (PEM): what a client trusts. */
  readonly ca: string;
  /** A server's, for one DNS name; `isExpired`: since yesterday. */
  issue(dnsName: string, options?: { readonly isExpired?: boolean }): Certificate;
}

/** The least that openssl takes: it ended a day before it was made. */
const EXPIRED_DAYS = -1;
const VALID_DAYS = 2;
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** `name`: part of the names of its files in `folder`. */
export function createCertificateAuthority(folder: string, name = 'authority'): CertificateAuthority {
  const path = (file: string) => join(folder, `${name}-${file}`);
  const ca = path('ca.pem');
  const caKey = path('ca.key');
  const days = (count: number) => ['-days', String(count)];
  openssl('req', '-x509', ...NEW_KEY, ...days(VALID_DAYS), '-subj', `/CN=Test ${name}`, '-keyout', caKey, '-out', ca);
  let issued = 0;
  return {
    ca,
    issue: (dnsName, { isExpired = false } = {}) => {
      const number = ++issued;
      const key = path(`${number}.key`);
      const certificate = path(`${number}.pem`);
      const request = path(`${number}.csr`);
      const extensions = path(`${number}.ext`);
      openssl('req', '-new', ...NEW_KEY, '-subj', `/CN=${dnsName}`, '-keyout', key, '-out', request);
      writeFileSync(extensions, `subjectAltName=DNS:${dnsName}\nextendedKeyUsage=serverAuth\n`);
      const signing = ['-CA', ca, '-CAkey', caKey, '-set_serial', String(number)];
      const lifetime = days(isExpired ? EXPIRED_DAYS : VALID_DAYS);
      openssl('x509', '-req', '-in', request, ...signing, ...lifetime, '-extfile', extensions, '-out', certificate);
      return { certificate, key };
    },
  };
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
