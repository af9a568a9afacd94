// Remembers what the server says, on pages without a wall.

/** @import {Memory} from "../shared/memory.js" */
/** @import {Component} from "../shared/types.js" */

import { remember } from "../shared/memory.js";

/** @param {Component<{place: string, memory: Memory}>} component */
export default function ({ data }) {
  remember(data.place, data.memory);
}
