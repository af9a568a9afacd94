// What a turn did to somebody's place on the map, in a sentence.

/** @import {Place, Region} from "../shared/types.js" */

const HARDLY = 0.01; // of the map's side

/**
 * The region that a way leads towards: of those that it comes nearer to by half of its length or more, the nearest.
 * @param {Region[]} regions
 * @param {Place} from
 * @param {Place} to
 */
export function towards(regions, from, to) {
  const length = apart(from, to), left = (/** @type {Region} */ { x, y }) => apart(to, [x, y]);
  return regions
    .filter(({ x, y }) => apart(from, [x, y]) - apart(to, [x, y]) >= length / 2)
    .sort((one, other) => left(one) - left(other))[0]?.name;
}

/**
 * @param {string} who
 * @param {Region[]} regions
 * @param {Place} from
 * @param {Place} to
 * @param {boolean} turned whether any dial is
 */
export function moveWords(who, regions, from, to, turned) {
  if (!turned) return "Turn a knob and watch the marker move. The pins are the first ten of the list.";
  const length = apart(from, to);
  if (length < HARDLY) return `${who} hardly moved.`;
  const name = towards(regions, from, to);
  return `${who} moved ${Math.round(100 * length)}% of the way across the map${name ? `, towards ${name}` : ""}.`;
}

/**
 * @param {Place} one
 * @param {Place} other
 */
function apart([x, y], [u, v]) {
  return Math.hypot(x - u, y - v);
}
