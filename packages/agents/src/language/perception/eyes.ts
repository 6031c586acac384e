/**
 * What a language agent sees: pictures through its body's eyes, as PNG, with some of its turns. Traced when they are shown, by the environment's camera.
 * Limits: what a provider counts for a picture differs; budgets count `pictureTokens` of it before it is told.
 */
import { hashText } from '@kinovox/world';
import type { AgentView } from '../../agent-view.js';
import type { ModelImage } from '../model.js';
import type { Profile } from '../profile.js';
import { encodePng } from './png.js';

export interface Eyes {
  /** The picture that belongs to a turn; undefined where this one has none. */
  look(): ModelImage | undefined;
  /** The next turn has a picture. */
  reset(): void;
}

/** @param camera of the profile's perception; undefined: no turn has a picture. */
export function createEyes(view: AgentView, camera: Profile['perception']['camera']): Eyes {
  if (camera === undefined) return { look: () => undefined, reset() {} };
  const { width, height, fovDeg, farM, everyTurns } = camera;
  let see: (() => Uint8Array) | undefined;
  let turns = 0;
  return {
    look() {
      if (turns++ % everyTurns !== 0) return undefined;
      see ??= view.createCamera({ width, height, fovDeg, farM });
      const data = base64Of(encodePng({ width, height, rgb: see() }));
      return { mediaType: 'image/png', width, height, data, hash: hashText(data) };
    },
    reset() {
      turns = 0;
    },
  };
}

/** Bytes that are made to text at once. */
const CHUNK = 0x2000;

/** In Node and in browsers. */
function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}
