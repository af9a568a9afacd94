// Stands in for a component whose code comes by itself (``late.js``). Until it is here nothing of the component is seen, and
// what the server said last waits.

/** @import {Component} from "./types.js" */

import { shared } from "./store.js";

const ABSENT = 1500; // milliseconds after which code that has not come is asked for

/** @type {WeakMap<HTMLElement, {component: Component<any>, close: () => void}>} */
const waits = new WeakMap();

/** @param {Component<any>} component */
export default function (component) {
  const mark = /** @type {HTMLElement} */ (component.parentElement.querySelector(".code")), name = mark.dataset.code ?? "";
  const code = shared.codes.get(name);
  if (code) return code(component);
  const waiting = waits.get(mark);
  if (waiting) {
    waiting.component = component;
    return () => waiting.close();
  }
  const patience = setTimeout(() => waits.get(mark)?.component.setTriggerValue("missing", Date.now()), ABSENT);
  const stop = () => {
    clearTimeout(patience);
    shared.waiting.delete(arrive);
    waits.delete(mark);
  };
  const seat = { component, close: stop };
  const arrive = () => {
    const begin = shared.codes.get(name);
    if (!begin) return;
    stop();
    seat.close = begin(seat.component);
  };
  waits.set(mark, seat);
  shared.waiting.add(arrive);
  return () => seat.close();
}
