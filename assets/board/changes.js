// What a turn has changed in the list, row by row and in words.

/**
 * A row's sign. kind: of its colours; sign: what stands in it; note: the same in words.
 * @typedef {{kind: "new" | "up" | "down" | "same" | "left", sign: string, note: string}} Mark
 */

/** @type {Mark} */
const SAME = { kind: "same", sign: "", note: "" };

/**
 * How each item of the list came to its rank.
 * @param {number[]} before the list that this one is compared with
 * @param {Record<string, number>} ranks where items were, of those for which it is known
 * @returns {(item: number, rank: number) => Mark}
 */
export function arrivals(before, ranks) {
  const was = new Map(before.map((item, index) => [item, index + 1]));
  return (item, rank) => {
    const old = was.get(item);
    if (!old) return { kind: "new", sign: "new", note: ranks[item] ? `was at ${ranks[item]}` : "was further down" };
    if (old === rank) return SAME;
    return old > rank
      ? { kind: "up", sign: `▲ ${old - rank}`, note: `was at ${old}` }
      : { kind: "down", sign: `▼ ${rank - old}`, note: `was at ${old}` };
  };
}

/**
 * Which items of the list before have left.
 * @param {number[]} items
 * @returns {(item: number) => Mark}
 */
export function departures(items) {
  const now = new Set(items);
  return (item) => (now.has(item) ? SAME : { kind: "left", sign: "left", note: "not in the list any more" });
}

/**
 * The change in one line. themes: those that are turned, with the items that carry them; by: the knob that brings each item,
 * where several take turns.
 * @param {number[]} before
 * @param {number[]} items
 * @param {{theme: string, members: Set<number>}[]} themes
 * @param {string[]} [by]
 */
export function summary(before, items, themes, by = []) {
  const now = new Set(items), entered = items.filter((item) => !before.includes(item)).length;
  if (!entered && items.every((item, index) => before[index] === item)) return "Turn a knob and watch the list.";
  const parts = [`${entered} in, ${before.filter((item) => !now.has(item)).length} out, ${items.length - entered} kept`];
  for (const { theme, members } of themes) {
    /** @param {number[]} list */
    const share = (list) => Math.round((100 * list.filter((item) => members.has(item)).length) / Math.max(list.length, 1));
    parts.push(`${theme} ${share(before)}% → ${share(items)}%`);
  }
  const dealers = [...new Set(by.filter(Boolean))];
  if (dealers.length > 1) {
    const counts = dealers.map((name) => `${name} ${by.filter((one) => one === name).length}`);
    parts.push(`taking turns: ${counts.join(", ")}`);
  }
  return parts.join(" · ");
}
