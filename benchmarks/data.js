// @ts-check

const fs = require('node:fs');
const path = require('node:path');

const DIMENSIONS = 384;
const WORDS = `const let return await async function import export default from if else for of null undefined
  request response user token session order item total price query cursor page limit offset cache key value
  schema model field index table insert update delete select where join router handler middleware error
  message status header body parse validate encode decode stream buffer event listener queue worker retry
  timeout signal abort client server route path file read write open close store load save fetch render`
  .trim()
  .split(/\s+/);

/**
 * Numbers from 0 to 1, the same for the same seed (mulberry32).
 * @param {number} seed
 */
function randomNumbers(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * @param {number} rows
 * @param {number} seed
 * @returns {Float32Array} rows × 384 numbers; every row has unit length
 */
function unitVectors(rows, seed) {
  const random = randomNumbers(seed);
  const data = new Float32Array(rows * DIMENSIONS);
  for (let start = 0; start < data.length; start += DIMENSIONS) {
    let squares = 0;
    for (let index = start; index < start + DIMENSIONS; index++) {
      // Sums of three uniform numbers point in all directions alike, near enough, and cost no logarithms.
      data[index] = random() + random() + random() - 1.5;
      squares += data[index] ** 2;
    }
    const norm = Math.sqrt(squares);
    for (let index = start; index < start + DIMENSIONS; index++) data[index] /= norm;
  }
  return data;
}

/**
 * Texts of about 400 bytes that compress as code does.
 * @param {number} count
 * @param {number} seed
 */
function contents(count, seed) {
  const random = randomNumbers(seed);
  const word = () => WORDS[Math.floor(random() * WORDS.length)];
  return Array.from({ length: count }, () => {
    let text = '';
    while (text.length < 400) {
      text += `const ${word()}${Math.floor(random() * 1000)} = await ${word()}.${word()}(${word()}, ${word()});\n`;
    }
    return text;
  });
}

/** @param {string} folder @returns {string[]} the contents of the templates' files */
function templateTexts(folder) {
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.json'));
  const texts = names.sort().flatMap((name) => {
    try {
      const { files } = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
      return files.map(
        (/** @type {{template?: string, content?: string}} */ file) => file.template ?? file.content,
      );
    } catch {
      return [];
    }
  });
  return texts.filter((text) => typeof text === 'string' && text.trim() !== '');
}

module.exports = { DIMENSIONS, contents, randomNumbers, templateTexts, unitVectors };
