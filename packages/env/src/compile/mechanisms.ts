/** Mechanisms as tables. Cells and regions become constants, so that they may differ between variants. */
import {
  MECHANISM_CLOCK,
  MECHANISM_COLUMN,
  MECHANISM_COLUMNS,
  MECHANISM_EFFECT_COLUMNS,
  MECHANISM_INPUT_COLUMNS,
  MECHANISM_LINK,
  type MechanismTables,
} from '@kinovox/physics';
import { invariant, type Palette, type ResolvedScenario } from '@kinovox/world';
import type { ConstantPool } from '../constant-pool.js';

type ResolvedMechanism = ResolvedScenario['mechanisms'][number];
type ResolvedTrigger = Extract<ResolvedMechanism['when'], { all: unknown }>['all'][number];
type ResolvedCell = readonly [number, number, number];

const MODE = { hold: 0, latch: 1, toggle: 2 } as const;
const INPUT_KIND = { plates: 0, lever: 1, mechanism: MECHANISM_LINK, clock: MECHANISM_CLOCK } as const;

export function compileMechanisms(mechanisms: readonly ResolvedMechanism[], palette: Palette, constants: ConstantPool): MechanismTables {
  const names = mechanisms.map((mechanism) => mechanism.id);
  const rows: number[] = [];
  const inputs: number[] = [];
  const effects: number[] = [];
  for (const mechanism of mechanisms) {
    const anyInput = 'any' in mechanism.when;
    const triggers = 'any' in mechanism.when ? mechanism.when.any : mechanism.when.all;
    const row = new Array<number>(MECHANISM_COLUMNS).fill(0);
    row[MECHANISM_COLUMN.mode] = MODE[mechanism.mode];
    row[MECHANISM_COLUMN.delayTicks] = mechanism.delayTicks;
    row[MECHANISM_COLUMN.anyInput] = anyInput ? 1 : 0;
    row[MECHANISM_COLUMN.firstInput] = inputs.length / MECHANISM_INPUT_COLUMNS;
    row[MECHANISM_COLUMN.numInputs] = triggers.length;
    row[MECHANISM_COLUMN.firstEffect] = effects.length / MECHANISM_EFFECT_COLUMNS;
    row[MECHANISM_COLUMN.numEffects] = mechanism.effects.length;
    rows.push(...row);
    for (const trigger of triggers) inputs.push(...inputOf(trigger, names, constants));
    for (const { region, on, off } of mechanism.effects) {
      effects.push(constants.add(regionWords(region[0], region[1])), palette.indexOfName(on), palette.indexOfName(off));
    }
  }
  return {
    numMechanisms: mechanisms.length,
    mechanisms: Int32Array.from(rows),
    inputs: Int32Array.from(inputs),
    effects: Int32Array.from(effects),
    names,
  };
}

function inputOf(trigger: ResolvedTrigger, names: readonly string[], constants: ConstantPool): [number, number] {
  if ('plate' in trigger) return [INPUT_KIND.plates, constants.add(regionWords(trigger.plate, trigger.plate))];
  if ('plates' in trigger) return [INPUT_KIND.plates, constants.add(regionWords(trigger.plates[0], trigger.plates[1]))];
  if ('lever' in trigger) return [INPUT_KIND.lever, constants.add(regionWords(trigger.lever, trigger.lever))];
  if ('clock' in trigger) {
    const { everyTicks, onTicks, fromTick } = trigger.clock;
    return [INPUT_KIND.clock, constants.add([everyTicks, onTicks, fromTick])];
  }
  const index = names.indexOf(trigger.mechanism);
  invariant(index >= 0, `The parsed scenario names an unknown mechanism "${trigger.mechanism}".`);
  return [INPUT_KIND.mechanism, index];
}

/** Six words: the lower corner, then the upper, both inclusive block cells. */
function regionWords(from: ResolvedCell, to: ResolvedCell): number[] {
  return [...from, ...to];
}
