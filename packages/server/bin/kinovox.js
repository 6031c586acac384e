#!/usr/bin/env node
// Starts the built command; says what to do where it has not been built.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  process.stderr.write('kinovox is not built yet. Run "npm run build" in the project root, then this command again.\n');
  process.exit(2);
}
await import(main.href);
