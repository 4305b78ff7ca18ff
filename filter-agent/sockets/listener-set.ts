/** Keeps a set of listeners equal to a wanted set of addresses: opens what is new, closes what is gone. */

export interface ListenAt {
  readonly address: string;
  readonly port: number;
}

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/** A listener that is open. */
export interface Bound {
  readonly address: string;
  /** As asked for, and as the system gave it: they differ for port 0. */
  readonly askedPort: number;
  readonly port: number;
}

/** One that could not be opened; the others are. */
export interface ListenFailure {
  readonly address: string;
  readonly port: number;
  /** The system's: EADDRINUSE, EACCES, EADDRNOTAVAIL. */
  readonly code: string;
  readonly message: string;
}

export class ListenerSet<Spec extends ListenAt, Open extends Listener> {
  readonly #open = new Map<string, { listener: Open; spec: Spec }>();
  readonly #openOne: (spec: Spec, currentSpec: () => Spec) => Promise<Open>;
  #turn: Promise<unknown> = Promise.resolve();

  /** `openOne` gets, beside the spec, a way to read the newest spec of the same address. */
  constructor(openOne: (spec: Spec, currentSpec: () => Spec) => Promise<Open>) {
    this.#openOne = openOne;
  }

  /** One call after the other: two at once would both open what is new, and one of them in vain. */
  become(specs: readonly Spec[]): Promise<{ bound: Bound[]; failed: ListenFailure[] }> {
    const result = this.#turn.then(() => this.#become(specs));
    this.#turn = result;
    return result;
  }

  async #become(specs: readonly Spec[]): Promise<{ bound: Bound[]; failed: ListenFailure[] }> {
    const wanted = new Map(specs.map((spec) => [keyOf(spec), spec]));
    for (const [key, { listener }] of this.#open) {
      if (wanted.has(key)) continue;
      this.#open.delete(key);
      await listener.close();
    }
    const failed: ListenFailure[] = [];
    for (const [key, spec] of wanted) {
      const existing = this.#open.get(key);
      if (existing !== undefined) {
        existing.spec = spec;
        continue;
      }
      try {
        const listener = await this.#openOne(spec, () => this.#open.get(key)?.spec ?? spec);
        this.#open.set(key, { listener, spec });
      } catch (error) {
        const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException;
        failed.push({ address: spec.address, port: spec.port, code, message });
      }
    }
    const bound = [...this.#open.values()].map(({ listener, spec }) => ({
      address: spec.address,
      askedPort: spec.port,
      port: listener.port,
    }));
    return { bound, failed };
  }

  /** A listener that broke by itself: the next become() opens it again. */
  forget(spec: ListenAt): void {
    this.#open.delete(keyOf(spec));
  }

  async close(): Promise<void> {
    await this.become([]);
  }
}

function keyOf({ address, port }: ListenAt): string {
  return `${address} ${port}`;
}
