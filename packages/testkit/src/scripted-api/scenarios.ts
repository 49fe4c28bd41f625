import { bash, multiByte, slow, structuredOutput, talksAboutLimits, text, toolUse } from './answers.ts';
import type { Scenario } from './scenario.ts';
import {
  contextWindow,
  credit,
  dropMidStream,
  hang,
  hangMidStream,
  maxTokens,
  modelNotFound,
  overloaded,
  promptTooLong,
  rateLimit,
  refusal,
  serverError,
  unauthorized,
} from './troubles.ts';
import { usageLimit } from './usage-window.ts';

/** The scenarios that come with the kit. A prompt names one in kebab-case: `scenario:rate-limit {"times":1}`. */
export const scenarios = {
  text,
  slow,
  multiByte,
  talksAboutLimits,
  toolUse,
  bash,
  structuredOutput,
  rateLimit,
  usageLimit,
  overloaded,
  serverError,
  unauthorized,
  modelNotFound,
  credit,
  promptTooLong,
  maxTokens,
  contextWindow,
  refusal,
  hang,
  hangMidStream,
  dropMidStream,
};

const TAG = /(?:^|\s)scenario:([a-z][a-z0-9-]*)(?:[ \t]+(\{.*\}))?/;

/**
 * The scenario that a prompt names, or undefined when it names none.
 * Options in JSON may follow the tag on the same line.
 *
 * @throws {Error} when there is no such scenario or the options are not JSON
 */
export function taggedScenario(prompt: string): { tag: string; scenario: Scenario } | undefined {
  const [tag, name, options] = TAG.exec(prompt) ?? [];
  if (tag === undefined || name === undefined) return undefined;
  const key = name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  if (!Object.hasOwn(scenarios, key)) throw new Error(`no scenario is called ${name}`);
  // Each scenario has options of its own; those of a tag are only as right as the test that wrote it.
  const create = scenarios[key as keyof typeof scenarios] as (options: unknown) => Scenario;
  return { tag: tag.trim(), scenario: create(options === undefined ? {} : JSON.parse(options)) };
}
