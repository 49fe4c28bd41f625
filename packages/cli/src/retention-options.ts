import { AtQuota, type MethodInput } from '@cc-executor/protocol';
import { UsageError } from './command-errors.ts';
import { oneOf, sizeToBytes } from './parse-options.ts';

/** As the executor has it. */
const MIN_BYTES = 1024 * 1024;

/**
 * What becomes of a job's output, from `--retention` and `--max-output`.
 *
 * @throws UsageError
 */
export function parseRetention(
  mode: string | undefined,
  size: string | undefined,
): Pick<MethodInput<'job/start'>, 'retention'> {
  if (mode === undefined && size === undefined) return {};
  const maxBytes = size === undefined ? undefined : sizeToBytes('--max-output', size);
  if (maxBytes !== undefined && maxBytes < MIN_BYTES) throw new UsageError('--max-output is at least 1M');
  return {
    retention: {
      ...(mode !== undefined && { atQuota: oneOf('--retention', mode, AtQuota.options) }),
      ...(maxBytes !== undefined && { maxBytes }),
    },
  };
}
