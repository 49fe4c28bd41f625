import { UsageError } from './command-errors.ts';
import { oneOf, wholeNumber } from './parse-options.ts';
import type { SearchOptions } from './search-lines.ts';

/** As the executor has it. */
const MAX_CONTEXT_LINES = 20;

/** Which part of a log to show. */
export type LogPart =
  | { readonly kind: 'all' }
  | { readonly kind: 'head'; readonly lines: number }
  | { readonly kind: 'tail'; readonly lines: number }
  | ({ readonly kind: 'search' } & SearchOptions);

/** Options of `logs`, as they were given. */
interface LogValues {
  readonly follow?: boolean | undefined;
  readonly head?: string | undefined;
  readonly tail?: string | undefined;
  readonly search?: string | undefined;
  readonly context?: string | undefined;
  readonly stream?: string | undefined;
}

/** What `logs` is to show. @throws UsageError when the options do not go together */
export function logOptions(values: LogValues) {
  const { follow = false, stream } = values;
  const part = logPart(values);
  if (follow && (part.kind === 'head' || part.kind === 'search')) {
    throw new UsageError(`-f does not go with --${part.kind}`);
  }
  return {
    part,
    isFollowed: follow,
    stream: stream === undefined ? undefined : oneOf('--stream', stream, ['stdout', 'stderr']),
  };
}

function logPart({ head, tail, search, context }: LogValues): LogPart {
  const given = Object.entries({ head, tail, search }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`],
  );
  if (given.length > 1) throw new UsageError(`${given.join(' and ')} do not go together`);
  if (context !== undefined && search === undefined) throw new UsageError('--context goes with --search');
  if (head !== undefined) return { kind: 'head', lines: wholeNumber('--head', head, 1) };
  if (tail !== undefined) return { kind: 'tail', lines: wholeNumber('--tail', tail, 1) };
  if (search === undefined) return { kind: 'all' };
  const contextLines = context === undefined ? 0 : wholeNumber('--context', context, 0);
  if (contextLines > MAX_CONTEXT_LINES)
    throw new UsageError(`--context takes ${MAX_CONTEXT_LINES} lines at most`);
  return { kind: 'search', text: search, contextLines };
}
