import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Neighbour,
  type NeighbourWatch,
  parseIpNeigh,
  parseProcArp,
  readNeighbours,
  watchNeighbours,
  withRemembered,
} from '../../../filter-agent/control/neighbours.ts';

/** iproute2 6.1: `ip -s -json neigh show` in a namespace with an entry of every kind, as it was printed. */
const WITH_STATISTICS = `[{"dst":"192.168.7.33","dev":"va","used":0,"confirmed":60,"updated":0,"probes":0,"state":["FAILED"]},{"dst":"192.168.7.30","dev":"va","lladdr":"02:00:00:00:00:30","used":0,"confirmed":0,"updated":0,"probes":0,"state":["PERMANENT"]},{"dst":"192.168.7.32","dev":"va","refcnt":1,"used":0,"confirmed":60,"updated":0,"probes":4,"state":["INCOMPLETE"]},{"dst":"192.168.7.20","dev":"va","lladdr":"02:00:00:00:00:20","refcnt":1,"used":0,"confirmed":0,"updated":0,"probes":0,"state":["REACHABLE"]},{"dst":"192.0.2.1","dev":"eth0","lladdr":"02:FC:00:00:00:05","used":854,"confirmed":827,"updated":808,"probes":4,"state":["STALE"]},{"dst":"fd12::20","dev":"va","lladdr":"02:00:00:00:00:20","router":null,"used":0,"confirmed":60,"updated":0,"probes":0,"state":["STALE"]},{"dst":"fe80::20","dev":"va","lladdr":"02:00:00:00:00:20","refcnt":1,"used":0,"confirmed":60,"updated":0,"probes":1,"state":["PROBE"]}]`;

/** The same program with "nud all": multicast entries are not machines. */
const ALL_STATES = `[{"dst":"192.168.7.31","dev":"vb","lladdr":"02:00:00:00:00:31","state":["NOARP"]},{"dst":"ff02::16","dev":"vb","lladdr":"33:33:00:00:00:16","state":["NOARP"]},{"dst":"127.0.0.1","dev":"lo","lladdr":"00:00:00:00:00:00","state":["NOARP"]},{"dst":"fe80::1%va","dev":"va","lladdr":"02:00:00:00:00:40","state":["STALE"]}]`;

const PROC_ARP = `IP address       HW type     Flags       HW address            Mask     Device
192.168.7.33     0x1         0x0         00:00:00:00:00:00     *        va
192.168.7.30     0x1         0x6         02:00:00:00:00:30     *        va
192.168.7.32     0x1         0x0         00:00:00:00:00:00     *        va
192.168.7.20     0x1         0x2         02:00:00:00:00:2A     *        va
192.168.7.34     0x1         0xc         00:00:00:00:00:00     *        va
`;

function seen(address: string, mac: string): Neighbour {
  return { address, interfaceName: 'va', mac, active: true };
}

describe('parseIpNeigh', () => {
  it('keeps every address that leads to a machine, and says whether it was there lately', () => {
    expect(parseIpNeigh(WITH_STATISTICS)).toEqual([
      { address: '192.168.7.30', interfaceName: 'va', mac: '02:00:00:00:00:30', active: true },
      { address: '192.168.7.20', interfaceName: 'va', mac: '02:00:00:00:00:20', active: true },
      { address: '192.0.2.1', interfaceName: 'eth0', mac: '02:fc:00:00:00:05', active: false },
      { address: 'fd12::20', interfaceName: 'va', mac: '02:00:00:00:00:20', active: true },
      { address: 'fe80::20', interfaceName: 'va', mac: '02:00:00:00:00:20', active: true },
    ]);
  });

  it('leaves out multicast and loopback, and takes the zone off an address', () => {
    expect(parseIpNeigh(ALL_STATES).map(({ address }) => address)).toEqual(['192.168.7.31', 'fe80::1']);
  });

  it.each(['', '[]', '\n'])('reads %j as an empty table', (json) => {
    expect(parseIpNeigh(json)).toEqual([]);
  });

  it.each(['192.0.2.1 dev eth0', '{}'])('refuses %j, which is what a program without JSON prints', (text) => {
    expect(() => parseIpNeigh(text)).toThrow(SyntaxError);
  });
});

describe('parseProcArp', () => {
  it('keeps complete entries and leaves out failed and proxied ones', () => {
    expect(parseProcArp(PROC_ARP)).toEqual([
      { address: '192.168.7.30', interfaceName: 'va', mac: '02:00:00:00:00:30', active: true },
      { address: '192.168.7.20', interfaceName: 'va', mac: '02:00:00:00:00:2a', active: true },
    ]);
  });
});

describe('readNeighbours', () => {
  it('says what could not be run and what to do instead', async () => {
    await expect(readNeighbours(['/nonexistent/ip', '-n', 'x'])).rejects.toThrow(
      /cannot read the neighbour table with "\/nonexistent\/ip -n x -json neigh show" .*install iproute2/,
    );
  });
});

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
      writeFileSync(good, '#!/bin/sh\necho "[]"\n', { mode: 0o755 });
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
