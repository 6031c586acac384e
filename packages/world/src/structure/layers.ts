/** Structures written inline as layers of characters: layers from the bottom up, rows along z, characters along x. */
import { blockByName } from '../blocks/registry.js';
import { ScenarioError } from '../errors.js';
import { isStructureSize, STRUCTURE_LIMITS, type Structure } from './structure.js';

export interface LayersSpec {
  /** Block by character; `.` is air unless listed. */
  readonly palette: Readonly<Record<string, string>>;
  /** `layers[y][z][x]`; every layer has as many rows, and every row as many characters. */
  readonly layers: readonly (readonly string[])[];
}

/**
 * @param path where the layers stand in the scenario; named in errors.
 * @throws ScenarioError `structure-layers` for ragged layers or characters that the palette lacks, `unknown-block` for its blocks.
 */
export function readLayers(spec: LayersSpec, path = 'structure'): Structure {
  const refuse = (place: string, must: string, got: string, nextStep: string): never => {
    const at = `${path}.${place}`;
    const message = `${must}; got ${got} at ${at}. ${nextStep}`;
    throw new ScenarioError('structure-layers', message, [{ code: 'structure-layers', path: at, message }]);
  };
  const names = new Map([['.', 'air']]);
  for (const [character, name] of Object.entries(spec.palette))
    names.set(character, blockByName(name, `${path}.palette["${character}"]`).name);
  const sizeY = spec.layers.length;
  const sizeZ = spec.layers[0]?.length ?? 0;
  const sizeX = spec.layers[0]?.[0]?.length ?? 0;
  if (!isStructureSize(sizeX, sizeY, sizeZ))
    refuse('layers', `A structure must be ${STRUCTURE_LIMITS}`, `${sizeX} x ${sizeY} x ${sizeZ}`, 'Add cells or cut it into smaller ones.');

  const palette = [...new Set(names.values())];
  const indexByCharacter = new Map([...names].map(([character, name]) => [character, palette.indexOf(name)]));
  const cells = new Uint16Array(sizeX * sizeY * sizeZ);
  let cell = 0;
  for (const [y, layer] of spec.layers.entries()) {
    if (layer.length !== sizeZ)
      refuse(`layers[${y}]`, `Every layer must have ${sizeZ} rows like the first`, String(layer.length), 'Fill it up with rows of ".".');
    for (const [z, row] of layer.entries()) {
      if (row.length !== sizeX)
        refuse(`layers[${y}][${z}]`, `Every row must have ${sizeX} characters like the first`, String(row.length), 'Fill it up with ".".');
      for (const character of row) {
        const index = indexByCharacter.get(character);
        if (index === undefined) {
          return refuse(
            `layers[${y}][${z}]`,
            'Every character must be in the palette',
            JSON.stringify(character),
            `Add it to ${path}.palette.`,
          );
        }
        cells[cell++] = index;
      }
    }
  }
  return { size: [sizeX, sizeY, sizeZ], palette, cells, notes: [] };
}
