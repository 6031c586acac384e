/** Pictures as files: PNG, a folder of PNGs, or MP4 through ffmpeg where that is installed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { encodePng, type Picture } from '@kinovox/agents';
import { UsageError } from '@kinovox/world';

/** Takes pictures one after the other. */
export interface PictureSink {
  add(picture: Picture): Promise<void>;
  /** @returns what was written, in words. */
  close(): Promise<string>;
}

/** The mean of blocks of `factor` x `factor` pixels, which smooths edges. */
export function shrinkPicture({ width, height, rgb }: Picture, factor: number): Picture {
  const small = { width: width / factor, height: height / factor, rgb: new Uint8Array((rgb.length / factor / factor) | 0) };
  for (let y = 0, at = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++) {
      for (let channel = 0; channel < 3; channel++, at++) {
        let sum = 0;
        for (let k = 0; k < factor * factor; k++)
          sum += rgb[3 * ((y * factor + Math.floor(k / factor)) * width + x * factor + (k % factor)) + channel];
        small.rgb[at] = Math.round(sum / (factor * factor));
      }
    }
  }
  return small;
}

/** Whether this machine can make films. */
export function hasFfmpeg(): boolean {
  return spawnSync('ffmpeg', ['-version'], { stdio: 'ignore' }).status === 0;
}

/** @throws UsageError when the file or folder cannot be written. */
export function createPngSink(path: string): PictureSink {
  return {
    async add(picture) {
      write(path, encodePng(picture));
    },
    close: async () => path,
  };
}

export function createFolderSink(path: string): PictureSink {
  let n = 0;
  return {
    async add(picture) {
      write(join(path, `frame-${String(n++).padStart(5, '0')}.png`), encodePng(picture));
    },
    close: async () => `${n} pictures in ${path}`,
  };
}

/** Pipes raw pixels into ffmpeg; H.264 asks for even edges, so odd ones lose a line. */
export function createFilmSink(path: string, width: number, height: number, framesPerSecond: number): PictureSink {
  mkdirSync(dirname(resolve(path)), { recursive: true });
  const film = spawn(
    'ffmpeg',
    [
      ...['-y', '-loglevel', 'error', '-f', 'rawvideo', '-pixel_format', 'rgb24', '-video_size', `${width}x${height}`],
      ...['-framerate', String(framesPerSecond), '-i', '-', '-vf', 'crop=trunc(iw/2)*2:trunc(ih/2)*2'],
      ...['-c:v', 'libx264', '-crf', '18', '-pix_fmt', 'yuv420p', '-movflags', '+faststart', path],
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let complaint = '';
  film.stderr!.on('data', (text) => {
    complaint += text;
  });
  // A pipe that ffmpeg closed early shows in its exit code.
  film.stdin!.on('error', () => undefined);
  let n = 0;
  const done = ended(film);
  return {
    async add({ rgb }) {
      n++;
      if (!film.stdin!.write(rgb.slice())) await Promise.race([once(film.stdin!, 'drain'), done]);
    },
    async close() {
      film.stdin!.end();
      const code = await done;
      if (code === 0) return `${n} pictures in ${path}`;
      throw new UsageError(
        'film',
        `ffmpeg must be able to write the film; it ended with ${code} for "${path}": ${complaint.trim()}. Give a folder as --out for PNG pictures.`,
      );
    },
  };
}

function ended(film: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    film.on('error', () => resolve(null));
    film.on('close', (code) => resolve(code));
  });
}

function write(path: string, bytes: Uint8Array): void {
  try {
    mkdirSync(dirname(resolve(path)), { recursive: true });
    writeFileSync(path, bytes);
  } catch (error) {
    throw new UsageError('picture-file', `--out must be a place that can be written; got "${path}": ${(error as Error).message}.`, {
      cause: error,
    });
  }
}
