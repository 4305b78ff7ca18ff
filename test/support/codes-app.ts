/**
 * An authenticator app, as on a manager's phone: written from RFC 6238 and RFC 4226, knowing nothing of the dashboard's
 * side. Runs in Node and in workerd.
 */
const STEP_MS = 30_000;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export class CodesApp {
  readonly #secret: Uint8Array<ArrayBuffer>;
  #lastStep = 0;

  /** `key` in base 32, spaces and case as they may be. */
  constructor(key: string) {
    const digits = [...key.replaceAll(/\s/g, '').toUpperCase()].map((letter) => BASE32.indexOf(letter));
    if (digits.length === 0 || digits.includes(-1)) throw new Error(`"${key}" is no key in base 32`);
    const bits = digits.map((digit) => digit.toString(2).padStart(5, '0')).join('');
    this.#secret = Uint8Array.from(bits.match(/.{8}/g) ?? [], (octet) => Number.parseInt(octet, 2));
  }

  /** Takes in the key that the page of the dashboard writes out. */
  static ofPage(html: string): CodesApp {
    const key = /<p class="code">([A-Z2-7 ]+)<\/p>/.exec(html)?.[1];
    if (key === undefined) throw new Error(`there is no key on the page:\n${html}`);
    return new CodesApp(key);
  }

  /** What the app shows at that time. */
  async codeAt(ms: number): Promise<string> {
    const key = await crypto.subtle.importKey('raw', this.#secret, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']);
    const counter = new DataView(new ArrayBuffer(8));
    counter.setBigUint64(0, BigInt(Math.floor(ms / STEP_MS)));
    const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, counter));
    const offset = mac[19]! % 16;
    const [a, b, c, d] = mac.slice(offset, offset + 4) as unknown as [number, number, number, number];
    return String((((a % 128) * 256 + b) * 256 + c) * 256 + d)
      .slice(-6)
      .padStart(6, '0');
  }

  /**
   * A code that has not been shown before, so that nobody has to wait for the next half minute: the one of a step ago, the
   * present one, then the next one, as of a phone whose clock is a little off. The fourth within a minute is an error.
   */
  async nextCode(): Promise<string> {
    const now = Math.floor(Date.now() / STEP_MS);
    this.#lastStep = Math.max(now - 1, this.#lastStep + 1);
    if (this.#lastStep > now + 1) throw new Error('the app has no further code that counts now');
    return await this.codeAt(this.#lastStep * STEP_MS);
  }

  /** For a dashboard that has been made to forget which codes were used. */
  forget(): void {
    this.#lastStep = 0;
  }
}
