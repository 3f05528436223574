// @ts-check

/** Variants of real texts: some of their identifiers, words and numbers give way to others of the corpus. */

const RENAMED_OF_100 = 40;
const INVENTED_OF_100 = 2;
const SKELETON_WORDS = 80;
const TOKEN = /[A-Za-z_$][\w$]*|\d+|[ァ-ヶー]{2,}|[一-龠々]{2,}/g;
const PART = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g;
const CONSONANTS = [...'bcdfghklmnprstvz'];
const VOWELS = [...'aeiou'];

/** @typedef {'katakana' | 'kanji' | 'number' | 'identifier'} Kind */
/** @typedef {{pools: Record<'part' | 'katakana' | 'kanji', string[]>, skeleton: Set<string>}} Vocabulary */

/** @param {number} value @returns {number} 0 to 2³² − 1, scattered */
function scatter(value) {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** @param {string} text */
function hash(text) {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return scatter(value);
}

/** @param {string} token @returns {Kind} */
function kindOf(token) {
  const code = token.charCodeAt(0);
  if (code >= 0x4e00 || code === 0x3005) return 'kanji';
  if (code >= 0x30a1) return 'katakana';
  return code <= 0x39 && code >= 0x30 ? 'number' : 'identifier';
}

/**
 * Words come as often as they occur, so variants keep the frequencies of the real texts. The words of most texts
 * (`const`, `import`, `return`) are its skeleton and stay.
 * @param {string[]} texts
 * @returns {Vocabulary}
 */
function vocabularyOf(texts) {
  /** @type {Map<string, number>} */
  const documents = new Map();
  /** @type {Vocabulary['pools']} */
  const pools = { part: [], katakana: [], kanji: [] };
  for (const text of texts) {
    for (const token of new Set(text.match(TOKEN) ?? [])) {
      documents.set(token, (documents.get(token) ?? 0) + 1);
      const kind = kindOf(token);
      if (kind === 'katakana' || kind === 'kanji') pools[kind].push(token);
      else if (kind === 'identifier') {
        for (const part of token.match(PART) ?? []) {
          if (part.length > 2) pools.part.push(part.toLowerCase());
        }
      }
    }
  }
  const common = [...documents].filter(([token]) => kindOf(token) === 'identifier');
  common.sort(([, one], [, other]) => other - one);
  return { pools, skeleton: new Set(common.slice(0, SKELETON_WORDS).map(([token]) => token)) };
}

/** @param {number} chance */
function invented(chance) {
  let word = '';
  for (let left = chance; word.length < 6; left = scatter(left + 1)) {
    word += CONSONANTS[left % CONSONANTS.length] + VOWELS[(left >>> 8) % VOWELS.length];
  }
  return word;
}

/** @param {string} word @param {string} like */
function inCaseOf(word, like) {
  if (like.length > 1 && like === like.toUpperCase()) return word.toUpperCase();
  return like[0] === like[0].toUpperCase() ? word[0].toUpperCase() + word.slice(1) : word;
}

/** @param {number} chance @param {Vocabulary} vocabulary */
function wordOf(chance, { pools }) {
  const next = scatter(chance + 1);
  return next % 100 < INVENTED_OF_100 ? invented(next) : pools.part[next % pools.part.length];
}

/** @param {string} token @param {number} chance @param {Vocabulary} vocabulary */
function renamed(token, chance, vocabulary) {
  const { pools } = vocabulary;
  const kind = kindOf(token);
  if (kind === 'number') {
    const low = token.length === 1 ? 0 : 10 ** (token.length - 1);
    return token.length > 9 ? token : String(low + (chance % (10 ** token.length - low)));
  }
  if (kind !== 'identifier') return pools[kind][chance % pools[kind].length];
  const parts = token.match(PART) ?? [];
  const chosen = chance % Math.max(1, parts.length);
  let position = -1;
  return token.replace(PART, (part) => {
    position += 1;
    return position === chosen ? inCaseOf(wordOf(chance, vocabulary), part) : part;
  });
}

/**
 * `text` with two fifths of its distinct tokens renamed, each to one name throughout; all, if that were none. The
 * same seed renames a token to the same name in every text.
 * @param {string} text
 * @param {number} seed
 * @param {Vocabulary} vocabulary
 */
function variantOf(text, seed, vocabulary) {
  const eligible = (/** @type {string} */ token) =>
    !vocabulary.skeleton.has(token) && (token.length > 2 || kindOf(token) !== 'identifier');
  const rename = (/** @type {number} */ share) =>
    text.replace(TOKEN, (token) => {
      const chance = scatter(hash(token) ^ Math.imul(seed, 0x9e3779b1));
      if (chance % 100 >= share || !eligible(token)) return token;
      return renamed(token, scatter(chance), vocabulary);
    });
  const changed = rename(RENAMED_OF_100);
  return changed === text ? rename(100) : changed;
}

module.exports = { scatter, variantOf, vocabularyOf, wordOf };
