/** Agent-steps as Parquet, through hyparquet-writer. Row groups of ROWS_PER_GROUP; lists are LIST groups, events are JSON text. */
import type { AgentStep, StepColumn, StepValue } from '@kinovox/env';
import { fileWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { StepFile } from './step-file.js';

const ROWS_PER_GROUP = 20_000;

type Kind = 'string' | 'int32' | 'int64' | 'double' | 'boolean' | 'json' | 'floats' | 'doubles' | 'int64s';

const KIND: Readonly<Record<StepColumn, Kind>> = {
  scenario: 'string',
  scenario_hash: 'string',
  rules_version: 'int32',
  split: 'string',
  row: 'int32',
  episode: 'int32',
  variant: 'int64',
  row_seed: 'int64',
  drawn: 'json',
  group_id: 'int32',
  reset_hash: 'string',
  tick: 'int32',
  agent_id: 'string',
  role: 'string',
  team: 'string',
  action: 'doubles',
  decision: 'doubles',
  reward: 'double',
  reward_terms: 'floats',
  terminated: 'boolean',
  truncated: 'boolean',
  events: 'json',
  state_hash: 'string',
  policy_version: 'string',
  behaviour_log_prob: 'double',
  raw_action: 'doubles',
  safety: 'string',
  token_ids: 'int64s',
  token_log_probs: 'doubles',
  observation: 'floats',
};

export class ParquetStepFile implements StepFile {
  readonly #writer: ParquetWriter;
  readonly #columns: readonly StepColumn[];
  #data: unknown[][];
  #numRows = 0;

  /** The file is written anew. */
  constructor(path: string, columns: readonly StepColumn[]) {
    this.#columns = columns;
    this.#data = columns.map(() => []);
    const schema: SchemaElement[] = [
      { name: 'root', num_children: columns.length },
      ...columns.flatMap((name) => elementsOf(name, KIND[name])),
    ];
    this.#writer = new ParquetWriter({ writer: fileWriter(path), schema, createdBy: 'kinovox' });
  }

  add(step: AgentStep): void {
    this.#columns.forEach((name, k) => {
      this.#data[k].push(cellOf(step[name] ?? null, KIND[name]));
    });
    if (++this.#numRows === ROWS_PER_GROUP) this.#flush();
  }

  close(): void {
    this.#flush();
    void this.#writer.finish();
  }

  #flush(): void {
    if (this.#numRows === 0) return;
    void this.#writer.write({
      columnData: this.#columns.map((name, k) => ({ name, data: this.#data[k] as never })),
      rowGroupSize: ROWS_PER_GROUP,
    });
    this.#data = this.#columns.map(() => []);
    this.#numRows = 0;
  }
}

function elementsOf(name: string, kind: Kind): SchemaElement[] {
  const list = (type: 'FLOAT' | 'DOUBLE' | 'INT64'): SchemaElement[] => [
    { name, repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', type, repetition_type: 'REQUIRED' },
  ];
  const plain = (type: SchemaElement['type'], rest: Partial<SchemaElement> = {}): SchemaElement[] => [
    { name, type, repetition_type: 'OPTIONAL', ...rest },
  ];
  switch (kind) {
    case 'string':
      return plain('BYTE_ARRAY', { converted_type: 'UTF8' });
    case 'json':
      return plain('BYTE_ARRAY', { converted_type: 'JSON' });
    case 'int32':
      return plain('INT32');
    case 'int64':
      return plain('INT64');
    case 'double':
      return plain('DOUBLE');
    case 'boolean':
      return plain('BOOLEAN');
    case 'floats':
      return list('FLOAT');
    case 'doubles':
      return list('DOUBLE');
    case 'int64s':
      return list('INT64');
  }
}

/** A value as the writer takes it; null stays null. */
function cellOf(value: StepValue, kind: Kind): unknown {
  if (value === null) return null;
  switch (kind) {
    case 'string':
      return String(value);
    case 'int64':
      return BigInt(value as number);
    case 'int64s':
      return (value as readonly number[]).map(BigInt);
    case 'doubles':
      return typeof value === 'number' ? [value] : value;
    default:
      return value;
  }
}
