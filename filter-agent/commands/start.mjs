#!/usr/bin/env node
/** The beginning of `npm start`: the program is start.ts. */
import './compile-cache.mjs';

await import('./start.ts');
