/** What a log has taken and dropped. */
export interface LogCounts {
  /** Raw bytes of output in all. */
  readonly outputBytes: number;
  /** Of these, bytes and lines that are no longer kept. */
  readonly droppedBytes: number;
  readonly droppedLines: number;
  /** Of these, bytes that are no UTF-8. */
  readonly invalidBytes: number;
  /** Bytes on disk. */
  readonly storedBytes: number;
}
