import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createScenarioJsonSchema, loadScenarioText, renderScenarioJsonSchema, SCENARIO_SUFFIX } from '@kinovox/world';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { bridgeScenario, fullScenario } from './scenario-samples.js';

const folder = fileURLToPath(new URL('../../scenarios/', import.meta.url));
const validate = new Ajv({ strict: true, strictTypes: false, strictTuples: false, allErrors: true }).compile(createScenarioJsonSchema());

/** Paths of properties without a description, in a JSON Schema. */
function undescribed(schema: unknown, path = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    const own =
      key === 'properties'
        ? Object.entries(value as Record<string, { description?: string }>)
            .filter(([, field]) => !field.description)
            .map(([name]) => `${path}/${name}`)
        : [];
    return [...own, ...undescribed(value, `${path}/${key}`)];
  });
}

describe('the JSON Schema of scenarios', () => {
  it('is not stale', () => {
    const file = readFileSync(`${folder}schema/scenario.v1.schema.json`, 'utf8');
    expect(file === renderScenarioJsonSchema(), 'stale: run "npm run docs"').toBe(true);
  });

  it('describes every property', () => {
    expect(undescribed(createScenarioJsonSchema())).toEqual([]);
    expect(undescribed({ properties: { a: { type: 'string' } } })).toEqual(['/a']);
  });

  it('accepts what the parser accepts', () => {
    for (const scenario of [bridgeScenario(), fullScenario()]) {
      validate(scenario);
      expect(validate.errors ?? []).toEqual([]);
    }
  });

  it.each([
    ['an unknown key', { ...bridgeScenario(), extra: 1 }],
    ['an unknown block', { ...bridgeScenario(), world: { size: [8, 8, 8], terrain: { generator: 'flat', top: 'stoen' } } }],
    ['two predicates in one', { ...bridgeScenario(), task: { alive: { agents: 'all' }, elapsed: { ticks: 1 } } }],
    ['a missing task', { ...bridgeScenario(), task: undefined }],
  ])('refuses %s', (_, scenario) => {
    expect(validate(JSON.parse(JSON.stringify(scenario)))).toBe(false);
  });

  it('offers block and item names to editors', () => {
    const { definitions } = createScenarioJsonSchema() as { definitions: Record<string, { enum: string[] }> };
    expect(definitions.BlockName.enum).toContain('oak_planks');
    expect(definitions.ItemName.enum).toContain('planks');
  });

  it('accepts every shipped scenario, as the parser does', () => {
    for (const file of readdirSync(folder).filter((name) => name.endsWith(SCENARIO_SUFFIX))) {
      const text = readFileSync(`${folder}${file}`, 'utf8');
      const scenario = loadScenarioText(text, file);
      expect(file).toBe(`${scenario.id}${SCENARIO_SUFFIX}`);
      validate(JSON.parse(text));
      expect(validate.errors ?? [], file).toEqual([]);
    }
  });
});
