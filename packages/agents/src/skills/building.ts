/** What is to be built, seen as a whole. */
import type { AgentView } from '../agent-view.js';
import type { Ground } from '../navigation/ground.js';

/**
 * Whether cells stand on each other on solid ground, two or more, or one under the builder, with room to stand on top: then they are built by jumping.
 * @param cells lowest first, one at least.
 */
export function isColumn(view: AgentView, ground: Ground, cells: readonly { x: number; y: number; z: number }[]): boolean {
  const [first] = cells;
  const onTop = view.cellOf();
  const tall = cells.length > 1 || (onTop[0] === first.x && onTop[2] === first.z);
  return (
    tall &&
    cells.every((cell, i) => cell.x === first.x && cell.z === first.z && cell.y === first.y + i) &&
    ground.isPlace(first.x, first.y, first.z)
  );
}
