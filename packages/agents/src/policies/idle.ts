/** The policy that does nothing: what every action is compared with. */
import type { BatchDecider } from '../policy.js';

export const idleDecider: BatchDecider = { fill: () => {}, choose: () => {} };
