/** The viewer is a page, not a library: its entry is `main.ts`. This module exists so that the package has a root. */
export {};
