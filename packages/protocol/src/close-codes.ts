/** Why a socket is closed by the executor: each number means one thing. */
export const closeCodes = {
  /** The executor is stopping. */
  goingAway: 1001,
  /** The client broke a rule of the transport, such as a binary frame. */
  policyViolation: 1008,
  /** A frame was larger than `limits.maxFrameBytes`. */
  frameTooLarge: 1009,
  /** Something broke on our side. */
  internalError: 1011,
  /** No `initialize` came in time. */
  initializeTimeout: 4408,
  /** The peer stopped answering pings. */
  unresponsive: 4409,
} as const;

export type CloseCodeName = keyof typeof closeCodes;
