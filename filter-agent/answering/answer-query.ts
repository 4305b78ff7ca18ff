/**
 * READ FIRST. One packet's way through the box, synchronous and without allocation:
 *
 *   malformed? ▸ whose? ▸ which rules speak of the name? ▸ verdict ▸ own cache ▸ judge the chain ▸ answer in place
 *
 * Where safe search applies to an allowed name, its safe host is what is looked up, and the answer is an alias with the
 * safe host's records behind it. It is cached by the name that was asked for and the number of the safe host, so that a
 * hit is like any other, and a change of the group's switch asks for another entry.
 *
 * `answerQuery` returns the length of the answer that it wrote over the query, or FORWARD (the resolving thread must
 * look the name up; the query is left as it was), or DROP. `answerWith` goes the same way once the look-up is done.
 * There are no dates, strings or policies here: the schedule, grants and groups were folded into the verdict matrix.
 */
import { NO_SAFE_HOST, safeHosts } from '../../policy-rules/safe-search.ts';
import { openImage, type RuleImage } from '../../policy-rules/trie/image.ts';
import { differsBelow, match, ruleSetOf } from '../../policy-rules/trie/match.ts';
import { EMPTY_RULE_SET } from '../../policy-rules/trie/source.ts';
import { encodeName } from '../../policy-rules/trie/wire-name.ts';
import { BLOCK_BIT, safeHostOf, VERDICT_MASK, Verdict } from '../../policy-rules/verdict-codes.ts';
import {
  type ClientTable,
  Counter,
  type Generation,
  MESSAGE_LIMIT_UDP,
  readClientTable,
  readMatrix,
  type VerdictMatrix,
} from '../shared-memory.ts';
import { clientOf, findClient, profileOf } from './client-table.ts';
import {
  createBlockedTexts,
  Ede,
  writeAny,
  writeBlocked,
  writeError,
  writeLocalSite,
  writeStored,
  writeTruncated,
} from './dns-answer.ts';
import { Class, HEADER_BYTES, Question, Rcode, Read, readQuestion, Type } from './dns-question.ts';
import type { QueryEvents } from './query-events.ts';
import { type Alias, remakeMessage } from './remade-message.ts';
import { CacheKey, ResponseCache } from './response-cache.ts';
import { DAY_SECONDS, ServerCookies, secretOfDay } from './server-cookie.ts';
import { asksFor, Walk, walkMessage } from './stored-message.ts';

/** A name must be looked up: the packet is unchanged, `question` and `key` say what is asked, `wanted` what to look up. */
export const FORWARD = -1;
/** No answer at all. */
export const DROP = -2;

/** Answers for names in any rule set are kept this long at most, so that opening time and a grant's end reach clients' own caches. */
const RULED_TTL_SECONDS = 30;
const PLAIN_TTL_SECONDS = 86_400;
/** HINFO for ANY says nothing that could change, but whoever sees it should not have to live with it for a day (RFC 8482 §4). */
const ANY_TTL_SECONDS = 3600;
/** Names of safe hosts on the wire, by number. */
const safeNames = safeHosts.map((host) => encodeName(host ?? ''));
/** The longest answer over TCP (RFC 1035 §4.2.2). */
const TCP_LIMIT_BYTES = 65_535;

export interface AnswererOptions {
  /** See ResponseCache. */
  readonly cacheBytes: number;
  readonly counters: Float64Array;
  readonly events: QueryEvents;
  readonly transport: 'udp' | 'tcp';
  /** The box's own, the same on every thread: COOKIE_SECRET_BYTES octets. */
  readonly cookieSecret: Uint8Array;
  /** The local site's name, which a blocked answer tells. */
  readonly siteName: string;
  /** Where the local site is for the client at hand. */
  readonly site: () => SiteAddresses;
}

/** The box's own addresses on the network that a query came from: 4 and 16 octets, null for none. */
export interface SiteAddresses {
  readonly site4: Uint8Array | null;
  readonly site6: Uint8Array | null;
}

export class Answerer {
  /** What the last packet asked; valid until the next call. */
  readonly question = new Question();
  /** Its cache key, set before FORWARD is returned. */
  readonly key = new CacheKey();
  /** What its answer is made of, for whoever looks it up: the same key, or with safe search that of the safe host. */
  wanted = this.key;
  /** Whether the last answer came from the cache and is about to expire there: `wanted` is worth looking up anew. */
  wantsRefresh = false;

  readonly #cache: ResponseCache;
  readonly #counters: Float64Array;
  readonly #events: QueryEvents;
  readonly #isTcp: boolean;
  readonly #cookies: ServerCookies;
  readonly #cookieSecret: Uint8Array;
  #cookieDay = Number.NaN;
  readonly #blockedTexts: readonly Uint8Array[];
  readonly #site: () => SiteAddresses;
  readonly #walk = new Walk();
  readonly #safeKey = new CacheKey();
  #generation: Generation | null = null;
  #image!: RuleImage;
  #matrix!: VerdictMatrix;
  #clients!: ClientTable;
  // What decide() found for the packet at hand, and follow() for the names that its answer leads to.
  #profile = 0;
  #client = 0;
  #ruleSet = 0;
  #verdict = 0;
  #safeHost = NO_SAFE_HOST;

  constructor(options: AnswererOptions) {
    this.#cache = new ResponseCache(options.cacheBytes);
    this.#counters = options.counters;
    this.#events = options.events;
    this.#isTcp = options.transport === 'tcp';
    this.#cookies = new ServerCookies(options.cookieSecret);
    this.#cookieSecret = options.cookieSecret;
    this.#blockedTexts = createBlockedTexts(options.siteName);
    this.#site = options.site;
  }

  /** Takes a new generation: the next packet is judged by it. Cached answers stay; each is judged at its next hit. */
  adopt(generation: Generation): void {
    if (this.#generation?.imageNumber !== generation.imageNumber) this.#image = openImage(generation.image, false);
    this.#matrix = readMatrix(generation.matrix);
    this.#clients = readClientTable(generation.clients);
    this.#generation = generation;
  }

  /**
   * `packet`: holds the query in [0, length) and has room for an answer (1232 octets over UDP, 65,535 over TCP).
   * `address`: the client's, 16 octets. `nowMs`: a monotonic clock's.
   */
  answerQuery(packet: Uint8Array, length: number, address: Uint8Array, nowMs: number): number {
    this.#count(Counter.queries);
    this.wantsRefresh = false;
    const decided = this.#decide(packet, length, address, nowMs);
    if (decided !== FORWARD) return decided;
    this.key.set(packet, this.question, this.#safeHost);
    const entry = this.#cache.find(this.key, nowMs);
    if (entry < 0) {
      this.#want();
      return FORWARD;
    }
    this.#count(Counter.cacheHits);
    // Before the entry is judged again, which may store it anew: then the new one asks once more, at its next hit.
    this.wantsRefresh = this.#cache.startsFading(entry, nowMs);
    if (this.wantsRefresh) this.#want();
    return this.#answerFromEntry(packet, entry, nowMs, Ede.NONE);
  }

  #want(): void {
    this.wanted = this.key;
    if (this.#safeHost === NO_SAFE_HOST) return;
    this.#safeKey.setFor(this.key, safeNames[this.#safeHost]!);
    this.wanted = this.#safeKey;
  }

  /**
   * Answers a query that was FORWARDed, with what the resolving thread found: `message[offset, offset + messageLength)`,
   * a stored message (see stored-message.ts). The query is judged anew, since a grant may have ended meanwhile.
   * `ede`: why it is what it is (RFC 8914), 0 for nothing to say.
   */
  answerWith(
    packet: Uint8Array,
    length: number,
    address: Uint8Array,
    nowMs: number,
    message: Uint8Array,
    ageSeconds: number,
    cacheable: boolean,
    ede: number = Ede.NONE,
  ): number {
    const decided = this.#decide(packet, length, address, nowMs);
    if (decided !== FORWARD) return decided;
    this.key.set(packet, this.question, this.#safeHost);
    const walk = this.#walk;
    const stored = this.#storable(message);
    if (stored === null) return this.#fail(packet, ede);
    if (walk.end > MESSAGE_LIMIT_UDP) return this.#answerLarge(packet, stored, ageSeconds, ede);
    const storedAtMs = nowMs - 1000 * ageSeconds;
    const expiresAtMs = cacheable && walk.ttlSeconds > ageSeconds ? storedAtMs + 1000 * walk.ttlSeconds : 0;
    const imageNumber = this.#generation!.imageNumber;
    const entry = this.#cache.store(this.key, stored, 0, walk.end, walk, imageNumber, storedAtMs, expiresAtMs);
    return this.#answerFromEntry(packet, entry, nowMs, ede);
  }

  /**
   * What is kept of a looked-up message, as the walk has it afterwards. Null where it cannot be given, or answers another
   * question than the one at hand: the group's switch may have turned while the look-up was under way, and the address
   * of one host must not be taken for the other's.
   */
  #storable(message: Uint8Array): Uint8Array | null {
    const { key, question } = this;
    const target = safeNames[this.#safeHost]!;
    const isAlias = this.#safeHost !== NO_SAFE_HOST;
    const [name, nameLength] = isAlias ? [target, target.length] : [key.bytes, key.nameLength];
    if (!asksFor(message, name, nameLength)) return null;
    const kept = this.#clean(message, isAlias ? { name: key.bytes.slice(0, key.nameLength), target } : null);
    return this.#walk.questionEnd === question.end ? kept : null;
  }

  /** Walks the message, and remakes it first where that is needed (remade-message.ts). Null when it cannot be given. */
  #clean(message: Uint8Array, alias: Alias | null): Uint8Array | null {
    const walk = this.#walk;
    if (!walkMessage(message, message.length, this.#image, walk)) return null;
    const withoutHints = walk.hasHints && (alias !== null || walk.ruleSetCount > 0);
    if (alias === null && !withoutHints && walk.strayCount === 0) return message;
    const remade = remakeMessage(message, walk, alias, withoutHints);
    return remade !== null && walkMessage(remade, remade.length, this.#image, walk) ? remade : null;
  }

  /** SERVFAIL for a query whose look-up failed, or for which there is no room. `ede`: see answerWith. */
  answerServfail(
    packet: Uint8Array,
    length: number,
    address: Uint8Array,
    nowMs: number,
    ede: number = Ede.NONE,
  ): number {
    return this.#read(packet, length, address, nowMs) === Read.OK ? this.#fail(packet, ede) : DROP;
  }

  /**
   * For a query that was FORWARDed, of a client that asks for more look-ups than it may have: over UDP, TC. Whoever is
   * where it says comes back over TCP, which has an allowance of its own; who forges senders does not. Over TCP,
   * REFUSED, which stubs take for this server's last word on the question, and try again later.
   */
  answerTooMany(packet: Uint8Array, length: number, address: Uint8Array, nowMs: number): number {
    if (this.#read(packet, length, address, nowMs) !== Read.OK) return DROP;
    this.#count(Counter.rateLimited);
    return this.#isTcp
      ? writeError(packet, this.question, Rcode.REFUSED, Ede.NONE, TOO_MANY)
      : writeTruncated(packet, this.question);
  }

  /** All that can be decided from the packet alone: an answer's length, DROP, or FORWARD for an allowed name. */
  #decide(packet: Uint8Array, length: number, address: Uint8Array, nowMs: number): number {
    const question = this.question;
    const read = this.#read(packet, length, address, nowMs);
    if (read !== Read.OK) return this.#reject(packet, read);
    const entry = findClient(this.#clients, address);
    if (entry < 0) return this.#refuse(packet, Ede.PROHIBITED);
    if (!isAnswered(question)) return this.#refuse(packet, Ede.NOT_SUPPORTED);
    this.#profile = profileOf(this.#clients, entry);
    this.#client = clientOf(this.#clients, entry);
    if (isResolverZone(packet, question)) return writeBlocked(packet, question, null, true);

    const matched = match(this.#image, packet, HEADER_BYTES);
    this.#ruleSet = ruleSetOf(matched);
    this.#verdict = this.#verdictOf(this.#ruleSet);
    if (this.#verdict >= BLOCK_BIT) {
      this.#note(this.#ruleSet, this.#verdict);
      return this.#block(packet, differsBelow(matched));
    }
    this.#safeHost = NO_SAFE_HOST;
    if (this.#verdict >= Verdict.LOCAL_SITE) {
      if (this.#verdict === Verdict.LOCAL_SITE) return this.#answerLocalSite(packet);
      if (leadsToAddress(question.type)) this.#safeHost = safeHostOf(this.#verdict);
      this.#verdict &= VERDICT_MASK;
    }
    if (question.type === Type.ANY) {
      if (this.#ruleSet === EMPTY_RULE_SET) return writeAny(packet, question, ANY_TTL_SECONDS);
      this.#note(this.#ruleSet, this.#verdict);
      return writeAny(packet, question, RULED_TTL_SECONDS);
    }
    return FORWARD;
  }

  /** readQuestion, and what an answer gives back of its EDNS options. */
  #read(packet: Uint8Array, length: number, address: Uint8Array, nowMs: number): number {
    const question = this.question;
    const read = readQuestion(packet, length, question);
    if (question.hasCookie) {
      const seconds = Math.floor((performance.timeOrigin + nowMs) / 1000);
      const day = Math.floor(seconds / DAY_SECONDS);
      if (day !== this.#cookieDay) {
        this.#cookies.use(secretOfDay(this.#cookieSecret, day));
        this.#cookieDay = day;
      }
      this.#cookies.make(question.clientCookie, address, seconds, question.serverCookie, 0);
    }
    // Over UDP there is no connection to keep (RFC 7828 §3.2.2).
    if (!this.#isTcp) question.hasKeepalive = false;
    return read;
  }

  #reject(packet: Uint8Array, read: number): number {
    if (read === Read.COOKIE_ONLY) return writeError(packet, this.question, Rcode.NOERROR);
    this.#count(Counter.malformed);
    if (read === Read.DROP) return DROP;
    if (read === Read.NOTIMP) return writeError(packet, this.question, Rcode.NOTIMP, Ede.NOT_SUPPORTED);
    return writeError(packet, this.question, read === Read.BADVERS ? Rcode.BADVERS : Rcode.FORMERR);
  }

  #refuse(packet: Uint8Array, ede: number): number {
    this.#count(Counter.refused);
    return writeError(packet, this.question, Rcode.REFUSED, ede);
  }

  #answerLocalSite(packet: Uint8Array): number {
    this.#count(Counter.localSite);
    if (this.question.type === Type.ANY) return writeAny(packet, this.question, RULED_TTL_SECONDS);
    const { site4, site6 } = this.#site();
    return writeLocalSite(packet, this.question, site4, site6);
  }

  /** Judges every name of a stored answer for this client, and writes it or the block. */
  #answerFromEntry(packet: Uint8Array, found: number, nowMs: number, ede: number): number {
    const cache = this.#cache;
    const isJudged = cache.imageNumber(found) === this.#generation!.imageNumber;
    const entry = isJudged ? found : this.#judgeAgain(found);
    if (entry < 0) return this.#fail(packet, Ede.NONE);
    for (let i = 0; i < cache.ruleSetCount(entry); i++) this.#follow(cache.ruleSet(entry, i));
    if (this.#verdict !== Verdict.ALLOW_NO_RULE) this.#note(this.#ruleSet, this.#verdict);
    // NODATA: of the names below the question's name this chain says nothing.
    if (this.#verdict >= BLOCK_BIT) return this.#block(packet, true);
    return this.#countTruncation(
      packet,
      writeStored(
        packet,
        this.question,
        cache.bytes,
        cache.messageOffset(entry),
        cache.messageLength(entry),
        cache.halves,
        cache.ttlOffsetsAt(entry),
        cache.ttlCount(entry),
        Math.max(0, Math.floor((nowMs - cache.storedAtMs(entry)) / 1000)),
        this.#ruleSet === EMPTY_RULE_SET ? PLAIN_TTL_SECONDS : RULED_TTL_SECONDS,
        this.#limit(),
        ede,
      ),
    );
  }

  /** An answer too large for a datagram: judged and written straight from the message, over TCP. */
  #answerLarge(packet: Uint8Array, message: Uint8Array, ageSeconds: number, ede: number): number {
    const walk = this.#walk;
    for (let i = 0; i < walk.ruleSetCount; i++) this.#follow(walk.ruleSets[i]!);
    if (this.#verdict !== Verdict.ALLOW_NO_RULE) this.#note(this.#ruleSet, this.#verdict);
    if (this.#verdict >= BLOCK_BIT) return this.#block(packet, true);
    const cap = this.#ruleSet === EMPTY_RULE_SET ? PLAIN_TTL_SECONDS : RULED_TTL_SECONDS;
    const { question } = this;
    const ttls = walk.ttlOffsets;
    const limit = this.#limit();
    return this.#countTruncation(
      packet,
      writeStored(packet, question, message, 0, walk.end, ttls, 0, walk.ttlCount, ageSeconds, cap, limit, ede),
    );
  }

  /** The rules changed since the answer was stored: judges it from its own names, and stores it anew. -1 when it cannot be. */
  #judgeAgain(entry: number): number {
    const cache = this.#cache;
    const [offset, length] = [cache.messageOffset(entry), cache.messageLength(entry)];
    const [storedAtMs, expiresAtMs] = [cache.storedAtMs(entry), cache.expiresAtMs(entry)];
    // A copy: the new entry may come to stand where the old one does.
    const message = cache.bytes.slice(offset, offset + length);
    cache.drop(entry);
    const kept = this.#clean(message, null);
    if (kept === null) return -1;
    const imageNumber = this.#generation!.imageNumber;
    return cache.store(this.key, kept, 0, this.#walk.end, this.#walk, imageNumber, storedAtMs, expiresAtMs);
  }

  /**
   * Takes a further name of the chain into the verdict: the first block speaks, else the first name that a rule speaks
   * of. Behind a granted name only safety blocks: a grant that ended at a host of another service would not work
   * (verdicts.ts, precedence).
   */
  #follow(ruleSet: number): void {
    const verdict = this.#verdictOf(ruleSet) & VERDICT_MASK;
    if (this.#verdict >= BLOCK_BIT) return;
    if (this.#verdict === Verdict.ALLOW_GRANTED && verdict !== Verdict.BLOCK_PROTECTED) return;
    if (verdict < BLOCK_BIT && this.#verdict !== Verdict.ALLOW_NO_RULE) return;
    this.#verdict = verdict;
    this.#ruleSet = ruleSet;
  }

  #block(packet: Uint8Array, nodata: boolean): number {
    return writeBlocked(packet, this.question, this.#blockedTexts[this.#verdict & ~BLOCK_BIT]!, nodata);
  }

  /** The matrix byte: verdict and safe host. */
  #verdictOf(ruleSet: number): number {
    return this.#matrix.verdicts[this.#profile * this.#matrix.ruleSetCount + ruleSet]!;
  }

  #note(ruleSet: number, verdict: number): void {
    if (verdict >= BLOCK_BIT) this.#count(Counter.blocked);
    else if (verdict === Verdict.ALLOW_GRANTED) this.#count(Counter.granted);
    this.#events.add(this.#generation!.number, this.#profile, this.#client, ruleSet, verdict);
  }

  #fail(packet: Uint8Array, ede: number): number {
    this.#count(Counter.servfail);
    return writeError(packet, this.question, Rcode.SERVFAIL, ede);
  }

  #limit(): number {
    return this.#isTcp ? TCP_LIMIT_BYTES : Math.min(this.question.payloadBytes, MESSAGE_LIMIT_UDP);
  }

  #countTruncation(packet: Uint8Array, length: number): number {
    if ((packet[2]! & 0x02) !== 0) this.#count(Counter.truncated);
    return length;
  }

  #count(counter: number): void {
    this.#counters[counter] = this.#counters[counter]! + 1;
  }
}

/** RFC 8914 has no code for it: "Other" and a text. */
const TOO_MANY = Uint8Array.from(Buffer.from('Too many look-ups, try again later', 'ascii'));

/**
 * The types by which a browser finds the host behind a name, and so those that safe search answers with the safe host's.
 * Mail, text and delegations of the name lead to no page and stay as they are.
 */
function leadsToAddress(type: number): boolean {
  return type === Type.A || type === Type.AAAA || type === Type.HTTPS || type === Type.SVCB || type === Type.CNAME;
}

/** Zone transfers and classes other than IN are not a resolver's to give. */
function isAnswered(question: Question): boolean {
  return question.class === Class.IN && question.type !== Type.AXFR && question.type !== Type.IXFR;
}

/** "resolver.arpa" on the wire. */
const RESOLVER_ZONE = Uint8Array.of(8, 114, 101, 115, 111, 108, 118, 101, 114, 4, 97, 114, 112, 97, 0);

/**
 * Here a device asks for its resolver's encrypted twin. The upstream's would lead it round the box; the box has none,
 * and says so with NODATA (RFC 9462 §4).
 */
function isResolverZone(packet: Uint8Array, question: Question): boolean {
  const nameEnd = HEADER_BYTES + question.nameLength;
  const zone = nameEnd - RESOLVER_ZONE.length;
  if (zone < HEADER_BYTES) return false;
  for (let i = RESOLVER_ZONE.length - 2; i >= 0; i--) {
    const octet = packet[zone + i]!;
    if ((octet >= 0x41 && octet <= 0x5a ? octet + 32 : octet) !== RESOLVER_ZONE[i]) return false;
  }
  // A label may hold any octet: only where one begins is the zone meant.
  let at = HEADER_BYTES;
  while (at < zone) at += 1 + packet[at]!;
  return at === zone;
}
