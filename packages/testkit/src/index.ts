export { claudePath, ClaudeMissingError } from './claude-path.ts';
export { createClaudeHome, type ClaudeAuth, type ClaudeEnvOptions, type ClaudeHome } from './claude-home.ts';
export { fixture } from './fixtures.ts';
export type { ApiRequest, MessagesBody } from './scripted-api/request.ts';
export type {
  ErrorReply,
  MessageReply,
  Reply,
  ReplyBlock,
  SilentReply,
  StopReason,
} from './scripted-api/reply.ts';
export type { Scenario } from './scripted-api/scenario.ts';
export { scenarios } from './scripted-api/scenarios.ts';
export { startScriptedApi, type ScriptedApi, type ScriptedApiOptions } from './scripted-api/scripted-api.ts';
export { fixtureSpec, type FixtureSpec } from './fixture-spec.ts';
export { readLines, type LineReader } from './line-reader.ts';
export { isAlive, untilDead } from './live-process.ts';
export { beatingPrograms, type BeatingProgram } from './beating-programs.ts';
export { openHeartbeatFolder, type HeartbeatFolder } from './heartbeat.ts';
export { processesNaming } from './processes-naming.ts';
