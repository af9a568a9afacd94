// The knobs on the stage, whichever component shows them, and the light on one of them.

import { shared } from "../shared/store.js";

/** The dials that are seen, in their order. */
export function sliders() {
  const found = [...shared.roots].flatMap((root) => [...root.querySelectorAll("[role=slider]")]);
  return /** @type {(HTMLElement | SVGElement)[]} */ (found.filter((slider) => slider.getClientRects().length));
}

/**
 * Put the light on the knob of this name; "" puts it out.
 * @param {string} name
 */
export function lit(name) {
  for (const root of shared.roots) {
    let any = false;
    for (const slider of root.querySelectorAll("[role=slider]")) {
      const meant = name !== "" && slider.getAttribute("aria-label") === name;
      slider.closest(".knob")?.classList.toggle("is-lit", meant);
      any ||= meant;
    }
    root.classList.toggle("has-light", any);
  }
}
