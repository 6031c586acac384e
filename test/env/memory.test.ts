/** A batch that cannot fit in memory is refused with its numbers before anything is allocated. */
import { createBatchEnv, createBatchEnvSync } from '@kinovox/env';
import type { ScenarioInput } from '@kinovox/world';
import { UsageError } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { stroll } from './sample-scenarios.js';

/** The largest world: 8 MiB of voxels a row, half a tebibyte in the largest batch. */
const vast = { ...stroll, id: 'sample-vast-v1', world: { ...stroll.world, size: [256, 128, 256] } } as ScenarioInput;

describe('a batch beyond the memory of the machine', () => {
  it('is refused as a mistake of the caller that names worlds, bytes and the next step', async () => {
    const refusal = /must fit in memory; got 65536 worlds of 256 x 128 x 256 blocks, \d+\.\d GiB of [\d.]+ GiB\. Use fewer worlds/;
    expect(() => createBatchEnvSync({ scenario: vast, numWorlds: 65536 })).toThrow(UsageError);
    expect(() => createBatchEnvSync({ scenario: vast, numWorlds: 65536 })).toThrow(refusal);
    await expect(createBatchEnv({ scenario: vast, numWorlds: 65536 })).rejects.toThrow(refusal);
  });

  it('is accepted with few worlds', () => {
    expect(createBatchEnvSync({ scenario: vast, numWorlds: 2 }).numWorlds).toBe(2);
  });
});
