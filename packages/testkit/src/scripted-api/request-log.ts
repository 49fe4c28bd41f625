import type { ApiRequest } from './request.ts';

/** Every request so far, and a way to wait for one. */
export class RequestLog {
  readonly requests: ApiRequest[] = [];
  readonly #waiting = new Set<() => void>();

  add(request: ApiRequest): void {
    this.requests.push(request);
    for (const check of this.#waiting) check();
  }

  /** The `which`-th request (from 1), or the first that fits; at once when it is there already. */
  wait(which: number | ((request: ApiRequest) => boolean), signal?: AbortSignal): Promise<ApiRequest> {
    const find = (): ApiRequest | undefined =>
      typeof which === 'number' ? this.requests[which - 1] : this.requests.find(which);
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const found = find();
        if (found === undefined) return;
        stop();
        resolve(found);
      };
      const abort = (): void => {
        stop();
        reject(signal?.reason instanceof Error ? signal.reason : new Error('the wait was given up'));
      };
      const stop = (): void => {
        this.#waiting.delete(check);
        signal?.removeEventListener('abort', abort);
      };
      if (signal?.aborted === true) return abort();
      this.#waiting.add(check);
      signal?.addEventListener('abort', abort);
      check();
    });
  }
}
