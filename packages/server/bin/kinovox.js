#!/usr/bin/env node
// Starts the built command, bundled where that is of the newest build; says what to do where it has not been built.
import { existsSync, readdirSync, statSync } from 'node:fs';
import module from 'node:module';

const main = new URL('../dist/main.js', import.meta.url);
const bundle = new URL('../dist/command/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('kinovox is not built yet. Run "npm run build" in the project root, then this command again.\n');
  process.exit(2);
}
// From Node 22.8 on: what was compiled once is read the next time.
module.enableCompileCache?.();
await import((isNewest(bundle) ? bundle : main).href);

/** Whether no package was compiled after the bundle was made. Installed packages have no notes of their builds. */
function isNewest(bundle) {
  const madeMs = modifiedMs(bundle);
  if (madeMs === undefined) return false;
  const packages = new URL('../../', import.meta.url);
  return readdirSync(packages).every((name) => (modifiedMs(new URL(`${name}/dist/.tsbuildinfo`, packages)) ?? 0) <= madeMs);
}

function modifiedMs(url) {
  return statSync(url, { throwIfNoEntry: false })?.mtimeMs;
}
