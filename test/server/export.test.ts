/** `kinovox export` as a user runs it: the files that it writes are read back. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createBatchEnvSync, recordRow } from '@kinovox/env';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { findScenario } from 'kinovox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kinovox } from './command.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kinovox-export-'));
const recording = path.join(folder, 'row.kvr');
const at = (name: string) => path.join(folder, name);
afterAll(() => fs.rmSync(folder, { recursive: true }));

beforeAll(() => {
  const env = createBatchEnvSync({ scenario: findScenario('tag-v1'), seed: 3 });
  env.reset();
  const recorder = recordRow(env, 0, recording);
  for (let t = 0; t < 40; t++) {
    recorder.addColumns({ policyVersion: [7, 'b', null], tokenIds: [[1, 2 ** 40], [], null], tokenLogProbs: [[-1, -0.125], [], null] });
    env.stepSync(new Float32Array(env.actionLength).fill(0.3));
  }
  recorder.close();
  env.close();
});

describe('kinovox export', () => {
  it('writes the same table as JSON lines and as Parquet', async () => {
    const columns =
      'agent_id,role,tick,row_seed,reward,reward_terms,terminated,events,action,observation,policy_version,token_ids,token_log_probs,behaviour_log_prob';
    const run = async (file: string) =>
      JSON.parse((await kinovox('export', recording, '--out', at(file), '--columns', columns, '--json')).stdout);
    expect(await run('steps.jsonl')).toMatchObject({ rows: 120, recordings: 1 });
    expect(await run('steps.parquet')).toMatchObject({ rows: 120, recordings: 1 });
    const lines = fs.readFileSync(at('steps.jsonl'), 'utf8').trim().split('\n');
    const rows = lines.map((line) => JSON.parse(line));
    const read = await parquetReadObjects({ file: await asyncBufferFromFile(at('steps.parquet')) });
    // Parquet has one type a column: versions are text, whole numbers of 64 bits are read as BigInt.
    const expected = rows.map((row) => ({
      ...row,
      policy_version: row.policy_version === null ? null : String(row.policy_version),
      row_seed: BigInt(row.row_seed),
      token_ids: row.token_ids?.map(BigInt) ?? null,
    }));
    const plain = (value: unknown) => (ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value);
    expect(read.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value) ?? null])))).toEqual(
      expected,
    );
    expect(rows[0]).toMatchObject({ policy_version: 7, token_ids: [1, 2 ** 40], behaviour_log_prob: -1.125, role: null });
    expect(rows[2]).toMatchObject({ policy_version: null, token_ids: null });
  });

  it('names the column that is lacking, and leaves no half of a file', async () => {
    const { code, stderr } = await kinovox('export', recording, '--out', at('half.parquet'), '--columns', 'tick,decision');
    expect(code).toBe(2);
    expect(stderr).toContain('"decision" is lacking');
    expect(fs.existsSync(at('half.parquet'))).toBe(false);
    expect((await kinovox('export', recording, '--out', at('x.jsonl'), '--columns', 'ticks')).stderr).toContain('Did you mean "tick"?');
    expect((await kinovox('export', recording, '--out', recording)).stderr).toContain('--out must end in .jsonl or .parquet');
    fs.writeFileSync(at('mine.jsonl'), 'mine');
    expect((await kinovox('export', recording, '--out', at('mine.jsonl'))).stderr).toContain('must be a new file');
    expect(fs.readFileSync(at('mine.jsonl'), 'utf8')).toBe('mine');
  });

  it('lists which columns there are', async () => {
    const { present } = JSON.parse((await kinovox('export', recording, '--list', '--json')).stdout);
    expect(present).toContain('token_ids');
    expect(present).not.toContain('decision');
  });
});
