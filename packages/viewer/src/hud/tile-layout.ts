/** How N tiles share a rectangle, and which one lies under a point. Without a DOM. */

export interface TileLayout {
  columns: number;
  rows: number;
  /** From one tile to the next, in pixels, gap included. */
  pitch: number;
  gap: number;
  width: number;
  height: number;
}

const LARGEST_PITCH = 30;
/** Smaller tiles than this have no gap. */
const SMALLEST_GAPPED = 5;

/** The largest square tiles of which `count` fit into `width` x `maxHeight` pixels; at least one pixel each. */
export function layoutTiles(count: number, width: number, maxHeight: number): TileLayout {
  let pitch = Math.max(1, Math.min(LARGEST_PITCH, Math.floor(Math.sqrt((width * maxHeight) / Math.max(1, count)))));
  while (pitch > 1 && Math.ceil(count / Math.floor(width / pitch)) * pitch > maxHeight) pitch--;
  const columns = Math.max(1, Math.floor(width / pitch));
  const rows = Math.max(1, Math.ceil(count / columns));
  return { columns, rows, pitch, gap: pitch >= 12 ? 2 : pitch >= SMALLEST_GAPPED ? 1 : 0, width: columns * pitch, height: rows * pitch };
}

/** Index of the tile at a point, or -1. */
export function tileAt(layout: TileLayout, count: number, x: number, y: number): number {
  const column = Math.floor(x / layout.pitch);
  const row = Math.floor(y / layout.pitch);
  if (column < 0 || column >= layout.columns || row < 0) return -1;
  const index = row * layout.columns + column;
  return index < count ? index : -1;
}
