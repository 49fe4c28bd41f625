import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What a request must show before anything answers it. */
export interface HandshakeRules {
  /** Exact values of the Host header. */
  readonly hosts: ReadonlySet<string>;
  /** Paths that exist. */
  readonly paths: ReadonlySet<string>;
  /** The bearer token, or undefined when none is asked for. */
  readonly token: string | undefined;
}

/** Why a request is turned away, as an HTTP answer. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 421;
  readonly message: string;
}

const onceHeaders = new Set(['host', 'origin', 'authorization']);

/**
 * Judges a request before any byte of it is used. An `Origin` means a web page, and no page may reach an
 * executor: not even one from localhost, since an agent's own browser is localhost too.
 */
export function judgeHandshake(request: IncomingMessage, rules: HandshakeRules): Refusal | undefined {
  const names = request.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  for (const name of onceHeaders) {
    if (names.indexOf(name) !== names.lastIndexOf(name))
      return { status: 400, message: `more than one ${name} header` };
  }
  const { headers } = request;
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
    return { status: 400, message: 'a body is not expected' };
  }
  if (headers.host === undefined || !rules.hosts.has(headers.host.toLowerCase())) {
    return { status: 421, message: 'the Host header is not one of this executor; see allowedHosts' };
  }
  if (headers.origin !== undefined)
    return { status: 403, message: 'requests with an Origin header are refused' };
  if (!rules.paths.has(request.url ?? '')) return { status: 404, message: 'there is nothing at this path' };
  if (rules.token !== undefined && !isBearer(headers.authorization, rules.token)) {
    return {
      status: 401,
      message: 'a valid "Authorization: Bearer" token is needed; see executor.json in the state directory',
    };
  }
  return undefined;
}

function isBearer(authorization: string | undefined, token: string): boolean {
  const given = /^bearer (\S+)$/i.exec(authorization ?? '')?.[1];
  // Hashes have one length, so the comparison takes the same time whatever was sent.
  return given !== undefined && timingSafeEqual(sha256(given), sha256(token));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
