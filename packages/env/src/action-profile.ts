/** Action profiles at the edge: named native actions and discrete choices become rows of ACTION_SPEC columns. */
import { ACTION_FIELDS, ACTION_SPEC, ACTION_WORD, DISCRETE_ACTIONS, didYouMean, ShapeError } from '@kinovox/world';

/** Native action by column name; columns left out are neutral. */
export type NativeAction = Partial<Record<(typeof ACTION_SPEC)[number]['name'], number>>;

const COLUMN_NAMES: readonly string[] = ACTION_SPEC.map((field) => field.name);
const NEUTRAL_ROW = Float32Array.from(ACTION_SPEC, (field) => field.neutral);
/** `[discrete action, F]` */
const DISCRETE_ROWS: readonly Float32Array[] = DISCRETE_ACTIONS.map((action) => {
  const row = NEUTRAL_ROW.slice();
  for (const [name, value] of Object.entries(action.columns)) row[COLUMN_NAMES.indexOf(name)] = value;
  return row;
});

/** Writes a neutral action at `offset`. */
export function writeIdle(out: Float32Array, offset: number): void {
  out.set(NEUTRAL_ROW, offset);
}

/** Writes a named action at `offset`. @throws ShapeError for a column that does not exist or a value that is not a number. */
export function writeNative(out: Float32Array, offset: number, action: Readonly<Record<string, unknown>>, agentId: string): void {
  out.set(NEUTRAL_ROW, offset);
  for (const [name, value] of Object.entries(action)) {
    if (value === undefined) continue;
    const column = COLUMN_NAMES.indexOf(name);
    if (column < 0) {
      throw new ShapeError(
        'unknown-action-field',
        `An action must have fields of ACTION_SPEC; got "${name}" for agent "${agentId}".${didYouMean(name, COLUMN_NAMES) || ` Fields: ${COLUMN_NAMES.join(', ')}.`}`,
      );
    }
    if (typeof value !== 'number')
      throw new ShapeError(
        'action-value',
        `Action field "${name}" must be a number; got ${JSON.stringify(value)} for agent "${agentId}". Give 0 or 1 for buttons.`,
      );
    out[offset + column] = value;
  }
}

/** Writes discrete choice `index` at `offset`; returns false, having written idle, when there is no such choice. */
export function writeDiscrete(out: Float32Array, offset: number, index: number): boolean {
  const row = DISCRETE_ROWS[index];
  out.set(row ?? NEUTRAL_ROW, offset);
  return row !== undefined;
}

/** Index of a discrete action's name. @throws ShapeError with the nearest name. */
export function discreteIndex(name: string, agentId: string): number {
  const names = DISCRETE_ACTIONS.map((action) => action.name as string);
  const index = names.indexOf(name);
  if (index >= 0) return index;
  throw new ShapeError(
    'unknown-action',
    `A discrete action must be one of ${names.length} names; got "${name}" for agent "${agentId}".${didYouMean(name, names) || ` Names: ${names.join(', ')}.`}`,
  );
}

/** Columns and decoded words begin alike, so an action's offset is its slot times its size. */
export const MESSAGE_COLUMN = ACTION_WORD.message;
export { ACTION_FIELDS };
