#!/usr/bin/perl
# Prints lines of 64 bytes of which every byte is known from its offset; see pattern.ts. Arguments: how many bytes,
# 0 for no end; how many in one write; how many milliseconds to rest after each.
use strict;
use warnings;

my ($bytes, $write_bytes, $rest_ms) = @ARGV;
my $filler = join '', map { sprintf "%-63s\n", $_ . '.' x ($_ % 50) } 1 .. 63;
my ($unit, $waiting, $left) = (0, '', $bytes || 9e15);
while ($left > 0) {
  $waiting .= sprintf("%063d\n", $unit++) . $filler while length $waiting < $write_bytes;
  my $size = $write_bytes < $left ? $write_bytes : $left;
  for (my $at = 0; $at < $size; ) { $at += syswrite(STDOUT, $waiting, $size - $at, $at) // exit 1; }
  substr($waiting, 0, $size, '');
  $left -= $size;
  select undef, undef, undef, $rest_ms / 1000 if $rest_ms;
}
