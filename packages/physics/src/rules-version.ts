/** The version of the rules of motion, digging, building, mechanisms and scoring: raised by every change that alters a result. */
export const RULES_VERSION = 1;
