/** Constants of the rigid tier, in SI. A value that changes here changes results: raise RULES_VERSION with it. */

/** Mass of a walker in exchanges with props, kg: an adult. */
export const WALKER_MASS_KG = 60;
/** Gravity on props, m/s^2: standard gravity (CGPM 1901). Walkers fall by Minecraft's own rule, 0.08 block/tick^2. */
export const PROP_GRAVITY = 9.80665;
/** Share of spin that props lose per second, 1/s: rolling resistance, so that balls come to rest. */
export const ANGULAR_DAMPING = 0.5;
/** Rapier steps per tick, each 1/60 s: the step length that Rapier's solver is tuned for. */
export const SUBSTEPS = 3;
/** Gap that walkers keep to props, metres: twice Rapier's own prediction distance, so that walkers at rest and props exchange nothing. */
export const SKIN = 1 / 256;
/** Props faster than this, m/s, have blown up: no rule makes such speeds, and Rapier 0.21 cuts all off at 400 m/s, so a higher bound would never be met. */
export const MAX_PROP_SPEED = 390;
/** How far a prop's centre may be outside the world before it counts as lost, metres. */
export const LOST_MARGIN = 1;
/** Highest prop centre, metres: what a Q16 position word may hold. */
export const HIGHEST_PROP = 256;
/** How far before the middle of a walker the near side of what it carries is held, metres: out of reach of its own box in whatever direction, and of its fastest step. */
export const CARRY_DISTANCE = 0.85;
/** Height of the centre of a carried prop over the feet while the view is level, and what looking straight up adds or down takes, metres. */
export const CARRY_HEIGHT = 1;
export const CARRY_LIFT = 0.8;
/** Least height of its underside over the feet, metres. */
export const CARRY_CLEARANCE = 0.1;
/** Most force of hands beside what bears the weight, N; most speed in metres per second, and most spin in rad/s, that they give. */
export const HAND_FORCE = 1000;
export const HAND_SPEED = 12;
export const HAND_SPIN = 10;
/** How far a carried prop swings around its carrier in a tick, as sine and cosine: 18 degrees. */
export const SWING_SIN = 0.3090169943749474;
export const SWING_COS = 0.9510565162951535;
/** A carried prop farther than this from where it is held, metres, and slower than this, m/s, is stuck: hands let go. */
export const STUCK_DISTANCE = 1;
export const STUCK_SPEED = 0.5;
/** Most speed that a throw adds, m/s. */
export const THROW_SPEED = 12;
/** Rounds of projected Gauss-Seidel over the contacts of a world; one contact alone, or each at a prop of its own, is exact after the first. */
export const IMPULSE_ROUNDS = 16;
