/**
 * What every kernel needs beside the translated rules, in WGSL: exact fractions, division, levels, actions, hashes.
 * WGSL only promises division and conversion to f32 within some error, so observations round their integers here, bit for bit as
 * JavaScript does when it stores a double into a Float32Array. Sums and products of f32 are correctly rounded by the language.
 */
export const PRELUDE = /* wgsl */ `
fn divide(a: i32, b: i32) -> i32 { return a / b; }
fn remainder(a: i32, b: i32) -> i32 { return a % b; }
fn divide_floor(a: i32, b: i32) -> i32 {
  let q = a / b;
  return select(q, q - 1, (a % b != 0) && ((a < 0) != (b < 0)));
}

// f32 of an integer, to nearest, ties to even.
fn float_of_int(v: i32) -> f32 {
  let m = select(u32(v), u32(-v), v < 0);
  if (m < 16777216u) { return f32(v); }
  let shift = 8u - countLeadingZeros(m);
  var q = m >> shift;
  let rest = m & ((1u << shift) - 1u);
  let half = 1u << (shift - 1u);
  if (rest > half || (rest == half && (q & 1u) == 1u)) { q = q + 1u; }
  let r = f32(q) * f32(1u << shift);
  return select(r, -r, v < 0);
}

// f32 of n / d for d > 0: 24 bits by long division, then to nearest, ties to even.
fn float_of_quotient(n: i32, d: i32) -> f32 {
  if (n == 0 || d == 0) { return 0.0; }
  let mn = select(u32(n), u32(-n), n < 0);
  let md = u32(d);
  let zn = countLeadingZeros(mn);
  let zd = countLeadingZeros(md);
  var a = mn << (zn - 1u);
  let b = md << (zd - 1u);
  var e = i32(zd) - i32(zn);
  if (a < b) {
    a = a << 1u;
    e = e - 1;
  }
  var q = 0u;
  for (var i = 0; i < 24; i++) {
    q = q << 1u;
    if (a >= b) {
      a = a - b;
      q = q | 1u;
    }
    a = a << 1u;
  }
  if (a > b || (a == b && (q & 1u) == 1u)) { q = q + 1u; }
  let r = f32(q) * bitcast<f32>(u32(e - 23 + 127) << 23u);
  return select(r, -r, n < 0);
}

fn multiply_high(a: u32, b: u32) -> u32 {
  let al = a & 65535u;
  let ah = a >> 16u;
  let bl = b & 65535u;
  let bh = b >> 16u;
  let mid = ah * bl + ((al * bl) >> 16u);
  let mid2 = al * bh + (mid & 65535u);
  return ah * bh + (mid >> 16u) + (mid2 >> 16u);
}

// f32 of v * (high * 2^32 + low) * 2^exponent, rounded to 53 bits and then to 24, as a product of doubles that is stored in f32.
fn float_of_scaled(v: i32, high: u32, low: u32, exponent: i32) -> f32 {
  if (v == 0) { return 0.0; }
  let m = select(u32(v), u32(-v), v < 0);
  // 96-bit product p2:p1:p0.
  let p0 = m * low;
  let c1 = multiply_high(m, low);
  let h0 = m * high;
  let p1 = c1 + h0;
  let p2 = multiply_high(m, high) + select(0u, 1u, p1 < c1);
  // To the top of 96 bits.
  var a = p2;
  var b = p1;
  var c = p0;
  var e = exponent;
  if (a == 0u) {
    a = b;
    b = c;
    c = 0u;
    e = e - 32;
  }
  if (a == 0u) {
    a = b;
    b = 0u;
    e = e - 32;
  }
  let z = countLeadingZeros(a);
  if (z > 0u) {
    a = (a << z) | (b >> (32u - z));
    b = (b << z) | (c >> (32u - z));
    c = c << z;
    e = e - i32(z);
  }
  // 53 bits: all of a, 21 of b.
  var top = a;
  var next = b >> 11u;
  let rest = b & 2047u;
  let up = rest > 1024u || (rest == 1024u && (c != 0u || (next & 1u) == 1u));
  if (up) {
    next = next + 1u;
    if (next == 2097152u) {
      next = 0u;
      top = top + 1u;
      if (top == 0u) {
        top = 2147483648u;
        e = e + 1;
      }
    }
  }
  // 24 bits of those.
  var q = top >> 8u;
  let last = top & 255u;
  if (last > 128u || (last == 128u && (next != 0u || (q & 1u) == 1u))) { q = q + 1u; }
  let r = f32(q) * bitcast<f32>(u32(e + 72 + 127) << 23u);
  return select(r, -r, v < 0);
}

// floor(part * 2^32 / whole) for 0 <= part < whole < 2^31.
fn turn_share(part: i32, whole: i32) -> i32 {
  if (whole == 0) { return 0; }
  var rest = u32(part);
  var q = 0u;
  for (var i = 0; i < 32; i++) {
    rest = rest << 1u;
    q = q << 1u;
    if (rest >= u32(whole)) {
      rest = rest - u32(whole);
      q = q | 1u;
    }
  }
  return i32(q);
}

// floor(distance * 2^22 / d), as the ray cast divides: 0x40000000 for 64 blocks and more.
fn crossing_time(distance: i32, d: i32) -> i32 {
  if (d == 0) { return 1073741824; }
  var q = u32(distance) / u32(d);
  var rest = u32(distance) % u32(d);
  for (var i = 0; i < 22; i++) {
    if (q >= 1073741824u) { return 1073741824; }
    rest = rest << 1u;
    q = q << 1u;
    if (rest >= u32(d)) {
      rest = rest - u32(d);
      q = q | 1u;
    }
  }
  return i32(min(q, 1073741824u));
}

// Cells lie four to a word, or one to a word where a world's cells do not fill whole words: two worlds never share one.
fn voxel_at(i: i32) -> i32 { return i32((voxels[u32(i) >> u32(VOXEL_SHIFT)] >> ((u32(i) & u32(VOXEL_MASK)) * 8u)) & 255u); }
fn set_voxel(i: i32, v: i32) {
  let shift = (u32(i) & u32(VOXEL_MASK)) * 8u;
  let at = u32(i) >> u32(VOXEL_SHIFT);
  voxels[at] = (voxels[at] & ~(255u << shift)) | (u32(v) << shift);
}

// The levels begin with a word for each variant: where its level lies, 0 while it is not on the device.
fn enter_level(variant: i32) { LEVEL = levels[variant]; }

fn load_level(w: i32, variant: i32) {
  enter_level(variant);
  data[B_c_state_variant + w] = variant;
  for (var k = 0; k < VOXEL_WORDS; k++) { voxels[w * VOXEL_WORDS + k] = u32(levels[LEVEL + L_level_voxels + k]); }
  for (var k = 0; k < ROW_WORDS; k++) { data[B_c_state_rows + w * ROW_WORDS + k] = levels[LEVEL + L_level_rows + k]; }
  data[B_c_state_voxelHash + 2 * w] = levels[LEVEL + L_level_hash];
  data[B_c_state_voxelHash + 2 * w + 1] = levels[LEVEL + L_level_hash + 1];
}

// Every field of the row to its default, but for the row's seed and the number of its episode.
fn clear_row(w: i32) {
  let low = data[B_c_state_rowSeedLow + w];
  let high = data[B_c_state_rowSeedHigh + w];
  let episode = data[B_c_state_episode + w];
  for (var f = 0; f < NUM_FIELDS; f++) {
    let words = tables[T_fields + 4 * f + 1];
    let first = tables[T_fields + 4 * f] + w * words;
    let value = tables[T_fields + 4 * f + 2];
    for (var k = first; k < first + words; k++) { data[k] = value; }
  }
  data[B_c_state_rowSeedLow + w] = low;
  data[B_c_state_rowSeedHigh + w] = high;
  data[B_c_state_episode + w] = episode;
}
`;

/** What comes around the rules: actions, the end of an episode, its hash, and the next one. */
export const WORLD_FUNCTIONS = /* wgsl */ `
fn hash_world(w: i32) -> vec2<i32> {
  var lanes = vec2<i32>(data[B_c_state_voxelHash + 2 * w], data[B_c_state_voxelHash + 2 * w + 1]);
  for (var f = 0; f < NUM_FIELDS; f++) {
    let words = tables[T_fields + 4 * f + 1];
    let first = tables[T_fields + 4 * f] + w * words;
    let value = tables[T_fields + 4 * f + 2];
    let field = tables[T_fields + 4 * f + 3];
    for (var k = 0; k < words; k++) {
      let word = data[first + k];
      if (word != value) { lanes = lanes + vec2<i32>(HASH0(field, k, word), HASH1(field, k, word)); }
    }
  }
  return lanes;
}

// The actions of a world become words; what is NaN or infinite becomes neutral and is counted.
fn decode_world(w: i32) {
  for (var a = 0; a < K_c_numAgents; a++) {
    let source = (w * K_c_numAgents + a) * ACTION_FIELDS;
    let to = B_c_buffers_actionWords + (w * K_c_numAgents + a) * ACTION_WORDS;
    for (var k = 0; k < ACTION_FIELDS; k++) {
      let bits = actions[source + k];
      var word = 0;
      if ((bits & 0x7f800000u) == 0x7f800000u) {
        data[B_invalid + w] = data[B_invalid + w] + 1;
      } else {
        let low = bitcast<f32>(tables[T_action_limits + 3 * k]);
        let high = bitcast<f32>(tables[T_action_limits + 3 * k + 1]);
        let scale = bitcast<f32>(tables[T_action_limits + 3 * k + 2]);
        word = i32(floor(clamp(bitcast<f32>(bits), low, high) * scale + 0.5));
      }
      data[to + k] = word;
    }
    for (var k = ACTION_FIELDS; k < ACTION_WORDS; k++) { data[to + k] = 0; }
    // What a body may not do.
    let what = data[to + WORD_INTERACT];
    if (!H_c_program_survival && what > INTERACT_USE) { data[to + WORD_INTERACT] = 0; }
    else if (what >= 1 && what <= INTERACT_USE && tables[T_c_program_bodies + a * BODY_WORDS + BODY_CAN_DIG + what - 1] == 0) { data[to + WORD_INTERACT] = 0; }
  }
}

// Rows that end: what their episode came to. They begin the next one in begin_world.
fn close_world(w: i32) {
  if (w == 0) {
    data[B_halt + 1] = data[B_halt + 1] + 1;
  }
  data[B_c_outputs_ended + w] = 0;
  data[B_c_outputs_endStatus + w] = 0;
  data[B_mask + w] = 0;
  if (data[B_c_ending + w] != 1) {
    return;
  }
  data[B_c_outputs_ended + w] = 1;
  data[B_c_outputs_endStatus + w] = data[B_c_state_status + w];
  data[B_c_outputs_endTicks + w] = data[B_c_state_tick + w];
  data[B_c_outputs_endProgress + w] = data[B_c_outputs_rootProgress + w * NUM_ROOTS];
  let lanes = hash_world(w);
  data[B_c_outputs_endHash + 2 * w] = lanes.x;
  data[B_c_outputs_endHash + 2 * w + 1] = lanes.y;
  data[B_c_ending + w] = 0;
  if (AUTORESET) {
    data[B_mask + w] = 2;
  }
}

// Rows with 1 begin the episode that their words name; with 2, in the tick that ended one, and with 3, between ticks, their next one.
// A row whose level is not on the device waits and halts the batch: the other kernels do nothing until the host has brought it.
fn begin_world(w: i32) {
  let asked = data[B_mask + w];
  if (asked == 0) {
    return;
  }
  let low = data[B_c_state_rowSeedLow + w];
  let high = data[B_c_state_rowSeedHigh + w];
  let episode = data[B_c_state_episode + w] + select(0, 1, asked != 1);
  if (levels[DRAW(K_c_program_numVariants, SEED(low, high, episode, 0), SEED(low, high, episode, 1))] == 0) {
    data[B_halt] = 1;
    return;
  }
  data[B_mask + w] = 0;
  data[B_c_state_episode + w] = episode;
  if (asked != 2) {
    data[B_c_buffers_eventCount + w] = 0;
  }
  START(w);
}

fn keep_hash(w: i32) {
  let lanes = hash_world(w);
  data[B_hash + 2 * w] = lanes.x;
  data[B_hash + 2 * w + 1] = lanes.y;
}

// Where what agents see goes: of every row into the observation, or of rows that ended into their last one.
fn aim_observation(w: i32) -> bool {
  if (mode.x == 1u) {
    if (data[B_c_outputs_ended + w] == 0) {
      return false;
    }
    OUT_VECTOR = B_c_observations_finalVector;
    OUT_CROP = B_c_observations_finalCrop;
  } else {
    OUT_VECTOR = B_c_observations_vector;
    OUT_CROP = B_c_observations_crop;
  }
  return true;
}
`;
