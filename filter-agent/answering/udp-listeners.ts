/**
 * The addresses that an answering thread listens on, and where the local site is for whoever asks there. All addresses
 * of the machine share one socket where the settings ask for all and the sockets can tell which one was asked: an
 * address that comes (a lease, a prefix) is answered at once. Otherwise each has its own.
 */
import { type Bound, ListenerSet, type ListenFailure } from '../sockets/listener-set.ts';
import type { UdpListener, UdpSockets } from '../sockets/udp.ts';
import type { SiteAddresses } from './answer-query.ts';

/** An address to listen on, and where the local site is for the clients that reach it. */
export interface ListenSpec extends SiteAddresses {
  readonly address: string;
  readonly port: number;
  /** Several answering threads share the address. */
  readonly reusePort: boolean;
  /** The settings ask for every address of this one's family: the socket that may serve them all together. */
  readonly shared: '0.0.0.0' | '::' | null;
}

/** One socket, and whose it is. */
interface Place {
  readonly address: string;
  readonly port: number;
  readonly specs: readonly ListenSpec[];
}

const NO_SITE: SiteAddresses = { site4: null, site6: null };

export class UdpListeners {
  readonly #places: ListenerSet<Place, UdpListener>;
  readonly #canShare: boolean;
  /** Shared sockets that another program's keeps from being opened ("0.0.0.0 53"): each address has its own from then on. */
  readonly #unshared = new Set<string>();
  readonly #specsOf = new WeakMap<UdpListener, () => Place>();

  constructor(sockets: UdpSockets, onBroken: (place: { address: string; port: number }, error: Error) => void) {
    this.#canShare = sockets.tellsAsked;
    this.#places = new ListenerSet(async (place, current) => {
      const listener = await sockets.listen({
        address: place.address,
        port: place.port,
        reusePort: place.specs.some(({ reusePort }) => reusePort),
        onBroken: (error) => {
          this.#places.forget(place);
          onBroken(place, error);
        },
      });
      this.#specsOf.set(listener, current);
      return listener;
    });
  }

  /** Makes `specs` the complete set: opens what is new, closes what is gone. */
  async become(specs: readonly ListenSpec[]): Promise<{ bound: Bound[]; failed: ListenFailure[] }> {
    const first = await this.#open(specs);
    const refused = first.failed.filter((failure) => specs.some((spec) => isSharedAt(spec, failure)));
    if (refused.length === 0) return first;
    // systemd-resolved, say, holds 127.0.0.53: the machine's other addresses can still be had one by one.
    for (const failure of refused) this.#unshared.add(keyOf(failure));
    return this.#open(specs);
  }

  /** Within OnQuery: where the local site is for the client at hand. */
  siteFor(listener: UdpListener): SiteAddresses {
    const specs = this.#specsOf.get(listener)?.().specs ?? [];
    if (specs.length === 1) return specs[0]!;
    const asked = listener.asked();
    return specs.find(({ address }) => address === asked) ?? NO_SITE;
  }

  async close(): Promise<void> {
    await this.#places.close();
  }

  async #open(specs: readonly ListenSpec[]): Promise<{ bound: Bound[]; failed: ListenFailure[] }> {
    const places = new Map<string, Place>();
    for (const spec of specs) {
      const { port } = spec;
      const address = this.#sharedBy(spec) ?? spec.address;
      const key = keyOf({ address, port });
      places.set(key, { address, port, specs: [...(places.get(key)?.specs ?? []), spec] });
    }
    const { bound, failed } = await this.#places.become([...places.values()]);
    // Told by address, as it was asked for: who shares a socket is this file's affair.
    return {
      failed,
      bound: bound.flatMap(({ address, askedPort, port }) => {
        const { specs: served } = places.get(keyOf({ address, port: askedPort }))!;
        return served.map((spec) => ({ address: spec.address, askedPort, port }));
      }),
    };
  }

  #sharedBy({ shared, port }: ListenSpec): string | null {
    if (shared === null || !this.#canShare) return null;
    return this.#unshared.has(keyOf({ address: shared, port })) ? null : shared;
  }
}

function isSharedAt(spec: ListenSpec, { address, port }: { address: string; port: number }): boolean {
  return spec.shared === address && spec.port === port;
}

function keyOf({ address, port }: { address: string; port: number }): string {
  return `${address} ${port}`;
}
