export { planClaude, type ClaudePlan, type PlanClaudeOptions } from './plan.ts';
export { ClaudePlanError, type ClaudePlanErrorCode } from './plan-error.ts';
export { ClaudeReader, type ClaudeReaderOptions } from './reader.ts';
export type { ApiErrorFacts, ClaudeFacts, RetryWaitFacts, TurnFacts, UsageWindowFacts } from './facts.ts';
export { classify, type ClaudeExit, type ClaudeVerdict } from './classify.ts';
