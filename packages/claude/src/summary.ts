const MAX_CHARS = 200;

/** Fields of a tool's input that tell best what it is about, best first. */
const TELLING = [
  'command',
  'file_path',
  'notebook_path',
  'path',
  'pattern',
  'query',
  'url',
  'prompt',
  'description',
];

/** The telling part of a tool's input, at most 200 characters. */
export function summarizeInput(input: unknown): string {
  if (typeof input === 'string') return shorten(input);
  if (typeof input !== 'object' || input === null) return '';
  const fields: Record<string, unknown> = { ...input };
  const key = TELLING.find((name) => typeof fields[name] === 'string');
  return shorten(key === undefined ? JSON.stringify(fields) : String(fields[key]));
}

/** The beginning of a tool's result, at most 200 characters. */
export function summarizeResult(content: unknown): string {
  if (typeof content === 'string') return shorten(content);
  if (!Array.isArray(content)) return '';
  const texts = content.flatMap((part: unknown) => {
    const isText =
      typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string';
    return isText ? [String(part.text)] : [];
  });
  return shorten(texts.join('\n'));
}

/** Cuts between characters, never inside a surrogate pair. */
function shorten(text: string): string {
  if (text.length <= MAX_CHARS) return text;
  const cut = text.slice(0, MAX_CHARS - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
