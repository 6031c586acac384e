import { fitRatings, interquartileMean, MEAN_RATING, mean, stratifiedBootstrap, wilsonInterval } from '@kinovox/agents';
import { describe, expect, it } from 'vitest';

describe('interquartileMean', () => {
  it('is the mean of the middle half, with border values in part', () => {
    expect(interquartileMean([0, 1, 2, 100])).toBeCloseTo(1.5, 12);
    // Six values: 1.5 are left out at each end, so 1 and 4 count half. (0.5 * 1 + 2 + 3 + 0.5 * 4) / 3.
    expect(interquartileMean([9, 4, 3, 2, 1, -7])).toBeCloseTo(2.5, 12);
    expect(interquartileMean([3])).toBe(3);
    expect(interquartileMean([])).toBeNaN();
  });

  it('is not moved by outliers, as the mean is', () => {
    const plain = [1, 1, 1, 1, 1, 1, 1, 1];
    const spoiled = [1, 1, 1, 1, 1, 1, 1, 1000];
    expect(interquartileMean(spoiled)).toBe(interquartileMean(plain));
    expect(mean(spoiled)).not.toBe(mean(plain));
  });
});

describe('stratifiedBootstrap', () => {
  it('gives the same interval twice, around the statistic', () => {
    const strata = [
      [0.1, 0.4, 0.35, 0.8],
      [0.9, 0.7, 0.75, 0.6],
    ];
    const [low, high] = stratifiedBootstrap(strata);
    expect(stratifiedBootstrap(strata)).toEqual([low, high]);
    const point = interquartileMean(strata.flat());
    expect(low).toBeLessThan(point);
    expect(high).toBeGreaterThan(point);
  });

  it('resamples within strata: strata without spread leave none', () => {
    expect(
      stratifiedBootstrap(
        [
          [0, 0, 0, 0],
          [1, 1, 1, 1],
        ],
        mean,
      ),
    ).toEqual([0.5, 0.5]);
    const [low, high] = stratifiedBootstrap([[0, 0, 0, 0, 1, 1, 1, 1]], mean);
    expect(high - low).toBeGreaterThan(0.3);
  });

  it('covers the mean of a normal law about as often as it says', () => {
    // A low-discrepancy stand-in for noise: sums of 12 fractions of multiples of the golden ratio, per trial.
    let covered = 0;
    for (let trial = 0; trial < 200; trial++) {
      const sample = Array.from({ length: 24 }, (_, i) => {
        let sum = -6;
        for (let k = 0; k < 12; k++) sum += (Math.imul(trial * 997 + i * 31 + k * 7919, 0x9e3779b1) >>> 0) / 2 ** 32;
        return sum;
      });
      const [low, high] = stratifiedBootstrap([sample], mean, 200);
      if (low <= 0 && high >= 0) covered++;
    }
    expect(covered).toBeGreaterThan(170);
    expect(covered).toBeLessThan(200);
  });
});

describe('wilsonInterval', () => {
  it('agrees with published values', () => {
    // Brown, Cai, DasGupta (2001): 0 of 10 gives [0, 0.2775]; by symmetry 10 of 10 gives [0.7225, 1].
    expect(wilsonInterval(0, 10)[1]).toBeCloseTo(0.2775, 4);
    expect(wilsonInterval(10, 10)[0]).toBeCloseTo(0.7225, 4);
    expect(wilsonInterval(0, 0)).toEqual([0, 1]);
  });
});

describe('fitRatings', () => {
  it('puts odds of ten to one 400 points apart', () => {
    // With the virtual draw: 999.5 + 0.5 against 99.5 + 0.5.
    const [strong, weak] = fitRatings([
      [0, 999.5],
      [99.5, 0],
    ]);
    expect(strong - weak).toBeCloseTo(400, 3);
    expect((strong + weak) / 2).toBeCloseTo(MEAN_RATING, 6);
  });

  it('stays finite for one that never lost, and orders a chain of winners', () => {
    const ratings = fitRatings([
      [0, 10, 10],
      [0, 0, 10],
      [0, 0, 0],
    ]);
    expect(ratings.every(Number.isFinite)).toBe(true);
    expect(ratings[0]).toBeGreaterThan(ratings[1]);
    expect(ratings[1]).toBeGreaterThan(ratings[2]);
  });

  it('rates players of equal results equally', () => {
    const ratings = fitRatings([
      [0, 5],
      [5, 0],
    ]);
    expect(ratings[0]).toBeCloseTo(ratings[1], 6);
  });
});
