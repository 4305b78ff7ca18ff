/** A pairing that can no longer be used must cost the link, never the filter. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { writeDurableJson } from '../../../filter-agent/control/durable-file.ts';
import { alwaysOpenPolicy, type BoxProcess, prepareBox } from '../../support/box-process.ts';

let box: BoxProcess;
afterEach(() => box?.remove());

describe('a pairing over plain http that the settings do not allow', () => {
  it.each(['before the start', 'while the box runs'])(
    'found %s leaves the box filtering, with an alert',
    async (when) => {
      box = await prepareBox({ settings: { policy: alwaysOpenPolicy() } });
      mkdirSync(box.stateDir, { recursive: true });
      if (when === 'before the start') await pairOverPlainHttp();
      await box.start();
      if (when === 'while the box runs') await pairOverPlainHttp();
      await vi.waitFor(() => expect(box.stderr).toContain('plain http'), { timeout: 10_000 });
      expect(box.running).toBe(true);
      expect((await box.ask('www.tiktok.com')).rcode).toBe('NXDOMAIN');
    },
  );

  function pairOverPlainHttp(): Promise<void> {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    return writeDurableJson(join(box.stateDir, 'identity.json'), {
      boxId: randomUUID(),
      settingId: randomUUID(),
      settingName: 'Test nursery',
      settingPublicKey: publicKey.export({ format: 'jwk' }).x,
      dashboardUrl: 'http://dashboard.example/',
      enrolledAtMs: Date.now(),
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    });
  }
});
