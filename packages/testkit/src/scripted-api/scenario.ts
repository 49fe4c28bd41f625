import type { ApiRequest } from './request.ts';
import type { Reply } from './reply.ts';

/**
 * How the scripted service answers one conversation: always the same, one reply after the other
 * (the last one repeats), or by a function of the request.
 */
export type Scenario = Reply | readonly Reply[] | ((request: ApiRequest) => Reply);

/** What a scenario does with this request. */
export function replyTo(scenario: Scenario, request: ApiRequest): Reply {
  if (typeof scenario === 'function') return scenario(request);
  if (!isList(scenario)) return scenario;
  const reply = scenario[Math.min(request.attempt, scenario.length) - 1];
  if (reply === undefined) throw new Error('a scenario needs at least one reply');
  return reply;
}

// Array.isArray does not narrow a readonly array.
function isList(scenario: Reply | readonly Reply[]): scenario is readonly Reply[] {
  return Array.isArray(scenario);
}
