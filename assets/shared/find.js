// Searching by name: what is typed against names, forgiving accents, case, marks, articles and slips of the finger.
//
//   exact  >  begins the name  >  begins a word of it  >  each word typed begins a word  >  the same up to a slip
//
// Equals are ordered by weight. A slip is a letter too many, missing, exchanged or two that changed places: one in a
// word of four letters or more, two from eight on.

/**
 * Something that can be found. names: folded once, by ``fold``; weight: how much of it, the more the earlier.
 * @typedef {{names: string[], weight: number}} Entry
 */

const ARTICLE = /^(the|a|an) (?=.)/;
const ENOUGH_FOUND = 3; // as many are found without slips, and nobody slipped

/** Letters that no decomposition turns into those of a keyboard. @type {Record<string, string>} */
const LETTERS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", ł: "l", þ: "th", ı: "i" };

/**
 * What spellings of a name share: without accents and marks, in lower case, single spaces, no article in front. The
 * server follows the same rule: searchable in knobs_core/base/text.py.
 * @param {string} text
 */
export function fold(text) {
  const bare = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[ßæœøđðłþı]/g, (letter) => LETTERS[letter]);
  return bare.replace(/['’`]/g, "").replace(/&/g, " and ").replace(/[^\p{L}\p{N}]+/gu, " ").trim().replace(ARTICLE, "");
}

/**
 * Those that a query finds, the best first.
 * @template {Entry} T
 * @param {string} query as it was typed
 * @param {T[]} entries
 * @param {number} [n] at most
 * @returns {T[]}
 */
export function rank(query, entries, n = 8) {
  const found = called(query, entries, n);
  if (found.length >= Math.min(n, ENOUGH_FOUND)) return found;
  const there = new Set(found);
  return [...found, ...alike(query, entries, n + found.length).filter((entry) => !there.has(entry))].slice(0, n);
}

/**
 * Those that are called what was typed, whole or in part, without a slip.
 * @template {Entry} T
 * @param {string} query as it was typed
 * @param {T[]} entries
 * @param {number} n at most
 * @returns {T[]}
 */
export function called(query, entries, n) {
  const text = fold(query);
  return text ? best(entries, n, (names) => closeness(text, names)) : [];
}

/**
 * Those that are called all but what was typed.
 * @template {Entry} T
 * @param {string} query as it was typed
 * @param {T[]} entries
 * @param {number} n at most
 * @returns {T[]}
 */
export function alike(query, entries, n) {
  const text = fold(query);
  return text ? resembling(text.split(" "), entries).sort((a, b) => b.weight - a.weight).slice(0, n) : [];
}

/**
 * The n entries with the highest tier above 0, ties by weight.
 * @template {Entry} T
 * @param {T[]} entries
 * @param {number} n
 * @param {(names: string[]) => number} tier
 */
function best(entries, n, tier) {
  const found = entries.flatMap((entry) => {
    const at = tier(entry.names);
    return at ? [{ entry, at }] : [];
  });
  found.sort((a, b) => b.at - a.at || b.entry.weight - a.entry.weight);
  return found.slice(0, n).map(({ entry }) => entry);
}

/**
 * 4 exact, 3 begins a name, 2 begins a word, 1 each word typed begins a word, 0 none of these.
 * @param {string} text folded
 * @param {string[]} names folded
 */
function closeness(text, names) {
  const inside = ` ${text}`, words = text.includes(" ") ? text.split(" ") : [];
  let most = 0;
  for (const name of names) {
    if (name === text) return 4;
    if (name.startsWith(text)) most = 3;
    else if (most < 2 && name.includes(inside)) most = 2;
    else if (most < 1 && words.length && words.every((word) => ` ${name}`.includes(` ${word}`))) most = 1;
  }
  return most;
}

/**
 * How many slips of the finger a word may hold.
 * @param {string} word
 */
function slips(word) {
  return word.length >= 8 ? 2 : word.length >= 4 ? 1 : 0;
}

/**
 * Entries of which each word typed begins a word, up to its slips.
 * @template {Entry} T
 * @param {string[]} words
 * @param {T[]} entries
 */
function resembling(words, entries) {
  if (!words.some(slips)) return [];
  const index = /** @type {Map<string, T[]>} */ (byWord.get(entries) ?? indexed(entries));
  const holders = words.map((word) => {
    const alike = [...index.keys()].filter((own) => begins(word, own, slips(word)));
    return new Set(alike.flatMap((own) => index.get(own) ?? []));
  });
  return [...holders[0]].filter((entry) => holders.every((held) => held.has(entry)));
}

/**
 * Entries by the words of their names, made when somebody slips for the first time.
 * @type {WeakMap<Entry[], Map<string, Entry[]>>}
 */
const byWord = new WeakMap();

/** @param {Entry[]} entries */
function indexed(entries) {
  /** @type {Map<string, Entry[]>} */
  const index = new Map();
  for (const entry of entries)
    for (const word of new Set(entry.names.join(" ").split(" "))) {
      const held = index.get(word);
      if (held) held.push(entry);
      else index.set(word, [entry]);
    }
  byWord.set(entries, index);
  return index;
}

const ROWS = [0, 1, 2].map(() => new Uint8Array(64));

/**
 * Whether a word begins another one, up to so many slips: Damerau's and Levenshtein's distance to any beginning of it.
 * Only the cells of its table that can be within so many are worked out.
 * @param {string} word
 * @param {string} other
 * @param {number} most
 */
export function begins(word, other, most) {
  if (other.startsWith(word)) return true;
  if (!most || other.length < word.length - most || word.length > 60) return false;
  let [before, last, row] = ROWS; // of the letters i - 2, i - 1 and i of the word
  for (let j = 0; j <= most + 1; j++) last[j] = j;
  for (let i = 1; i <= word.length; i++) {
    const from = Math.max(1, i - most), to = Math.min(other.length, i + most);
    let least = (row[from - 1] = from === 1 ? i : most + 1);
    for (let j = from; j <= to; j++) {
      let cell = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (word[i - 1] === other[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && word[i - 1] === other[j - 2] && word[i - 2] === other[j - 1]) cell = Math.min(cell, before[j - 2] + 1);
      row[j] = cell;
      least = Math.min(least, cell);
    }
    row[to + 1] = most + 1;
    if (least > most) return false;
    [before, last, row] = [last, row, before];
  }
  const end = Math.min(other.length, word.length + most);
  for (let j = Math.max(0, word.length - most); j <= end; j++) if (last[j] <= most) return true;
  return false;
}
