/** Checks of `survival.mobs`: names and places that must exist, numbers that must fit each other, and words that would have no effect. */
import { MAX_MOBS } from '../spec/state.js';
import { attacks, type Mob, mobsOf } from '../survival/mob-entries.js';
import type { MobEntry } from '../survival/mob-schema.js';
import type { CheckContext, Path } from './check-context.js';

export function checkMobs(check: CheckContext): void {
  const settings = check.scenario.survival;
  const entries = settings?.mobs ?? [];
  const mobs = mobsOf({ mobs: entries });
  const path: Path = ['survival', 'mobs'];
  check.unique(
    mobs.map(({ name }) => name),
    path,
    'mob name',
  );
  const total = mobs.reduce((sum, { max }) => sum + max, 0);
  if (total > MAX_MOBS)
    check.add(
      'limit',
      path,
      `must have room for at most ${MAX_MOBS} mobs, "max" of all entries together`,
      total,
      'Lower "max" or "count".',
    );
  for (const [i, mob] of mobs.entries()) {
    checkNames(check, entries[i], mob, [...path, i]);
    checkNumbers(check, mob, [...path, i]);
    checkBehaviour(check, entries[i], mob, [...path, i]);
  }
}

function checkNames(check: CheckContext, entry: MobEntry, mob: Mob, path: Path): void {
  if (mob.spawn.region !== undefined) check.region(mob.spawn.region, [...path, 'spawn', 'region']);
  for (const [i, block] of (entry.spawn.on ?? []).entries()) check.block(block, [...path, 'spawn', 'on', i]);
  for (const [i, drop] of (entry.drops ?? []).entries()) check.item(drop.item, [...path, 'drops', i, 'item']);
  for (const [i, trade] of (entry.trades ?? []).entries()) {
    check.item(trade.wants, [...path, 'trades', i, 'wants']);
    check.item(trade.gives, [...path, 'trades', i, 'gives']);
  }
  if (mob.friends !== undefined) check.team(mob.friends, [...path, 'friends']);
}

function checkNumbers(check: CheckContext, mob: Mob, path: Path): void {
  if (mob.count > mob.max) check.add('limit', [...path, 'count'], `must be at most "max", ${mob.max}`, mob.count, 'Raise "max".');
  if (mob.wanderSpeed > mob.speed)
    check.add('mob-speed', [...path, 'wanderSpeed'], `must be at most "speed", ${mob.speed}`, mob.wanderSpeed, 'Raise "speed".');
  for (const [i, { least, most }] of mob.drops.entries()) {
    if (least > most)
      check.add('drop-range', [...path, 'drops', i, 'least'], `must be at most "most", ${most}`, least, 'Write "most" as well.');
  }
}

/** What an entry says must matter for its behaviour. */
function checkBehaviour(check: CheckContext, entry: MobEntry, mob: Mob, path: Path): void {
  const only = (key: keyof MobEntry, isMeant: boolean, behaviours: string) => {
    const value = entry[key];
    const isNothing = value === undefined || value === 0 || (Array.isArray(value) && value.length === 0);
    if (!isMeant && !isNothing)
      check.add('mob-behaviour', [...path, key], `must stand with ${behaviours} only, as a ${mob.behaviour} has no use for it`, value);
  };
  only('damage', attacks(mob.behaviour), 'behaviour "hostile" or "guard"');
  only('enemies', attacks(mob.behaviour), 'behaviour "hostile" or "guard"');
  only('friends', attacks(mob.behaviour), 'behaviour "hostile" or "guard"');
  only('guardMetres', mob.behaviour === 'guard', 'behaviour "guard"');
  only('trades', mob.behaviour === 'trader', 'behaviour "trader"');
  if (attacks(mob.behaviour) && mob.damage > 0 && mob.enemies.length === 0)
    check.add(
      'mob-enemies',
      [...path, 'enemies'],
      'must name someone, because the mob has "damage"',
      mob.enemies,
      'Write ["agents"], or "damage": 0.',
    );
  if (mob.behaviour === 'guard' && mob.guardMetres === 0)
    check.add('mob-guard', [...path, 'guardMetres'], 'must be above 0 for a guard', mob.guardMetres, 'Write "guardMetres": 10.');
}
