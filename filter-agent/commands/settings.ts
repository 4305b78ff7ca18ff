/** The settings that a command works with: a file, or the demo's, with what the command line changes. */
import { fileURLToPath } from 'node:url';
import { catalogue } from '../../policy-rules/catalogue/catalogue.ts';
import { type Config, demoConfig, loadConfig, withOverrides } from '../config.ts';

/** Beside package.json, and ignored by git: where the demo keeps its state. */
export const demoStateDir = fileURLToPath(new URL('../../.stairgate', import.meta.url));

export const settingsOptions = {
  config: { type: 'string' },
  listen: { type: 'string', multiple: true },
  upstream: { type: 'string', multiple: true },
  list: { type: 'string', multiple: true },
} as const;

export interface SettingsFlags {
  readonly config?: string | undefined;
  readonly listen?: string[] | undefined;
  readonly upstream?: string[] | undefined;
  readonly list?: string[] | undefined;
}

/** Throws ConfigError or OverrideError, whose messages are for the person. */
export function readSettings(flags: SettingsFlags): Config {
  const config =
    flags.config === undefined ? demoConfig({ stateDir: demoStateDir }) : loadConfig(flags.config, catalogue).config;
  return withOverrides(config, {
    ...(flags.listen !== undefined && { listen: flags.listen }),
    ...(flags.upstream !== undefined && { upstream: flags.upstream }),
    ...(flags.list !== undefined && { list: flags.list }),
  });
}
