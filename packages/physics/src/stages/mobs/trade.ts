/** Trading: who gives at a trader takes the offer that the action names, or the first that it can pay. What it pays is gone, like what is burnt. */
import { ACTION_WORD, ACTION_WORDS, EVENT, MAX_TRADES } from '@kinovox/world';
import { MOB_COLUMN, type MobTables, TRADE_COLUMN, TRADE_COLUMNS } from '../../survival/mob-tables.js';
import type { SurvivalTables } from '../../survival/tables.js';
import { ALIVE, type TickContext } from '../context.js';
import { pushEvent } from '../events.js';
import { receive } from '../survival/piles.js';
import { causeOf, consume, countOf } from '../survival/stacks.js';
import { kindRow } from './population.js';

/** Most offers counted as taken: the state field's upper bound. */
const MOST_TAKEN = 65536;

/** Slot a gives at mob `slot`, which was aimed at when the stage began. */
export function trade(c: TickContext, s: SurvivalTables, t: MobTables, w: number, a: number, slot: number): void {
  const { state } = c;
  const i = w * c.numAgents + a;
  const mob = w * t.numMobs + slot;
  const argument = c.buffers.actionWords[i * ACTION_WORDS + ACTION_WORD.argument];
  const offer = argument > 0 ? argument - 1 : firstPayable(c, t, w, i, slot);
  if (offer < 0 || !canTake(c, t, w, i, slot, offer)) return;
  const at = offerRow(t, slot, offer);
  const wants = t.trades[at + TRADE_COLUMN.wantsItem];
  const gives = t.trades[at + TRADE_COLUMN.givesItem];
  const taken = mob * MAX_TRADES + offer;
  state.mobTradesUsed[taken] = Math.min(MOST_TAKEN, state.mobTradesUsed[taken] + 1);
  const traded = pushEvent(state, c.buffers, w, EVENT.traded, a, slot, gives, causeOf(c, i, wants));
  consume(c, w, a, wants, t.trades[at + TRADE_COLUMN.wantsCount], traded);
  receive(c, s, w, a, gives, t.trades[at + TRADE_COLUMN.givesCount], 0, traded);
}

/** Whether agent i can take offer `offer`, from 0, of a mob now: the mob lives, has it in stock, and the agent holds what it wants. */
export function canTake(c: TickContext, t: MobTables, w: number, i: number, slot: number, offer: number): boolean {
  const mob = w * t.numMobs + slot;
  if ((c.state.mobFlags[mob] & ALIVE) === 0 || offer >= t.kinds[kindRow(t, slot) + MOB_COLUMN.numTrades]) return false;
  const at = offerRow(t, slot, offer);
  const stock = t.trades[at + TRADE_COLUMN.stock];
  if (stock > 0 && c.state.mobTradesUsed[mob * MAX_TRADES + offer] >= stock) return false;
  return countOf(c, i, t.trades[at + TRADE_COLUMN.wantsItem]) >= t.trades[at + TRADE_COLUMN.wantsCount];
}

/** The first offer of a mob that agent i can take, or -1. */
export function firstPayable(c: TickContext, t: MobTables, w: number, i: number, slot: number): number {
  for (let offer = 0; offer < t.kinds[kindRow(t, slot) + MOB_COLUMN.numTrades]; offer++) if (canTake(c, t, w, i, slot, offer)) return offer;
  return -1;
}

function offerRow(t: MobTables, slot: number, offer: number): number {
  return (t.kinds[kindRow(t, slot) + MOB_COLUMN.firstTrade] + offer) * TRADE_COLUMNS;
}
