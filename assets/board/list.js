// A ranked list whose rows glide to their new places. Rows are kept by item, so that a film is the same element wherever
// it stands; only rows that come, go or move are touched.

const ROW = 46; // pixels, as in board.css

class ListView {
  // open(item): a row was clicked
  constructor(label, open) {
    this.rows = new Map();
    this.open = open;
    this.list = make("ol", { class: "list", "aria-label": label });
  }

  // items: columns, best first; mark(item, rank) -> {kind, sign, note}
  show(items, catalogue, mark) {
    this.list.style.height = `${items.length * ROW}px`;
    const here = new Set(items);
    for (const [item, row] of this.rows)
      if (!here.has(item)) {
        row.element.remove();
        this.rows.delete(item);
      }
    items.forEach((item, index) => {
      let row = this.rows.get(item);
      if (!row) {
        row = this.#row(item, catalogue);
        this.rows.set(item, row);
        row.element.style.transform = `translateY(${index * ROW}px)`;
        this.list.append(row.element);
      }
      const { kind, sign, note } = mark(item, index + 1);
      if (row.index !== index) {
        row.element.style.transform = `translateY(${index * ROW}px)`;
        row.rank.textContent = index + 1;
        row.index = index;
      }
      if (row.kind !== kind) {
        row.element.className = `row is-${kind}`;
        row.kind = kind;
      }
      if (row.sign !== sign) {
        row.mark.textContent = sign;
        row.mark.title = note;
        row.sign = sign;
      }
    });
    // Screen readers and keyboards follow the order of the document, so it is put right where rows have moved.
    const order = items.map((item) => this.rows.get(item).element);
    order.forEach((element, index) => {
      if (this.list.children[index] !== element) this.list.insertBefore(element, this.list.children[index] ?? null);
    });
  }

  titles() {
    return [...this.list.children].map((row) => row.querySelector(".title").textContent);
  }

  #row(item, catalogue) {
    const { title, detail, hue, initials, image } = catalogue.get(item);
    const rank = make("span", { class: "rank" });
    const mark = make("span", { class: "mark" });
    const card = image
      ? make("img", { class: "card", src: image, alt: "", loading: "lazy" })
      : make("span", { class: "card", "aria-hidden": "true", text: initials, style: `--hue: ${hue}` });
    const button = make("button", { type: "button", class: "what", onclick: () => this.open(item) },
      make("span", { class: "title", text: title }), make("span", { class: "detail", text: detail }));
    button.title = `${title}: why it is here`;
    return { element: make("li", { class: "row" }, rank, card, button, mark), rank, mark, index: -1 };
  }
}
