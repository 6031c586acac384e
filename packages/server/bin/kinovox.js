#!/usr/bin/env node
// Starts the built command, bundled where that is of the newest build; says what to do where it has not been built.
import { existsSync } from 'node:fs';
import module from 'node:module';

const main = new URL('../dist/main.js', import.meta.url);
const bundle = new URL('../dist/bundled/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('kinovox is not built yet. Run "npm run build" in the project root, then this command again.\n');
  process.exit(2);
}
// From Node 22.8 on: what was compiled once is read the next time.
module.enableCompileCache?.();
const { isNewestBundle } = await import('@kinovox/env/newest-bundle');
await import((isNewestBundle(bundle) ? bundle : main).href);
