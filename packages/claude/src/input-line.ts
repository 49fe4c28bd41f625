/**
 * A line for the CLI's standard input that asks for a turn.
 * The text reaches the model as it is, whatever it begins with.
 *
 * @param uuid - Names the message, so that the CLI reports when its turn begins and ends.
 */
export function userMessageLine(text: string, uuid?: string): string {
  // The CLI runs a text that begins with a slash as a command of its own and never shows it to the model;
  // its flag against slash commands refuses the text instead of passing it on. A line break settles it.
  const content = text.startsWith('/') ? `\n${text}` : text;
  return line({
    type: 'user',
    message: { role: 'user', content },
    parent_tool_use_id: null,
    ...(uuid !== undefined && { uuid }),
  });
}

/** A line that ends the running turn and keeps the process and its session. */
export function interruptLine(requestId: string): string {
  return line({ type: 'control_request', request_id: requestId, request: { subtype: 'interrupt' } });
}

function line(message: object): string {
  return `${JSON.stringify(message)}\n`;
}
