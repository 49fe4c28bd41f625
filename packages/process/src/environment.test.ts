import { expect, test } from 'vitest';
import { buildEnvironment } from './environment.ts';

test('only names on the list pass', () => {
  const source = {
    HOME: '/home/me',
    USER: 'me',
    LOGNAME: 'me',
    LANG: 'C.UTF-8',
    LC_ALL: 'C',
    LC_TIME: 'C',
    TZ: 'UTC',
    TERM: 'dumb',
    TMPDIR: '/tmp',
    PATH: '/bin',
  };
  const dangerous = {
    LD_PRELOAD: 'x',
    NODE_OPTIONS: 'x',
    BASH_ENV: 'x',
    GIT_SSH_COMMAND: 'x',
    LANGUAGE: 'x',
  };
  expect(buildEnvironment({ ...source, ...dangerous })).toEqual(source);
});

test('names asked for pass, exact or by prefix', () => {
  const source = { API_KEY: 'k', API_KEY_OLD: 'o', AWS_REGION: 'r', AWS_PROFILE: 'p', AW: 'x' };
  expect(buildEnvironment(source, { names: ['API_KEY', 'AWS_*'] })).toEqual({
    API_KEY: 'k',
    AWS_REGION: 'r',
    AWS_PROFILE: 'p',
  });
});

test('set values win over the source', () => {
  expect(buildEnvironment({ HOME: '/home/me' }, { set: { HOME: '/elsewhere', EXTRA: '1' } })).toEqual({
    HOME: '/elsewhere',
    EXTRA: '1',
  });
});

test('PATH keeps its absolute entries only', () => {
  expect(buildEnvironment({ PATH: '/usr/bin::.:bin:./x:/bin' })).toEqual({ PATH: '/usr/bin:/bin' });
  expect(buildEnvironment({}, { set: { PATH: '.:/opt/bin' } })).toEqual({ PATH: '/opt/bin' });
});

test('a PATH with no absolute entry is left out', () => {
  expect(buildEnvironment({ PATH: '.' })).toEqual({});
});

test('undefined values are left out', () => {
  expect(buildEnvironment({ HOME: undefined })).toEqual({});
});

test('a name like a property of objects is an ordinary name', () => {
  const environment = buildEnvironment(JSON.parse('{"__proto__": "value"}'), { names: ['__proto__'] });
  expect(Object.entries(environment)).toEqual([['__proto__', 'value']]);
});

test.each(['*', '', 'A=B', 'A\0B', 'A=*'])('the name %j is refused', (name) => {
  expect(() => buildEnvironment({}, { names: [name] })).toThrow(
    expect.objectContaining({ code: 'badArgument' }),
  );
});

test('a value with NUL is refused, and not repeated in the message', () => {
  const build = () => buildEnvironment({}, { set: { SECRET: 'hidden\0' } });
  expect(build).toThrow(
    expect.objectContaining({ code: 'badArgument', message: expect.not.stringContaining('hidden') }),
  );
});
