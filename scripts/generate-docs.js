// Writes everything that is generated from the sources: the block table, the JSON Schema of scenarios, and the scenario pages.
// Run by `npm run docs`, after a build; tests fail while one of them is stale.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderBlockTable, renderScenarioJsonSchema } from '../packages/world/dist/index.js';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const write = (path, text) => {
  writeFileSync(at(path), text);
  console.log(`${path} written`);
};

write('docs/blocks.md', renderBlockTable());
write('scenarios/schema/scenario.v1.schema.json', renderScenarioJsonSchema());
execFileSync(process.execPath, [at('packages/server/bin/kinovox.js'), 'scenarios', 'docs'], { stdio: 'inherit', cwd: at('.') });
