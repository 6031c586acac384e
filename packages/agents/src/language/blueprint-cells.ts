/** What `build` is asked for, as cells with the names of their blocks: a list, or a blueprint of the scenario at a place. */
import { type Blueprint, didYouMean } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import { givenPlace } from './arguments.js';
import { cellText, listed, refuse } from './outcome.js';
import type { Refusal } from './skill.js';

export interface WantedCell {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly block: string;
}

export interface Wanted {
  readonly cells?: readonly WantedCell[] | undefined;
  readonly blueprint?: string | undefined;
  readonly x?: number | undefined;
  readonly y?: number | undefined;
  readonly z?: number | undefined;
}

export function wantedCells(view: AgentView, wanted: Wanted): readonly WantedCell[] | { readonly refusal: Refusal } {
  const { cells, blueprint: name } = wanted;
  if ((cells === undefined) === (name === undefined))
    return refuse('one-of', `Either cells or the name of a blueprint must be given; got ${name === undefined ? 'neither' : 'both'}.`);
  const place = givenPlace(wanted);
  if (name === undefined) {
    if (place !== undefined)
      return refuse(
        'one-of',
        'The corner x, y, z is that of a blueprint; got it beside cells, which have places of their own. Leave it out.',
      );
    return cells!;
  }
  const known = [...view.blueprints.keys()];
  const blueprint = view.blueprints.get(name);
  if (blueprint === undefined)
    return refuse(
      'unknown-blueprint',
      `No blueprint is called "${name}".${didYouMean(name, known) || (known.length === 0 ? ' This scenario has none; give cells.' : ` Known: ${known.join(', ')}.`)}`,
      { blueprint: name, known },
    );
  if (place === 'partial')
    return refuse(
      'no-place',
      'A corner has x, y and z; got a part of it. Give all three, or none where the blueprint has a place of its own.',
      {
        blueprint: name,
        size: [...blueprint.size],
      },
    );
  const at = place ?? blueprint.at;
  if (at === undefined)
    return refuse('no-place', `The blueprint ${name} belongs nowhere by itself: give x, y and z of its lowest corner.`, {
      blueprint: name,
      size: [...blueprint.size],
    });
  const [x0, y0, z0] = at;
  return blueprint.blocks.map(({ x, y, z, block }) => ({ x: x0 + x, y: y0 + y, z: z0 + z, block }));
}

/** What the model is told of the blueprints of its scenario; empty where there are none. */
export function describeBlueprints(blueprints: ReadonlyMap<string, Blueprint>): string {
  if (blueprints.size === 0) return '';
  const words = [...blueprints].map(([name, { size, at, blocks }]) => {
    const counts = new Map<string, number>();
    for (const { block } of blocks) counts.set(block, (counts.get(block) ?? 0) + 1);
    return `${name} (${size.join(' x ')} cells: ${listed(counts)}${at === undefined ? '' : `; at ${cellText(at)}`})`;
  });
  return ` Blueprints: ${words.join('; ')}.`;
}
