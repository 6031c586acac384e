/**
 * The block and item tables as Markdown: the whole of docs/blocks.md, generated so that it cannot disagree with the registry.
 */
import { ITEM_ALIASES, ITEMS } from './items.js';
import { BLOCKS, type BlockType } from './registry.js';

/** The text of docs/blocks.md. */
export function renderBlockTable(): string {
  return [
    '# Blocks and items',
    '',
    'Generated from the registry (`npm run docs`); edit `packages/world/src/blocks/table.ts` instead.',
    '',
    'A block collides as a full cube or not at all, and a block state (an open door) is a block of its own. Ids never change.',
    'Dig times are for a bare hand, at 20 ticks per second; `never` cannot be dug. A block can be held and placed when it has an item of its name.',
    '',
    '| id | name | body | dig (ticks) | drops | properties | description |',
    '| --: | --- | --- | --: | --- | --- | --- |',
    ...BLOCKS.map(blockLine),
    '',
    '## Items that are not blocks',
    '',
    '| id | name | stack | places |',
    '| --: | --- | --: | --- |',
    ...ITEMS.filter((item) => item.places !== item.name).map(
      (item) => `| ${item.id} | \`${item.name}\` | ${item.stack} | ${item.places === null ? '' : `\`${item.places}\``} |`,
    ),
    '',
    '## Short names of items',
    '',
    '| short | item |',
    '| --- | --- |',
    ...Object.entries(ITEM_ALIASES).map(([alias, name]) => `| \`${alias}\` | \`${name}\` |`),
    '',
  ].join('\n');
}

function blockLine(block: BlockType): string {
  const body = block.liquid !== 'none' ? block.liquid : block.solid ? 'cube' : 'none';
  const dig = block.digTicks < 0 ? 'never' : String(block.digTicks);
  const drops = block.drops === null ? '' : `\`${block.drops}\``;
  return `| ${block.id} | \`${block.name}\` | ${body} | ${dig} | ${drops} | ${properties(block).join(', ')} | ${block.description} |`;
}

/** What sets a block apart, in words; unremarkable values are left out. */
function properties(block: BlockType): string[] {
  const words: string[] = [];
  if (block.variantOf !== undefined) words.push(`state of \`${block.variantOf}\``);
  if (block.usable !== 'none') words.push(`used as a ${block.usable}`);
  if (block.climbable) words.push('climbable');
  if (block.replaceable) words.push('replaceable');
  if (block.solid && !block.opaque) words.push('see-through');
  if (block.slipperiness !== 0.6) words.push(`slipperiness ${block.slipperiness}`);
  if (block.damagePerSecond > 0) words.push(`${block.damagePerSecond} damage/s`);
  if (block.light > 0) words.push(`light ${block.light}`);
  return words;
}
