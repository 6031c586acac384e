/** The rigid benchmark compares like with like, and says what it could not take. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchRigid } from '../../packages/server/src/bench/rigid-bench.js';
import { installPackages } from '../bench/minecraft-paths/reference.js';

describe('the rigid benchmark', () => {
  it('has rates, the ratio of two threads, and the costs of forks and checkpoints, and a reason for each ratio that it lacks', async () => {
    const seen: string[] = [];
    const report = await benchRigid({
      worlds: 2,
      poolWorlds: 4,
      rounds: 1,
      peers: false,
      onProgress: (done, total) => seen.push(`${done} of ${total}`),
    });
    expect(report.rows.map(({ engine }) => engine)).toEqual(
      os.availableParallelism() < 2 ? ['rigid'] : ['rigid', 'rigid, 4 worlds', 'rigid, 4 worlds, 2 threads'],
    );
    for (const { worldSteps, bodySteps } of report.rows) expect([worldSteps > 0, bodySteps]).toEqual([true, 10 * worldSteps]);
    for (const name of ['vsCannon', 'vsJolt', 'poolVsRigid'] as const)
      expect(report.ratios[name] === null, name).toBe(report.reasons[name] !== undefined);
    expect(report.ratios.vsJolt).toBeNull();
    expect(Math.min(report.forkMs, report.forkOfManyMs, report.checkpointMs, report.checkpointShare)).toBeGreaterThan(0);
    expect([seen[0], seen.at(-1)]).toEqual(['0 of 7', '7 of 7']);
  });

  it('says in one sentence that packages cannot be installed', () => {
    const folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'rigid-peers-')), 'none');
    // A name that no registry has to be asked for.
    expect(() => installPackages({ '..': '1.0.0' }, folder, '0 MB')).toThrow(
      /^npm must install \.\.@1\.0\.0 into .+, which takes its registry; got .+\. Go online and run again\.$/,
    );
  });
});
