/** An upstream over TLS (RFC 7858): the strict profile of RFC 8310, padded queries (RFC 8467), shared connections. */
import type { ClockTrust } from './clock-trust.ts';
import { connectFirst } from './connect-first.ts';
import { ConnectionPool, upstreamOver } from './connection-pool.ts';
import { secureConnector } from './secure-connection.ts';
import type { Upstream, UpstreamSpec } from './upstream.ts';
import { StreamChannel } from './upstream-stream.ts';

export function createTlsUpstream(spec: UpstreamSpec, clock: ClockTrust): Upstream {
  const { name, addresses } = spec;
  // Servers that know protocols by name at all (RFC 7301) refuse those that they do not know, so none is named.
  const connect = secureConnector({ ...spec, serverName: spec.serverName! }, [], clock);
  const open = connectFirst({
    name,
    addresses,
    connect: (address) => {
      const { ready, abandon } = connect(address);
      const channel = ready.then(
        ({ socket, isExcused }) => new StreamChannel(socket, { name, transport: 'TLS', isPadded: true, isExcused }),
      );
      return { ready: channel, abandon };
    },
  });
  const pool = new ConnectionPool(name, open);
  clock.onTrusted(() => pool.closeExcused());
  return upstreamOver(name, pool);
}
