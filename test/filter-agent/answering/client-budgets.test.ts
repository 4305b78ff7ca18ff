/** What one client may take of look-ups and of places to wait, and that no other pays for it. */
import { describe, expect, it } from 'vitest';
import { ClientBudgets } from '../../../filter-agent/answering/client-budgets.ts';
import { addressOctets, addressRange } from '../../../filter-agent/sockets/client-address.ts';
import { seededNumbers } from '../../support/seeded-names.ts';

const PER_SECOND = 100;
const BURST = 20 * PER_SECOND;
const WAITING_LIMIT = 64;

const open = (exempt: readonly string[] = []) =>
  new ClientBudgets({ perSecond: PER_SECOND, exempt: exempt.map(addressRange) }, WAITING_LIMIT);

/** How many of `asked` look-ups a client is given at `nowMs`. */
function given(budgets: ClientBudgets, address: string, asked: number, nowMs = 0): number {
  const octets = addressOctets(address);
  let count = 0;
  for (let i = 0; i < asked; i++) if (budgets.spend(budgets.account(octets, nowMs), octets)) count++;
  return count;
}

/** As many as may, of one client. */
function waitAll(budgets: ClientBudgets, address: string, nowMs = 0): number[] {
  const octets = addressOctets(address);
  const accounts: number[] = [];
  while (true) {
    const account = budgets.account(octets, nowMs);
    if (!budgets.wait(account)) return accounts;
    accounts.push(account);
  }
}

/** `::ffff:0:0/96` aside, the n-th address of a network. */
const moved = (n: number) => `2001:db8:0:1::${(n + 1).toString(16)}`;

describe('look-ups', () => {
  it.each(['192.168.1.20', '2001:db8:0:1::20', 'fe80::20'])(
    '%s has twenty seconds’ worth, and then so many a second',
    (address) => {
      const budgets = open();
      expect(given(budgets, address, BURST + 500)).toBe(BURST);
      expect(given(budgets, address, 500, 1_000)).toBe(PER_SECOND);
      expect(given(budgets, address, 5_000, 3_600_000)).toBe(BURST);
    },
  );

  it('are not taken from the neighbours in a /64 by one that runs wild', () => {
    const budgets = open();
    given(budgets, 'fe80::bad', 1_000_000);
    for (const device of ['fe80::1', 'fe80::2']) expect(given(budgets, device, 200)).toBe(200);
  });

  it('are not had again and again by one that moves from address to address', () => {
    const budgets = open();
    let got = 0;
    for (let n = 0; n < 20_000; n++) got += given(budgets, moved(n), 10);
    expect(got).toBe(4 * BURST);
    expect(given(budgets, '2001:db8:0:2::1', 500)).toBe(500);
    expect(given(budgets, '192.168.1.20', 500)).toBe(500);
    got = 0;
    for (let n = 0; n < 20_000; n++) got += given(budgets, moved(n), 1, 1_000);
    expect(got).toBe(4 * PER_SECOND);
  });

  it('cost the exempt nothing, and nobody in their /64 either', () => {
    const budgets = open(['192.168.1.2', '2001:db8:0:1::/65']);
    expect(given(budgets, '192.168.1.2', 100_000)).toBe(100_000);
    expect(given(budgets, '192.168.1.3', 100_000)).toBe(BURST);
    expect(given(budgets, moved(0), 100_000)).toBe(100_000);
    expect(given(budgets, '2001:db8:0:1:8000::1', 100_000)).toBe(BURST);
  });

  it('are not counted where there is no limit', () => {
    const budgets = new ClientBudgets({ perSecond: 0, exempt: [] }, WAITING_LIMIT);
    expect(given(budgets, '192.168.1.20', 100_000)).toBe(100_000);
  });
});

describe('places to wait', () => {
  it('are so many for an address, and twice as many for all of a /64', () => {
    const budgets = open();
    expect(waitAll(budgets, '192.168.1.20')).toHaveLength(WAITING_LIMIT);
    expect(waitAll(budgets, moved(0))).toHaveLength(WAITING_LIMIT);
    expect(waitAll(budgets, moved(1))).toHaveLength(WAITING_LIMIT);
    expect(waitAll(budgets, moved(2))).toHaveLength(0);
    expect(waitAll(budgets, '192.168.1.21')).toHaveLength(WAITING_LIMIT);
  });

  it('are free again when the answer is there', () => {
    const budgets = open();
    for (let round = 0; round < 3; round++) {
      const accounts = [...waitAll(budgets, moved(0)), ...waitAll(budgets, moved(1))];
      expect(accounts).toHaveLength(2 * WAITING_LIMIT);
      for (const account of accounts) budgets.done(account);
    }
  });

  it('add up for more clients than are remembered, whoever shares an account with whom', () => {
    const seed = Date.now() % 2 ** 32;
    const next = seededNumbers(seed);
    const below = (limit: number) => next() % limit;
    const budgets = open();
    const waiting: number[] = [];
    const clients = Array.from({ length: 20_000 }, (_, n) =>
      n % 2 === 0
        ? `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`
        : `2001:db8:${(n % 600).toString(16)}:1::${n.toString(16)}`,
    );
    for (let step = 0; step < 100_000; step++) {
      if (waiting.length > 0 && below(10) < 3) {
        budgets.done(waiting.splice(below(waiting.length), 1)[0]!);
        continue;
      }
      const account = budgets.account(addressOctets(clients[below(clients.length)]!), step);
      if (budgets.wait(account)) waiting.push(account);
    }
    expect(waiting.length, `seed ${seed}`).toBeGreaterThan(10_000);
    for (const account of waiting) budgets.done(account);
    for (const client of clients.slice(0, 2_000)) {
      const accounts = waitAll(budgets, client, 200_000);
      expect(accounts.length, `${client}, seed ${seed}`).toBe(WAITING_LIMIT);
      for (const account of accounts) budgets.done(account);
    }
  });
});
