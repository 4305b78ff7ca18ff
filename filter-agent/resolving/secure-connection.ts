/**
 * A TLS connection to an upstream that has proved its name: the strict profile of RFC 8310 §5, so that one that cannot
 * is not spoken to, and nothing is ever asked in plain text in its place. Sessions are resumed (RFC 8446 §2.2), so that
 * a connection that idled out costs no second proof.
 *
 * While the box's clock is not trusted the dates of the certificates cannot be judged: these alone are excused, the chain
 * and the name are proved as ever (certificate-chain.ts), and such a connection ends when the clock is right.
 */
import { isIP } from 'node:net';
import { checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { proveChain } from './certificate-chain.ts';
import type { ClockTrust } from './clock-trust.ts';
import type { Attempt } from './connect-first.ts';
import type { UpstreamSpec } from './upstream.ts';

export interface SecureConnection {
  readonly socket: TLSSocket;
  /** Its dates were not judged. */
  readonly isExcused: boolean;
}

export interface Secure extends Pick<UpstreamSpec, 'port' | 'ca'> {
  readonly serverName: string;
}

/** OpenSSL's names for the faults of dates. It tells one fault alone: another may hide behind it. */
const FAULTS_OF_DATES: readonly string[] = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];

/** Connects to addresses of one upstream. `protocols`: what may be spoken over it (RFC 7301); empty: nothing is said. */
export function secureConnector(
  { port, ca, serverName }: Secure,
  protocols: readonly string[],
  clock: ClockTrust,
): (address: string) => Attempt<SecureConnection> {
  let session: Buffer | null = null;
  return (address) => {
    const isExcused = !clock.trusted;
    const socket = connect({
      host: address,
      port,
      minVersion: 'TLSv1.2',
      // Where the dates may have to be excused it is judged below.
      rejectUnauthorized: !isExcused,
      // Not the address that is connected to: the name that was asked for.
      checkServerIdentity: (_, certificate) => readable(() => faultOfName(serverName, certificate)),
      ...(isIP(serverName) === 0 && { servername: serverName }),
      ...(protocols.length > 0 && { ALPNProtocols: [...protocols] }),
      ...(ca !== null && { ca }),
      // A resumed session is not proved again: what was excused once must be.
      ...(session !== null && !isExcused && { session }),
    });
    socket.setNoDelay(true);
    let isProved = false;
    let offered: Buffer | null = null;
    // With TLS 1.2 it comes before the proof, with TLS 1.3 after.
    socket.on('session', (offer) => {
      offered = offer;
      if (isProved && !isExcused) session = offered;
    });
    const ready = new Promise<SecureConnection>((resolve, reject) => {
      const fail = (error: Error) => {
        session = null;
        socket.destroy();
        reject(error);
      };
      const close = () => fail(new Error('the connection was closed during the handshake'));
      socket.once('error', fail);
      socket.once('close', close);
      socket.once('secureConnect', () => {
        const fault = isExcused ? faultBesideDates(socket, serverName, ca, clock) : null;
        if (fault !== null) {
          fail(fault);
          return;
        }
        isProved = true;
        if (!isExcused) session = offered ?? session;
        socket.off('error', fail);
        socket.off('close', close);
        resolve({ socket, isExcused });
      });
    });
    return { ready, abandon: () => socket.destroy() };
  };
}

function faultBesideDates(socket: TLSSocket, serverName: string, ca: string | null, clock: ClockTrust): Error | null {
  if (clock.trusted) return new Error('the clock became right during the handshake: it is to be done again');
  if (socket.authorized) return null;
  const fault = socket.authorizationError as unknown as Error | string;
  const code = typeof fault === 'string' ? fault : ((fault as NodeJS.ErrnoException).code ?? fault.message);
  if (!FAULTS_OF_DATES.includes(code)) return fault instanceof Error ? fault : new Error(fault);
  return readable(() => {
    const certificate = socket.getPeerCertificate(true);
    return faultOfName(serverName, certificate) ?? proveChain(certificate, ca);
  });
}

/** Who sends a certificate may put into it what Node cannot read and throws at: a key of an unknown kind, a name in no form. */
function readable<T>(check: () => T): T | Error {
  try {
    return check();
  } catch (cause) {
    return new Error('a certificate cannot be read', { cause });
  }
}

/** The subject's common name is no server's name (RFC 9525 §2); Node would take it where the certificate has no other. */
function faultOfName(serverName: string, certificate: PeerCertificate): Error | undefined {
  if (certificate.subjectaltname === undefined)
    return new Error(`the certificate has no altnames, so not ${serverName}`);
  return checkServerIdentity(serverName, certificate);
}
