// A run that cannot begin gives back what it had taken: threads and Rapier's worlds are freed by their batch alone.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchEnv } from '@kinovox/env';
import { findScenario } from 'kinovox';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createRunSession } from '../../packages/server/src/run/run-session.js';

const settings = (out: string | undefined) => ({
  scenarioPath: findScenario('reach-flat-v1'),
  numWorlds: 1,
  seed: 0,
  split: 'train' as const,
  policy: 'idle',
  engine: 'cpu' as const,
  out,
  recordRows: [],
  command: [],
});

afterEach(() => void vi.restoreAllMocks());

describe('a run session', () => {
  it('closes its batch where the folder of its results is taken', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kinovox-test-'));
    const close = vi.spyOn(BatchEnv.prototype, 'close');
    try {
      writeFileSync(join(folder, 'mine.txt'), 'mine');
      await expect(createRunSession(settings(folder))).rejects.toThrow(/mine|empty|files/);
      expect(close).toHaveBeenCalledOnce();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('keeps it open where it begins', async () => {
    const close = vi.spyOn(BatchEnv.prototype, 'close');
    const session = await createRunSession(settings(undefined));
    expect(close).not.toHaveBeenCalled();
    session.env.close();
  });
});
