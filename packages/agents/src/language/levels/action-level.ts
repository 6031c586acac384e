/** What a model may call: the verbs of its action level, and `continue`. Calls are text from outside and are checked here. */
import { didYouMean, isShallow, issuesOfZod } from '@kinovox/world';
import { z } from 'zod';
import type { AgentView } from '../../agent-view.js';
import type { ModelReply, ModelTool } from '../model.js';
import type { ActionLevel } from '../profile.js';
import type { Refusal, Skill } from '../skill.js';
import { skillsFor } from '../skills/index.js';
import { hold } from './force.js';
import { waypoint } from './waypoint.js';

/** Goes on with what is being done: at every level. */
export const CONTINUE = 'continue';

/** Longest arguments that are looked at, characters. */
const MAX_ARGUMENTS = 20_000;
/** Deepest nesting of arguments. */
const MAX_DEPTH = 32;
/** Longest quotation of what the model wrote. */
const MAX_QUOTED = 120;

/** A call that can be begun. */
export type CheckedCall = { readonly skill: Skill; readonly args: unknown } | 'continue';

/** The verbs of a level, in a fixed order. */
export function verbsOf(level: ActionLevel, view: AgentView): readonly Skill[] {
  if (level === 'force') return [hold as Skill];
  return level === 'waypoint' ? [waypoint as Skill] : skillsFor(view);
}

/** The verbs as tools, and `continue`. */
export function toolsOf(verbs: readonly Skill[]): ModelTool[] {
  return [
    ...verbs.map(({ name, description, precondition, parameters }) => ({
      name,
      description: precondition === 'None.' ? description : `${description} Needs: ${precondition}`,
      parameters: parametersOf(parameters),
    })),
    {
      name: CONTINUE,
      description: 'Goes on with what you are doing; waits for a second when you are doing nothing.',
      parameters: { type: 'object', properties: {}, additionalProperties: false },
    },
  ];
}

function parametersOf(parameters: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(parameters, { target: 'draft-7', io: 'input' });
  return schema;
}

/**
 * The first call of a reply, checked: a known name and arguments that its schema takes.
 * @returns what can be begun, or why nothing can, as the model is told.
 */
export function checkReply({ text, toolCalls, finishReason }: ModelReply, verbs: readonly Skill[]): CheckedCall | { refusal: Refusal } {
  const [call] = toolCalls;
  const names = () => [...verbs.map(({ name }) => name), CONTINUE];
  if (call === undefined) {
    const why =
      finishReason === 'length'
        ? 'the reply was cut at its most tokens before a call came'
        : `the reply held ${text.trim() === '' ? 'nothing' : 'words'} and no call`;
    return refuse('no-call', `A reply must call one tool; ${why}. Call one of: ${names().join(', ')}.`, { tools: names() });
  }
  if (call.name === CONTINUE) return 'continue';
  const skill = verbs.find(({ name }) => name === call.name);
  if (skill === undefined) {
    const near = didYouMean(call.name.slice(0, 64), names());
    return refuse('unknown-tool', `A call must name a tool; got ${quoted(call.name)}.${near || ` Tools: ${names().join(', ')}.`}`, {
      tools: names(),
    });
  }
  const args = parseArguments(call.arguments);
  if (args === undefined)
    return refuse('malformed-arguments', `The arguments of ${skill.name} must be one JSON object; got ${quoted(call.arguments)}.`, {
      characters: call.arguments.length,
    });
  const parsed = skill.parameters.safeParse(args);
  if (parsed.success) return { skill, args: parsed.data };
  const issues = issuesOfZod(parsed.error, skill.parameters, args, `the call of ${skill.name}`, 'the arguments').slice(0, 5);
  return refuse('bad-arguments', issues.map(({ message }) => message).join(' '), { paths: issues.map(({ path }) => path) });
}

/** Undefined for what is no JSON object, too long, or nested too deep. An empty text stands for no arguments. */
function parseArguments(text: string): object | undefined {
  if (text.length > MAX_ARGUMENTS) return undefined;
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) && isShallow(value, MAX_DEPTH) ? value : undefined;
  } catch {
    return undefined;
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text);
}

function refuse(code: string, sentence: string, facts: Refusal['facts']): { refusal: Refusal } {
  return { refusal: { code, sentence, facts } };
}
