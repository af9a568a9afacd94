// How a component comes to the page, hears from the server and goes.

/** @import {Component} from "./types.js" */

import { find } from "./dom.js";
import { shared } from "./store.js";

/**
 * What Streamlit calls with every message of the server. The view is made with the first one and kept with its element;
 * what a call returns closes it.
 * @template T
 * @param {string} selector of the view's element
 * @param {(root: HTMLElement, component: Component<T>) => {update: (component: Component<T>) => void, close: () => void}} make
 */
export function mount(selector, make) {
  /** @type {WeakMap<HTMLElement, ReturnType<typeof make>>} */
  const views = new WeakMap();
  /** @param {Component<T>} component */
  return (component) => {
    const root = find(component.parentElement, selector);
    const view = views.get(root) ?? make(root, component);
    views.set(root, view);
    shared.roots.add(root);
    root.classList.toggle("on-stage", shared.staged);
    view.update(component);
    return () => {
      view.close();
      views.delete(root);
      shared.roots.delete(root);
    };
  };
}
