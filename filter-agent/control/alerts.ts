/** Standing troubles of the box, in words for the manager (4.3). One per code; the text may change while it stands. */

export interface Alert {
  /** Stable, kebab-case. */
  readonly code: string;
  readonly text: string;
  /** Milliseconds since the epoch, by the system's clock. */
  readonly since: number;
}

export class Alerts {
  readonly #standing = new Map<string, Alert>();
  readonly #onChange: (alert: Alert, stands: boolean) => void;

  constructor(onChange: (alert: Alert, stands: boolean) => void) {
    this.#onChange = onChange;
  }

  raise(code: string, text: string): void {
    const before = this.#standing.get(code);
    if (before?.text === text) return;
    const alert = { code, text, since: before?.since ?? Date.now() };
    this.#standing.set(code, alert);
    this.#onChange(alert, true);
  }

  clear(code: string): void {
    const alert = this.#standing.get(code);
    if (alert === undefined) return;
    this.#standing.delete(code);
    this.#onChange(alert, false);
  }

  /** Raises what is in `texts` under `code` as one alert; clears it when there is nothing. */
  set(code: string, texts: readonly string[]): void {
    if (texts.length === 0) this.clear(code);
    else this.raise(code, texts.join(' '));
  }

  list(): Alert[] {
    return [...this.#standing.values()];
  }
}
