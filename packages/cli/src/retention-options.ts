import { AtQuota, type MethodInput } from '@cc-executor/protocol';
import { oneOf, sizeToBytes } from './parse-options.ts';

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
  return {
    retention: {
      ...(mode !== undefined && { atQuota: oneOf('--retention', mode, AtQuota.options) }),
      ...(size !== undefined && { maxBytes: sizeToBytes('--max-output', size) }),
    },
  };
}
