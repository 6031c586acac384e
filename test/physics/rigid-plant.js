// What tests have a worker of a rigid pool run before it enters Rapier: harm at a row, tick and part, so many times over all the threads of a batch.
// The address of the module names a folder and holds the plants as JSON; a file per plant in the folder counts by its length.
import * as fs from 'node:fs';

const { searchParams } = new URL(import.meta.url);
const folder = searchParams.get('folder');
const plants = JSON.parse(searchParams.get('plants'));

/** @param libraries those of the thread: others would be instances of their own, which it does not use. */
export default function planter({ rapier, ScenarioError }) {
  return (w, t, enteredPart) => {
    plants.forEach(({ row, tick, part, times, kind }, n) => {
      if (w !== row || t !== tick || enteredPart !== part) return;
      const file = `${folder}/${n}`;
      if (fs.existsSync(file) && fs.statSync(file).size >= times) return;
      fs.appendFileSync(file, '.');
      if (kind === 'end') process.exit(3);
      if (kind === 'refuse') throw new ScenarioError('prop-outside', 'planted refusal');
      if (kind === 'throw') throw new Error('planted');
      if (kind === 'long') throw new Error(`planted ${'"'.repeat(20_000)}`);
      // A handle that names no body: Rapier panics, and nothing in its instance can be used safely any more.
      new rapier.World({ x: 0, y: 0, z: 0 }).bodies.raw.rbTranslation(1234.5);
    });
  };
}
