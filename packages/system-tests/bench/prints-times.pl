#!/usr/bin/perl
# Prints a line with the nanoseconds of the machine's monotonic clock every few milliseconds, at no regular beat.
# Arguments: how many lines.
use strict;
use warnings;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC sleep);

my ($lines) = @ARGV;
for (1 .. $lines) {
  sleep(0.004 + rand 0.008);
  syswrite STDOUT, sprintf("%.0f\n", clock_gettime(CLOCK_MONOTONIC) * 1e9);
}
