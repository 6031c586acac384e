/** Bars on stderr that were not stopped yet. One left standing hides the cursor and keeps the process alive. */
const standing = new Set<{ stop(): void }>();

/** Notes a bar that has begun. @returns stops it, once. */
export function standUp(bar: { stop(): void }): () => void {
  standing.add(bar);
  return () => {
    if (standing.delete(bar)) bar.stop();
  };
}

/** Stops all of them: for a command that ends before it came to do so. */
export function takeDownBars(): void {
  for (const bar of standing) bar.stop();
  standing.clear();
}
