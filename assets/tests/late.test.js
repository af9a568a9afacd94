// Code that travels by itself, and what stands in for it: nothing that the server said is lost, and it is asked for once.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { handOver } from "../shared/late.js";
import standin from "../shared/standin.js";
import { shared } from "../shared/store.js";

const NAME = "code board 1";

class Element {
  /** @type {Record<string, string>} */
  dataset = { code: NAME };
}
class Sheet {
  text = "";
  /** @param {string} text */
  replaceSync(text) {
    this.text = text;
  }
}
Object.assign(globalThis, { HTMLElement: Element, CSSStyleSheet: Sheet });

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  shared.codes.clear();
  shared.waiting.clear();
});

/** A component as Streamlit mounts it, and what it says. */
function mounted() {
  const mark = new Element();
  /** @type {Sheet[]} */
  const sheets = [];
  /** @type {string[]} */
  const said = [];
  const parentElement = { querySelector: () => mark, getRootNode: () => ({ adoptedStyleSheets: sheets }) };
  const setTriggerValue = (/** @type {string} */ name) => said.push(name);
  /** @param {unknown} data */
  const hear = (data) => standin(/** @type {any} */ ({ data, parentElement, setTriggerValue }));
  return { mark, sheets, said, hear };
}

/** Code that notes what it is called with. */
function code() {
  /** @type {unknown[]} */
  const log = [];
  const come = handOver(({ data }) => {
    log.push(data);
    return () => log.push("closed");
  });
  return { log, come: () => come(/** @type {any} */ ({ data: [NAME, "p {}"] })) };
}

test("what was said last is told to the code when it comes, and all that follows at once", () => {
  const { mark, sheets, said, hear } = mounted(), { log, come } = code();
  const close = hear(1);
  hear(2);
  assert.deepEqual([log, mark.dataset.here], [[], undefined]);
  come();
  assert.deepEqual([log, mark.dataset.here], [[2], ""]);
  hear(3);
  come();
  assert.deepEqual(log, [2, 3]);
  assert.deepEqual(sheets.map(({ text }) => text), ["p {}"]);
  close();
  assert.equal(log.at(-1), "closed");
  mock.timers.tick(60_000);
  assert.deepEqual(said, []);
});

test("code that was there before is called at once", () => {
  const { hear } = mounted(), { log, come } = code();
  come();
  hear(1);
  assert.deepEqual(log, [1]);
});

test("code that does not come is asked for, and is not called for what has gone", () => {
  const { said, hear } = mounted(), { log, come } = code();
  const close = hear(1);
  mock.timers.tick(1_500);
  assert.deepEqual(said, ["missing"]);
  close();
  come();
  assert.deepEqual(log, []);
  assert.equal(shared.waiting.size, 0);
});

test("what went and came back before its code is served all the same, and whatever a call returned closes it", () => {
  const { hear } = mounted(), { log, come } = code();
  hear(1)();
  hear(2);
  const close = hear(3);
  come();
  assert.deepEqual(log, [3]);
  close();
  assert.deepEqual(log, [3, "closed"]);
});
