import type { ProcessEntry } from './process-entry.ts';

/** What `/proc/PID/stat` tells about a process. */
export type LinuxStat = Omit<ProcessEntry, 'treeId'>;

// Positions counted from the field after the program's name (proc(5) counts them from 1, the state being 3).
const parentField = 1;
const groupField = 2;
const sessionField = 3;
const threadsField = 17;
const startTimeField = 19;

/** Reads the text of `/proc/PID/stat`; undefined when it is cut short. */
export function parseLinuxStat(text: string): LinuxStat | undefined {
  // The name may hold spaces and brackets itself, so only the last bracket ends it.
  const nameEnd = text.lastIndexOf(')');
  if (nameEnd < 0) return undefined;
  const fields = text.slice(nameEnd + 2).split(' ');
  const state = fields[0];
  const startTime = Number(fields[startTimeField] ?? Number.NaN);
  if (state === undefined || Number.isNaN(startTime)) return undefined;
  return {
    pid: Number.parseInt(text, 10),
    startTime,
    parentPid: Number(fields[parentField]),
    groupId: Number(fields[groupField]),
    sessionId: Number(fields[sessionField]),
    // A process whose first thread has ended shows as a zombie while its other threads still run.
    isDead: (state === 'Z' || state === 'X') && Number(fields[threadsField]) <= 1,
    isStopped: state === 'T' || state === 't',
    isUninterruptible: state === 'D',
  };
}
