import { stripVTControlCharacters, styleText } from 'node:util';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;

/** Shows steps, what happens in them, and what was checked; on a terminal with a line that moves. */
export class Display implements Disposable {
  readonly #stream: NodeJS.WriteStream;
  readonly #steps: number;
  #step = 0;
  #stepStartedAt = performance.now();
  #frame = 0;
  #ticker: NodeJS.Timeout | undefined;

  constructor(stream: NodeJS.WriteStream, steps: number) {
    this.#stream = stream;
    this.#steps = steps;
    if (stream.isTTY) this.#ticker = setInterval(() => this.#tick(), FRAME_MS);
  }

  title(text: string): void {
    this.#line(styleText('bold', text));
  }

  step(text: string): void {
    this.#step += 1;
    this.#stepStartedAt = performance.now();
    this.#line('');
    this.#line(styleText(['bold', 'cyan'], `[${this.#step}/${this.#steps}] ${text}`));
  }

  /** Something that happens now. */
  live(text: string): void {
    for (const line of stripVTControlCharacters(text).split('\n'))
      this.#line(`    ${styleText('dim', '│')} ${line}`);
  }

  /** @throws Error when what was to be shown is not so. */
  check(holds: boolean, text: string, seen = ''): void {
    if (!holds) {
      this.#line(`  ${styleText('red', '✗')} ${text}`);
      throw new Error(`${text}${seen === '' ? '' : `\n${seen}`}`);
    }
    const elapsed = `${((performance.now() - this.#stepStartedAt) / 1_000).toFixed(1)} s`;
    this.#line(`  ${styleText('green', '✓')} ${text} ${styleText('dim', elapsed)}`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#ticker);
    if (this.#stream.isTTY) this.#stream.write('\r\u001B[K');
  }

  #line(text: string): void {
    this.#stream.write(`${this.#stream.isTTY ? '\r\u001B[K' : ''}${text}\n`);
  }

  #tick(): void {
    this.#frame = (this.#frame + 1) % FRAMES.length;
    const elapsed = ((performance.now() - this.#stepStartedAt) / 1_000).toFixed(1);
    const done = '█'.repeat(this.#step).padEnd(this.#steps, '░');
    this.#stream.write(`\r\u001B[K${FRAMES[this.#frame] ?? ''} ${done} ${elapsed} s`);
  }
}
