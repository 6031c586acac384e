/* What the rules leave to their host: a row to its defaults, and a level into a row. */
static void clear_row(int32_t w) {
  const int32_t low = A_c_state_rowSeedLow[w];
  const int32_t high = A_c_state_rowSeedHigh[w];
  const int32_t episode = A_c_state_episode[w];
  for (int32_t f = 0; f < NUM_FIELDS; f++) {
    int32_t *words = A_c_state_arena + FIELDS[f].base + w * FIELDS[f].words;
    for (int32_t k = 0; k < FIELDS[f].words; k++) words[k] = FIELDS[f].value;
  }
  A_c_state_rowSeedLow[w] = low;
  A_c_state_rowSeedHigh[w] = high;
  A_c_state_episode[w] = episode;
}

static void load_level(int32_t w, int32_t variant) {
  LEVEL = variant;
  A_c_state_variant[w] = variant;
  memcpy(A_c_state_voxels + (size_t)w * CELLS_PER_WORLD, LV_cells + (size_t)variant * CELLS_PER_WORLD, CELLS_PER_WORLD);
  memcpy(A_c_state_rows + (size_t)w * ROWS_PER_WORLD, LV_rows + (size_t)variant * ROWS_PER_WORLD, ROWS_PER_WORLD * sizeof(int32_t));
  A_c_state_voxelHash[2 * w] = LV_hash[2 * variant];
  A_c_state_voxelHash[2 * w + 1] = LV_hash[2 * variant + 1];
}
