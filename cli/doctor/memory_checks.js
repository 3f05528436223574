// @ts-check
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { say } = require('../language.js');
const { bytes, duration, number } = require('../terminal/format.js');

const LEAST_FREE_BYTES = 256 * 1024 * 1024;

/**
 * @typedef {import('./check.js').Check} Check
 * @typedef {import('fluorite-memory-engine').FluoriteBridge} Bridge
 */

/**
 * The folder itself, or the nearest one above that is there.
 * @param {string} folder
 * @returns {string}
 */
function nearest(folder) {
  return fs.existsSync(folder) ? folder : nearest(path.dirname(folder));
}

/**
 * What can be said of the place of a memory without opening it.
 * @param {string} folder
 * @returns {Check[]}
 */
function placeChecks(folder) {
  const place = nearest(folder);
  return [
    {
      name: 'permissions',
      work: () => {
        try {
          fs.accessSync(place, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
          return { detail: say('doctor.writable', { path: place }) };
        } catch {
          return {
            problem: say('doctor.not_writable', { path: place }),
            remedy: `sudo chown -R "$(id -un)" ${JSON.stringify(place)}`,
          };
        }
      },
    },
    {
      name: 'disk',
      work: () => {
        const { bavail, bsize } = fs.statfsSync(place);
        const free = bytes(bavail * bsize);
        return bavail * bsize >= LEAST_FREE_BYTES
          ? { detail: say('doctor.free', { free, path: place }) }
          : {
              problem: say('doctor.free', { free, path: place }),
              remedy: say('doctor.make_room', { least: bytes(LEAST_FREE_BYTES) }),
            };
      },
    },
  ];
}

/** @type {Check[]} */
const MODEL_CHECKS = [
  {
    name: 'model',
    work: async (/** @type {Bridge} */ bridge) => {
      const started = performance.now();
      const vector = await bridge.generateEmbedding('retry a failed job');
      const { embedding } = await bridge.getMetrics();
      const time = duration(performance.now() - started);
      return { detail: say('doctor.model', { name: embedding.model, count: vector.length, time }) };
    },
  },
];

/** @type {Check[]} */
const MEMORY_CHECKS = [
  {
    name: 'store',
    work: async (/** @type {Bridge} */ bridge) => {
      const { chunks, store_bytes } = await bridge.getMetrics();
      await bridge.listChunks({ limit: 1 });
      return { detail: say('doctor.store', { chunks: number(chunks), size: bytes(store_bytes) }) };
    },
  },
  {
    name: 'index',
    needs: ['store'],
    work: async (/** @type {Bridge} */ bridge) => {
      const { incomplete } = await bridge.searchSimilar('index', 1);
      const waiting = (incomplete?.changes_behind ?? 0) + (incomplete?.without_vector ?? 0);
      return {
        detail:
          waiting === 0 ? say('doctor.index_level') : say('doctor.index_behind', { count: number(waiting) }),
      };
    },
  },
];

module.exports = { MEMORY_CHECKS, MODEL_CHECKS, placeChecks };
