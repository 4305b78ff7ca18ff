/** A set of listeners follows a wanted set of addresses: on real TCP sockets. */
import { afterEach, describe, expect, it } from 'vitest';
import { type ListenAt, ListenerSet } from '../../../filter-agent/sockets/listener-set.ts';
import { listenTcp, type TcpListener } from '../../../filter-agent/sockets/tcp.ts';

interface Spec extends ListenAt {
  readonly note: string;
}

const sets: ListenerSet<Spec, TcpListener>[] = [];
afterEach(async () => {
  for (const set of sets.splice(0)) await set.close();
});

function makeSet(): { set: ListenerSet<Spec, TcpListener>; opened: string[]; specOf: (address: string) => Spec } {
  const opened: string[] = [];
  const specs = new Map<string, () => Spec>();
  const set = new ListenerSet<Spec, TcpListener>((spec, currentSpec) => {
    opened.push(spec.address);
    specs.set(spec.address, currentSpec);
    return listenTcp({ ...spec, onQuery: () => {}, onBroken: () => {} });
  });
  sets.push(set);
  return { set, opened, specOf: (address) => specs.get(address)!() };
}

const at = (address: string, note = '', port = 0): Spec => ({ address, port, note });
const addresses = (bound: readonly { address: string }[]) => bound.map(({ address }) => address);

describe('a set of listeners', () => {
  it('opens what is new, leaves what stays, closes what is gone', async () => {
    const { set, opened } = makeSet();
    const first = await set.become([at('127.0.0.1'), at('127.0.0.2')]);
    const second = await set.become([at('127.0.0.2'), at('127.0.0.3')]);
    expect(opened).toEqual(['127.0.0.1', '127.0.0.2', '127.0.0.3']);
    expect(addresses(second.bound)).toEqual(['127.0.0.2', '127.0.0.3']);
    expect(second.bound[0]?.port).toBe(first.bound[1]?.port);
    const gone = listenTcp({ address: '127.0.0.1', port: first.bound[0]!.port, onQuery: () => {}, onBroken: () => {} });
    await (await gone).close();
  });

  it('opens the others when one cannot be opened, says which, and tries it again', async () => {
    const { set } = makeSet();
    const taken = await listenTcp({ address: '127.0.0.1', port: 0, onQuery: () => {}, onBroken: () => {} });
    const wanted = [at('127.0.0.1', '', taken.port), at('127.0.0.2')];
    const first = await set.become(wanted);
    expect(addresses(first.bound)).toEqual(['127.0.0.2']);
    expect(first.failed).toEqual([expect.objectContaining({ address: '127.0.0.1', code: 'EADDRINUSE' })]);
    await taken.close();
    const second = await set.become(wanted);
    expect(second.failed).toEqual([]);
    expect(addresses(second.bound)).toContain('127.0.0.1');
  });

  it('opens an address once when it is wanted twice at the same time', async () => {
    const { set, opened } = makeSet();
    const results = await Promise.all([set.become([at('127.0.0.1')]), set.become([at('127.0.0.1'), at('127.0.0.2')])]);
    expect(opened).toEqual(['127.0.0.1', '127.0.0.2']);
    expect(results.map(({ bound, failed }) => [bound.length, failed.length])).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });

  it('tells a listener the newest spec of its address', async () => {
    const { set, specOf } = makeSet();
    await set.become([at('127.0.0.1', 'first lease')]);
    await set.become([at('127.0.0.1', 'second lease')]);
    expect(specOf('127.0.0.1').note).toBe('second lease');
  });

  it('opens one anew that broke by itself', async () => {
    const { set, opened } = makeSet();
    await set.become([at('127.0.0.1')]);
    set.forget(at('127.0.0.1'));
    await set.become([at('127.0.0.1')]);
    expect(opened).toEqual(['127.0.0.1', '127.0.0.1']);
  });
});
