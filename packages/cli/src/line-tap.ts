import { Writable } from 'node:stream';
import type { CommandContext } from './command-context.ts';

/** A line of what was shown, and where. */
export interface TappedLine {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** Stands in for stdout and stderr, so that what a printer shows can be picked from, line by line. */
export class LineTap {
  readonly stdout: CommandContext['stdout'];
  readonly stderr: CommandContext['stderr'];
  readonly #open = { stdout: '', stderr: '' };
  readonly #onLine: (line: TappedLine) => void;

  constructor(
    { stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>,
    onLine: (line: TappedLine) => void,
  ) {
    this.#onLine = onLine;
    this.stdout = this.#tap('stdout', stdout.isTTY);
    this.stderr = this.#tap('stderr', stderr.isTTY);
  }

  /** Nothing more is shown: what has no line end counts as a line. */
  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.#open[stream] !== '') this.#onLine({ stream, text: this.#open[stream] });
      this.#open[stream] = '';
    }
  }

  #tap(stream: 'stdout' | 'stderr', isTTY: boolean | undefined): CommandContext['stdout'] {
    const writable = new Writable({
      decodeStrings: false,
      write: (chunk: string | Buffer, _encoding, done) => {
        const lines = `${this.#open[stream]}${chunk.toString()}`.split('\n');
        this.#open[stream] = lines.pop() ?? '';
        for (const text of lines) this.#onLine({ stream, text });
        done();
      },
    });
    // Printers look whether they write to a terminal.
    return Object.assign(writable, isTTY === undefined ? {} : { isTTY });
  }
}
