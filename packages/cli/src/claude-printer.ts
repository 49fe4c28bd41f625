import type { ClaudeEvent, JobResult, JobState, LogEntry, Outcome } from '@cc-executor/protocol';
import type { CommandContext } from './command-context.ts';
import { claudeNote, queueNote } from './claude-notes.ts';
import { gapNote } from './gap-note.ts';
import { dim, tame } from './terminal-text.ts';
import { writeOut } from './write-out.ts';

/** How a Claude job is shown. `stream`: the answer as it is written. `final`: the answer when it is there. */
export type ClaudeView = 'stream' | 'final' | 'json';

/** Shows a Claude job: the answer on stdout, what it does besides on stderr. */
export class ClaudePrinter {
  readonly #context: Pick<CommandContext, 'stdout' | 'stderr'>;
  readonly #view: ClaudeView;
  #isAtLineStart = true;
  #hasStreamed = false;

  constructor(context: Pick<CommandContext, 'stdout' | 'stderr'>, view: ClaudeView) {
    this.#context = context;
    this.#view = view;
  }

  /** Shows an entry, and resolves when the reader has taken it. */
  async show(entry: LogEntry): Promise<void> {
    if (this.#view === 'json') {
      await writeOut(this.#context.stdout, `${JSON.stringify(entry)}\n`);
      return;
    }
    if (entry.type === 'event') await this.#showEvent(entry.event);
    else if (entry.type === 'state' && isHeld(entry.state)) await this.#note(queueNote(entry.state));
    else if (entry.type === 'gap') await this.#note(gapNote(entry.lostBytes));
    else if (entry.type === 'closed') await this.#showEnd(entry.outcome, entry.result);
  }

  async #showEvent(event: ClaudeEvent): Promise<void> {
    const isOwnText = (event.type === 'textDelta' || event.type === 'text') && event.agentId === undefined;
    if (this.#view === 'stream' && isOwnText) {
      if (event.type === 'textDelta') await this.#stream(event.text);
      else await this.#endLine();
    }
    const note = claudeNote(event);
    if (note !== undefined) await this.#note(note);
  }

  async #showEnd(outcome: Outcome, result: JobResult | undefined): Promise<void> {
    await this.#endLine();
    if (result?.kind !== 'claude') return;
    const { text } = result;
    const isShown = this.#view === 'stream' && (this.#hasStreamed || outcome.status !== 'succeeded');
    if (!isShown && text !== '') {
      const shown = this.#context.stdout.isTTY === true ? tame(text) : text;
      await writeOut(this.#context.stdout, shown.endsWith('\n') ? shown : `${shown}\n`);
    }
  }

  async #stream(text: string): Promise<void> {
    const shown = tame(text);
    if (shown === '') return;
    this.#hasStreamed = true;
    this.#isAtLineStart = shown.endsWith('\n');
    await writeOut(this.#context.stdout, shown);
  }

  async #endLine(): Promise<void> {
    if (this.#isAtLineStart) return;
    this.#isAtLineStart = true;
    await writeOut(this.#context.stdout, '\n');
  }

  async #note(text: string): Promise<void> {
    const { stderr } = this.#context;
    await this.#endLine();
    await writeOut(stderr, `${dim(text, stderr)}\n`);
  }
}

type QueuedState = Extract<JobState, { status: 'queued' }>;

/** Every job is queued for a moment, so that alone is not worth a line. */
function isHeld(state: JobState): state is QueuedState {
  return state.status === 'queued' && state.reason === 'hold';
}
