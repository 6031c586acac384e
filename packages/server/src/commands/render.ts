/** `kinovox render`: pictures and films of a recording or a scenario, through the eyes of an agent or from a place of one's own. */
import { existsSync, statSync } from 'node:fs';
import { createImages, createRayCamera, renderAgentInto, renderFreeInto } from '@kinovox/physics';
import { didYouMean, toAngle, UsageError } from '@kinovox/world';
import { Command, InvalidArgumentError } from 'commander';
import { integerValue } from '../cli/option-values.js';
import { printJson, printLine } from '../cli/print.js';
import { createProgress } from '../cli/progress.js';
import { agentColors } from '../live/colors.js';
import { createFilmSink, createFolderSink, createPngSink, hasFfmpeg, type PictureSink, shrinkPicture } from '../run/picture-file.js';
import { openPictureSource, type PictureSource } from '../run/picture-source.js';
import { policyNames, policyValue } from '../run/policy-driver.js';

/** Rays per pixel along each axis: edges are smooth at 2. */
const RAYS_PER_PIXEL = 2;
const TICKS_PER_SECOND = 20;
/** Ticks of a film of a scenario where --ticks is left out: ten seconds. */
const DEFAULT_TICKS = 200;
const MOST_TICK = 10_000_000;

interface RenderOptions {
  agent?: string;
  free?: FreePlace;
  out: string;
  width: number;
  height: number;
  fov: number;
  far: number;
  ticks?: [number, number];
  every: number;
  row?: number;
  policy: string;
  seed: number;
  json?: true;
}

interface FreePlace {
  /** Metres, and degrees as in scenarios. */
  x: number;
  y: number;
  z: number;
  yawDeg: number;
  pitchDeg: number;
}

export function renderCommand(): Command {
  return new Command('render')
    .description('Make pictures or a film of a recording, or of a scenario played now.')
    .argument('<recording, run folder or scenario>', 'a .kvr file, a folder that "kinovox run --out" wrote, or a scenario by id or path')
    .requiredOption('-o, --out <path>', 'file.png, file.mp4 (needs ffmpeg), or a folder for one PNG per picture')
    .option('--agent <id>', 'through the eyes of this agent (default: the first)')
    .option('--free <x,y,z,yaw,pitch>', 'from a place in metres, turned in degrees: yaw 0 looks north (-z), 90 west; pitch up', freeValue)
    .option('--width <n>', 'pixels, 16..1920', integerValue(16, 1920), 640)
    .option('--height <n>', 'pixels, 16..1080', integerValue(16, 1080), 360)
    .option('--fov <deg>', 'horizontal field of view, 10..150', integerValue(10, 150), 80)
    .option('--far <m>', 'farthest surface seen, 8..64', integerValue(8, 64), 64)
    .option(
      '--ticks <a-b>',
      'ticks from the start, both included; a picture shows the first (default: 0; films: all, or 0-200)',
      ticksValue,
    )
    .option('--every <n>', 'one picture per n ticks', integerValue(1, 100_000), 1)
    .option('--row <n>', 'of a run folder: the recorded row (default: the first)', integerValue(0, 65_535))
    .option('--policy <name>', `of a scenario: who acts: ${policyNames().join(', ')}`, policyValue, 'scripted')
    .option('--seed <n>', 'of a scenario: its seed', integerValue(0, 2 ** 52), 0)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ kinovox render bridge-gap-v1 --out bridge.png --ticks 40
  $ kinovox render runs/bridge --agent bob --out bob.mp4 --every 2
  $ kinovox render runs/bridge --free 16,24,40,0,-35 --out frames --ticks 0-400 --every 20
Films play at the speed of the world. Without ffmpeg there are no films: give a folder and join its pictures elsewhere.`,
    )
    .action(render);
}

async function render(from: string, options: RenderOptions): Promise<void> {
  if (options.agent !== undefined && options.free !== undefined)
    throw new UsageError('two-eyes', 'A picture must have one eye; got --agent and --free. Leave one of them out.');
  const kind = kindOf(options.out);
  const source = await openPictureSource(from, options);
  try {
    const [first, last] = tickRange(options, source, kind === 'png');
    const numPictures = Math.floor((last - first) / options.every) + 1;
    const take = createTaker(source, options);
    const sink = openSink(kind, options);
    const progress = createProgress('render', numPictures, { quiet: options.json === true || numPictures < 2 });
    for (let n = 0; n < numPictures; n++) {
      await source.seek(first + n * options.every);
      await sink.add(take());
      progress.update(n + 1);
      // Signals are looked at between pictures.
      await new Promise(setImmediate);
    }
    progress.stop();
    const written = await sink.close();
    if (options.json === true)
      printJson({
        out: options.out,
        pictures: numPictures,
        firstTick: first,
        lastTick: last,
        width: options.width,
        height: options.height,
      });
    else printLine(`  ${written}`);
  } finally {
    source.close();
  }
}

/** @returns a function that takes the picture of the source's present frame. */
function createTaker(source: PictureSource, options: RenderOptions) {
  const width = options.width * RAYS_PER_PIXEL;
  const height = options.height * RAYS_PER_PIXEL;
  const spec = { width, height, fovDeg: options.fov, farM: options.far, channels: ['rgb'] as const };
  const colors = source.scenario.agents.flatMap((entry) => Array.from({ length: entry.count ?? 1 }, () => entry));
  const camera = createRayCamera(source.program, source.state, spec, agentColors(colors));
  const images = createImages(spec.channels, camera.size);
  const slot = slotOf(source, options.agent);
  const { free } = options;
  const eye = free && {
    xQ16: Math.round(free.x * 65536),
    yQ16: Math.round(free.y * 65536),
    zQ16: Math.round(free.z * 65536),
    yaw: toAngle((free.yawDeg * Math.PI) / 180),
    pitch: toAngle((free.pitchDeg * Math.PI) / 180),
  };
  return () => {
    if (eye !== undefined) renderFreeInto(camera, images, 0, 0, eye);
    else renderAgentInto(camera, images, 0, 0, slot);
    return shrinkPicture({ width, height, rgb: images.rgb }, RAYS_PER_PIXEL);
  };
}

function slotOf({ agentIds, scenario }: PictureSource, agent: string | undefined): number {
  if (agent === undefined) return 0;
  const slot = agentIds.indexOf(agent);
  if (slot >= 0) return slot;
  throw new UsageError(
    'unknown-agent',
    `--agent must name an agent of ${scenario.id}; got "${agent}".${didYouMean(agent, agentIds) || ` Agents: ${agentIds.slice(0, 12).join(', ')}${agentIds.length > 12 ? ', ...' : ''}.`}`,
  );
}

function tickRange({ ticks }: RenderOptions, source: PictureSource, isOne: boolean): [number, number] {
  const end = source.numFrames - 1;
  const [first, last] = ticks ?? [0, isOne ? 0 : Math.min(end, Number.isFinite(end) ? end : DEFAULT_TICKS)];
  if (first > end) throw new UsageError('ticks', `--ticks must begin within the recording, 0..${end}; got ${first}. Give an earlier tick.`);
  return [first, isOne ? first : Math.min(last, end)];
}

type OutKind = 'png' | 'mp4' | 'folder';

function kindOf(out: string): OutKind {
  if (/\.png$/i.test(out)) return 'png';
  if (/\.mp4$/i.test(out)) {
    if (hasFfmpeg()) return 'mp4';
    throw new UsageError(
      'no-ffmpeg',
      `A film must be made by ffmpeg; got --out "${out}", and no ffmpeg on this machine. Install ffmpeg, or give a folder as --out for one PNG per picture.`,
    );
  }
  const isFile = existsSync(out) && statSync(out).isFile();
  if (!isFile && !/\.[a-z0-9]{2,4}$/i.test(out)) return 'folder';
  throw new UsageError('out-kind', `--out must be a .png file, an .mp4 file or a folder; got "${out}". Give for example picture.png.`);
}

function openSink(kind: OutKind, { out, width, height, every }: RenderOptions): PictureSink {
  if (kind === 'png') return createPngSink(out);
  if (kind === 'folder') return createFolderSink(out);
  return createFilmSink(out, width, height, TICKS_PER_SECOND / every);
}

function ticksValue(text: string): [number, number] {
  const match = /^(\d{1,8})(?:-(\d{1,8}))?$/.exec(text.trim());
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match === null || last < first || last > MOST_TICK)
    throw new InvalidArgumentError('It must be a tick such as 40, or a range such as 0-400.');
  return [first, last];
}

function freeValue(text: string): FreePlace {
  const values = text.split(',').map(Number);
  const [x, y, z, yawDeg, pitchDeg = 0] = values;
  const isPlace = [x, y, z].every((metres) => Math.abs(metres) <= 250);
  if (text.split(',').some((part) => part.trim() === '') || values.length < 4 || values.length > 5 || !isPlace)
    throw new InvalidArgumentError('It must be x,y,z,yaw,pitch: three places in -250..250 metres, then degrees; such as 16,12,30,0,-20.');
  if (!(Math.abs(yawDeg) <= 360 && Math.abs(pitchDeg) <= 90))
    throw new InvalidArgumentError('Its yaw must be in -360..360 degrees and its pitch in -90..90.');
  return { x, y, z, yawDeg, pitchDeg };
}
