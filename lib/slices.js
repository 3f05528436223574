// @ts-check
'use strict';

const MOST_ITEMS = 2000;
const MOST_CHARACTERS = 4_000_000;

/**
 * Cuts a long list so that encoding one piece keeps the event loop for a few milliseconds only.
 * @template T
 * @param {readonly T[]} items
 * @param {(item: T) => unknown} contentOf
 * @returns {Generator<[start: number, stop: number]>}
 */
function* slices(items, contentOf) {
  let start = 0;
  let characters = 0;
  for (let index = 0; index < items.length; index++) {
    const content = contentOf(items[index]);
    const size = typeof content === 'string' ? content.length : 0;
    if (index > start && (index - start === MOST_ITEMS || characters + size > MOST_CHARACTERS)) {
      yield [start, index];
      start = index;
      characters = 0;
    }
    characters += size;
  }
  if (start < items.length || items.length === 0) yield [start, items.length];
}

module.exports = { slices };
