import { expect, test } from 'vitest';
import { closeCodes } from './close-codes.ts';

const numbers = Object.values(closeCodes);

test('each close code means one thing', () => {
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('each close code may be sent: it is one of WebSocket or of the range for applications', () => {
  const reserved = [1004, 1005, 1006, 1015];
  const sendable = numbers.filter(
    (number) =>
      !reserved.includes(number) &&
      ((number >= 1000 && number <= 1014) || (number >= 4000 && number <= 4999)),
  );
  expect(sendable).toEqual(numbers);
});
