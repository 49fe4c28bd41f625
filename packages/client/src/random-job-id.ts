/** An id for a new job, so that it is known before the executor answers. */
export function randomJobId(): string {
  // Not randomUUID: browsers offer that only to pages loaded over TLS.
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `j_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
