import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMemoryFolder } from '../../packages/server/src/run/memory-folder.js';

describe('the folder of a memory', () => {
  let at = '';
  beforeEach(() => {
    at = mkdtempSync(join(tmpdir(), 'kinovox-memory-'));
    mkdirSync(join(at, 'profiles'));
  });
  afterEach(() => rmSync(at, { recursive: true }));
  const profile = () => join(at, 'profiles', 'mine.json');

  it('is made with the first line, and has a file per split', () => {
    const folder = openMemoryFolder('memory/mine', profile());
    expect(folder.read('train')).toBe('');
    expect(existsSync(join(at, 'profiles', 'memory'))).toBe(false);
    folder.append('test', '{"a":1}');
    folder.append('test', '{"a":2}');
    expect(folder.read('test')).toBe('{"a":1}\n{"a":2}\n');
    expect(folder.read('train')).toBe('');
  });

  it('keeps half a line that a killed run left as a line of its own', () => {
    const folder = openMemoryFolder('m', profile());
    folder.append('train', '{"a":1}');
    writeFileSync(join(at, 'profiles', 'm', 'train.jsonl'), '{"a":1}\n{"a"');
    openMemoryFolder('m', profile()).append('train', '{"a":2}');
    expect(readFileSync(join(at, 'profiles', 'm', 'train.jsonl'), 'utf8')).toBe('{"a":1}\n{"a"\n{"a":2}\n');
  });

  it.each(['..', '../other', 'a/../../b', '/etc', '.'])(
    'is refused at %s, outside of the folder of the profile or that folder itself',
    (folder) => {
      expect(() => openMemoryFolder(folder, profile())).toThrow(/memory\.folder must stay inside the folder of its profile; got/);
    },
  );

  it('is refused where a link leads outside', () => {
    mkdirSync(join(at, 'elsewhere'));
    symlinkSync(join(at, 'elsewhere'), join(at, 'profiles', 'link'));
    expect(() => openMemoryFolder('link/m', profile())).toThrow(/must stay inside/);
    expect(existsSync(join(at, 'elsewhere', 'm'))).toBe(false);
  });
});
