interface Segment {
  readonly messageId: string | undefined;
  readonly blockIndex: number | undefined;
  uuid?: string | undefined;
  text: string;
  /** Whether the CLI has given the block as a whole, after its deltas. */
  isWhole: boolean;
}

/** What giving up a broken message leaves. */
export interface Abandoned {
  /** Whether any text was lost. */
  readonly isLoss: boolean;
  /** The blocks of the message that stay. */
  readonly kept: readonly string[];
}

/**
 * The answer of one turn: what was written after the last use of a tool.
 * An answer that met a maximum comes in several messages, and only together they are the answer.
 */
export class Answer {
  #segments: Segment[] = [];
  #isSealed = false;

  get text(): string {
    return this.#segments.map((segment) => segment.text).join('');
  }

  /** A new turn: nothing is written yet. */
  clear(): void {
    this.#segments = [];
    this.#isSealed = false;
  }

  /** What was written so far stays only until more is written. */
  seal(): void {
    this.#isSealed = true;
  }

  addDelta(messageId: string | undefined, blockIndex: number | undefined, text: string): void {
    const last = this.#segments.at(-1);
    const isSame = last?.messageId === messageId && last?.blockIndex === blockIndex;
    if (last !== undefined && isSame && !last.isWhole && !this.#isSealed) last.text += text;
    else this.#add({ messageId, blockIndex, text, isWhole: false });
  }

  addBlock(messageId: string | undefined, uuid: string | undefined, text: string): void {
    const streamed = this.#segments.find((segment) => !segment.isWhole && segment.messageId === messageId);
    if (streamed === undefined || this.#isSealed) {
      this.#add({ messageId, blockIndex: undefined, uuid, text, isWhole: true });
    } else {
      Object.assign(streamed, { uuid, text, isWhole: true });
    }
  }

  /** Takes back whole blocks; returns the messages that they belonged to. */
  retract(uuids: readonly string[]): Set<string | undefined> {
    const isRetracted = ({ uuid }: Segment): boolean => uuid !== undefined && uuids.includes(uuid);
    const messageIds = new Set(this.#segments.filter(isRetracted).map((segment) => segment.messageId));
    this.#segments = this.#segments.filter((segment) => !isRetracted(segment));
    return messageIds;
  }

  /** Throws away the text of a message from one of its blocks on. */
  abandon(messageId: string | undefined, fromBlockIndex: number): Abandoned {
    const ofMessage = this.#segments.filter((segment) => segment.messageId === messageId);
    // A block that was never streamed has no index; it goes only when the whole message goes.
    const isLost = ({ blockIndex }: Segment): boolean =>
      fromBlockIndex === 0 || (blockIndex !== undefined && blockIndex >= fromBlockIndex);
    const lost = new Set(ofMessage.filter(isLost));
    this.#segments = this.#segments.filter((segment) => !lost.has(segment));
    return {
      isLoss: lost.size > 0,
      kept: ofMessage.filter((segment) => !lost.has(segment)).map((segment) => segment.text),
    };
  }

  #add(segment: Segment): void {
    if (this.#isSealed) this.clear();
    this.#segments.push(segment);
  }
}
