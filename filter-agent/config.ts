/**
 * The box's one file of settings: YAML on disk → a validated Config, or every mistake with its line and its mend.
 */
import type { Policy } from '../policy-rules/policy.ts';

export interface Config {
  listen: ListenAddress[];
  upstreams: Upstream[];
  stateDir: string;
  lists: ListConfig[];
  localSite: { name: string; port: number; listen: ListenAddress[] };
  dashboard: { url: string; allowPlainHttp: boolean } | null;
  clock: { mode: 'auto' | 'trust-system' };
  answeringThreads: number | 'auto';
  cache: { sizeMegabytes: number };
  /** In force until the dashboard sends one. */
  policy: Policy;
}

/**
 * - `address`: one address of this machine
 * - `every`: every address the machine has, one socket each (0.0.0.0 for IPv4, [::] for both)
 * - `interface`: every address of one interface
 */
export type ListenAddress =
  | { kind: 'address'; address: string; port: number }
  | { kind: 'every'; address: '0.0.0.0' | '::'; port: number }
  | { kind: 'interface'; name: string; port: number };

export interface Upstream {
  /** As it was written. */
  url: string;
  protocol: 'udp' | 'tcp';
  /** An IP address, without brackets. */
  address: string;
  port: number;
}

export interface ListConfig {
  id: string;
  name: string;
  path: string;
  /** Never to be opened by a grant. */
  protected: boolean;
  groups: 'all' | string[];
}

/** A mistake in the settings; line and column count from 1. */
export interface ConfigProblem {
  line: number;
  column: number;
  key: string;
  text: string;
}
