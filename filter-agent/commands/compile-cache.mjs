/**
 * Node's cache of compiled modules, for this process, its threads and the processes that it starts.
 *
 * It holds the modules with their types taken away. Without it each thread that loads one of our files loads the
 * type stripper first, which is WebAssembly and stays: 50 MB more for a box, and a start that takes half as long again.
 *
 * The cache holds code that is run. So it lies beside the program, and whoever may write the one may write the other: in a
 * clone its owner; below /opt root alone, who fills it when installing (hardware/fill-compile-cache.ts). Node looks only
 * for what the same user, Node and V8 have written, checks it, and takes no entry of a file that has changed since. Where
 * there is no cache and none can be written, or its files are damaged, everything runs without.
 *
 * Plain JavaScript, with stairgate.mjs and start.mjs: it comes before the first file with types is loaded.
 */
import { constants, enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../node_modules/.cache/stairgate', import.meta.url));

// Somebody who names a folder by NODE_COMPILE_CACHE has had it turned on already: that one is used.
const { status } = enableCompileCache(folder);
// Only by the environment do threads and processes come to know of it.
if (status === constants.compileCacheStatus.ENABLED) process.env.NODE_COMPILE_CACHE = folder;
