/** The tables of docs/language-skills.md, from the skills themselves. */
import { z } from 'zod';
import type { Skill } from './skill.js';
import { SKILLS } from './skills/index.js';

/** A section per skill: what it does, what it takes, and how it refuses. */
export function renderSkillTables(): string {
  return SKILLS.map(section).join('\n\n');
}

interface Field {
  readonly description?: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly items?: Field;
}

function section({ name, description, parameters, precondition, effect, refusals, interruptible }: Skill): string {
  const schema = z.toJSONSchema(parameters, { target: 'draft-7', io: 'input' }) as {
    properties?: Record<string, Field>;
    required?: string[];
  };
  const fields = Object.entries(schema.properties ?? {}).map(
    ([field, { description: what = '', type = '', items }]) =>
      `| \`${field}\` | ${type === 'array' ? `list of ${items?.type ?? 'values'}s` : type}${schema.required?.includes(field) ? '' : ', optional'} | ${what} |`,
  );
  const codes = Object.entries(refusals).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  return [
    `## ${name}`,
    '',
    description,
    '',
    `Precondition: ${precondition}`,
    '',
    `Effect: ${effect} ${interruptible ? 'It can be interrupted at every tick.' : 'It takes no time.'}`,
    '',
    ...(fields.length === 0 ? [] : ['| argument | type | meaning |', '| --- | --- | --- |', ...fields, '']),
    ...(codes.length === 0 ? ['It is never refused.'] : ['| refusal | when |', '| --- | --- |', ...codes]),
  ].join('\n');
}
