import { readFileSync } from 'node:fs';

/** The settings of a unit file, each with its words. */
export function readUnit(path: string): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined) settings.set(key, [...(settings.get(key) ?? []), ...value!.split(' ')]);
  }
  return settings;
}
