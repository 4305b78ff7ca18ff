/**
 * Whether the box's clock is right, as the control side says it. While it is not, the dates of certificates cannot be
 * judged (DESIGN.md, "The box is sovereign"). Trusted until said otherwise, so that what nobody told is strict.
 */
export class ClockTrust {
  #trusted = true;
  readonly #whenTrusted: (() => void)[] = [];

  get trusted(): boolean {
    return this.#trusted;
  }

  set(trusted: boolean): void {
    const becomes = trusted && !this.#trusted;
    this.#trusted = trusted;
    if (becomes) for (const act of this.#whenTrusted) act();
  }

  /** Called each time that the clock becomes trusted again. */
  onTrusted(act: () => void): void {
    this.#whenTrusted.push(act);
  }
}
