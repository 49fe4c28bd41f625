import { becoming, receiving } from '../handover.ts';

/**
 * The first process of a namespace, in perl. It waits for a command, starts it, tells how it ended, collects whatever
 * else ends, and goes when nobody is left. Streams: 4 is the gate, 5 the folder `/proc` of the world outside, 6, 7
 * and 8 the command's stdout, stderr and stdin.
 *
 * - By the time it runs, bwrap's death by the executor's is arranged. If the executor died before that, the gate has
 *   ended, even if a command is still to be read from it, and the command must not begin.
 * - The wait status is told as it is: shells, and bwrap itself, would turn a death by signal into an exit code.
 * - The command gets a group of its own, as it has outside a namespace.
 */
export const warden = `
open(my $gate, '+<&=', 4) or exit 125;
my $outside = '/proc/self/fd/5/self';
syswrite $gate, 'warden ' . readlink($outside) . "\\n";
${receiving}
vec(my $ready = '', 4, 1) = 1;
exit 125 if select($ready, undef, undef, 0);
pipe(my $told, my $teller);
my $leader = fork;
defined $leader or die "fork: $!\\n";
if (!$leader) {
  setpgrp 0, 0;
  syswrite $gate, 'pid ' . readlink($outside) . "\\n";
  open STDIN, '<&', 8 if $hasStdin;
  open STDOUT, '>&', 6;
  open STDERR, '>&', 7;
  open(my $stream, '<&=', $_), close $stream for 5 .. 8;
  ${becoming}
}
open(my $stream, '<&=', $_), close $stream for 2, 5 .. 8;
close $teller;
syswrite $gate, <$told> // "begun\\n";
while ((my $pid = wait) > 0) { syswrite $gate, "status $?\\n" if $pid == $leader }
`;
