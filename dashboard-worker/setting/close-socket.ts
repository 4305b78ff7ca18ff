/** Ending a WebSocket from this side, also one that is ending already: the runtime throws at a second close. */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    // Closed already.
  }
}
