/**
 * Who works where on errands: each takes a site, a block to dig or a cell to fill, and a cell of the ground beside it to stand on, and keeps both until it
 * is done, the site is lost or no way leads there.
 */
import { Controls } from '../skills/controls.js';
import { digFromHere, placeFromHere } from '../skills/hands.js';
import { heldBlocks } from '../skills/inventory.js';
import { type Errand, isSite, sitesOf } from './errands.js';
import { type Cell, type GridMember, type SquadGrid, STEPS } from './squad-grid.js';

/** The cell where one is to stand for its errand, and the cell that it is to dig or fill from there. */
export interface Claim {
  kind: Errand['kind'];
  stand: Cell;
  site: Cell;
  /** Ticks at work. */
  ticks: number;
}

/** Ticks after which a box that could not be taken or put down from a cell is left to others. */
const GIVE_UP_TICKS = 120;

export class Claims {
  /** Sites that could not be worked from where somebody stood: cell -> tick until which they are left alone. */
  readonly #spoilt = new Map<string, number>();

  reset(): void {
    this.#spoilt.clear();
  }

  /**
   * A site and a cell beside it for everybody on an errand that has none; those who have one keep it while a way leads there.
   * @param starts of the members, in cells. @param blocked cells of the grid without room.
   */
  claim(members: readonly GridMember[], grid: SquadGrid, starts: readonly Cell[], level: number, blocked: Uint8Array): void {
    const taken = new Set<number>();
    const claimed = new Set<string>();
    const parts = grid.partsFrom(starts, blocked);
    members.forEach((member, i) => {
      const { claim } = member;
      if (claim === undefined) return;
      const stand = grid.indexOf(claim.stand);
      // The way there has shut, or two have been given one cell. A goal that one of them cannot reach would leave no plan for all.
      if (parts[stand] !== parts[grid.indexOf(starts[i])] || taken.has(stand)) member.claim = undefined;
      else {
        taken.add(stand);
        claimed.add(claim.site.join());
      }
    });
    const sites = new Map<string, readonly Cell[]>();
    members.forEach((member, i) => {
      const { errand } = member;
      if (errand === undefined || member.claim !== undefined) return;
      const key = `${errand.kind}${errand.block}`;
      let open = sites.get(key);
      if (open === undefined) sites.set(key, (open = sitesOf(member.view, errand).filter((site) => !this.#spoilt.has(site.join()))));
      const bySide = new Map<number, Cell>();
      for (const site of open) {
        if (claimed.has(site.join()) || site[1] < level || site[1] > level + 1) continue;
        for (const [dx, dy, dz] of STEPS) {
          const beside: Cell = [site[0] + dx, 0, site[2] + dz];
          const isInside = beside[0] >= 0 && beside[2] >= 0 && beside[0] < grid.size[0] && beside[2] < grid.size[2];
          if (dy === 0 && isInside && !bySide.has(grid.indexOf(beside))) bySide.set(grid.indexOf(beside), site);
        }
      }
      const stand = grid.reachable(starts[i], blocked, taken, (at) => bySide.has(grid.indexOf(at)));
      if (stand === undefined) return;
      const site = bySide.get(grid.indexOf(stand))!;
      taken.add(grid.indexOf(stand));
      claimed.add(site.join());
      member.claim = { kind: errand.kind, stand, site, ticks: 0 };
    });
  }

  /** Forgets claims that are done with. @returns how many lost their site before, and so need another plan. */
  drop(members: readonly GridMember[], tick: number): number {
    let lost = 0;
    for (const [site, until] of this.#spoilt) if (until <= tick) this.#spoilt.delete(site);
    for (const member of members) {
      const { claim, errand, view } = member;
      if (claim === undefined) continue;
      if (errand !== undefined && errand.kind === claim.kind && view.isAlive()) {
        const isGood = isSite(view, errand, claim.site);
        if (isGood && claim.ticks < GIVE_UP_TICKS) continue;
        if (isGood) this.#spoilt.set(claim.site.join(), tick + 2 * GIVE_UP_TICKS);
        lost++;
      }
      member.claim = undefined;
    }
    return lost;
  }
}

/** Takes the box off its site, or puts one there; false where the hands do not reach. */
export function workOnClaim({ view, errand, claim }: GridMember, row: Float32Array): boolean {
  if (errand === undefined || claim === undefined || errand.kind !== claim.kind) return false;
  claim.ticks++;
  const controls = new Controls(view, row);
  return errand.kind === 'fetch' ? digFromHere(controls, claim.site) : placeFromHere(controls, claim.site, heldBlocks(view, errand.block));
}
