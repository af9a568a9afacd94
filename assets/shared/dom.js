// Elements. Text goes in as text, never as HTML: names and titles are untrusted. Each has the direction of its own letters,
// so that what reads from right to left does not turn the numbers beside it.

const SVG = "http://www.w3.org/2000/svg";

/**
 * What an element is made with: attributes, of which "text" is its text and functions are listeners ("onclick").
 * @typedef {Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>} Attributes
 */

/**
 * Build an HTML element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {...(Node | string)} children
 */
export function make(tag, attributes = {}, ...children) {
  return dressed(document.createElement(tag), attributes, children);
}

/**
 * Build an element of a drawing.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {...(Node | string)} children
 */
export function makeSvg(tag, attributes = {}, ...children) {
  return dressed(document.createElementNS(SVG, tag), attributes, children);
}

/**
 * @template {Element} Kind
 * @param {Kind} element
 * @param {Attributes} attributes
 * @param {(Node | string)[]} children
 */
function dressed(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name === "text") dressed(element, { dir: "auto" }, [String(value)]);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * The element that a component's own HTML must have.
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => Kind} [kind]
 * @returns {Kind}
 */
export function find(root, selector, kind) {
  const element = root.querySelector(selector);
  if (!(element instanceof (kind ?? HTMLElement))) throw new Error(`no ${selector} here`);
  return /** @type {Kind} */ (element);
}

/**
 * Undo and redo by the keys that everybody knows, but where text is typed.
 * @param {HTMLElement} root
 * @param {(event: "undo" | "redo", when: number) => void} send
 */
export function undoByKeys(root, send) {
  root.onkeydown = (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
    if (event.target instanceof Element && event.target.matches("input")) return;
    event.preventDefault();
    send(event.shiftKey ? "redo" : "undo", Date.now());
  };
}

/**
 * Whether the theme that Streamlit gives an element is dark.
 * @param {Element} element
 */
export function isDark(element) {
  const [red = 255, green = 255, blue = 255] = getComputedStyle(element).getPropertyValue("--st-background-color").match(/[0-9a-f]{2}/gi)?.map((part) => parseInt(part, 16)) ?? [];
  return red + green + blue < 384;
}
