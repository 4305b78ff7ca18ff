/**
 * Who has a place among the connections over TCP of a thread, over all its listeners: how many in all, of one client and
 * of one IPv6 /64, and who gives way when there are too many. Owns the places and looks at their time; leaves out what
 * goes over a connection, and when its time is over (tcp.ts).
 */

/** A connection, as far as its place goes. */
export interface Seat {
  /** Its client's address, and the /64 of an IPv6 one. */
  readonly client: string;
  readonly prefix: string | null;
  /** Queries that are being answered. */
  readonly pending: number;
  /** Whether its time is over. */
  isOverdue(nowMs: number): boolean;
  destroy(): void;
}

/** Of one thread, over all its addresses; and those of one client: a device cannot keep the others out. */
const CONNECTIONS_LIMIT = 256;
const CONNECTIONS_PER_CLIENT_LIMIT = 32;
/** Those of all addresses in one IPv6 /64, in which a device may choose any: on a site it shares that with all others. */
const CONNECTIONS_PER_PREFIX_LIMIT = 128;
/** How often their times are looked at: what is closed is closed by so much later. */
const SWEEP_MS = 500;

/** All connections of the thread, that of the longest ago first; moved to the end by every whole query. */
const connections = new Set<Seat>();
const byClient = new Map<string, Set<Seat>>();
/** The same by the /64 of IPv6 clients. */
const byPrefix = new Map<string, Set<Seat>>();
let sweeping: NodeJS.Timeout | undefined;

/** False where all places that the client may have are taken by who waits for answers. */
export function makeRoom(client: string, prefix: string | null): boolean {
  const own = byClient.get(client);
  if (own !== undefined && own.size >= CONNECTIONS_PER_CLIENT_LIMIT && !closeIdle(own)) return false;
  const near = prefix === null ? undefined : byPrefix.get(prefix);
  if (near !== undefined && near.size >= CONNECTIONS_PER_PREFIX_LIMIT && !closeIdle(near)) return false;
  return connections.size < CONNECTIONS_LIMIT || closeOfMost(byClient.get(client)?.size ?? 0) || closeIdle(connections);
}

/** Closes the one that asked nothing for longest (RFC 7766 §6.2.3 lets a server choose). */
function closeIdle(among: Set<Seat>): boolean {
  for (const connection of among) {
    if (connection.pending > 0) continue;
    close(connection);
    return true;
  }
  return false;
}

/**
 * A few that ask for what takes long must not keep all others out, nor those who came just now out again: who has most
 * gives one up to who has less, if need be one that waits.
 */
function closeOfMost(least: number): boolean {
  let most: Set<Seat> | undefined;
  for (const own of byClient.values()) if (own.size > (most?.size ?? least + 1)) most = own;
  if (most === undefined) return false;
  const [longestQuiet] = most;
  if (!closeIdle(most)) close(longestQuiet!);
  return true;
}

/** Its place is free at once; the socket's own end comes later. */
export function close(connection: Seat): void {
  leave(connection);
  connection.destroy();
}

export function enter(connection: Seat): void {
  connections.add(connection);
  addTo(byClient, connection.client, connection);
  if (connection.prefix !== null) addTo(byPrefix, connection.prefix, connection);
  sweeping ??= setInterval(sweep, SWEEP_MS).unref();
}

export function touch(connection: Seat): void {
  if (connections.delete(connection)) connections.add(connection);
  const own = byClient.get(connection.client);
  if (own?.delete(connection)) own.add(connection);
  const near = connection.prefix === null ? undefined : byPrefix.get(connection.prefix);
  if (near?.delete(connection)) near.add(connection);
}

export function leave(connection: Seat): void {
  connections.delete(connection);
  takeFrom(byClient, connection.client, connection);
  if (connection.prefix !== null) takeFrom(byPrefix, connection.prefix, connection);
  if (connections.size > 0) return;
  clearInterval(sweeping);
  sweeping = undefined;
}

function addTo(groups: Map<string, Set<Seat>>, key: string, connection: Seat): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, new Set([connection]));
  else group.add(connection);
}

function takeFrom(groups: Map<string, Set<Seat>>, key: string, connection: Seat): void {
  const group = groups.get(key);
  if (group?.delete(connection) && group.size === 0) groups.delete(key);
}

function sweep(): void {
  const nowMs = performance.now();
  for (const connection of connections) if (connection.isOverdue(nowMs)) connection.destroy();
}
