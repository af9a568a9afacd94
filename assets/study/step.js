// A new step of a study begins at its top, and the keyboard and whoever listens to the page begin at what it asks.

/** @import {Component} from "../shared/types.js" */

/** @param {Component<{step: number}>} component */
export default function ({ data }) {
  const page = document.documentElement; // remembers which step was shown, whenever Streamlit calls this
  const [last, now] = [page.dataset.studyStep, String(data.step)];
  page.dataset.studyStep = now;
  if (last === undefined || last === now) return;
  document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0);
  const heading = document.querySelector(".st-key-study h1");
  if (!(heading instanceof HTMLElement)) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
