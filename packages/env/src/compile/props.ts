/** Props: the tables that all variants share, and where each prop starts in a level. */
import { PROP_SHAPE, type PropJoint, type PropSpawn, type PropTables } from '@kinovox/physics';
import { type Level, propExtent, type ResolvedScenario, toQ16 } from '@kinovox/world';

type Prop = ResolvedScenario['props'][number];

export function compileProps({ agents, props }: Pick<ResolvedScenario, 'agents' | 'props'>): PropTables {
  const teams = [...new Set([...agents, ...props].map(({ team }) => team).filter((team) => team !== undefined))];
  return {
    ids: props.map(({ id }) => id),
    shape: Uint8Array.from(props, ({ shape }) => PROP_SHAPE[kindOf(shape)]),
    halfExtentsQ16: Int32Array.from(props.flatMap(({ shape }) => propExtent(shape).map((edge) => toQ16(edge / 2)))),
    massKg: Float64Array.from(props, ({ massKg }) => massKg),
    friction: Float64Array.from(props, ({ friction }) => friction),
    restitution: Float64Array.from(props, ({ restitution }) => restitution),
    wallQ16: Int32Array.from(props, ({ shape }) => ('container' in shape ? toQ16(shape.container.wall) : 0)),
    joints: compileJoints(props),
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
  if ('ball' in shape) return 'ball';
  if ('capsule' in shape) return 'capsule';
  if ('ramp' in shape) return 'ramp';
  return 'container' in shape ? 'container' : 'box';
}

/** By the prop that has it; a scenario was refused before if a joint names what is not there. */
function compileJoints(props: readonly Prop[]): PropJoint[] {
  return props.flatMap(({ joint }, prop): PropJoint[] => {
    if (joint === undefined) return [];
    const body = 'hinge' in joint ? joint.hinge : joint.slider;
    const limits = 'hinge' in joint ? joint.hinge.limitsDeg?.map((degrees) => (degrees * Math.PI) / 180) : joint.slider.limitsMetres;
    const { axis } = body;
    const length = Math.sqrt(axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2]);
    return [
      {
        kind: 'hinge' in joint ? 'hinge' : 'slider',
        prop,
        other: body.to === undefined ? -1 : props.findIndex(({ id }) => id === body.to),
        anchor: 'hinge' in joint ? vector(joint.hinge.anchor) : vector([0, 0, 0]),
        axis: vector(axis.map((part) => part / length)),
        limits: limits === undefined ? undefined : [limits[0], limits[1]],
        damping: body.damping,
        friction: body.friction,
      },
    ];
  });
}

function vector([x, y, z]: readonly number[]): PropJoint['axis'] {
  return { x, y, z };
}
