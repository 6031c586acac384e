/** How far lamps shine, cell by cell, as the rules say it: a lamp's light less the distance along the axes, walls or not. Without a DOM. */

/**
 * Light of lamps in every cell, 0..15, `[Y, Z, X]`.
 * @param voxels `[Y, Z, X]` palette indices. @param light `[P]` light that each palette entry gives.
 */
export function lampField(size: readonly [number, number, number], voxels: Uint8Array, light: Uint8Array): Uint8Array {
  const field = Uint8Array.from(voxels, (index) => light[index]);
  const strides = [1, size[0] * size[2], size[0]];
  for (let axis = 0; axis < 3; axis++) spread(field, size[axis], strides[axis]);
  return field;
}

/** Along one axis, each cell gets at least its neighbours' light less one. Axis after axis, that is the distance along all three. */
function spread(field: Uint8Array, length: number, stride: number): void {
  const numLines = field.length / length;
  for (let line = 0; line < numLines; line++) {
    const first = Math.floor(line / stride) * stride * length + (line % stride);
    const last = first + (length - 1) * stride;
    for (let at = first + stride, left = field[first]; at <= last; at += stride) {
      left = Math.max(field[at], left - 1);
      field[at] = left;
    }
    for (let at = last - stride, left = field[last]; at >= first; at -= stride) {
      left = Math.max(field[at], left - 1);
      field[at] = left;
    }
  }
}
