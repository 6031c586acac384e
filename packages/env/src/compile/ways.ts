/**
 * Ways, for shaping and guidance: for each agent that its task sends to a place by `reach`, how far it is to the first such place, and which cell comes next,
 * from every cell of a level. Integer fields over a walker's moves, made once per level; agents with the same place share a field.
 */
import {
  type CellRegion,
  geodesicField,
  geodesicOnward,
  MONITOR_OP,
  NODE_COLUMN,
  NODE_COLUMNS,
  type ScenarioProgram,
  UNREACHED,
  type VariantData,
  type WayTables,
} from '@kinovox/physics';
import { ScenarioError, UsageError } from '@kinovox/world';

/** What cells without a way count, beyond the farthest that has one: 10 m. */
export const DETOUR = 100;

type Goals = Pick<ScenarioProgram, 'goals' | 'monitor' | 'agentIds' | 'id'>;

/** @throws UsageError when no agent has a `reach` among the goals that it may see. */
export function compileShaping(program: Goals): WayTables {
  const tables = wayTables(program);
  if (tables === undefined)
    throw new UsageError(
      'no-shaping',
      `Shaping must have a place to lead to; got ${program.id}, where no task sends an agent that sees its goals to a region by "reach". Leave \`shaping\` out, or shape with the task's progress.`,
    );
  return tables;
}

/** @throws ScenarioError when no agent has a `reach` among the goals that it may see. */
export function compileGuidance(program: Goals): WayTables {
  const tables = wayTables(program);
  if (tables === undefined)
    throw new ScenarioError(
      'no-guidance',
      `observation.guidance must have a place to lead to; got ${program.id}, where no task sends an agent that sees its goals to a region by "reach". Leave \`guidance\` out.`,
    );
  return tables;
}

/**
 * The fields of a level that the program asks for. `ways`: `[F, Y, Z, X]` tenths of a metre to each field's region; free cells above a cell that has a way
 * take its value, so that a jump costs nothing, and all others count DETOUR more than the farthest. `onward`: the next cell, from cells in the air that of the cell below.
 */
export function compileWays(
  program: Goals & Pick<ScenarioProgram, 'size' | 'blocks' | 'shaping' | 'guidance'>,
  voxels: Uint8Array,
  constants: Int32Array,
): Pick<VariantData, 'ways' | 'onward'> {
  const { size, blocks, shaping, guidance } = program;
  if (shaping === undefined && guidance === undefined) return {};
  const solid = Uint8Array.from(voxels, (block) => blocks.solid[block]);
  const fields = fieldNodes(reachNodes(program));
  const ways = new Int32Array(fields.length * voxels.length);
  const onward = guidance === undefined ? undefined : new Int32Array(ways.length);
  fields.forEach((node, f) => {
    const at = program.monitor.nodes[node * NODE_COLUMNS + NODE_COLUMN.constants];
    const corner = (k: number) => [constants[at + k], constants[at + k + 1], constants[at + k + 2]] as const;
    const region: CellRegion = [corner(0), corner(3)];
    const field = geodesicField({ size, solid }, [region]);
    let farthest = 0;
    for (const way of field.values) if (way < UNREACHED && way > farthest) farthest = way;
    ways.set(filled(size, solid, field.values, UNREACHED, farthest + DETOUR), f * voxels.length);
    onward?.set(filled(size, solid, geodesicOnward({ size, solid }, field), -1, -1), f * voxels.length);
  });
  return onward === undefined ? { ways } : { ways, onward };
}

function wayTables(program: Goals): WayTables | undefined {
  const nodes = reachNodes(program);
  const fields = fieldNodes(nodes);
  if (fields.length === 0) return undefined;
  return { wayOfAgent: Int32Array.from(nodes, (node) => (node === undefined ? -1 : fields.indexOf(node))) };
}

/** Per agent, the node of the first `reach` among its goals. */
function reachNodes({ goals, monitor }: Goals): (number | undefined)[] {
  return goals.map((entries) => entries.find(({ node }) => monitor.nodes[node * NODE_COLUMNS + NODE_COLUMN.op] === MONITOR_OP.reach)?.node);
}

function fieldNodes(nodes: readonly (number | undefined)[]): number[] {
  return [...new Set(nodes)].filter((node) => node !== undefined);
}

/** A field whose free cells without a value have that of the first cell below them that has one; where there is none, `instead`. */
export function filled(
  [sizeX, sizeY, sizeZ]: ScenarioProgram['size'],
  solid: Uint8Array,
  values: ArrayLike<number>,
  none: number,
  instead: number,
): Int32Array {
  const layer = sizeX * sizeZ;
  const out = new Int32Array(values.length).fill(instead);
  for (let column = 0; column < layer; column++) {
    let below = none;
    for (let y = 0; y < sizeY; y++) {
      const cell = y * layer + column;
      below = solid[cell] === 1 ? none : values[cell] !== none ? values[cell] : below;
      if (below !== none) out[cell] = below;
    }
  }
  return out;
}
