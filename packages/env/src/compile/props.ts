/** Props: the tables that all variants share, and where each prop starts in a level. */
import { PROP_SHAPE, type PropSpawn, type PropTables } from '@kinovox/physics';
import { type Level, type ResolvedScenario, toQ16 } from '@kinovox/world';

type Prop = ResolvedScenario['props'][number];

export function compileProps({ agents, props }: Pick<ResolvedScenario, 'agents' | 'props'>): PropTables {
  const teams = [...new Set([...agents, ...props].map(({ team }) => team).filter((team) => team !== undefined))];
  return {
    ids: props.map(({ id }) => id),
    shape: Uint8Array.from(props, ({ shape }) => PROP_SHAPE[kindOf(shape)]),
    halfExtentsQ16: Int32Array.from(props.flatMap(({ shape }) => edgesOf(shape).map((edge) => toQ16(edge / 2)))),
    massKg: Float64Array.from(props, ({ massKg }) => massKg),
    friction: Float64Array.from(props, ({ friction }) => friction),
    restitution: Float64Array.from(props, ({ restitution }) => restitution),
    team: Int32Array.from(props, ({ team }) => (team === undefined ? -1 : teams.indexOf(team))),
    color: Int32Array.from(props, ({ color }) => (color === undefined ? -1 : Number.parseInt(color.slice(1), 16))),
  };
}

/** By prop index; a level was refused before if a prop has no room in it. */
export function compilePropSpawns(level: Pick<Level, 'propSpawns'>): PropSpawn[] {
  return level.propSpawns.map(({ cells, positionQ16, yaw }) => ({
    cells: cells ?? new Int32Array(0),
    exact: positionQ16 === null ? undefined : [positionQ16[0], positionQ16[1], positionQ16[2]],
    yaw,
  }));
}

function kindOf(shape: Prop['shape']): keyof typeof PROP_SHAPE {
  if ('box' in shape) return 'box';
  if ('ball' in shape) return 'ball';
  return 'ramp' in shape ? 'ramp' : 'capsule';
}

/** Extent along x, y, z in metres, before it is turned. */
function edgesOf(shape: Prop['shape']): readonly [number, number, number] {
  if ('box' in shape) return shape.box;
  if ('ramp' in shape) return shape.ramp;
  if ('ball' in shape) return [2 * shape.ball, 2 * shape.ball, 2 * shape.ball];
  return [2 * shape.capsule.radius, shape.capsule.height, 2 * shape.capsule.radius];
}
