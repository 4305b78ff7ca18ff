import { describe, expect, it } from 'vitest';
import { type Grant, grantEnd, isActive, scopeCovers, targetCovers } from '../../policy-rules/grants.ts';

const grant: Grant = {
  id: '5e0f8c1e-9c1e-4d4e-8a36-0f0d5b8a7c11',
  target: { device: 'pad' },
  scope: { service: 'facebook' },
  from: 100,
  until: 200,
  purpose: 'personal',
  mode: 'verbal',
  reason: '',
  askedBy: 'Sam',
  grantedBy: 'Jo',
  grantedAt: 100,
};

describe('a grant', () => {
  it.each([
    [undefined, 99, false],
    [undefined, 100, true],
    [undefined, 199, true],
    [undefined, 200, false],
    [150, 149, true],
    [150, 150, false],
    [100, 100, false],
    [50, 100, false],
    [300, 199, true],
    [300, 200, false],
  ])('revoked at %s: in force at %i is %s', (revokedAt, nowMs, expected) => {
    const revoked = revokedAt === undefined ? grant : { ...grant, revokedAt };
    expect(isActive(revoked, nowMs)).toBe(expected);
    expect(grantEnd(revoked)).toBe(Math.min(200, revokedAt ?? 200));
  });

  it.each([
    [{ device: 'pad' }, { group: 'setting', device: 'pad' }, true],
    [{ device: 'pad' }, { group: 'setting', device: 'desk' }, false],
    [{ device: 'setting' }, { group: 'setting' }, false],
    [{ group: 'setting' }, { group: 'setting', device: 'pad' }, true],
    [{ group: 'setting' }, { group: 'setting' }, true],
    [{ group: 'setting' }, { group: 'office', device: 'setting' }, false],
  ])('to %j covers %j: %s', (target, client, expected) => {
    expect(targetCovers(target, client)).toBe(expected);
  });

  it.each([
    [{ service: 'facebook' }, {}, true],
    [{ service: 'social' }, {}, false],
    [{ category: 'social' }, {}, true],
    [{ category: 'facebook' }, {}, false],
    [{ allSocial: true }, {}, true],
    [{ allSocial: true }, { social: false }, false],
    [{ service: 'facebook' }, { protected: true }, false],
    [{ category: 'social' }, { protected: true }, false],
    [{ allSocial: true }, { protected: true }, false],
  ] as const)('of %j opens Facebook with %j: %s', (scope, more, expected) => {
    const facebook = { service: 'facebook', category: 'social', social: true, protected: false };
    expect(scopeCovers(scope, { ...facebook, ...more })).toBe(expected);
  });
});
