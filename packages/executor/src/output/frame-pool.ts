/** What a frame of one read of the pipe takes: 64 KiB in base64, with its head. */
const FRAME_BYTES = 96 * 1024;
/** Frames that are kept for the next output. */
const MAX_SPARE_FRAMES = 32;

/**
 * Buffers for frames on their way to sockets, used again once they are sent: see `SlabPool` for why. A frame that is
 * larger than usual gets a buffer of its own.
 */
export class FramePool {
  readonly #spare: Buffer[] = [];

  /** A buffer of at least so many bytes. */
  take(bytes: number): Buffer {
    if (bytes > FRAME_BYTES) return Buffer.allocUnsafeSlow(bytes);
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(FRAME_BYTES);
  }

  /** Gives a buffer back: nobody looks at it any more. */
  give(buffer: Buffer): void {
    if (buffer.length === FRAME_BYTES && this.#spare.length < MAX_SPARE_FRAMES) this.#spare.push(buffer);
  }
}
