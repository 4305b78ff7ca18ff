/** Writes one event per decided query into the thread's ring (drawn in shared-memory.ts). Allocates nothing. */
import { Counter, EVENT_SLOT_BYTES, SlotRing } from '../shared-memory.ts';

export class QueryEvents {
  readonly #ring: SlotRing;
  readonly #counters: Float64Array;

  constructor(ring: SharedArrayBuffer, counters: Float64Array) {
    this.#ring = new SlotRing(ring, EVENT_SLOT_BYTES);
    this.#counters = counters;
  }

  /** On overflow the event is dropped and counted, never the query. */
  add(generation: number, profile: number, client: number, ruleSet: number, verdict: number): void {
    const offset = this.#ring.claim();
    if (offset < 0) {
      this.#counters[Counter.eventsDropped] = this.#counters[Counter.eventsDropped]! + 1;
      return;
    }
    const words = this.#ring.words;
    const at = offset >>> 2;
    words[at] = generation;
    words[at + 1] = profile;
    words[at + 2] = client;
    words[at + 3] = ruleSet;
    words[at + 4] = verdict;
    this.#ring.publish();
  }
}
