/**
 * Proves a server's certificate without its dates, for a box that does not know the time: each certificate is issued and
 * signed by the next, up to a root that is trusted. OpenSSL cannot be asked for this from Node, which has no time of
 * verification to set. Used only when OpenSSL has found no other fault than a date (secure-connection.ts).
 *
 * Leaves out the name (tls.checkServerIdentity) and what Node does not show of a certificate: path lengths and name
 * constraints (RFC 5280 §4.2.1.9, §4.2.1.10), which the certificates of public resolvers do not turn on.
 */
import { X509Certificate } from 'node:crypto';
import { type DetailedPeerCertificate, getCACertificates } from 'node:tls';

/** Real chains have three or four; a server may send more than it needs. */
const CHAIN_LIMIT = 8;
/** id-kp-serverAuth (RFC 5280 §4.2.1.12). */
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const RSA_MIN_BITS = 2_048;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Null when it is proved. `ca`: PEM, in place of the system's roots. Throws where a certificate cannot be read. */
export function proveChain(peer: DetailedPeerCertificate, ca: string | null): Error | null {
  const sent = certificatesOf(peer);
  const [leaf, ...others] = sent;
  if (leaf === undefined) return new Error('the server sent no certificate');
  const uses = leaf.keyUsage as readonly string[] | undefined;
  if (uses !== undefined && !uses.includes(SERVER_AUTHENTICATION)) {
    return new Error('the certificate is not one for servers');
  }
  const roots = ca === null ? systemRoots() : rootsIn(ca);
  return leadsTo(roots, leaf, others, CHAIN_LIMIT) ? null : new Error('the certificate is issued by nobody trusted');
}

/** Depth first: a certificate may have been signed by more than one, under the same name. */
function leadsTo(
  roots: readonly X509Certificate[],
  certificate: X509Certificate,
  others: readonly X509Certificate[],
  depth: number,
): boolean {
  if (!isStrong(certificate)) return false;
  if (roots.some((root) => root.fingerprint256 === certificate.fingerprint256)) return true;
  if (roots.some((root) => isIssuedBy(certificate, root))) return true;
  if (depth === 0) return false;
  return others.some(
    (issuer, index) => isIssuedBy(certificate, issuer) && leadsTo(roots, issuer, others.toSpliced(index, 1), depth - 1),
  );
}

/** `checkIssued` compares names, key identifiers and the right to sign; only `verify` looks at the signature. */
function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** As OpenSSL at its usual security level: no short RSA keys, no signatures over MD5 or SHA-1. */
function isStrong({ publicKey, signatureAlgorithm }: X509Certificate): boolean {
  const { modulusLength = RSA_MIN_BITS } = publicKey.asymmetricKeyDetails ?? {};
  return modulusLength >= RSA_MIN_BITS && !/md5|sha1/i.test(signatureAlgorithm ?? '');
}

/** The chain as it was sent; its last certificate is its own issuer. */
function certificatesOf(peer: DetailedPeerCertificate): X509Certificate[] {
  const found = new Map<string, X509Certificate>();
  let at: DetailedPeerCertificate | undefined = peer;
  while (at?.raw !== undefined && found.size < CHAIN_LIMIT && !found.has(at.fingerprint256)) {
    found.set(at.fingerprint256, new X509Certificate(at.raw));
    at = at.issuerCertificate;
  }
  return [...found.values()];
}

let known: readonly X509Certificate[] | null = null;

/** Read when first needed: a box with a clock never is. */
function systemRoots(): readonly X509Certificate[] {
  known ??= getCACertificates('default').map((pem) => new X509Certificate(pem));
  return known;
}

function rootsIn(pem: string): X509Certificate[] {
  return (pem.match(PEM_CERTIFICATE) ?? []).map((one) => new X509Certificate(one));
}
