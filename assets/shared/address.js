// Writes what the server says into the address bar, in place of what is there: Back leads to the page before, not to the last turn.

/** @import {Component} from "./types.js" */

/** @param {Component<{query: string}>} component */
export default function ({ data }) {
  const address = new URL(location.href);
  address.search = data.query;
  if (address.href !== location.href) history.replaceState(history.state, "", address);
  window.addEventListener("popstate", leaveFront); // the browser keeps it once, however often it is added
}

/**
 * The bare address only leads on to a page, and would do so again: whoever comes back to it wants to leave.
 * @param {PopStateEvent} event
 */
function leaveFront(event) {
  if (!location.pathname.endsWith("/")) return;
  event.stopImmediatePropagation(); // one step back, also where an earlier copy of this module listens
  history.back();
}
