// Writes everything that is generated: the tables of blocks, of survival and of skills, the JSON Schemas of scenarios and profiles, the scenario pages,
// the list of scenarios that the Python client registers, and the charts of kept benchmarks.
// Run by `npm run docs`, after a build; tests fail while one of them is stale.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderProfileJsonSchema, renderSkillTables } from '../packages/agents/dist/index.js';
import { renderPythonCatalog } from '../packages/server/dist/index.js';
import { renderBlockTable, renderScenarioJsonSchema, renderSurvivalTables } from '../packages/world/dist/index.js';
import { drawCharts } from './benchmarks/charts.js';
import { CHARTS_FOLDER, parseReports, renderPage } from './benchmarks/page.js';

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const write = (path, text) => {
  writeFileSync(at(path), text);
  console.log(`${path} written`);
};

write('docs/blocks.md', renderBlockTable());
const survival = readFileSync(at('docs/survival.md'), 'utf8');
const [before] = survival.split(/(?<=<!-- tables: [^\n]*-->\n)/);
write('docs/survival.md', `${before}${renderSurvivalTables()}\n<!-- end -->\n`);
const [aboutSkills] = readFileSync(at('docs/language-skills.md'), 'utf8').split(/(?<=<!-- tables: [^\n]*-->\n)/);
write('docs/language-skills.md', `${aboutSkills}\n${renderSkillTables()}\n`);
write('scenarios/schema/scenario.v1.schema.json', renderScenarioJsonSchema());
write('scenarios/schema/agent-profile.v1.schema.json', renderProfileJsonSchema());
write('python/kinovox/catalog.json', renderPythonCatalog());
execFileSync(process.execPath, [at('packages/server/bin/kinovox.js'), 'scenarios', 'docs'], { stdio: 'inherit', cwd: at('.') });

const reports = parseReports(readFileSync(at('test/bench/results/engine.jsonl'), 'utf8'));
const charts = drawCharts(reports);
mkdirSync(at(CHARTS_FOLDER), { recursive: true });
for (const [file, text] of Object.entries(charts)) write(`${CHARTS_FOLDER}/${file}`, text);
write('docs/benchmarks.md', renderPage(readFileSync(at('docs/benchmarks.md'), 'utf8'), reports, charts));
