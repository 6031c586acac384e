/** Writes row `part` of `[numParts, 7]`: a part in the plane, its middle at (x, y), turned by `yaw` about z. */
export function placePlanarInto(out: Float64Array, part: number, x: number, y: number, yaw: number): void {
  const at = part * 7;
  out[at] = x;
  out[at + 1] = y;
  out[at + 2] = 0;
  out[at + 3] = 0;
  out[at + 4] = 0;
  out[at + 5] = Math.sin(yaw / 2);
  out[at + 6] = Math.cos(yaw / 2);
}
