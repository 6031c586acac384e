/**
 * A model that is a few rules over the text of its prompt: it goes to its open goals, bridges gaps that it is told of, and otherwise waits. It stands in for a
 * language model where there is none: in tests, in `kinovox model-server`, and as the provider `scripted`. A pure function of the request.
 * It reads absolute coordinates only.
 */
import { estimateTokens, type ModelReply, type ModelRequest, usageOf } from '../model.js';
import { type PastCall, type Place, type ReadPrompt, readPrompt } from './prompt-reader.js';

interface Call {
  thought: string;
  name: string;
  args: Readonly<Record<string, unknown>>;
}

export function askRules(request: ModelRequest): ModelReply {
  const seen = readPrompt(request.messages);
  const names = request.tools.map(({ name }) => name);
  const { thought, name, args } = decide(seen, names);
  const toolCalls = [{ name, arguments: JSON.stringify(args) }];
  const usage = usageOf(request, { text: thought, toolCalls }, {});
  return {
    text: thought,
    toolCalls,
    usage: { ...usage, completionTokens: estimateTokens(thought + toolCalls[0].arguments) },
    finishReason: 'tool-calls',
  };
}

function decide(seen: ReadPrompt, names: readonly string[]): Call {
  const goal = seen.goals[0];
  const last = seen.calls[seen.calls.length - 1];
  if (last?.status === 'running') return { thought: 'I go on.', name: 'continue', args: {} };
  if (goal === undefined || seen.here === undefined)
    return { thought: 'No goal is open that I know the place of.', name: 'continue', args: {} };
  if (names.includes('moveTo')) return bySkill(seen, goal, names, last);
  if (names.includes('waypoint')) return byWaypoint(seen.here, goal);
  if (names.includes('hold')) return byForce(seen, seen.here, goal);
  return { thought: 'I know none of these tools.', name: 'continue', args: {} };
}

/** Seconds for which all but the first of a team leave a bridge to the first. */
const FIRST_SECONDS = 25;

function bySkill(seen: ReadPrompt, goal: Place, names: readonly string[], last: PastCall | undefined): Call {
  const go = (place: Place, thought: string, range = 0): Call => ({
    thought,
    name: 'moveTo',
    args: { x: place.x, y: place.y, z: place.z, range },
  });
  const wait = (thought: string, ticks: number): Call =>
    names.includes('wait') ? { thought, name: 'wait', args: { ticks } } : { thought, name: 'continue', args: {} };
  const isFirst = seen.others.every((other) => seen.id !== undefined && seen.id < other);
  const told = standingPlace(seen, goal);
  const target = told ?? placeOnLevel(seen, goal);
  if (last?.status === 'refused' && last.code === 'no-standing-room' && told !== undefined)
    return go(target, 'Nobody can stand there, but beside it.');
  if (last?.status !== 'refused')
    return isNear(seen.here, target, 0.8) && Math.abs(seen.here!.y - target.y) < 1
      ? wait('I am there, and wait for the others.', 20)
      : go(target, 'The goal is open, so I go there.');
  if (last.code === 'gap' && names.includes('placeBlock')) {
    const cell = cellOf(last.facts.at);
    const planks = placeable(seen);
    if (!isFirst && seen.seconds < FIRST_SECONDS) return wait('A gap. I leave it to the first of us to begin the bridge.', 60);
    if (cell !== undefined && planks !== undefined)
      return {
        thought: 'A gap, and I hold blocks: I lay the next one.',
        name: 'placeBlock',
        args: { x: cell[0], y: cell[1] - 1, z: cell[2], item: planks },
      };
    if (seen.start !== undefined && !isNear(seen.here, seen.start, 3))
      return go(seen.start, 'My blocks are laid. I make room for the others.', 1);
  }
  const tries = seen.calls.filter(({ name, status }) => name === 'moveTo' && status === 'refused').length;
  // Every other time it waits, so that the world may change.
  if (last.name !== 'wait' && tries % 2 === 1) return wait('I wait, in case the way opens.', 40);
  return go(target, 'I try again, near it.', Math.min(4, tries));
}

/** Where a body can stand by a goal, as an earlier refusal told. */
function standingPlace({ calls }: ReadPrompt, goal: Place): Place | undefined {
  const told = calls.findLast(
    ({ name, code, args }) => name === 'moveTo' && code === 'no-standing-room' && args.x === goal.x && args.z === goal.z,
  );
  const cell = cellOf(told?.facts.nearest);
  return cell === undefined ? undefined : { x: cell[0] + 0.5, y: cell[1], z: cell[2] + 0.5 };
}

/** How much higher or lower a goal may be told and still be taken to be on the level that one stands on, metres. */
const LEVEL_METRES = 2;
/** Waits at a goal after which it is sought at the very height that is told. */
const MOST_WAITS = 5;

/** A goal is told by the middle of its region, which hangs in the air where the region is higher than a block: on the level, feet stay at their height. */
function placeOnLevel({ here, calls }: ReadPrompt, goal: Place): Place {
  if (here === undefined || Math.abs(goal.y - here.y) > LEVEL_METRES) return goal;
  const waits = calls.length - 1 - calls.findLastIndex(({ name }) => name !== 'wait');
  return waits >= MOST_WAITS ? goal : { ...goal, y: Math.floor(here.y) };
}

/** Straight on, no faster than one walks. */
function byWaypoint(here: Place, goal: Place): Call {
  const distance = Math.sqrt((goal.x - here.x) ** 2 + (goal.z - here.z) ** 2);
  const seconds = Math.min(60, Math.max(0.5, Math.round(10 * (distance / 4)) / 10));
  return { thought: `${distance.toFixed(1)} m to go.`, name: 'waypoint', args: { x: goal.x, y: goal.y, z: goal.z, seconds } };
}

const EIGHTHS = ['north', 'north-west', 'west', 'south-west', 'south', 'south-east', 'east', 'north-east'];

/** Turns to the goal by eighths, which is all that the text tells, and walks. */
function byForce({ facing }: ReadPrompt, here: Place, goal: Place): Call {
  const [dx, dz] = [goal.x - here.x, goal.z - here.z];
  // Yaw 0 is north (-z), positive counter-clockwise.
  const wanted = Math.atan2(-dx, -dz);
  const now = (Math.max(0, EIGHTHS.indexOf(facing ?? '')) * Math.PI) / 4;
  const turns = Math.round((wanted - now) / (Math.PI / 4));
  const eighths = ((((turns + 4) % 8) + 8) % 8) - 4;
  if (eighths !== 0) return { thought: 'I turn to the goal.', name: 'hold', args: { ticks: 1, turn: (eighths * Math.PI) / 4 } };
  // Between two eighths it walks and strafes.
  const off = wanted - now - 2 * Math.PI * Math.round((wanted - now) / (2 * Math.PI));
  const ticks = Math.max(2, Math.min(40, Math.round(Math.sqrt(dx * dx + dz * dz) / 0.22)));
  return { thought: 'I walk.', name: 'hold', args: { ticks, forward: round(Math.cos(off)), strafe: round(-Math.sin(off)), jump: false } };
}

/** An item of the inventory line that can be built with: planks, logs and stones. */
function placeable({ facts }: ReadPrompt): string | undefined {
  const items = (facts.get('inventory') ?? facts.get('in hand') ?? '').split(', ');
  for (const item of items) {
    const found = /^(\d+) (\S+)$/.exec(item);
    if (found !== null && Number(found[1]) > 0 && /planks|log|stone|dirt|brick/.test(found[2])) return found[2];
  }
  return undefined;
}

function cellOf(value: unknown): [number, number, number] | undefined {
  return Array.isArray(value) && value.length === 3 && value.every((one) => typeof one === 'number')
    ? (value as [number, number, number])
    : undefined;
}

function isNear(here: Place | undefined, there: Place, metres: number): boolean {
  return here !== undefined && (here.x - there.x) ** 2 + (here.z - there.z) ** 2 <= metres * metres;
}

function round(value: number): number {
  return Math.round(100 * value) / 100;
}
