/** Tells when nothing has gone on for long enough. */
export class IdleWatch implements Disposable {
  readonly #timer: NodeJS.Timeout | undefined;

  /**
   * @param idleMs Undefined: never.
   * @param isBusy Asked a few times within `idleMs`.
   */
  constructor(idleMs: number | undefined, isBusy: () => boolean, onIdle: () => void) {
    if (idleMs === undefined) return;
    let idleSince = performance.now();
    this.#timer = setInterval(
      () => {
        if (isBusy()) idleSince = performance.now();
        else if (performance.now() - idleSince >= idleMs) onIdle();
      },
      Math.min(60_000, Math.max(50, idleMs / 4)),
    );
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
