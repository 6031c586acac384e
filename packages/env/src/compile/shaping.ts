/**
 * Shaping: for each agent that its task sends to a place by `reach`, how far it is to the first such place, from every cell of a level. An integer field
 * over a walker's moves, made once per level; agents with the same place share a field.
 */
import {
  type CellRegion,
  geodesicField,
  MONITOR_OP,
  NODE_COLUMN,
  NODE_COLUMNS,
  type ScenarioProgram,
  type ShapingTables,
  UNREACHED,
} from '@kinovox/physics';
import { UsageError } from '@kinovox/world';

/** What cells without a way count, beyond the farthest that has one: 10 m. */
export const DETOUR = 100;

type Goals = Pick<ScenarioProgram, 'goals' | 'monitor' | 'agentIds' | 'id'>;

/** @throws UsageError when no agent has a `reach` among the goals that it may see. */
export function compileShaping(program: Goals): ShapingTables {
  const nodes = reachNodes(program);
  const fields = fieldNodes(nodes);
  if (fields.length === 0)
    throw new UsageError(
      'no-shaping',
      `Shaping must have a place to lead to; got ${program.id}, where no task sends an agent that sees its goals to a region by "reach". Leave \`shaping\` out, or shape with the task's progress.`,
    );
  return { wayOfAgent: Int32Array.from(nodes, (node) => (node === undefined ? -1 : fields.indexOf(node))) };
}

/**
 * `[F, Y, Z, X]` tenths of a metre to each field's region. Free cells above a cell that has a way take its value, so that a jump costs nothing;
 * all others count DETOUR more than the farthest.
 */
export function compileWays(
  program: Goals & Pick<ScenarioProgram, 'size' | 'blocks'>,
  voxels: Uint8Array,
  constants: Int32Array,
): Int32Array {
  const { size, blocks } = program;
  const solid = Uint8Array.from(voxels, (block) => blocks.solid[block]);
  const fields = fieldNodes(reachNodes(program));
  const ways = new Int32Array(fields.length * voxels.length);
  fields.forEach((node, f) => {
    const at = program.monitor.nodes[node * NODE_COLUMNS + NODE_COLUMN.constants];
    const corner = (k: number) => [constants[at + k], constants[at + k + 1], constants[at + k + 2]] as const;
    const region: CellRegion = [corner(0), corner(3)];
    const { values } = geodesicField({ size, solid }, [region]);
    ways.set(filled(size, solid, values), f * voxels.length);
  });
  return ways;
}

/** Per agent, the node of the first `reach` among its goals. */
function reachNodes({ goals, monitor }: Goals): (number | undefined)[] {
  return goals.map((entries) => entries.find(({ node }) => monitor.nodes[node * NODE_COLUMNS + NODE_COLUMN.op] === MONITOR_OP.reach)?.node);
}

function fieldNodes(nodes: readonly (number | undefined)[]): number[] {
  return [...new Set(nodes)].filter((node) => node !== undefined);
}

function filled([sizeX, sizeY, sizeZ]: ScenarioProgram['size'], solid: Uint8Array, values: Float32Array): Int32Array {
  const layer = sizeX * sizeZ;
  let farthest = 0;
  for (const way of values) if (way < UNREACHED && way > farthest) farthest = way;
  const out = new Int32Array(values.length).fill(farthest + DETOUR);
  for (let column = 0; column < layer; column++) {
    let below = UNREACHED;
    for (let y = 0; y < sizeY; y++) {
      const cell = y * layer + column;
      below = solid[cell] === 1 ? UNREACHED : values[cell] < UNREACHED ? values[cell] : below;
      if (below < UNREACHED) out[cell] = below;
    }
  }
  return out;
}
