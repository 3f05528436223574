// @ts-check

/** How good a ranking is, and how sure that is. */

const { randomNumbers } = require('./data.js');
const { quantile } = require('./support.js');

const RANKS = 10;
const RESAMPLES = 4000;

/** @typedef {ReadonlyMap<string, number>} Grades by id: 2 solves it, 1 is useful; any other id is 0 */
/** @typedef {{count: number, mean: number, low: number, high: number}} Estimate with a 95 % interval */

/** @param {number[]} grades best first */
function gain(grades) {
  return grades.slice(0, RANKS).reduce((sum, grade, rank) => sum + (2 ** grade - 1) / Math.log2(rank + 2), 0);
}

/**
 * nDCG@10: a gain of 2^grade − 1, discounted by log2(rank + 1), over that of the best order of all graded ids.
 * @param {string[]} ids each once, best first
 * @param {Grades} relevant
 */
function discountedGain(ids, relevant) {
  const best = gain([...relevant.values()].sort((one, other) => other - one));
  return best === 0 ? 0 : gain(ids.map((id) => relevant.get(id) ?? 0)) / best;
}

/**
 * The ids among `known` in the order that no ranking can beat.
 * @param {Grades} relevant
 * @param {ReadonlySet<string>} known
 */
function bestOrder(relevant, known) {
  const found = [...relevant].filter(([id]) => known.has(id));
  return found.sort(([, one], [, other]) => other - one).map(([id]) => id);
}

/** @param {string[]} ids best first @param {string} wanted @returns {number} 0 below rank 10 */
function reciprocalRank(ids, wanted) {
  const rank = ids.slice(0, RANKS).indexOf(wanted);
  return rank < 0 ? 0 : 1 / (rank + 1);
}

/** @param {number[]} values */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * The mean and, by resampling, the interval that holds it 95 times of 100. Differences of pairs are values too.
 * @param {number[]} values
 * @returns {Estimate}
 */
function estimate(values) {
  const random = randomNumbers(13);
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let pick = 0; pick < values.length; pick++) sum += values[Math.floor(random() * values.length)];
    return sum / values.length;
  });
  return {
    count: values.length,
    mean: mean(values),
    low: quantile(means, 0.025),
    high: quantile(means, 0.975),
  };
}

/** @param {Estimate} value @returns {string} mean and interval */
function shownEstimate({ mean, low, high }) {
  return `${mean.toFixed(3)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}

module.exports = { RANKS, bestOrder, discountedGain, estimate, mean, reciprocalRank, shownEstimate };
