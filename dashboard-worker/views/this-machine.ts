/** Addresses at which a dashboard is open to its own machine alone, as `npm start` leaves it. */

/** `url`: absolute. */
export function isThisMachine(url: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}
