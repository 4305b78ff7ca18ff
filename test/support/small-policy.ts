/** A small policy, image and generation for tests of the hot path: real builder, real verdicts, few names. */
import { type ClientEntry, type Generation, writeClientTable, writeMatrix } from '../../filter-agent/shared-memory.ts';
import { addressOctets } from '../../filter-agent/sockets/client-address.ts';
import { defaultPolicy } from '../../policy-rules/default-policy.ts';
import type { Grant } from '../../policy-rules/grants.ts';
import type { RuleAction, RuleScope } from '../../policy-rules/lists/rule.ts';
import { TrieBuilder } from '../../policy-rules/trie/builder.ts';
import { openImage } from '../../policy-rules/trie/image.ts';
import type { Source } from '../../policy-rules/trie/source.ts';
import { type SourceFacts, situationAt } from '../../policy-rules/verdicts.ts';

export type SmallRule = readonly [source: string, name: string, scope?: RuleScope, action?: RuleAction];

const service = (id: string, isProtected = false): SourceFacts => ({
  kind: 'service',
  service: id,
  category: 'social-networking',
  protected: isProtected,
  social: true,
  inForceByDefault: true,
});

/** Source ids as in an image, with what they mean. */
const known: readonly (readonly [Source, SourceFacts])[] = [
  [{ id: 'service:social', kind: 'service' }, service('social')],
  [{ id: 'service:video', kind: 'service' }, service('video')],
  [{ id: 'service:malware', kind: 'service' }, service('malware', true)],
  [
    { id: 'list:strict', kind: 'list' },
    { kind: 'list', list: 'strict', name: 'Strict', protected: true, groups: 'all' },
  ],
  [{ id: 'local:site', kind: 'local' }, { kind: 'local' }],
];

/** Monday 23 November 2026 10:00 in London: open. */
export const OPEN_MS = Date.UTC(2026, 10, 23, 10);
/** The same day 20:00: closed. */
export const CLOSED_MS = Date.UTC(2026, 10, 23, 20);

/** The address of a setting device that nobody has named. */
export const CLIENT = addressOctets('192.168.1.20');
/** In no network of the policy. */
export const STRANGER = addressOctets('203.0.113.9');

export function smallImage(rules: readonly SmallRule[]): SharedArrayBuffer {
  const builder = new TrieBuilder(known.map(([source]) => source));
  for (const [source, name, scope = 'suffix', action = 'block'] of rules) {
    const index = known.findIndex(([{ id }]) => id.endsWith(`:${source}`));
    builder.addRule(index, name, scope, action);
  }
  const { image } = builder.build();
  const shared = new SharedArrayBuffer(image.byteLength);
  new Uint8Array(shared).set(new Uint8Array(image));
  return shared;
}

export function smallGeneration(
  image: SharedArrayBuffer,
  options: {
    number?: number;
    imageNumber?: number;
    nowMs?: number;
    grants?: readonly Grant[];
    clockTrusted?: boolean;
  } = {},
): Generation {
  const policy = defaultPolicy('Test nursery');
  const situation = situationAt({
    policy,
    grants: options.grants ?? [],
    nowMs: options.nowMs ?? OPEN_MS,
    clockTrusted: options.clockTrusted ?? true,
    sources: known.map(([, facts]) => facts),
    ruleSets: openImage(image).ruleSets,
  });
  const range = (first: string, last: string, group: string): ClientEntry => ({
    first: addressOctets(first),
    last: addressOctets(last),
    profile: situation.profileOfGroup.get(group)!,
    client: 0xffff,
  });
  return {
    number: options.number ?? 1,
    imageNumber: options.imageNumber ?? 1,
    image,
    matrix: writeMatrix(situation.profiles.length, situation.ruleSetCount, situation.verdicts),
    clients: writeClientTable([
      range('127.0.0.0', '127.255.255.255', 'setting'),
      range('192.168.1.0', '192.168.1.255', 'setting'),
      range('192.168.2.0', '192.168.2.255', 'guest'),
    ]),
  };
}

export function grantFor(scope: Grant['scope'], from: number, until: number): Grant {
  return {
    id: '0b9a3c1e-7b1e-4d3b-9a54-3b8e6f2d1c00',
    target: { group: 'setting' },
    scope,
    from,
    until,
    purpose: 'official',
    mode: 'written',
    reason: 'reply to a parent on our page',
    askedBy: 'Sam',
    grantedBy: 'Tracey',
    grantedAt: from,
  };
}
