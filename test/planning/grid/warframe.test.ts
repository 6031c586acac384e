/** Bar B1: the costs of Warframe's queries on the voxel map Simple, and that its parsers refuse what is malformed. */
import { GridSearch, GridSpace, parseWarframeMap, parseWarframeQueries } from '@kinovox/planning';
import { expect, it } from 'vitest';
import { benchText, describeWithBenchData } from '../bench-data.js';

/** Every one of the 10,000 with KINOVOX_ALL_QUERIES=1; about 200 spread over the file otherwise. */
const STRIDE = process.env.KINOVOX_ALL_QUERIES === '1' ? 1 : 51;

describeWithBenchData('queries on the map Simple', () => {
  const load = () => {
    const grid = parseWarframeMap(benchText('warframe-3d', 'Simple.3dmap'), 'Simple.3dmap');
    return { grid, queries: parseWarframeQueries(benchText('warframe-3d', 'Simple.3dmap.3dscen'), 'Simple.3dmap.3dscen', grid) };
  };

  it('cost what the file says, within 1e-4', () => {
    const { grid, queries } = load();
    expect(grid.size).toEqual([105, 132, 105]);
    expect(queries).toHaveLength(10_000);
    const space = new GridSpace(grid, 26);
    const search = new GridSearch(space);
    const wrong: string[] = [];
    for (let k = 0; k < queries.length; k += STRIDE) {
      const { name, start, goal, optimum = Number.NaN } = queries[k];
      const outcome = search.run(space.cellOf(...start), space.cellOf(...goal));
      if (outcome !== 'solved' || !(Math.abs(search.cost() - optimum) <= 1e-4))
        wrong.push(`${name}: ${outcome} ${search.cost()} ${optimum}`);
    }
    expect(wrong).toEqual([]);
  });

  it('cost something else where one wall is taken away or corners may be cut', () => {
    const { grid, queries } = load();
    const open = new GridSpace({ size: grid.size, blocked: new Uint8Array(grid.blocked.length) }, 26);
    const search = new GridSearch(open);
    const differing = queries
      .filter((_, k) => k % 499 === 0)
      .filter(({ start, goal, optimum = 0 }) => {
        search.run(open.cellOf(...start), open.cellOf(...goal));
        return Math.abs(search.cost() - optimum) > 1e-4;
      });
    expect(differing.length).toBeGreaterThan(5);
  });
});

it('a malformed voxel map is refused with its line', () => {
  expect(() => parseWarframeMap('voxel 2 2\n', 'a.3dmap')).toThrow('got "voxel 2 2" at a.3dmap, line 1');
  expect(() => parseWarframeMap('voxel 2 2 2\n0 0 0\n0 2 0\n', 'a.3dmap')).toThrow('line 3');
  expect(() => parseWarframeMap('voxel 99999 99999 99999\n', 'a.3dmap')).toThrow('1 to 268435456 cells');
  const grid = parseWarframeMap('voxel 2 2 2\n0 0 0\n', 'a.3dmap');
  expect(grid.blocked.reduce((sum, cell) => sum + cell, 0)).toBe(1);
  expect(() => parseWarframeQueries('version 2\n', 'a.3dscen', grid)).toThrow('version 1');
  expect(() => parseWarframeQueries('version 1\na\n1 1 1 0 0 2 1 1\n', 'a.3dscen', grid)).toThrow('line 3');
  expect(() => parseWarframeQueries('version 1\na\n1 1 1 0 0 1 x 1\n', 'a.3dscen', grid)).toThrow('eight numbers');
  expect(parseWarframeQueries('version 1\na\n1 1 1 0 1 1 1 1\n', 'a.3dscen', grid)).toMatchObject([{ start: [1, 1, 1], optimum: 1 }]);
});
