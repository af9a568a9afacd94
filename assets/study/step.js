// A new step of a study begins at its top, and the keyboard and whoever listens to the page begin at what it asks, spoken
// in the study's language.

/** @import {Component} from "../shared/types.js" */

/** @param {Component<{step: string, language: string}>} component */
export default function ({ data }) {
  const page = document.documentElement; // remembers which step was shown, whenever Streamlit calls this
  const study = document.querySelector(".st-key-study");
  study?.setAttribute("lang", data.language);
  const last = page.dataset.studyStep;
  page.dataset.studyStep = data.step;
  if (last === undefined || last === data.step) return;
  document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0);
  const heading = study?.querySelector("h1");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
