/** What the batch server counts, as Prometheus' text format. Names: base units and suffixes; no label by agent or episode. */

/** Upper bounds of the histogram of step times, in seconds. */
const BUCKETS = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3] as const;

export class ServerMetrics {
  readonly #episodes = new Map<string, number>();
  readonly #stepBuckets = new Array<number>(BUCKETS.length).fill(0);
  #batchSteps = 0;
  #agentSteps = 0;
  #stepSeconds = 0;
  #crashed = 0;

  onStep(numAgents: number, milliseconds: number): void {
    const seconds = milliseconds / 1000;
    this.#batchSteps++;
    this.#agentSteps += numAgents;
    this.#stepSeconds += seconds;
    BUCKETS.forEach((bound, k) => {
      if (seconds <= bound) this.#stepBuckets[k]++;
    });
  }

  onEpisode(scenario: string, outcome: string): void {
    const key = `scenario="${scenario}",outcome="${outcome}"`;
    this.#episodes.set(key, (this.#episodes.get(key) ?? 0) + 1);
  }

  onCrash(numWorlds: number): void {
    this.#crashed += numWorlds;
  }

  /** @param now what is held at this moment. */
  text(now: { clients: number; worlds: number }): string {
    const step = 'kinovox_tick_duration_seconds';
    const lines = [
      ...metric('kinovox_connected_clients', 'gauge', 'Clients connected now.', now.clients),
      ...metric('kinovox_worlds', 'gauge', 'Worlds held now.', now.worlds),
      ...metric('kinovox_batch_steps_total', 'counter', 'Steps of whole batches.', this.#batchSteps),
      ...metric('kinovox_env_steps_total', 'counter', 'Steps of agents: worlds x agents per batch step.', this.#agentSteps),
      ...metric('kinovox_crashed_worlds_total', 'counter', 'Worlds that crashed and were reset.', this.#crashed),
      `# HELP ${step} Time of a batch's tick, without transport.`,
      `# TYPE ${step} histogram`,
      ...BUCKETS.map((bound, k) => `${step}_bucket{le="${bound}"} ${this.#stepBuckets[k]}`),
      `${step}_bucket{le="+Inf"} ${this.#batchSteps}`,
      `${step}_sum ${this.#stepSeconds}`,
      `${step}_count ${this.#batchSteps}`,
      '# HELP kinovox_episodes_total Ended episodes.',
      '# TYPE kinovox_episodes_total counter',
      ...[...this.#episodes].map(([labels, count]) => `kinovox_episodes_total{${labels}} ${count}`),
    ];
    return `${lines.join('\n')}\n`;
  }
}

function metric(name: string, type: string, help: string, value: number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`];
}
