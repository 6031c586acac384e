/*
 * What comes around the rules, as `engines/cpu.ts` has it: actions, the tick in passes, ends and resets, observations, hashes.
 * Reads commands from standard input, one to a line: `s <ticks>` steps and prints seconds of processor time, `h` prints hashes, `c` times the calibration loop.
 */
static void decode(const float *from) {
  int32_t *to = A_c_buffers_actionWords;
  for (int32_t i = 0; i < NUM_WORLDS * NUM_AGENTS; i++, from += ACTION_FIELDS, to += ACTION_WORDS) {
    for (int32_t k = 0; k < ACTION_FIELDS; k++) {
      const float value = from[k];
      int32_t word = 0;
      if (value != 0.0f && value - value == 0.0f) {
        double clamped = value > ACTION_LOW[k] ? value : ACTION_LOW[k];
        if (clamped > ACTION_HIGH[k]) clamped = ACTION_HIGH[k];
        word = (int32_t)floorf((float)(clamped * ACTION_SCALE[k] + 0.5));
      }
      to[k] = word;
    }
    to[WORD_TEXT_LENGTH] = 0;
    to[WORD_TEXT_HASH] = 0;
  }
}

/* Clears what bodies of worlds [w0, w1) may not do. */
static void mask_abilities(int32_t w0, int32_t w1) {
  int32_t *words = A_c_buffers_actionWords + WORD_INTERACT;
  for (int32_t i = w0 * NUM_AGENTS; i < w1 * NUM_AGENTS; i++) {
    int32_t *what = words + i * ACTION_WORDS;
    if (!HAS_SURVIVAL && *what > INTERACT_USE) *what = INTERACT_NONE;
    if (*what != 0 && *what <= INTERACT_USE && A_c_program_bodies[(i % NUM_AGENTS) * BODY_WORDS + BODY_CAN_DIG + *what - 1] == 0) *what = 0;
  }
}

static void hash_world(int32_t w, uint32_t lanes[2]) {
  lanes[0] = A_c_state_voxelHash[2 * w];
  lanes[1] = A_c_state_voxelHash[2 * w + 1];
  for (int32_t f = 0; f < NUM_FIELDS; f++) {
    const struct field *field = &FIELDS[f];
    const int32_t *words = A_c_state_arena + field->base + w * field->words;
    for (int32_t k = 0; k < field->words; k++) {
      if (words[k] == field->value) continue;
      lanes[0] += (uint32_t)HASH_WORD0(field->id, k, words[k]);
      lanes[1] += (uint32_t)HASH_WORD1(field->id, k, words[k]);
    }
  }
}

static void end_row(int32_t w) {
  A_c_outputs_ended[w] = 1;
  A_c_outputs_endStatus[w] = A_c_state_status[w];
  A_c_outputs_endTicks[w] = A_c_state_tick[w];
  A_c_outputs_endProgress[w] = A_c_outputs_rootProgress[w * NUM_ROOTS];
  uint32_t lanes[2];
  hash_world(w, lanes);
  A_c_outputs_endHash[2 * w] = lanes[0];
  A_c_outputs_endHash[2 * w + 1] = lanes[1];
  observe_final(w, w + 1);
  A_c_ending[w] = 0;
  A_c_state_episode[w]++;
  START_EPISODE(w);
}

static void step(void) {
  memset(A_c_outputs_ended, 0, NUM_WORLDS);
  memset(A_c_outputs_endStatus, 0, NUM_WORLDS);
  for (int32_t from = 0; from < NUM_WORLDS; from += WORLDS_PER_PASS) {
    const int32_t to = min_i32(NUM_WORLDS, from + WORLDS_PER_PASS);
    mask_abilities(from, to);
    run_stages(from, to);
    for (int32_t w = from; w < to; w++)
      if (A_c_ending[w] == 1) end_row(w);
    observe(from, to);
  }
}

/* As `hashBatch`. */
static void hash_batch(uint32_t lanes[2]) {
  lanes[0] = lanes[1] = 0;
  for (int32_t w = 0; w < NUM_WORLDS; w++) {
    uint32_t own[2];
    hash_world(w, own);
    lanes[0] += (uint32_t)HASH_WORD0(2, w, own[0] ^ (own[1] * 31u));
    lanes[1] += (uint32_t)HASH_WORD1(2, w, own[1] ^ (own[0] * 31u));
  }
}

static uint32_t sum_bytes(uint32_t sum, const void *from, size_t length) {
  const uint8_t *bytes = from;
  size_t at = 0;
  for (; at + 4 <= length; at += 4) {
    uint32_t word;
    memcpy(&word, bytes + at, 4);
    sum = (sum ^ word) * 16777619u;
  }
  for (; at < length; at++) sum = (sum ^ bytes[at]) * 16777619u;
  return sum;
}

/* Of cells, solidity, observations and outputs, in the order of `checksumOf` in twin.js. */
static uint32_t checksum(void) {
  uint32_t sum = 2166136261u;
  sum = sum_bytes(sum, A_c_state_voxels, (size_t)NUM_WORLDS * CELLS_PER_WORLD);
  sum = sum_bytes(sum, A_c_state_rows, (size_t)NUM_WORLDS * ROWS_PER_WORLD * 4);
  sum = sum_bytes(sum, A_c_observations_vector, (size_t)NUM_VECTOR * 4);
  sum = sum_bytes(sum, A_c_observations_finalVector, (size_t)NUM_VECTOR * 4);
  sum = sum_bytes(sum, A_c_observations_crop, (size_t)NUM_CROP * 2);
  sum = sum_bytes(sum, A_c_outputs_rewards, (size_t)NUM_WORLDS * NUM_AGENTS * 4);
  sum = sum_bytes(sum, A_c_outputs_terminated, (size_t)NUM_WORLDS * NUM_AGENTS);
  sum = sum_bytes(sum, A_c_outputs_truncated, (size_t)NUM_WORLDS * NUM_AGENTS);
  return sum_bytes(sum, A_c_outputs_endHash, (size_t)NUM_WORLDS * 8);
}

/* Processor time of this process, seconds. */
static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* 2^28 rounds of MurmurHash3's finaliser, each on the result of the one before: the speed of one core at dependent integer work. */
static uint32_t calibrate(void) {
  uint32_t h = 1;
  for (uint32_t i = 0; i < 1u << 28; i++) {
    h = (h ^ (h >> 16)) * 0x85ebca6bu;
    h = (h ^ (h >> 13)) * 0xc2b2ae35u;
    h ^= h >> 16;
  }
  return h;
}

int main(int argc, char **argv) {
  data_file = argc > 1 ? fopen(argv[1], "rb") : NULL;
  if (data_file == NULL) return 2;
  load_data();
  fclose(data_file);
  for (int32_t w = 0; w < NUM_WORLDS; w++) {
    A_c_state_rowSeedLow[w] = SEED_LOW + (uint32_t)w;
    A_c_state_rowSeedHigh[w] = SEED_HIGH;
    A_c_state_episode[w] = 0;
    START_EPISODE(w);
  }
  observe(0, NUM_WORLDS);
  int32_t tick = 0;
  char line[64];
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (line[0] == 's') {
      const int32_t ticks = atoi(line + 1);
      const double start = now();
      for (int32_t t = 0; t < ticks; t++, tick++) {
        decode(ACTIONS + (size_t)(tick % RING_TICKS) * NUM_WORLDS * NUM_AGENTS * ACTION_FIELDS);
        step();
      }
      printf("%.9f\n", now() - start);
    } else if (line[0] == 'h') {
      uint32_t lanes[2];
      hash_batch(lanes);
      printf("%08x%08x %u\n", lanes[1], lanes[0], checksum());
    } else if (line[0] == 'c') {
      const double start = now();
      const uint32_t result = calibrate();
      printf("%.9f %u\n", now() - start, result);
    }
    fflush(stdout);
  }
  return 0;
}
