/**
 * Constants of the walker, a Minecraft player without effects, in the engine's integers.
 * Values: prismarine-physics 1.11.1 (MIT) for Minecraft 1.20.1, named behind each line; units are blocks and ticks (1/20 s).
 */

/** Half of the body's width: playerHalfWidth 0.3 block. */
export const HALF_WIDTH_Q16 = 19661;
/** Body height: playerHeight 1.8 blocks. */
export const HEIGHT_Q16 = 117965;
/** Eye above the feet: 1.62 blocks standing, 1.27 sneaking (Minecraft Wiki, "Player"). */
export const EYE_Q16 = 106168;
export const EYE_SNEAKING_Q16 = 83231;
/** Farthest block that can be dug, used or built on: 4.5 blocks from the eye (Minecraft Wiki, "Breaking"). */
export const REACH_Q16 = 294912;

/** gravity 0.08 block/tick^2. */
export const GRAVITY_Q16 = 5243;
/** airdrag 0.98 of the vertical velocity is kept. */
export const AIR_DRAG_Y_Q14 = 16056;
/** Ground of slipperiness 0.6 keeps 0.6 * 0.91 of the horizontal velocity. */
export const GROUND_DRAG_Q14 = 8946;
/** airborneInertia 0.91 of the horizontal velocity is kept off the ground. */
export const AIR_DRAG_Q14 = 14909;
/** Ground acceleration: playerSpeed 0.1, sprinting +30 %, in Q18 block/tick^2. */
export const WALK_ACCELERATION_Q18 = 26214;
export const SPRINT_ACCELERATION_Q18 = 34079;
/** airborneAcceleration 0.02, sprinting +0.006, in Q18. */
export const AIR_ACCELERATION_Q18 = 5243;
export const AIR_SPRINT_ACCELERATION_Q18 = 6816;
/** liquidAcceleration 0.02, in Q18. */
export const LIQUID_ACCELERATION_Q18 = 5243;
/** A key counts 0.98 of full input; sneakSpeed 0.3 of that: both in Q14. */
export const INPUT_Q14 = 16056;
export const SNEAK_INPUT_Q14 = 4817;
/** Longest input (Q12) that INPUT_Q14 leaves at or below 1: 4096 / 0.98. */
export const FULL_INPUT_Q12 = 4179;
/** Input shorter than 0.01 is none. */
export const LEAST_INPUT_Q12 = 41;

/** Jump: initial vertical velocity 0.42; a sprinting jump adds 0.2 along the heading; the key held repeats after autojumpCooldown 10 ticks. */
export const JUMP_Q16 = 27525;
export const SPRINT_JUMP_Q16 = 13107;
export const JUMP_COOLDOWN_TICKS = 10;

/**
 * negligeableVelocity 0.003 (196.6): smaller components become zero. 195, because at the top of a jump the source's velocity is 197.7 and ours,
 * after five rounded ticks, 196: both must survive, or the whole fall shifts by a tick.
 */
export const NEGLIGIBLE_Q16 = 195;
/** stepHeight 0.6 block: what a body landing against a wall may step onto. */
export const STEP_Q16 = 39322;
/** While sneaking, motion over an edge is shortened by 0.05 block at a time. */
export const SNEAK_STEP_Q16 = 3277;

/** Liquids: waterInertia 0.8, lavaInertia 0.5, waterGravity 0.005, lavaGravity 0.02, rise 0.04 while jumping, outOfLiquidImpulse 0.3. */
export const WATER_DRAG_Q14 = 13107;
export const LAVA_DRAG_Q14 = 8192;
export const WATER_GRAVITY_Q16 = 328;
export const LAVA_GRAVITY_Q16 = 1311;
export const SWIM_UP_Q16 = 2621;
export const OUT_OF_LIQUID_Q16 = 19661;
/** Part of the body that counts as in water: 0.401 above the feet to 0.401 below the top, 0.001 in from the sides; for lava 0.4 and 0.1. */
export const WATER_INSET_Y_Q16 = 26280;
export const WATER_INSET_XZ_Q16 = 66;
export const LAVA_INSET_Y_Q16 = 26214;
export const LAVA_INSET_XZ_Q16 = 6554;

/** Ladders: ladderMaxSpeed 0.15 sideways and down, ladderClimbSpeed 0.2 up. */
export const LADDER_MAX_Q16 = 9830;
export const LADDER_CLIMB_Q16 = 13107;

/** Falls over 3 blocks cost one half heart per started block (Minecraft Wiki, "Damage"). */
export const SAFE_FALL_Q16 = 3 << 16;
/** Lava: 4 half hearts every 10 ticks (Minecraft Wiki, "Lava"). */
export const LAVA_DAMAGE = 4;
export const LAVA_DAMAGE_TICKS = 10;

/** Overlapping bodies part at 0.05 block/tick^2 (Minecraft, Entity.push). Closer than 0.01 block there is no direction to part in. */
export const PUSH_Q16 = 3277;
export const PUSH_LEAST_Q16 = 655;
/** Bodies within 1/16 block of each other touch. */
export const TOUCH_MARGIN_Q16 = 4096;

/** A held key places or uses every fourth tick (Minecraft: right-click delay 4). */
export const USE_COOLDOWN_TICKS = 4;
