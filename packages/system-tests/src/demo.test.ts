import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const demo = fileURLToPath(new URL('../../../examples/demo/demo.ts', import.meta.url));

async function runDemo(args: string[]): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, ['--conditions=@cc-executor/source', demo, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => (output += data.toString()));
  }
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}

test('the demo checks out, step by step, and says so', async () => {
  const { code, output } = await runDemo([]);
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('Every step checked out.') });
  expect(output).toContain('nothing is left running');
  expect(output).not.toContain('✗');
});

test('the demo refuses options that it does not know', async () => {
  const { code, output } = await runDemo(['--lvie']);
  expect(code).toBe(2);
  expect(output).toContain('--lvie');
});
