import { restoring } from '../handed-over.ts';

/**
 * The first process of a namespace, in perl. It starts the command, tells how it ended, collects whatever else ends,
 * and goes when nobody is left. Streams: 4 is the lifeline, 5 the folder `/proc` of the world outside, 6, 7 and 8 the
 * command's stdout, stderr and, if it has one, stdin.
 *
 * - By the time it runs, bwrap's death by the executor's is arranged. If the executor died before that, the lifeline
 *   has ended (nothing is ever sent on it), and the command must not begin.
 * - The lifeline carries two lines: the command's pid outside, and its wait status. Shells, and bwrap itself, would
 *   turn a death by signal into an exit code.
 * - The command gets a group of its own, as it has outside a namespace.
 */
export const warden = `
open(my $lifeline, '+<&=', 4) or exit 125;
vec(my $ready = '', 4, 1) = 1;
exit 125 if select($ready, undef, undef, 0);
my $leader = fork;
defined $leader or die "fork: $!\\n";
if (!$leader) {
  setpgrp 0, 0;
  syswrite $lifeline, readlink('/proc/self/fd/5/self') . "\\n";
  close STDIN; open STDIN, '<&', 8 or open STDIN, '<', '/dev/null';
  close STDOUT; open STDOUT, '>&', 6;
  close STDERR; open STDERR, '>&', 7;
  open(my $stream, '<&=', $_), close $stream for 4 .. 8;
  ${restoring}
}
open(my $stream, '<&=', $_), close $stream for 2, 5 .. 8;
while ((my $pid = wait) > 0) { syswrite $lifeline, "$?\\n" if $pid == $leader }
`;
