/* What the translated rules call: division as JavaScript's, and the exact fractions that the sources take in doubles. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline int32_t min_i32(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t max_i32(int32_t a, int32_t b) { return a > b ? a : b; }
static inline int32_t abs_i32(int32_t a) { return a < 0 ? -a : a; }

/* A fraction without a value becomes 0 as an integer; -2^31 / -1 wraps. */
static inline int32_t divide(int32_t a, int32_t b) { return b == 0 ? 0 : b == -1 ? -a : a / b; }
static inline int32_t rest_of(int32_t a, int32_t b) { return b == 0 || b == -1 ? 0 : a % b; }
static inline int32_t divide_floor(int32_t a, int32_t b) {
  const int32_t q = divide(a, b);
  return b != 0 && rest_of(a, b) != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

/* floor(part * 2^32 / whole) for 0 <= part < whole. */
static inline int32_t turn_share(int32_t part, int32_t whole) {
  return whole == 0 ? 0 : (int32_t)(uint32_t)(((uint64_t)(uint32_t)part << 32) / (uint32_t)whole);
}

/* floor(distance * 2^22 / d): 2^30 for 64 blocks and more, and for d = 0. */
static inline int32_t crossing_time(int32_t distance, int32_t d) {
  if (d == 0) return 1073741824;
  const double q = (double)distance * 4194304.0 / (double)d;
  return q >= 1073741824.0 ? 1073741824 : (int32_t)q;
}

/* The level that the world at hand plays. */
static int32_t LEVEL;

/* Where a field of the state lies: its first word, its words per world, the value that it starts from, its number in hashes. */
struct field {
  int32_t base, words, value, id;
};

static FILE *data_file;
static void read_into(void *to, size_t length) {
  if (fread(to, 1, length, data_file) != length) {
    fprintf(stderr, "The data file is too short.\n");
    exit(2);
  }
}
