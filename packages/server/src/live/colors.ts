/** Colours of teams and agents in the viewer, 0xRRGGBB. Chosen to differ for people with any of the common colour blindnesses (Okabe and Ito, 2008). */

const TEAM_COLORS = [0x0072b2, 0xe69f00, 0x009e73, 0xcc79a7, 0x56b4e9, 0xd55e00, 0xf0e442, 0x8a8a8a] as const;
/** What belongs to no team. */
export const NEUTRAL_COLOR = 0xf0e442;
/** Places to keep out of. */
export const PERIL_COLOR = 0xd33f3f;

interface Coloured {
  team: string;
  color?: string | undefined;
}

/** A colour per team: that of its first agent with one of its own, otherwise the next of the palette. */
export function teamColors(agents: readonly Coloured[]): Map<string, number> {
  const colors = new Map<string, number>();
  for (const { team } of agents) {
    if (colors.has(team)) continue;
    const own = agents.find((agent) => agent.team === team && agent.color !== undefined)?.color;
    colors.set(team, own === undefined ? TEAM_COLORS[colors.size % TEAM_COLORS.length] : parseColor(own));
  }
  return colors;
}

/** A colour per agent: its own, otherwise a shade of its team's, so that members can be told apart. The plain team colour goes to whom it comes from, or to the first. */
export function agentColors(agents: readonly Coloured[]): number[] {
  const teams = teamColors(agents);
  const nextShade = new Map<string, number>();
  for (const { team, color } of agents) if (color !== undefined) nextShade.set(team, 1);
  return agents.map(({ team, color }) => {
    if (color !== undefined) return parseColor(color);
    const n = nextShade.get(team) ?? 0;
    nextShade.set(team, n + 1);
    return shade(teams.get(team)!, SHADES[n % SHADES.length]);
  });
}

/** Share of the way to white, or below 0 to black. */
const SHADES = [0, 0.45, -0.4, 0.22, -0.22, 0.65, -0.55, 0.33];

function shade(color: number, share: number): number {
  const target = share > 0 ? 255 : 0;
  const mixed = [color >> 16, (color >> 8) & 255, color & 255].map((channel) => Math.round(channel + (target - channel) * Math.abs(share)));
  return (mixed[0] << 16) | (mixed[1] << 8) | mixed[2];
}

/** `#rrggbb` as a number. */
export function parseColor(text: string): number {
  return Number.parseInt(text.slice(1), 16);
}
