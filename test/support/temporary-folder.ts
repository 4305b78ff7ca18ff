/**
 * One folder for all that a run of the tests puts beside the system's temporary files, its browsers and runtimes too:
 * gone with the run, also where a test failed, or a program was killed before it could clear up.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Called by Vitest before its workers start, which inherit where temporary files go; gives what to do at the end. */
export default function useTemporaryFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'stairgate-tests-'));
  // Some tests run a program as another user.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
