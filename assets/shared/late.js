// A component whose code and stylesheet travel once a session, as arrays do, and not with every message of the server: here
// they are handed over by a component of their own, to whoever stands in for it until then (``standin.js``).

/** @import {Component} from "./types.js" */

import { find } from "./dom.js";
import { announce, shared } from "./store.js";

/**
 * @param {(component: Component<any>) => () => void} run what Streamlit would call
 */
export function handOver(run) {
  /** @param {Component<[name: string, style: string]>} component */
  return ({ data: [name, style] }) => {
    if (shared.codes.has(name)) return;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    shared.codes.set(name, (component) => {
      const root = /** @type {ShadowRoot} */ (component.parentElement.getRootNode());
      if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
      find(component.parentElement, ".code").dataset.here = "";
      return run(component);
    });
    announce();
  };
}
