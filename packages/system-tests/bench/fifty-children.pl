#!/usr/bin/perl
# Forks 50 children that each write the time every 5 ms, prints "ready" and their pids, and waits for them.
# Each overwrites its own file FOLDER/NUMBER with 24 bytes: milliseconds of the machine's monotonic clock.
# They end when their file is gone. Arguments: FOLDER
use strict;
use warnings;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC sleep);

$| = 1;
my ($folder) = @ARGV;
my @pids;
for my $number (1 .. 50) {
  my $pid = fork // die "fork: $!";
  push(@pids, $pid), next if $pid;
  my $path = "$folder/$number";
  open(my $file, '>', $path) or exit 1;
  while (-e $path) {
    sysseek($file, 0, 0);
    syswrite($file, sprintf("%023.6f\n", clock_gettime(CLOCK_MONOTONIC) * 1000));
    sleep(0.005);
  }
  exit 0;
}
print "ready @pids\n";
1 while wait > 0;
