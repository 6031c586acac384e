/** One agent on Warframe's voxel map Simple: all 10,000 queries, with and without pruning of equally long ways, in turns. */
import { GridSearch, GridSpace, parseWarframeMap, parseWarframeQueries } from '@kinovox/planning';
import type { PlanningBench, PlanningRow } from './planning-row.js';

const MAP = 'warframe-3d/Simple.3dmap';
const QUERIES = 'warframe-3d/Simple.3dmap.3dscen';
const TURNS = 3;
const TOLERANCE = 1e-4;

export const voxelBench: PlanningBench = {
  bars: ['B1'],
  needsData: true,
  run(data) {
    const grid = parseWarframeMap(data.text(MAP), MAP);
    const queries = parseWarframeQueries(data.text(QUERIES), QUERIES, grid);
    const space = new GridSpace(grid, 26);
    const searches = [new GridSearch(space, { pruning: false }), new GridSearch(space)];
    const best = [0, 0];
    let equal = 0;
    let slowestMs = 0;
    for (let turn = 0; turn < TURNS; turn++)
      for (const [i, search] of searches.entries()) {
        let expansions = 0;
        let exact = 0;
        let longestMs = 0;
        const before = process.cpuUsage();
        for (const { start, goal, optimum = Number.NaN } of queries) {
          const began = performance.now();
          const outcome = search.run(space.cellOf(...start), space.cellOf(...goal));
          longestMs = Math.max(longestMs, performance.now() - began);
          expansions += search.expansions;
          if (outcome === 'solved' && Math.abs(search.cost() - optimum) <= TOLERANCE) exact++;
        }
        const spent = process.cpuUsage(before);
        best[i] = Math.max(best[i], (expansions * 1e6) / (spent.user + spent.system));
        equal = turn === 0 && i === 0 ? exact : Math.min(equal, exact);
        // The first turn compiles; the machine's noise is in all of them.
        if (i === 1 && turn > 0) slowestMs = turn === 1 ? longestMs : Math.min(slowestMs, longestMs);
      }
    const row = { bar: 'B1', instance: 'Warframe Simple, 10,000 queries' };
    const rows: PlanningRow[] = [
      { ...row, figure: 'costs within 1e-4 of the optimum', value: equal, unit: `of ${queries.length}`, limit: { least: queries.length } },
      {
        ...row,
        figure: 'expansions per second of CPU time, every move',
        value: best[0],
        unit: '1/s',
        limit: { least: 1e6 },
      },
      { ...row, figure: 'the same, equal ways pruned', value: best[1], unit: '1/s' },
      { ...row, figure: 'slowest query', value: slowestMs, unit: 'ms', limit: { most: 100 }, stretch: true },
    ];
    return rows;
  },
};
