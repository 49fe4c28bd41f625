import type { TreeSpec } from './tree-spec.ts';

/**
 * What a gate is told: everything about the command that is to begin. A line with the number of bytes that follow,
 * then strings, each ended by NUL: working directory, `1` for a stdin that is kept, the number of variables, so many
 * `NAME=value`, the file, its own name, its arguments.
 */
export function encodeHandover(spec: TreeSpec, env: Readonly<Record<string, string>>): Buffer {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const strings = [
    spec.cwd,
    spec.stdin === 'pipe' ? '1' : '',
    String(variables.length),
    ...variables,
    spec.file,
    spec.argv0 ?? spec.file,
    ...spec.args,
  ];
  const body = Buffer.from(strings.map((text) => `${text}\0`).join(''));
  return Buffer.concat([Buffer.from(`${body.length}\n`), body]);
}

/** Perl that reads a handover from `$gate`. Its end instead of one means that nobody wants the command any more. */
export const receiving = `
my $size = <$gate>;
defined $size && read($gate, my $text, $size) == $size or exit 125;
my @words = split /\\0/, $text, -1;
pop @words;
my ($cwd, $hasStdin, $count) = splice @words, 0, 3;
my @variables = splice @words, 0, $count;
my $file = shift @words;
`;

/**
 * Perl that becomes the command, or says on `$teller` what has failed, with the system's number for it. Every handle
 * that perl has opened closes as it becomes the command.
 */
export const becoming = `
sub fail { syswrite $teller, "failed $_[0] " . ($! + 0) . "\\n"; exit 126 }
chdir $cwd or fail('cwd');
%ENV = map { split /=/, $_, 2 } @variables;
exec { $file } @words;
fail('file');
`;
