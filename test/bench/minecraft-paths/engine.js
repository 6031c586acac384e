/** Our side of the comparison: all problems of a set as the rows of one batch on the cpu engine, through the public packages. */
import { loadScenario } from '@kinovox/env';
import { createCpuEngine } from '@kinovox/physics';
import { ACTION_WORD, ACTION_WORDS, fromQ16, toQ16 } from '@kinovox/world';
import { SIZE, TICKS } from './problems.js';

const BLOCKS = ['stone', 'packed_ice', 'slime_block', 'water'];

const SCENARIO = {
  version: 1,
  id: 'minecraft-paths-v1',
  title: 'A walker on random terrain',
  world: {
    size: SIZE,
    terrain: { generator: 'flat', ground: 1 },
    // One cell of each block, so that the palette holds them; the problems replace every cell.
    edits: BLOCKS.map((name, x) => ({ fill: name, from: [x, 0, 0], size: [1, 1, 1] })),
  },
  agents: [{ id: 'walker', body: 'walker', spawn: { at: [24, 1, 24] } }],
  task: {
    reach: {
      agents: 'walker',
      region: [
        [0, 23, 0],
        [0, 23, 0],
      ],
    },
  },
  episode: { maxTicks: 10000 },
};

/** Paths of all problems: per problem and tick the feet x, y, z in metres, and whether on the ground. */
export function enginePaths(problems) {
  const { program, palette, variantSource } = loadScenario(SCENARIO);
  const engine = createCpuEngine({ program, variants: variantSource('test'), numWorlds: problems.length, seed: 1, observe: false });
  const { state } = engine;
  const indexOf = new Map(['air', ...BLOCKS].map((name) => [name, palette.indexOfName(name)]));
  problems.forEach((problem, w) => {
    const snapshot = engine.snapshot(w);
    for (let cell = 0; cell < snapshot.voxels.length; cell++) snapshot.voxels[cell] = indexOf.get(problem.blocks[cell] ?? 'air');
    engine.restore(w, snapshot);
    [state.posX[w], state.posY[w], state.posZ[w]] = problem.start.map(toQ16);
  });
  const paths = problems.map(() => []);
  for (let tick = 0; tick < TICKS; tick++) {
    problems.forEach(({ keys }, w) => {
      const key = keys[tick];
      const words = engine.buffers.actionWords.subarray(w * ACTION_WORDS, (w + 1) * ACTION_WORDS);
      state.yaw[w] = key.yaw4096 << 20;
      words[ACTION_WORD.forward] = 4096 * (key.forward - key.back);
      words[ACTION_WORD.strafe] = 4096 * (key.right - key.left);
      words[ACTION_WORD.jump] = +key.jump;
      words[ACTION_WORD.sprint] = +key.sprint;
      words[ACTION_WORD.sneak] = +key.sneak;
      // Falls hurt here and not there.
      state.health[w] = 20;
    });
    engine.step();
    for (let w = 0; w < paths.length; w++)
      paths[w].push([fromQ16(state.posX[w]), fromQ16(state.posY[w]), fromQ16(state.posZ[w]), (state.flags[w] & 2) >> 1]);
  }
  return paths;
}
