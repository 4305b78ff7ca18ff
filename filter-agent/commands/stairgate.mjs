#!/usr/bin/env node
/** The command line's beginning: the program is stairgate.ts. */
import './compile-cache.mjs';

await import('./stairgate.ts');
