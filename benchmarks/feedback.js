// @ts-check

/** What feedback does to searches, and what it costs them. */

const path = require('node:path');
const { measureEffect, printEffect } = require('./feedback_effect.js');
const { measureNeighbours, printNeighbours } = require('./feedback_neighbours.js');
const { measureTime, printTime } = require('./feedback_time.js');
const { copyOf, copyOfLearned } = require('./learning_memory.js');
const { withMemory } = require('./quality_memory.js');

const nothing = async () => {};

/**
 * Measures on copies of a memory that has learned all templates, and prints each table as it is ready.
 * @param {string} templates
 * @param {string} folder
 * @param {import('./quality_requests.js').Request[]} requests
 * @param {import('./feedback_effect.js').Family[]} families
 */
async function measureFeedback(templates, folder, requests, families) {
  const inFamily = new Set(families.map(({ request }) => request));
  const others = requests.filter((request) => !inFamily.has(request));
  const judged = await copyOfLearned(folder, templates, 'feedback-effect');
  const beside = copyOf(judged, path.join(folder, 'feedback-neighbours'));
  const timed = copyOf(judged, path.join(folder, 'feedback-time'));
  const effect = await withMemory(judged, nothing, (bridge) => measureEffect(bridge, families, others));
  printEffect(effect);
  const neighbours = await withMemory(beside, nothing, measureNeighbours);
  printNeighbours(neighbours);
  const queries = requests.map(({ query }) => query);
  const time = await measureTime(timed, queries);
  printTime(time);
  return { effect, neighbours, time };
}

module.exports = { measureFeedback };
