/**
 * What the client needs of a WebSocket: common to the platform's own and to `ws`.
 *
 * The client adds its listeners before control returns to the event loop, so a socket that was just
 * constructed loses nothing.
 */
export interface WebSocketLike {
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: 'close',
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void;
  /** `ws` gives `error` and `message`; the platform's own tells nothing. */
  addEventListener(type: 'error', listener: (event: object) => void): void;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  /** Cuts the connection at once, where the socket can. */
  terminate?(): void;
}

/** How a connection ended, whoever ended it. */
export interface Closing {
  /** Close code of the socket; 1006 when it broke without one. */
  readonly code: number;
  readonly reason: string;
}
