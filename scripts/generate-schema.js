// Writes scenarios/schema/scenario.v1.schema.json from the zod schema. Run after `npx tsc -b packages/world`; a test fails when the file is stale.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderScenarioJsonSchema } from '@kinovox/world';

const folder = fileURLToPath(new URL('../scenarios/schema/', import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}scenario.v1.schema.json`, renderScenarioJsonSchema());
console.log(`wrote ${folder}scenario.v1.schema.json`);
