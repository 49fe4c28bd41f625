/** Why a log takes no more output. */
export interface LogFault {
  readonly code: 'quotaExceeded' | 'diskRefused';
  readonly message: string;
}

/** The fault of a log whose folder could not be written. */
export function diskFault(folder: string, error: Error): LogFault {
  const isFull = 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
  const what = isFull
    ? `the disk that holds ${folder} is full`
    : `the disk does not take the output in ${folder}`;
  return { code: 'diskRefused', message: `${what}: ${error.message}` };
}
