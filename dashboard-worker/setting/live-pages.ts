/**
 * The pages that are open on somebody's tablet, each on a WebSocket: told that there is news, never what it is.
 *
 * A page that is told fetches itself anew, through the same session, role and setting as any visit. So nothing can be
 * read here by whoever was signed out, or was given a smaller role, after the socket was opened.
 */
import { closeSocket } from './close-socket.ts';

/** The tag of the sockets here; the box's line has its own (box-line.ts). */
const PAGE = 'page';

/** A page or two for each person of a large setting. One more closes the oldest, which looks by itself from then on. */
const PAGES_MAX = 64;

/** What a page is sent; it reads nothing into it. */
const NEWS = 'news';

/** RFC 6455, section 7.4.1: a page has nothing to say. */
const POLICY_VIOLATION = 1008;
/** Registered with IANA: try again later. */
const TRY_AGAIN_LATER = 1013;

export class LivePages {
  readonly #state: DurableObjectState;

  constructor(state: DurableObjectState) {
    this.#state = state;
  }

  /** The socket for the page. */
  open(nowMs: number): WebSocket {
    const { 0: client, 1: server } = new WebSocketPair();
    const oldestFirst = this.#sockets().toSorted((a, b) => openedAt(a) - openedAt(b));
    for (const socket of oldestFirst.slice(0, Math.max(0, oldestFirst.length - PAGES_MAX + 1))) {
      closeSocket(socket, TRY_AGAIN_LATER, 'too many pages are open');
    }
    this.#state.acceptWebSocket(server, [PAGE]);
    server.serializeAttachment(nowMs);
    return client;
  }

  /** Something that a page may show has changed. */
  tell(): void {
    for (const socket of this.#sockets()) {
      try {
        socket.send(NEWS);
      } catch {
        // It has gone meanwhile; a page that comes back looks first.
      }
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

function openedAt(socket: WebSocket): number {
  return socket.deserializeAttachment() as number;
}
