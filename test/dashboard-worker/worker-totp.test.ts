/** The digits of an authenticator app, held against the test values of the RFCs, in workerd. */
import { describe, expect, it } from 'vitest';
import { codeOfStep, keyUri, stepAt, stepOfCode, toBase32 } from '../../dashboard-worker/accounts/totp.ts';
import { CodesApp } from '../support/codes-app.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const secret = bytes('12345678901234567890');

/** RFC 6238, appendix B, SHA-1: seconds, and the last six of its eight digits. */
const values = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
] as const;

describe('the code of a step', () => {
  it.each(values)('at %d s is %s', async (seconds, code) => {
    expect(await codeOfStep(secret, stepAt(seconds * 1000))).toBe(code);
    expect(await new CodesApp(toBase32(secret)).codeAt(seconds * 1000)).toBe(code);
  });

  it('counts one step early and one late, and no further', async () => {
    const step = stepAt(Date.UTC(2026, 10, 12, 10, 32, 30));
    const code = await codeOfStep(secret, step);
    const found = await Promise.all(
      [-2, -1, 0, 1, 2].map((later) => stepOfCode(secret, code, (step + later) * 30_000)),
    );
    expect(found).toEqual([null, step, step, step, null]);
    for (const wrong of ['', '000000', `${code}0`, code.slice(1)]) {
      expect(await stepOfCode(secret, wrong, step * 30_000), wrong).toBe(null);
    }
  });
});

it('writes secrets in base 32', () => {
  // RFC 4648, section 10.
  const written = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) => toBase32(bytes(text)));
  expect(written).toEqual(['', 'MY', 'MZXQ', 'MZXW6', 'MZXW6YQ', 'MZXW6YTB', 'MZXW6YTBOI']);
});

it('escapes what stands before the key', () => {
  expect(keyUri('Stairgate', 'a:b&c@nursery.example', secret)).toBe(
    'otpauth://totp/Stairgate:a%3Ab%26c%40nursery.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Stairgate',
  );
});
