// What a turn has changed in the list: row by row, in one sentence, and who has which places.

/**
 * A row's sign. kind: of its colours; sign: what stands in it; was: the rank it had; note: the same in words.
 * @typedef {{kind: "new" | "up" | "down" | "same" | "left", sign: string, was: string, note: string}} Mark
 */

/**
 * A knob as a turn is told of it: how far it is turned, its theme, and the items that carry it.
 * @typedef {{key: string, name: string, amount: number, theme: string, members: Set<number> | undefined}} Turned
 */

/** @type {Mark} */
const SAME = { kind: "same", sign: "", was: "", note: "" };
const NAMED = 2; // titles that the sentence names

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
    if (!old) {
      const known = ranks[item] ? String(ranks[item]) : "";
      return { kind: "new", sign: "new", was: known, note: known ? `was at ${known}` : "was further down" };
    }
    if (old === rank) return SAME;
    const way = old > rank ? /** @type {const} */ ("up") : /** @type {const} */ ("down");
    return { kind: way, sign: `${way === "up" ? "▲" : "▼"} ${Math.abs(old - rank)}`, was: String(old), note: `was at ${old}` };
  };
}

/**
 * Which items of the list before have left.
 * @param {number[]} items
 * @returns {(item: number) => Mark}
 */
export function departures(items) {
  const now = new Set(items);
  return (item) => (now.has(item) ? SAME : { kind: "left", sign: "left", was: "", note: "not in the list any more" });
}

/** A list of which nothing is said. @returns {Mark} */
export const plainly = () => SAME;

/**
 * The change in one sentence, with the knob under the hand first.
 * @param {number[]} before
 * @param {number[]} items
 * @param {Turned[]} turned those that are turned, the one under the hand or turned last first
 * @param {(item: number) => string} titleOf
 * @returns {{head: string, more: string}}
 */
export function sentence(before, items, turned, titleOf) {
  const here = new Set(items), entered = items.filter((item) => !before.includes(item)), first = turned[0]?.members;
  entered.sort((one, other) => Number(first?.has(other) ?? false) - Number(first?.has(one) ?? false)); // its own before others
  if (!entered.length && items.every((item, index) => before[index] === item)) {
    const still = turned.length ? "Turn it further, and the list follows." : "";
    return { head: "Turn a knob. The list follows.", more: still };
  }
  const themes = turned.filter(({ members }) => members).map(({ theme, members }) => {
    /** @param {number[]} list */
    const count = (list) => list.filter((item) => members?.has(item)).length;
    return `${theme}: ${count(before)} → ${count(items)} of ${items.length}`;
  });
  const names = entered.slice(0, NAMED).map(titleOf), others = entered.length - names.length;
  const into = entered.length ? `In: ${names.join(", ")}${others ? ` and ${others} more` : ""}. ` : "";
  const kept = Math.round((100 * before.filter((item) => here.has(item)).length) / Math.max(before.length, 1));
  return { head: `${themes.length ? `${themes[0]}. ` : ""}${into}`.trim(), more: `You keep ${kept}% of your list.${themes.slice(1).map((one) => ` ${one}.`).join("")}` };
}

/**
 * Who has how many places of the list: what was there before, and what each dial that brings more has brought.
 * @param {number[]} before
 * @param {number[]} items
 * @param {string[]} by key of the knob that deals each, where several take turns
 * @param {Turned[]} turned
 * @returns {{name: string, key: string, n: number}[]}
 */
export function shares(before, items, by, turned) {
  const old = new Set(before), ups = turned.filter(({ amount }) => amount > 0);
  const sole = ups.length === 1 ? ups[0].key : "";
  /** @type {Map<string, number>} */
  const counts = new Map();
  items.forEach((item, index) => {
    const key = old.has(item) ? "own" : by[index] || sole || "instead";
    counts.set(key, (counts.get(key) ?? 0) + 1);
  });
  /** @param {string} key */
  const name = (key) => ({ own: "Your own list", instead: "Moved up" })[key] ?? ups.find((one) => one.key === key)?.name ?? key;
  const order = ["own", ...ups.map(({ key }) => key), "instead"];
  return order.flatMap((key) => (counts.has(key) ? [{ key, name: name(key), n: counts.get(key) ?? 0 }] : []));
}

/**
 * The first line of why a title is here.
 * @param {number} item
 * @param {string} by key of the knob that deals it, "" where none takes a turn
 * @param {Turned[]} turned
 * @param {string} like a title of this person's that speaks most for it, "" where none does
 * @param {boolean} fresh whether it was not in the list before
 */
export function why(item, by, turned, like, fresh) {
  const ups = turned.filter(({ amount }) => amount > 0);
  const carried = ups.filter(({ members }) => members?.has(item)).map(({ theme }) => theme);
  const dealer = fresh ? (ups.find(({ key }) => key === by) ?? (ups.length === 1 ? ups[0] : undefined)) : undefined;
  const first = carried.length ? carried.join(" and ") : dealer ? `Brought by ${dealer.name}` : "";
  if (!first) return like ? `Because you like ${like}` : "";
  return like ? `${first} · near ${like}` : first;
}
