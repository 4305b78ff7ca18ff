/** The dashboard's last policy on disk: what a paired box obeys, also over a restart without a network. */
import { join } from 'node:path';
import type { Policy } from '../../policy-rules/policy.ts';
import { parsePolicy } from '../../policy-rules/validate-policy.ts';
import { type DurableRead, readDurableJson, writeDurableJson } from './durable-file.ts';

/** `onDamage`: a running box moves a damaged file aside; one that only looks leaves it. */
export function readStoredPolicy(stateDir: string, onDamage: 'move' | 'leave'): Promise<DurableRead<Policy>> {
  const parse = (value: unknown) => {
    const parsed = parsePolicy(value);
    if ('problems' in parsed) throw new Error(parsed.problems.map(({ message }) => message).join(' '));
    return parsed.policy;
  };
  return readDurableJson(pathIn(stateDir), parse, onDamage);
}

export function writeStoredPolicy(stateDir: string, policy: Policy): Promise<void> {
  return writeDurableJson(pathIn(stateDir), policy);
}

function pathIn(stateDir: string): string {
  return join(stateDir, 'policy.json');
}
