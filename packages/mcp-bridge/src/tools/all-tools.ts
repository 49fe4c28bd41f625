import type { BridgeServices } from '../bridge-services.ts';
import type { Tool } from '../tool.ts';
import { controlTool } from './control.ts';
import { executeClaudeTool } from './execute-claude.ts';
import { executeTool } from './execute.ts';
import { listJobsTool } from './list-jobs.ts';
import { readOutputTool } from './read-output.ts';
import { sendInputTool } from './send-input.ts';
import { waitTool } from './wait.ts';

/** Every tool of the bridge. */
export function allTools(services: BridgeServices): Tool[] {
  return [
    executeTool,
    executeClaudeTool,
    waitTool,
    readOutputTool,
    sendInputTool,
    controlTool,
    listJobsTool,
  ].map((make) => make(services));
}
