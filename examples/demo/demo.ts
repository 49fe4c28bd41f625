// The main job, end to end: a real MCP client as the parent, the bridge over stdio, the executor, real
// processes and the real Claude CLI. Only the model is scripted, on loopback, unless --live is given.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { claudePath, createClaudeHome, startScriptedApi } from '@cc-executor/testkit';
import { Display } from './display.ts';
import { processesWith } from './leftovers.ts';
import { Parent, type Answer } from './parent.ts';

const isLive = process.argv.includes('--live');
const unknown = process.argv.slice(2).find((argument) => argument !== '--live');
if (unknown !== undefined) {
  console.error(`unknown option ${unknown}; the demo takes only --live`);
  process.exit(2);
}

const poem =
  'Quietly the heron stands;\nthe river moves, the heron does not.\nThen one step, and the day begins.';

await using resources = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), 'ccx-demo-'));
resources.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
const api = resources.use(await startScriptedApi());
const home = resources.use(await createClaudeHome());
const scripted = {
  ...home.env(api),
  CC_EXECUTOR_CLAUDE_PATH: claudePath(),
  CC_EXECUTOR_STATE_DIR: join(folder, 'scripted'),
};
const live = { ...ownEnvironment(), CC_EXECUTOR_STATE_DIR: join(folder, 'live') };
const display = resources.use(new Display(process.stdout, 5));
const show = (message: string) => display.live(message);

// Whoever stops the demo half-way finds nothing left running either.
let current: Parent | undefined;
process.once('SIGINT', () => {
  void Promise.resolve(current?.[Symbol.asyncDispose]()).finally(() => process.exit(130));
});

display.title('cc-executor: a parent gets hands');
{
  await using parent = await Parent.connect(isLive ? live : scripted, folder);
  current = parent;
  display.step('The parent connects over MCP; the bridge will start an executor by itself');
  const tools = await parent.tools();
  display.live(tools.map((name) => `mcp__cc_executor__${name}`).join('\n'));
  display.check(tools.includes('execute') && tools.includes('execute_claude'), 'it has the tools');

  await runCommand(parent);
  await pauseAndCancel(parent);
  await askClaude(parent);
  if (!isLive) await meetLimit(parent);
}
if (isLive) {
  // A live account cannot be made to meet a limit, so this one step keeps the scripted model.
  await using parent = await Parent.connect(scripted, folder);
  current = parent;
  await meetLimit(parent);
}
const left = processesWith(folder);
display.check(left.length === 0, 'nothing is left running', `left: ${left.join(', ')}`);
display.title('\nEvery step checked out.');

/** A command whose lines arrive while it runs. */
async function runCommand(parent: Parent): Promise<void> {
  display.step('execute: a command, its lines as they come');
  const program =
    'import time\nfor n in range(1, 6):\n    print("line", n, "of 5", flush=True)\n    time.sleep(0.4)\n';
  await writeFile(join(folder, 'count.py'), program);
  const arrivals: string[] = [];
  const answer = await parent.call('execute', { command: 'python3 count.py' }, (message) => {
    arrivals.push(message);
    show(message);
  });
  expectFacts(answer, { state: 'ended', outcome: 'succeeded', exit: '0' });
  const seen = arrivals.filter((message) => message.startsWith('line'));
  display.check(seen.length === 5, 'all five lines were seen while it ran', arrivals.join('\n'));
  display.check(answer.text.includes('line 5 of 5'), 'the answer has exit code and output', answer.text);
}

/** A command that is paused, silent, resumed and cancelled. */
async function pauseAndCancel(parent: Parent): Promise<void> {
  display.step('control: a ticking command is paused, resumed and cancelled');
  const program =
    'import itertools, time\nfor n in itertools.count(1):\n    print("tick", n, flush=True)\n    time.sleep(0.1)\n';
  await writeFile(join(folder, 'tick.py'), program);
  const { facts } = await parent.call('execute', { command: 'python3 tick.py', background: true });
  const job = facts['job'] ?? '';
  const lastTick = async () => {
    const { text } = await parent.call('read_output', { job_id: job, tail_lines: 1 });
    return Number(/tick (\d+)/.exec(text)?.[1] ?? 0);
  };
  const until = async (isThere: (tick: number) => boolean) => {
    for (;;) {
      const tick = await lastTick();
      if (isThere(tick)) return tick;
      await sleep(50);
    }
  };
  show(`tick ${await until((tick) => tick >= 5)} …`);
  await parent.call('control', { job_ids: [job], action: 'pause' });
  const paused = await lastTick();
  show(`paused at tick ${paused}`);
  await sleep(1_500);
  display.check((await lastTick()) === paused, 'paused, it is silent for 1.5 s');
  await parent.call('control', { job_ids: [job], action: 'resume' });
  show(`tick ${await until((tick) => tick > paused + 3)} …`);
  display.check(true, 'resumed, it ticks on');
  await parent.call('control', { job_ids: [job], action: 'cancel' });
  expectFacts(await parent.call('wait', { job_ids: [job] }), { state: 'ended', outcome: 'cancelled' });
  display.check(true, 'cancelled, its whole tree is gone');
}

/** A fresh Claude, its answer as it is written. */
async function askClaude(parent: Parent): Promise<void> {
  display.step(
    `execute_claude: a fresh Claude answers (${isLive ? 'your own login' : 'scripted model, real CLI'})`,
  );
  const prompt = isLive
    ? 'Write a three-line poem about a heron. Answer with the poem only.'
    : `scenario:text ${JSON.stringify({ text: poem, deltaChars: 12, delayMs: 60 })}`;
  let updates = 0;
  const answer = await parent.call('execute_claude', { prompt, max_turns: 3 }, (message) => {
    updates += 1;
    show(message);
  });
  expectFacts(answer, { state: 'ended', outcome: 'succeeded' });
  show(answer.text);
  display.check(updates > 1, 'its text was streamed', `${updates} updates`);
  display.check(isLive || answer.text.includes(poem), 'the whole answer came back', answer.text);
  const { session = '', turns = '', tokens = '', cost = '' } = answer.facts;
  display.check(/^[0-9a-f-]{36}$/.test(session), 'with its session id, to be continued', answer.text);
  display.check(
    turns !== '' && tokens !== '' && cost.startsWith('$'),
    `and turns, tokens and dollars: ${cost}`,
    answer.text,
  );
}

/** A fresh Claude that meets a rate limit. */
async function meetLimit(parent: Parent): Promise<void> {
  display.step('execute_claude: a fresh Claude meets a rate limit');
  const answer = await parent.call('execute_claude', { prompt: 'scenario:rate-limit' }, show);
  show(answer.text);
  expectFacts(answer, { state: 'ended', outcome: 'limited', limit: 'rate' });
  display.check(answer.isError, 'it is told as a limit, with what to do, and not as an answer', answer.text);
}

function expectFacts(answer: Answer, expected: Record<string, string>): void {
  for (const [key, value] of Object.entries(expected)) {
    if (answer.facts[key] !== value) display.check(false, `${key} is ${value}`, answer.text);
  }
}

/** The user's own environment, for their own login. */
function ownEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return Object.fromEntries(entries);
}
