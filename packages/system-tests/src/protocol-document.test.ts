import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { closeCodes, errorTable, methods } from '@cc-executor/protocol';
import { expect, test } from 'vitest';

const document = readFileSync(fileURLToPath(new URL('../../protocol/PROTOCOL.md', import.meta.url)), 'utf8');
const tests = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.test.ts') && name !== 'protocol-document.test.ts')
  .map((name) => readFileSync(`${import.meta.dirname}/${name}`, 'utf8'))
  .join('\n');
const ids = (text: string) =>
  [...new Set(text.match(/\[[A-Z]\d+\]/g))].toSorted((a, b) => a.localeCompare(b));

test('every sentence of the protocol that binds has a test, and no test names a sentence that is not there', () => {
  expect(ids(tests)).toEqual(ids(document));
});

test('the document lists every error with its number and retry rule, and no other', () => {
  const rows = [...document.matchAll(/^\| `(\w+)` +\| (-\d+) +\| (\w+)/gm)].map(([, name, number, retry]) => [
    name,
    Number(number),
    retry,
  ]);
  expect(rows).toEqual(Object.entries(errorTable).map(([name, { number, retry }]) => [name, number, retry]));
});

test('the document lists every close code', () => {
  const rows = [...document.matchAll(/^\| (\d{4}) +\| `(\w+)`/gm)].map(([, code, name]) => [
    name,
    Number(code),
  ]);
  expect(rows).toEqual(Object.entries(closeCodes));
});

test('the document speaks of every method', () => {
  const unnamed = Object.keys(methods).filter((method) => !document.includes(`\`${method}`));
  expect(unnamed).toEqual([]);
});
