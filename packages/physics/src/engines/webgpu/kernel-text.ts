/** The tick as the translator writes it: functions in WGSL, and the names that a host must define before them. */

export interface KernelText {
  /** Name of the function of each entry: stages, observations (`observeSelf:vector`), the start of an episode, the hash of a word. */
  entries: Record<string, string>;
  /** Entries of the pieces of the stages, in the order of the tick: `moveMobs/notice`, or a stage of one piece by its name. */
  stages: string[];
  /** Numbers and truths of the program, by their path from the tick's context; a path that begins with `?` asks whether it is there. */
  scalars: { path: string; kind: 'number' | 'boolean' | 'present'; name: string }[];
  /** Arrays by path; `storage` says in which buffer they lie. */
  arrays: {
    path: string;
    id: string;
    element: 'i32' | 'u32' | 'u8' | 'u16' | 'i16' | 'f32';
    /** Elements, of arrays that a module of the rules holds. */
    length: number;
    storage: 'scratch' | 'kept' | 'level' | 'voxels' | 'table' | 'float' | 'word';
  }[];
  /** All functions, callees first. */
  functions: string;
}

/** The ray camera as the translator writes it. */
export interface CameraKernelText {
  /** Name of the function of each entry: `placeWorld`, `isSeeing`, `traceRayOf`, and one per channel. */
  entries: Record<string, string>;
  scalars: KernelText['scalars'];
  arrays: { path: string; id: string; storage: 'own' | 'world' | 'voxels' | 'state' | 'table' }[];
  functions: string;
}
