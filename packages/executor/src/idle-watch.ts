/** Tells when nothing has gone on for long enough. */
export class IdleWatch implements Disposable {
  readonly #timer: NodeJS.Timeout | undefined;

  /**
   * @param idleMs Undefined: never.
   * @param look Asked a few times within `idleMs`; `visits` counts those who came, also between two looks.
   */
  constructor(
    idleMs: number | undefined,
    look: () => { isBusy: boolean; visits: number },
    onIdle: () => void,
  ) {
    if (idleMs === undefined) return;
    let idleSince = performance.now();
    let seenVisits = look().visits;
    this.#timer = setInterval(
      () => {
        const { isBusy, visits } = look();
        if (isBusy || visits !== seenVisits) idleSince = performance.now();
        else if (performance.now() - idleSince >= idleMs) onIdle();
        seenVisits = visits;
      },
      Math.min(60_000, Math.max(50, idleMs / 4)),
    );
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
