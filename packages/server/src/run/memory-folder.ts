/** The folder of a profile's memory: a JSONL file per split, beside the profile and never outside its folder. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { MemoryFiles } from '@kinovox/agents';
import { type Split, UsageError } from '@kinovox/world';
import { readText } from '../cli/read-text.js';

/**
 * @param folder as the profile names it. @param profilePath file of the profile.
 * @throws UsageError for a folder that leads out of the profile's own, by a link too, and where files cannot be written.
 */
export function openMemoryFolder(folder: string, profilePath: string): MemoryFiles {
  const home = realpathSync(dirname(resolve(profilePath)));
  const path = resolve(home, folder);
  // What is there already may be a link that leads elsewhere.
  let there = path;
  while (!existsSync(there)) there = dirname(there);
  const inside = relative(home, join(realpathSync(there), relative(there, path)));
  if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
    throw new UsageError(
      'memory-folder',
      `memory.folder must stay inside the folder of its profile; got "${folder}" at ${profilePath}. Name a folder there.`,
    );
  const fileOf = (split: Split) => join(path, `${split}.jsonl`);
  /** Files whose last line was found to end. */
  const whole = new Set<Split>();
  return {
    read: (split) => (existsSync(fileOf(split)) ? readText(fileOf(split)) : ''),
    append(split, line) {
      guarded(fileOf(split), () => {
        mkdirSync(path, { recursive: true });
        // A run that was killed may have left half a line: it stays a line of its own.
        const isTorn = !whole.has(split) && existsSync(fileOf(split)) && !/(^|\n)$/.test(readFileSync(fileOf(split), 'utf8'));
        whole.add(split);
        appendFileSync(fileOf(split), `${isTorn ? '\n' : ''}${line}\n`);
      });
    },
    warn: (sentence) => process.stderr.write(`${sentence} (${path})\n`),
  };
}

function guarded(path: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    throw new UsageError('memory-folder', `The memory must be writable; got ${(cause as Error).message} at ${path}. Check the folder.`, {
      cause,
    });
  }
}
