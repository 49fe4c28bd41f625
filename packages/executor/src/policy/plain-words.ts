/** Words with which a shell begins something that is no simple command. */
const reservedWords = new Set(
  'if then elif else fi for while until do done case esac select function time coproc in [[ ]] { } !'.split(
    ' ',
  ),
);

/** Outside quotes: operators, expansions, globs, braces and comments. */
const special = /[|&;<>()$`\\*?[\]{}~#!\n\r]/;
/** Inside double quotes the shell still expands these. */
const specialInDoubleQuotes = /[$`\\!]/;

/**
 * Splits a command of plain words into argv, with single and double quotes.
 *
 * @returns undefined when the line is anything more (operators, expansions, globs, assignments, control
 * characters, an open quote), which only a shell could run.
 */
export function splitPlainWords(line: string): string[] | undefined {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(line)) return undefined;
  const words: string[] = [];
  let word: string | undefined;
  for (let index = 0; index < line.length; index += 1) {
    const char = line.charAt(index);
    if (char === "'" || char === '"') {
      const end = line.indexOf(char, index + 1);
      if (end === -1) return undefined;
      const quoted = line.slice(index + 1, end);
      if (char === '"' && specialInDoubleQuotes.test(quoted)) return undefined;
      word = (word ?? '') + quoted;
      index = end;
    } else if (char === ' ' || char === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (special.test(char)) {
      return undefined;
    } else {
      // Assignments before the command need a shell. A quoted name makes none, but is refused all the same.
      if (char === '=' && words.length === 0 && /^[A-Za-z_]\w*\+?$/.test(word ?? '')) return undefined;
      word = (word ?? '') + char;
    }
  }
  if (word !== undefined) words.push(word);
  const [first] = words;
  if (first === undefined || first === '' || reservedWords.has(first)) return undefined;
  // `%1` speaks of a shell's job, quoted or not.
  return first.startsWith('%') ? undefined : words;
}
