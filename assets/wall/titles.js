// All titles that can be searched, with the names they go by.

/** @import {Items} from "../shared/types.js" */

import { fold } from "../shared/find.js";

/**
 * A title to be picked. item: column; names, weight: for ``rank``.
 * @typedef {{item: number, title: string, full: string, detail: string, hue: number, names: string[], weight: number}} Title
 */

/**
 * The names in a title: "Hate (Haine, La)" is found by each of them.
 * @param {string} title
 */
export function namesIn(title) {
  const parts = title.split(/\s*[()]+\s*/).map((part) => fold(part.replace(/^a\.k\.a\. /, "")));
  return [...new Set([fold(title), ...parts])].filter(Boolean);
}

/**
 * @param {Items} items
 * @param {ArrayLike<number>} likes of all items, by column
 * @returns {Title[]}
 */
export function titlesOf({ columns, rows }, likes) {
  return rows.map(({ title, full, detail }, at) => {
    return { item: columns[at], title, full, detail, hue: -1, names: namesIn(full), weight: likes[columns[at]] };
  });
}
