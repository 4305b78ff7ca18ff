/** Whether passkeys are possible at the address at which somebody has the dashboard open. */
import type { PasskeyPlace } from '../views/models.ts';
import { type AppContext, isPlainHttp } from './context.ts';

/**
 * Browsers know passkeys on encrypted pages and on this very machine, and only under a name: at http://127.0.0.1 they
 * refuse, at http://localhost they do not.
 */
export function passkeyPlaceOf(c: AppContext): PasskeyPlace {
  const { protocol, hostname, port } = new URL(c.req.url);
  const isAddress = /^[\d.]+$|^\[/.test(hostname);
  if (!isAddress && (protocol === 'https:' || hostname === 'localhost')) return { kind: 'here', host: hostname };
  if (isAddress && protocol === 'http:' && !isPlainHttp(c)) {
    return { kind: 'elsewhere', url: `http://localhost${port === '' ? '' : `:${port}`}/` };
  }
  return { kind: 'nowhere' };
}
