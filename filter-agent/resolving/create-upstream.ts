/** The wire that a spec names. Owns the choice; leaves out what is chosen (upstream-*.ts) and who is asked (upstreams.ts). */
import type { ClockTrust } from './clock-trust.ts';
import type { Upstream, UpstreamSpec } from './upstream.ts';
import { createHttpsUpstream } from './upstream-https.ts';
import { createTcpUpstream } from './upstream-tcp.ts';
import { createTlsUpstream } from './upstream-tls.ts';
import { createUdpUpstream } from './upstream-udp.ts';

/** `clock`: whether a certificate's dates may be held against it. */
export function createUpstream(spec: UpstreamSpec, clock: ClockTrust): Upstream {
  const { name, addresses, port } = spec;
  switch (spec.protocol) {
    case 'udp':
      return createUdpUpstream(name, addresses[0]!, port);
    case 'tcp':
      return createTcpUpstream(name, addresses[0]!, port);
    case 'tls':
      return createTlsUpstream(spec, clock);
    case 'https':
      return createHttpsUpstream(spec, clock);
  }
}
