// Brings entry ticks, and where only candidates travel these, to the board after the list: nobody waits for them.

/** @import {Component, Ticks} from "../shared/types.js" */

import { announce, shared } from "../shared/store.js";

/** @param {Component<Ticks>} component */
export default function ({ data }) {
  const old = shared.ticks?.pool;
  if (old && old.blob !== data.pool?.blob) shared.blobs.delete(old.blob);
  shared.ticks = data;
  announce();
}
