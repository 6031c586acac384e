// Reads pixels of screenshots: PNG as Chromium writes it (8 bits, RGB or RGBA, not interlaced).
import { inflateSync } from 'node:zlib';

export interface Picture {
  width: number;
  height: number;
  /** `[height, width, 3]` */
  rgb: Uint8Array;
}

export function decodePng(png: Buffer): Picture {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const channels = png[25] === 6 ? 4 : 3;
  const chunks: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') chunks.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const raw = inflateSync(Buffer.concat(chunks));
  const stride = width * channels;
  const rows = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let i = 0; i < stride; i++) {
      const left = i >= channels ? rows[y * stride + i - channels] : 0;
      const up = y > 0 ? rows[(y - 1) * stride + i] : 0;
      const corner = y > 0 && i >= channels ? rows[(y - 1) * stride + i - channels] : 0;
      rows[y * stride + i] = raw[y * (stride + 1) + 1 + i] + [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
    }
  }
  const rgb = new Uint8Array(width * height * 3);
  for (let p = 0; p < width * height; p++) for (let c = 0; c < 3; c++) rgb[p * 3 + c] = rows[p * channels + c];
  return { width, height, rgb };
}

export function crop(picture: Picture, area: { x: number; y: number; width: number; height: number }): Picture {
  const rgb = new Uint8Array(area.width * area.height * 3);
  for (let y = 0; y < area.height; y++) {
    const from = ((area.y + y) * picture.width + area.x) * 3;
    rgb.set(picture.rgb.subarray(from, from + area.width * 3), y * area.width * 3);
  }
  return { width: area.width, height: area.height, rgb };
}

/** Number of different colours, each channel in 16 steps. */
export function countColors({ rgb }: Picture): number {
  const colors = new Set<number>();
  for (let i = 0; i < rgb.length; i += 3) colors.add(((rgb[i] >> 4) << 8) | ((rgb[i + 1] >> 4) << 4) | (rgb[i + 2] >> 4));
  return colors.size;
}

/** Share of pixels, 0..1, whose channels differ by more than 24 in sum. */
export function difference(a: Picture, b: Picture): number {
  let differing = 0;
  for (let i = 0; i < a.rgb.length; i += 3)
    if (Math.abs(a.rgb[i] - b.rgb[i]) + Math.abs(a.rgb[i + 1] - b.rgb[i + 1]) + Math.abs(a.rgb[i + 2] - b.rgb[i + 2]) > 24) differing++;
  return differing / (a.rgb.length / 3);
}

/** Mean of all channels, 0..255. */
export function brightness({ rgb }: Picture): number {
  let sum = 0;
  for (const channel of rgb) sum += channel;
  return sum / rgb.length;
}

/** Number of pixels of which a test of red, green and blue holds. */
export function countWhere({ rgb }: Picture, holds: (red: number, green: number, blue: number) => boolean): number {
  let count = 0;
  for (let i = 0; i < rgb.length; i += 3) if (holds(rgb[i], rgb[i + 1], rgb[i + 2])) count++;
  return count;
}

function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/** Share of pixels of which a channel differs by more than `levels` of 255: what was drawn, and not how a shadow's edge was sampled. */
export function drawnShare(a: Picture, b: Picture, levels = 60): number {
  let drawn = 0;
  for (let at = 0; at < a.rgb.length; at += 3) if ([0, 1, 2].some((k) => Math.abs(a.rgb[at + k] - b.rgb[at + k]) > levels)) drawn++;
  return drawn / (a.rgb.length / 3);
}
