// How well the list serves each member of a group, also under the hand.

/** @import {Group} from "../shared/types.js" */

import { make } from "../shared/dom.js";
import { rowsNamed } from "../shared/store.js";

/**
 * Shares, in [0, 1], of what each member's own best list would give them.
 * @param {Group} group
 * @param {number[]} items
 */
export function servedShares({ blob, shares }, items) {
  const rows = rowsNamed(blob);
  if (!rows) return shares;
  return rows.map((worth) => Math.max(0, Math.min(1, items.reduce((sum, item) => sum + worth[item], 0))));
}

/**
 * @param {HTMLElement} place
 * @param {Group | null} group
 * @param {number[]} items
 */
export function drawMembers(place, group, items) {
  place.hidden = !group;
  if (!group) return;
  const shares = servedShares(group, items);
  const members = group.names.map((name, row) => {
    const percent = Math.round(100 * shares[row]);
    const bar = make("span", { class: "bar-of" }, make("i", { style: `width: ${percent}%` }));
    return make("span", { class: "member", title: "100% would be a list made for this person alone" }, make("bdi", { text: name }), " ", bar, make("b", { text: `${percent}%` }));
  });
  place.replaceChildren(...members);
}
