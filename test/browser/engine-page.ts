/** The page of the engines' browser test: plays what it is asked to. */
import { playOnEngine } from './engine-run.js';

Object.assign(window, { playOnEngine });
