/** What the batch server counts, as Prometheus' text format, by prom-client. Names: base units and suffixes; no label by agent or episode. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Upper bounds of the histogram of step times, in seconds. */
const BUCKETS = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];

/** What is held at the moment of a reading. */
export interface HeldNow {
  clients: number;
  worlds: number;
}

export class ServerMetrics {
  readonly #registry = new Registry();
  readonly #batchSteps = this.#counter('kinovox_batch_steps_total', 'Steps of whole batches.');
  readonly #agentSteps = this.#counter(
    'kinovox_env_steps_total',
    'Steps of agents: worlds x agents per tick of a batch; ticks in which ended rows are held count.',
  );
  readonly #crashed = this.#counter('kinovox_crashed_worlds_total', 'Worlds that crashed and were reset.');
  readonly #restarted = this.#counter('kinovox_worker_restarts_total', 'Threads of the rigid tier that were replaced.');
  readonly #stepTime = new Histogram({
    name: 'kinovox_tick_duration_seconds',
    help: "Time of a batch's step, without transport: of all its ticks, where actions are held.",
    buckets: BUCKETS,
    registers: [this.#registry],
  });
  readonly #episodes = new Counter({
    name: 'kinovox_episodes_total',
    help: 'Ended episodes.',
    labelNames: ['scenario', 'outcome'],
    registers: [this.#registry],
  });

  /** @param held asked at each reading. */
  constructor(held: () => HeldNow) {
    const registers = [this.#registry];
    new Gauge({
      name: 'kinovox_connected_clients',
      help: 'Clients connected now.',
      registers,
      collect() {
        this.set(held().clients);
      },
    });
    new Gauge({
      name: 'kinovox_worlds',
      help: 'Worlds held now.',
      registers,
      collect() {
        this.set(held().worlds);
      },
    });
  }

  onStep(numAgents: number, milliseconds: number): void {
    this.#batchSteps.inc();
    this.#agentSteps.inc(numAgents);
    this.#stepTime.observe(milliseconds / 1000);
  }

  onEpisode(scenario: string, outcome: string): void {
    this.#episodes.inc({ scenario, outcome });
  }

  onCrash(numWorlds: number): void {
    this.#crashed.inc(numWorlds);
  }

  onRestart(numThreads: number): void {
    this.#restarted.inc(numThreads);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    return this.#registry.metrics();
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name, help, registers: [this.#registry] });
  }
}
