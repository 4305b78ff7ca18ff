import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Neighbour } from '../../../filter-agent/control/neighbour-table.ts';
import { type NeighbourWatch, watchNeighbours, withRemembered } from '../../../filter-agent/control/neighbours.ts';

function seen(address: string, mac: string): Neighbour {
  return { address, interfaceName: 'va', mac, active: true };
}

describe('withRemembered', () => {
  const tablet = seen('192.168.7.20', '02:00:00:00:00:20');
  const named = new Set([tablet.mac]);

  it('keeps a named device that sleeps for an hour, as not active', () => {
    const memory = new Map();
    withRemembered([tablet], memory, named, 0);
    expect(withRemembered([], memory, named, 3_599_999)).toEqual([{ ...tablet, active: false }]);
    expect(withRemembered([], memory, named, 3_600_000)).toEqual([]);
  });

  it('gives the address up at once when another machine has it', () => {
    const memory = new Map();
    const phone = seen('192.168.7.20', '02:00:00:00:00:99');
    withRemembered([tablet], memory, named, 0);
    expect(withRemembered([phone], memory, named, 1_000)).toEqual([phone]);
    expect(withRemembered([], memory, named, 2_000)).toEqual([]);
  });

  it('keeps nothing of a machine that nobody has named, or no longer', () => {
    const memory = new Map();
    withRemembered([tablet, seen('192.168.7.21', '02:00:00:00:00:21')], memory, named, 0);
    expect([...memory.keys()]).toEqual(['192.168.7.20 va']);
    expect(withRemembered([], memory, new Set(), 1_000)).toEqual([]);
    expect(memory.size).toBe(0);
  });
});

describe('watchNeighbours', () => {
  let watch: NeighbourWatch | undefined;
  const namespace = `sgnt${process.pid}`;
  const canMakeNamespaces = process.getuid?.() === 0 && runs(['ip', 'netns', 'list']);

  afterEach(() => watch?.close());

  it('reports a table that cannot be read and goes on with the last one', async () => {
    const problems: (string | null)[] = [];
    watch = watchNeighbours({
      onChange: () => {},
      onProblem: (text) => problems.push(text),
      namedMacs: () => new Set(),
      ipCommand: ['/nonexistent/ip', '-n', 'x'],
    });
    expect(await watch.refresh()).toEqual([]);
    expect(problems[0]).toContain('install iproute2');
  });

  it('says that the trouble is over once the table can be read, though it has not changed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stairgate-ip-'));
    const good = join(folder, 'ip');
    const problems: (string | null)[] = [];
    let tables = 0;
    watch = watchNeighbours({
      onChange: () => tables++,
      onProblem: (text) => problems.push(text),
      namedMacs: () => new Set(),
      ipCommand: [good, '-n', 'x'],
    });
    try {
      await watch.refresh();
      writeFileSync(good, '#!/bin/sh\nwhile read -r _; do echo "[]"; done\n', { mode: 0o755 });
      await watch.refresh();
      expect(problems).toEqual([expect.stringContaining('install iproute2'), null]);
      expect(tables).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.skipIf(!canMakeNamespaces)(
    'notices within two seconds that a named device has another address (needs root)',
    async () => {
      const ip = (...words: string[]) => execFileSync('ip', ['-n', namespace, ...words]);
      execFileSync('ip', ['netns', 'add', namespace]);
      try {
        ip('link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb');
        ip('link', 'set', 'va', 'up');
        ip('link', 'set', 'vb', 'up');
        ip('addr', 'add', '192.168.7.1/24', 'dev', 'va');
        ip('neigh', 'add', '192.168.7.20', 'lladdr', '02:00:00:00:00:20', 'dev', 'va', 'nud', 'reachable');
        let told: () => void = () => {};
        const tables: (readonly Neighbour[])[] = [];
        const change = () => new Promise<void>((resolve) => (told = resolve));
        const first = change();
        watch = watchNeighbours({
          onChange: (table) => {
            tables.push(table);
            told();
          },
          namedMacs: () => new Set(['02:00:00:00:00:20']),
          ipCommand: ['ip', '-n', namespace],
          intervalMs: 600_000,
        });
        await first;
        expect(tables.at(-1)).toEqual([
          { address: '192.168.7.20', interfaceName: 'va', mac: '02:00:00:00:00:20', active: true },
        ]);

        const second = change();
        const startedAt = performance.now();
        ip('neigh', 'add', '192.168.7.77', 'lladdr', '02:00:00:00:00:20', 'dev', 'va', 'nud', 'reachable');
        await second;
        expect(
          tables
            .at(-1)!
            .map(({ address }) => address)
            .sort(),
        ).toEqual(['192.168.7.20', '192.168.7.77']);
        expect(performance.now() - startedAt).toBeLessThan(2_000);
      } finally {
        watch?.close();
        execFileSync('ip', ['netns', 'del', namespace]);
      }
    },
  );
});

function runs([program, ...words]: string[]): boolean {
  try {
    execFileSync(program!, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
