/** Suites for language agents: shipped scenarios by what they ask of a mind. Names of `kinovox eval --suite`; a suite's hash tells when one of its scenarios changes. */

export const LANGUAGE_SUITES = {
  'language-solo': {
    title: 'Solo basics: walk, jump, swim, dig, work a lever',
    scenarios: ['reach-flat-v1', 'parkour-v1', 'water-crossing-v1', 'dig-tunnel-v1', 'lever-vault-v1'],
  },
  'language-cooperation': {
    title: 'Cooperation: what one cannot do alone',
    scenarios: ['bridge-gap-v1', 'plates-and-door-v1', 'relay-code-v1', 'push-heavy-v1'],
  },
  'language-planning': {
    title: 'Planning: mazes, rooms and ways that are too narrow for two',
    scenarios: ['reach-maze-v1', 'random-map-v1', 'rooms-map-v1', 'alcove-v1', 'corridor-swap-v1'],
  },
  'language-building': {
    title: 'Building: from a blueprint, towers, bridges and stacks',
    scenarios: ['build-blueprint-v1', 'build-tower-v1', 'bridge-gap-v1', 'stack-boxes-v1'],
  },
  'language-memory': {
    title: 'Memory: what was seen in an episode and is gone, and what an earlier episode has shown',
    scenarios: ['lamp-memory-v1', 'distant-lamp-v1'],
  },
  'language-negotiation': {
    title: 'Negotiation: each knows a part, and they must agree where to meet or what to give',
    scenarios: ['agree-place-v1', 'agree-goods-v1'],
  },
  'language-survival': {
    title: 'Survival: tools, food and nights, alone and in a team',
    scenarios: ['survival-basics-v1', 'smelt-iron-v1', 'cook-meal-v1', 'hunt-v1', 'survival-team-v1'],
  },
} as const satisfies Readonly<Record<string, { title: string; scenarios: readonly string[] }>>;

export type LanguageSuiteName = keyof typeof LANGUAGE_SUITES;
