/** Pixels as PNG files. */
import { encode } from 'fast-png';

export interface Picture {
  width: number;
  height: number;
  /** `[H, W, 3]` 0..255. */
  rgb: Uint8Array;
}

/** The same pixels give the same bytes. */
export function encodePng({ width, height, rgb }: Picture): Uint8Array {
  return encode({ width, height, data: rgb, depth: 8, channels: 3 });
}
