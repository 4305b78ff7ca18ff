/**
 * Becomes another program under a unit's SystemCallFilter, as systemd would start it. Arguments: a package.json from
 * where koffi is found, a file with the allowed calls, the program and its arguments.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [packageJson, allowedFile, program, ...args] = process.argv.slice(2) as [string, string, string, ...string[]];
const koffi: typeof import('koffi') = createRequire(packageJson)('koffi');
const seccomp = koffi.load('libseccomp.so.2');
const init = seccomp.func('void *seccomp_init(uint32_t action)');
const resolve = seccomp.func('int seccomp_syscall_resolve_name(const char *name)');
const add = seccomp.func(
  'int seccomp_rule_add_array(void *ctx, uint32_t action, int call, uint32_t count, void *args)',
);
const load = seccomp.func('int seccomp_load(void *ctx)');

const ALLOW = 0x7fff0000;
/** What SystemCallErrorNumber=EPERM says. */
const REFUSE_WITH_EPERM = 0x00050000 | 1;
/** A call that this processor does not have resolves to a negative number. */
const filter = init(REFUSE_WITH_EPERM);
for (const name of readFileSync(allowedFile, 'utf8').split('\n')) {
  const call: number = resolve(name);
  if (call >= 0) add(filter, ALLOW, call, 0, null);
}
if (load(filter) !== 0) throw new Error('the filter of system calls could not be loaded');
process.execve!(program, [program, ...args], process.env as Record<string, string>);
