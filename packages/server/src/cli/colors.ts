/** Colour for people: only where stdout is a terminal that somebody watches, and NO_COLOR is not set. */
import picocolors from 'picocolors';
import { isInteractive } from './progress.js';

export const colors = picocolors.createColors(isInteractive(process.stdout) && (process.env.NO_COLOR ?? '') === '');
