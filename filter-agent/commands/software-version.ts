import { readFileSync } from 'node:fs';

/** From package.json, the one place where it is raised. */
export const softwareVersion: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version;
