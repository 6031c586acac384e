/** The system message: the same for every agent, episode and world of a profile, so that servers keep it. */
import type { ActionLevel, Feedback, Profile } from '../profile.js';

const LEVEL: Readonly<Record<ActionLevel, string>> = {
  skill: 'You act by verbs. A verb runs over many ticks until it is done or cannot go on; then you are asked again.',
  waypoint:
    'You act by waypoints: a place and the time to be there. You go straight, so choose places with nothing in between; then you are asked again.',
  force:
    'You act by keys that you hold for some ticks; then you are asked again. Your body has mass: it speeds up and slows down over several ticks.',
};

const REFUSAL: Readonly<Record<Feedback, string>> = {
  full: 'A refusal says in a sentence what is in the way, and in facts by how much: mend that, or try another way.',
  blind: 'After a refusal, try another way.',
};

export function systemPrompt({
  prompt,
  actionLevel,
  perception,
  feedback,
  role,
}: Pick<Profile, 'prompt' | 'actionLevel' | 'perception' | 'feedback' | 'role'>): string {
  return [
    ...(prompt.persona === undefined ? [] : [prompt.persona]),
    ...(prompt.guide ? guide(actionLevel, perception, feedback) : []),
    ...(role === undefined ? [] : [`Your part in the team: ${role}`]),
    ...(prompt.instructions === undefined ? [] : [prompt.instructions]),
  ].join('\n');
}

function guide(level: ActionLevel, { coordinates, camera }: Profile['perception'], feedback: Feedback): string[] {
  return [
    'You are the mind of a body in a world of blocks of one metre. The world waits while you think; a second has 20 ticks.',
    LEVEL[level],
    'Answer each turn with exactly one tool call. A few words before it are kept as your thought and do nothing.',
    `Results are JSON: status is done, refused, running or error. ${REFUSAL[feedback]}`,
    coordinates === 'absolute'
      ? 'Places are x y z in metres: x to the east, y up, z to the south.'
      : 'Places that you are told are relative to your body; places that you name in a call are x y z of the world: x to the east, y up, z to the south.',
    'What a turn does not tell again is as before.',
    ...(camera === undefined
      ? []
      : [
          `${camera.everyTurns === 1 ? 'Each turn' : `Every ${camera.everyTurns} turns, one`} has a picture of what you see now, ${camera.fovDeg} degrees wide, as far as ${camera.farM} m.`,
        ]),
  ];
}
