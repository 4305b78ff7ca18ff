/**
 * A device with passkeys, in software: P-256 keys, attestation "none", CBOR by hand. Written from WebAuthn Level 2 and
 * RFC 8949. It signs with or without having checked who uses it, which no browser lets a page choose. Runs in workerd.
 */
const encoder = new TextEncoder();

/** Flags of the authenticator data (WebAuthn, section 6.1). */
const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const ATTESTED = 0x40;

interface KeyPair {
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

export class Authenticator {
  readonly #keys: KeyPair;
  readonly #publicPoint: Uint8Array;
  readonly #id = crypto.getRandomValues(new Uint8Array(16));
  readonly #origin: string;
  readonly #rpHash: Uint8Array;
  #counter = 0;

  private constructor(keys: KeyPair, publicPoint: Uint8Array, origin: string, rpHash: Uint8Array) {
    this.#keys = keys;
    this.#publicPoint = publicPoint;
    this.#origin = origin;
    this.#rpHash = rpHash;
  }

  static async at(origin: string): Promise<Authenticator> {
    const keys = (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
      'verify',
    ])) as KeyPair;
    const point = new Uint8Array((await crypto.subtle.exportKey('raw', keys.publicKey)) as ArrayBuffer);
    const rpHash = await crypto.subtle.digest('SHA-256', encoder.encode(new URL(origin).hostname));
    return new Authenticator(keys, point, origin, new Uint8Array(rpHash));
  }

  /** The answer to a challenge to make a passkey. */
  create(challenge: string, { userVerified }: { userVerified: boolean }): object {
    const cose = joined(
      head(5, 5),
      ...[integer(1), integer(2), integer(3), integer(-7), integer(-1), integer(1)],
      ...[integer(-2), bytes(this.#publicPoint.slice(1, 33)), integer(-3), bytes(this.#publicPoint.slice(33))],
    );
    const credential = joined(new Uint8Array(16), Uint8Array.of(0, this.#id.length), this.#id, cose);
    const data = this.#data(ATTESTED | (userVerified ? USER_VERIFIED : 0), credential);
    const attestation = joined(
      ...[head(5, 3), text('fmt'), text('none'), text('attStmt'), head(5, 0), text('authData'), bytes(data)],
    );
    return this.#answer({
      clientDataJSON: base64Url(this.#clientData('webauthn.create', challenge)),
      attestationObject: base64Url(attestation),
      transports: ['internal'],
    });
  }

  /** The answer to a challenge to sign in; `origin`: of the page that asked. */
  async get(
    challenge: string,
    { userVerified, origin = this.#origin }: { userVerified: boolean; origin?: string },
  ): Promise<object> {
    const data = this.#data(userVerified ? USER_VERIFIED : 0);
    const client = this.#clientData('webauthn.get', challenge, origin);
    const signed = joined(data, new Uint8Array(await crypto.subtle.digest('SHA-256', client)));
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
    const pair = new Uint8Array(await crypto.subtle.sign(algorithm, this.#keys.privateKey, signed));
    const numbers = joined(derInteger(pair.slice(0, 32)), derInteger(pair.slice(32)));
    return this.#answer({
      clientDataJSON: base64Url(client),
      authenticatorData: base64Url(data),
      signature: base64Url(joined(Uint8Array.of(0x30, numbers.length), numbers)),
    });
  }

  #data(flags: number, rest: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> {
    this.#counter += 1;
    return joined(this.#rpHash, Uint8Array.of(USER_PRESENT | flags, 0, 0, 0, this.#counter), rest);
  }

  #clientData(type: string, challenge: string, origin = this.#origin): Uint8Array<ArrayBuffer> {
    return joined(encoder.encode(JSON.stringify({ type, challenge, origin, crossOrigin: false })));
  }

  #answer(response: object): object {
    const id = base64Url(this.#id);
    return { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** RFC 8949, section 3: the major type and the argument. */
function head(major: number, argument: number): Uint8Array {
  const type = major << 5;
  if (argument < 24) return Uint8Array.of(type | argument);
  return argument < 256 ? Uint8Array.of(type | 24, argument) : Uint8Array.of(type | 25, argument >> 8, argument & 255);
}

function integer(value: number): Uint8Array {
  return value >= 0 ? head(0, value) : head(1, -1 - value);
}

function bytes(value: Uint8Array): Uint8Array {
  return joined(head(2, value.length), value);
}

function text(value: string): Uint8Array {
  return joined(head(3, value.length), encoder.encode(value));
}

/** Of a positive number, as short as it goes (X.690, section 8.3). */
function derInteger(value: Uint8Array): Uint8Array {
  const first = value.findIndex((octet) => octet !== 0);
  const digits = value.slice(first === -1 ? value.length - 1 : first);
  const body = digits[0]! >= 0x80 ? joined(Uint8Array.of(0), digits) : digits;
  return joined(Uint8Array.of(2, body.length), body);
}

function base64Url(value: Uint8Array): string {
  return btoa(String.fromCharCode(...value))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
