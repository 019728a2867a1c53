/** The gateway did not let the player in. */
export class SignInError extends Error {
  override readonly name = 'SignInError';
  constructor(
    message: string,
    /** The HTTP status; 0 when the server did not answer. */
    readonly status: number,
    /** When to try again, in seconds, if that helps. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

/** A command was not carried out. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** What a client does after a connection has ended. */
export type Next = 'reconnect' | 'sign-in' | 'stop';

/** The connection to the map has ended. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  constructor(
    message: string,
    /** The WebSocket close code; 1006 when the connection was lost. */
    readonly code: number,
    readonly next: Next,
  ) {
    super(message);
  }
}

// What each close code means (docs/protocol.md), for when the map gave no reason.
const meanings: Record<number, [Next, string]> = {
  1000: ['stop', 'The connection was closed.'],
  1001: ['reconnect', 'The server went away.'],
  1006: ['reconnect', 'The connection was lost.'],
  1008: ['stop', 'The map was sent too many messages.'],
  1009: ['stop', 'The map was sent a message that is too large.'],
  1012: ['reconnect', 'The map is being stopped or moved.'],
  1013: ['reconnect', 'The map has no room or the connection is too slow at this moment.'],
  4000: ['reconnect', 'The player is on another map now.'],
  4001: ['stop', 'The player came in over another connection.'],
  4002: ['reconnect', 'The map heard nothing for too long.'],
  4003: ['stop', 'The player was removed from the map.'],
  4400: ['sign-in', 'The map got no credentials that it can read.'],
  4401: ['sign-in', 'The map does not accept the token.'],
  4402: ['sign-in', 'The token is another player\u2019s.'],
  4403: ['reconnect', 'The token is for another map.'],
  4408: ['reconnect', 'The token has expired.'],
  4409: ['reconnect', 'The token has been used.'],
  4410: ['stop', 'The game did not let the player in.'],
};

/** The error for a close code, with the server's reason if it gave one. */
export function connectionError(code: number, reason: string): ConnectionError {
  const [next, meaning] = meanings[code] ?? ['reconnect', `The connection ended with code ${code}.`];
  return new ConnectionError(reason || meaning, code, next);
}
