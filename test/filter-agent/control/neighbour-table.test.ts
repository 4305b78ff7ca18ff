/** The kernel's neighbour table, as iproute2 and /proc tell it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { NeighbourTable, parseIpNeigh, parseProcArp } from '../../../filter-agent/control/neighbour-table.ts';

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

describe('NeighbourTable', () => {
  let table: NeighbourTable | undefined;
  afterEach(() => table?.close());

  it('says what could not be run and what to do instead', async () => {
    table = new NeighbourTable(['/nonexistent/ip', '-n', 'x']);
    await expect(table.read()).rejects.toThrow(
      /cannot read the neighbour table with "\/nonexistent\/ip -n x -json neigh show" .*install iproute2/,
    );
  });

  it('says what the program complained of', async () => {
    table = new NeighbourTable(['/bin/sh', '-c', 'echo "no such namespace" >&2; exit 1']);
    await expect(table.read()).rejects.toThrow('no such namespace');
  });

  it('asks one process again and again, and another when that has ended', async () => {
    // Answers twice with its own number, then ends.
    const script = `for _ in 1 2; do read -r asked || exit; echo '[{"dst":"192.0.2.1","dev":"'$$'","lladdr":"02:00:00:00:00:01"}]'; done`;
    table = new NeighbourTable(['/bin/sh', '-c', script]);
    const processes: string[] = [];
    while (new Set(processes).size < 2) {
      // Its end may come between a question and the answer, as that of any program may.
      const [neighbour] = await table.read().catch(() => []);
      if (neighbour !== undefined) processes.push(neighbour.interfaceName);
    }
    const [first] = processes;
    expect(processes.filter((one) => one === first)).toHaveLength(2);
  });

  it('waits for no program that hangs, ends it, and asks another one the next time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'neighbour-table-'));
    const begun = join(folder, 'begun');
    // The first never answers, nor ends when it is asked to; the second does at once.
    const script = `trap '' TERM; echo $$ >> ${begun}; if [ "$(wc -l < ${begun})" = 1 ]; then while :; do sleep 0.1; done; fi
      while read -r _; do echo '[{"dst":"192.0.2.1","dev":"x","lladdr":"02:00:00:00:00:01"}]'; done`;
    table = new NeighbourTable(['/bin/sh', '-c', script], 300);
    await expect(table.read()).rejects.toThrow('no answer within 300 ms');
    expect(await table.read()).toMatchObject([{ address: '192.0.2.1' }]);
    const [hung, second] = readFileSync(begun, 'utf8').trim().split('\n').map(Number);
    expect(second).toBeGreaterThan(0);
    await vi.waitFor(() => expect(() => process.kill(hung!, 0)).toThrow('ESRCH'));
    rmSync(folder, { recursive: true });
  });

  it('is read by one at a time', async () => {
    const script = `while read -r _; do echo '[]'; done`;
    table = new NeighbourTable(['/bin/sh', '-c', script]);
    const first = table.read();
    await expect(table.read()).rejects.toThrow('is being read already');
    expect(await first).toEqual([]);
    expect(await table.read()).toEqual([]);
  });

  it('is not misled by what stands behind an answer that it could not read', async () => {
    const script = `read -r _; echo nonsense; echo '[{"dst":"192.0.2.9","dev":"x","lladdr":"02:00:00:00:00:09"}]'; read -r _`;
    table = new NeighbourTable(['/bin/sh', '-c', script]);
    await expect(table.read()).rejects.toThrow('install iproute2');
    await expect(table.read()).rejects.toThrow('install iproute2');
  });
});
