import type { TreeSpec } from './tree-spec.ts';

/**
 * What the perl that stands between us and a command is given: an environment it cannot stumble over, and as its
 * arguments all that it needs to hand the command exactly what its spec says.
 */
export interface HandedOver {
  readonly env: Record<string, string>;
  /** A count, so many `NAME=value` that are left out of `env`, the file, its own name, its arguments. */
  readonly args: readonly string[];
}

/** Perl obeys its own variables, and bwrap overwrites PWD. */
const hidden = /^(?:PERL.*|PWD)$/s;

/** Takes a command's environment apart for {@link restoring} to put it together again. */
export function handOver(spec: TreeSpec, env: Readonly<Record<string, string>>): HandedOver {
  const entries = Object.entries(env);
  const hiddenEntries = entries.filter(([name]) => hidden.test(name));
  return {
    // Without it perl complains on stderr about a locale that is not installed.
    env: { ...Object.fromEntries(entries.filter(([name]) => !hidden.test(name))), PERL_BADLANG: '0' },
    args: [
      String(hiddenEntries.length),
      ...hiddenEntries.map(([name, value]) => `${name}=${value}`),
      spec.file,
      spec.argv0 ?? spec.file,
      ...spec.args,
    ],
  };
}

/**
 * Perl that turns into the command. A failure is told as shells tell it: a line on stderr, and 127 for a file that
 * is missing or 126 for one that does not run.
 */
export const restoring = `
delete @ENV{qw(PERL_BADLANG PWD)};
for (splice @ARGV, 0, shift @ARGV) { my ($name, $value) = split /=/, $_, 2; $ENV{$name} = $value }
my $file = shift @ARGV;
exec { $file } @ARGV;
my $errno = $! + 0;
print STDERR "$file: $!\\n";
exit($errno == 2 ? 127 : 126);
`;
