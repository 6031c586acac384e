/** JSON Schema (draft-7) of scenario files, for editors and other languages; generated from the zod schema. */
import { z } from 'zod';
import { ITEM_ALIASES, ITEMS } from '../blocks/items.js';
import { BLOCKS } from '../blocks/registry.js';
import { ScenarioSchema } from './schema.js';
import type { Vocabulary } from './values.js';

/** Names that a field of a vocabulary may hold; editors offer them. */
const NAMES_BY_VOCABULARY: Readonly<Record<Vocabulary, readonly string[]>> = {
  block: BLOCKS.map((block) => block.name),
  item: [...ITEMS.map((item) => item.name), ...Object.keys(ITEM_ALIASES)],
};

/** The schema of what an author writes: fields with a default may be left out. */
export function createScenarioJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(ScenarioSchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      const { vocabulary } = jsonSchema as { vocabulary?: Vocabulary };
      if (vocabulary === undefined) return;
      delete (jsonSchema as { vocabulary?: Vocabulary }).vocabulary;
      delete jsonSchema.pattern;
      delete jsonSchema.minLength;
      delete jsonSchema.maxLength;
      jsonSchema.enum = [...NAMES_BY_VOCABULARY[vocabulary]];
    },
  });
  return { $id: 'scenario.v1.schema.json', title: 'Kinovox scenario, version 1', ...schema };
}

/** The schema as the text of its file. */
export function renderScenarioJsonSchema(): string {
  return `${JSON.stringify(createScenarioJsonSchema(), undefined, 1)}\n`;
}
