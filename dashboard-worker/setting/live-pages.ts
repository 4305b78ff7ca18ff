/**
 * The pages that are open on somebody's tablet, each on a WebSocket: told that there is news, never what it is.
 *
 * A page that is told fetches itself anew, through the same session, role and setting as any visit. So nothing can be
 * read here by whoever was signed out, or was given a smaller role, after the socket was opened. Nor does anybody go on
 * hearing when something happens: what ends a session, or changes a role, closes all sockets of that person, and those
 * who may still come in open another.
 */
import { closeSocket } from './close-socket.ts';

/** The tag of the sockets here; the box's line has its own (box-line.ts). */
const PAGE = 'page';

/** A page or two for each person of a large setting. One more closes the oldest, which looks by itself from then on. */
const PAGES_MAX = 64;

/** What a page is sent; it reads nothing into it. */
const NEWS = 'news';

/** Whose page it is, and until when their session can last at the most. */
export interface PageOwner {
  readonly userId: string;
  readonly untilMs: number;
}

/** As the Worker, which knows the session, asks for a socket: nothing of what the browser wrote there is left. */
export function pageOwnerQuery({ userId, untilMs }: PageOwner): string {
  return String(new URLSearchParams({ user: userId, until: String(untilMs) }));
}

export function readPageOwner(query: URLSearchParams): PageOwner {
  return { userId: query.get('user') ?? '', untilMs: Number(query.get('until')) };
}

/** RFC 6455, section 7.4.1: a page has nothing to say. Also to whoever is in no more. */
const POLICY_VIOLATION = 1008;
/** Registered with IANA: try again later. */
const TRY_AGAIN_LATER = 1013;

export class LivePages {
  readonly #state: DurableObjectState;

  constructor(state: DurableObjectState) {
    this.#state = state;
  }

  /** The socket for the page. */
  open({ userId, untilMs }: PageOwner, nowMs: number): WebSocket {
    const { 0: client, 1: server } = new WebSocketPair();
    const oldestFirst = this.#sockets().toSorted((a, b) => opened(a).openedAt - opened(b).openedAt);
    for (const socket of oldestFirst.slice(0, Math.max(0, oldestFirst.length - PAGES_MAX + 1))) {
      closeSocket(socket, TRY_AGAIN_LATER, 'too many pages are open');
    }
    this.#state.acceptWebSocket(server, [PAGE, ownerTag(userId)]);
    server.serializeAttachment({ openedAt: nowMs, untilMs } satisfies Opened);
    return client;
  }

  /** Something that a page may show has changed. */
  tell(nowMs: number): void {
    for (const socket of this.#sockets()) {
      if (opened(socket).untilMs <= nowMs) {
        closeSocket(socket, POLICY_VIOLATION, 'the session has ended');
        continue;
      }
      try {
        socket.send(NEWS);
      } catch {
        // It has gone meanwhile; a page that comes back looks first.
      }
    }
  }

  /** All of that person's. */
  closeOf(userId: string): void {
    for (const socket of this.#state.getWebSockets(ownerTag(userId))) {
      closeSocket(socket, POLICY_VIOLATION, 'the session may have ended');
    }
  }

  has(socket: WebSocket): boolean {
    return this.#state.getTags(socket).includes(PAGE);
  }

  /** Something was said on it. */
  refuse(socket: WebSocket): void {
    closeSocket(socket, POLICY_VIOLATION, 'a page is told, and says nothing');
  }

  #sockets(): WebSocket[] {
    return this.#state.getWebSockets(PAGE).filter(({ readyState }) => readyState === WebSocket.OPEN);
  }
}

/** What is kept with a socket. */
interface Opened {
  readonly openedAt: number;
  readonly untilMs: number;
}

function opened(socket: WebSocket): Opened {
  return socket.deserializeAttachment() as Opened;
}

function ownerTag(userId: string): string {
  return `of ${userId}`;
}
