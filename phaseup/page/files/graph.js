// Resources in their blocks, layer on layer: coloured by operation, filtered, and each with its reasons when chosen.

const BIG = 14;
const SIGNS = { create: "+", update: "~", replace: "+-", delete: "-" };
const EFFECTS = {
  replace: "forces replacement", update_reboot: "restarts it", deferred: "waits for the maintenance window",
  ignored: "the cloud ignores it", refused: "the cloud refuses it", unknown: "effect not known: no fact",
};

/** What stays as it is, is a dot; what stays but is no longer protected has a name and a reason. */
const isDot = (each) => each.op === "same" && !each.reasons.length;

/** A panel over the elements that the template laid out under `id`. `show({blocks, resources})` draws another state;
 *  a resource is {id, name, type, short, urn, block, op, component, stateful, declared, first, parent, needs, reasons}. */
class Graph {
  constructor(id) {
    this.root = byId(`${id}-graph`);
    this.split = this.root.parentElement;
    this.detail = byId(`${id}-detail`);
    this.found = byId(`${id}-found`);
    this.tools = byId(`${id}-tools`);
    this.search = byId(`${id}-search`);
    this.block = byId(`${id}-block`);
    this.nodes = new Map();
    this.chosen = null;
    this.tools.addEventListener("submit", (event) => event.preventDefault());
    this.tools.addEventListener("input", () => this.filter());
    this.tools.addEventListener("reset", () => setTimeout(() => this.filter()));
    this.root.addEventListener("click", (event) => {
      const node = event.target.closest(".node");
      if (node) this.choose(node.dataset.id === this.chosen ? null : node.dataset.id);
    });
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.detail.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
    new ResizeObserver(() => this.edges()).observe(this.root);
  }

  show({ blocks, resources }) {
    const kept = this.chosen;
    this.state = new Map(resources.map((each) => [String(each.id), each]));
    this.users = new Map();
    for (const each of resources) {
      for (const need of each.needs) {
        if (!this.users.has(need)) this.users.set(need, []);
        this.users.get(need).push(each.id);
      }
    }
    this.nodes.clear();
    const members = blocks.map(() => []);
    for (const each of resources) members[each.block].push(each);
    const layers = new Map();
    blocks.forEach((block, at) => {
      if (!members[at].length) return;
      if (!layers.has(block.layer)) layers.set(block.layer, []);
      layers.get(block.layer).push(this.card(block, members[at]));
    });
    this.overlay = svgEl("svg", { class: "edges", "aria-hidden": "true" });
    this.root.replaceChildren(...[...layers.values()].map((cards) => el("div", { class: "layer" }, cards)), this.overlay);
    const before = this.block.value;
    this.block.replaceChildren(
      el("option", { value: "" }, "all"),
      ...blocks.flatMap((block, at) => (members[at].length ? [el("option", { value: block.name || " " }, block.name || "(no block)")] : [])),
    );
    this.block.value = [...this.block.options].some((option) => option.value === before) ? before : "";
    this.filter();
    this.choose(kept !== null && this.state.has(kept) ? kept : null);
  }

  card(block, members) {
    const order = ["replace", "delete", "update", "create", "same"];
    const sorted = order.flatMap((op) => members.filter((each) => each.op === op)).sort((one, other) => isDot(one) - isDot(other));
    const counts = order.slice(0, 4).map((op) => [op, members.filter((each) => each.op === op).length]).filter(([, count]) => count);
    const nodes = sorted.map((each) => this.node(each));
    const changed = members.filter((each) => !isDot(each)).length;
    return el("div", { class: `block${changed > BIG || members.length > 120 ? " big" : ""}`, "data-block": block.name || " " },
      el("h4", {}, el("span", {}, block.name || "(no block)"), el("span", { class: "soft" },
        [block.kind, ...counts.map(([op, count]) => `${SIGNS[op]}${count}`), `${members.length} in all`].filter(Boolean).join(" · "))),
      el("div", { class: "nodes" }, nodes));
  }

  node(each) {
    const dot = isDot(each);
    const label = `${each.name}, ${each.short}: ${each.op}${each.stateful ? ", holds data" : ""}${each.component ? ", component" : ""}`;
    const made = el("button", {
      type: "button", tabindex: "-1", "data-id": each.id, "aria-pressed": "false", "aria-label": label, title: `${each.name}\n${each.short}: ${each.op}`,
      class: `node op-${each.op}${dot ? " dot" : ""}${each.stateful ? " stateful" : ""}${each.component ? " component" : ""}`,
    });
    if (!dot) made.append(el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[each.op] || "="), el("span", { class: "name" }, each.name), el("span", { class: "type" }, each.short));
    this.nodes.set(String(each.id), made);
    return made;
  }

  filter() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const ops = new Set([...this.tools.querySelectorAll('[name="op"]:checked')].map((box) => box.value));
    const boxes = new Set([...this.tools.querySelectorAll('[name="op"]')].map((box) => box.value));
    const holding = this.tools.querySelector('[name="stateful"]').checked;
    let shown = 0;
    for (const [id, node] of this.nodes) {
      const each = this.state.get(id);
      const text = `${each.name} ${each.type} ${each.short} ${each.urn}`.toLowerCase();
      const fits = (ops.has(each.op) || !boxes.has(each.op)) && (!holding || each.stateful) && words.every((word) => text.includes(word));
      node.hidden = !fits || (this.block.value !== "" && node.closest(".block").dataset.block !== this.block.value);
      shown += !node.hidden;
    }
    for (const card of this.root.querySelectorAll(".block")) card.hidden = !card.querySelector(".node:not([hidden])");
    for (const layer of this.root.querySelectorAll(".layer")) layer.hidden = !layer.querySelector(".block:not([hidden])");
    this.found.textContent = `${shown.toLocaleString("en-US")} of ${plural(this.nodes.size, "resource")} shown`;
    if (this.chosen !== null && this.nodes.get(this.chosen)?.hidden) this.choose(null);
    this.rove();
    this.edges();
  }

  visible() { return [...this.root.querySelectorAll(".node:not([hidden])")]; }

  /** One node is in the tab order: the chosen one, else the first. */
  rove() {
    const all = this.visible();
    const first = all.find((node) => node.dataset.id === this.chosen) || all[0];
    for (const node of this.root.querySelectorAll('.node[tabindex="0"]')) node.tabIndex = -1;
    if (first) first.tabIndex = 0;
  }

  key(event) {
    if (event.key === "Escape") return this.close();
    const node = event.target.closest(".node");
    if (!node || !["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    const all = this.visible();
    const at = all.indexOf(node);
    const near = { ArrowLeft: all[at - 1], ArrowRight: all[at + 1], Home: all[0], End: all[all.length - 1] }[event.key] || this.beyond(node, all, event.key);
    if (!near) return;
    node.tabIndex = -1;
    near.tabIndex = 0;
    near.focus();
  }

  /** The nearest node of the row above or below. */
  beyond(node, all, key) {
    if (key !== "ArrowUp" && key !== "ArrowDown") return null;
    const own = node.getBoundingClientRect();
    let best = null;
    let least = Infinity;
    for (const other of all) {
      const box = other.getBoundingClientRect();
      const away = key === "ArrowDown" ? box.top - own.top : own.top - box.top;
      if (away < 4) continue;
      const distance = away * 4 + Math.abs(box.left - own.left);
      if (distance < least) [best, least] = [other, distance];
    }
    return best;
  }

  close() {
    const node = this.chosen !== null && this.nodes.get(this.chosen);
    this.choose(null);
    if (node) node.focus();
  }

  choose(id) {
    this.chosen = id === null ? null : String(id);
    for (const node of this.root.querySelectorAll('.node[aria-pressed="true"]')) node.setAttribute("aria-pressed", "false");
    const node = this.chosen !== null && this.nodes.get(this.chosen);
    this.split.classList.toggle("chosen", Boolean(node));
    this.detail.replaceChildren(...(node ? this.told(this.state.get(this.chosen)) : []));
    if (node) node.setAttribute("aria-pressed", "true");
    this.rove();
    this.edges();
  }

  told(each) {
    const others = (title, ids) => (ids.length ? [el("h5", {}, `${title} (${ids.length})`), el("ul", { class: "plain" }, ids.slice(0, 40).map((id) => el("li", {}, this.link(id)))), ids.length > 40 ? el("p", { class: "soft" }, `and ${ids.length - 40} more`) : null] : []);
    const users = (this.users.get(each.id) || []).filter((id) => this.state.has(String(id)));
    const needs = each.needs.filter((id) => this.state.has(String(id)));
    return [
      el("button", { type: "button", class: "close quiet", "aria-label": "Close", onclick: () => this.close() }, "×"),
      el("h4", {}, each.name),
      el("p", { class: `op-${each.op}` }, el("span", { class: "sign" }, SIGNS[each.op] ? `${SIGNS[each.op]} ` : ""), each.op, el("span", { class: "soft" }, ` ${each.short}`)),
      each.stateful ? el("p", {}, "◆ holds data") : null,
      each.first ? el("p", { class: "bad" }, "is deleted before its replacement exists") : null,
      ...each.notes.map((note) => el("p", {}, note)),
      each.declared ? el("p", { class: "soft" }, "declared at ", el("code", {}, each.declared)) : null,
      el("p", { class: "urn" }, el("code", {}, each.urn)),
      each.reasons.length ? el("h5", {}, "Why") : null,
      ...each.reasons.map((reason) => el("div", { class: "reason" },
        el("code", {}, reason.path || "(resource)"), " ",
        reason.old !== "" || reason.new !== "" ? [el("code", { class: "old" }, reason.old || "(none)"), " → ", el("code", { class: "new" }, reason.new || "(none)")] : null,
        EFFECTS[reason.effect] ? el("span", { class: "effect" }, ` ${EFFECTS[reason.effect]}`) : null,
        reason.because.length ? el("div", { class: "soft" }, `follows from ${nameOf(reason.because[reason.because.length - 1])}`) : null,
        reason.source ? el("div", { class: "soft" }, reason.source) : null)),
      ...(this.state.has(String(each.parent)) ? others("Part of", [each.parent]) : []),
      ...others("Depends on", needs),
      ...others("Needed by", users),
    ].filter(Boolean);
  }

  link(id) {
    const each = this.state.get(String(id));
    return el("button", {
      type: "button", class: "link",
      onclick: () => { this.choose(id); const node = this.nodes.get(String(id)); if (!node.hidden) node.scrollIntoView({ block: "nearest" }); this.detail.querySelector(".close").focus(); },
    }, each.name, el("span", { class: "soft" }, ` ${each.short}`));
  }

  /** Lines from the chosen resource to its parent, to what it depends on, and from what depends on it. */
  edges() {
    if (!this.overlay) return;
    this.overlay.replaceChildren();
    for (const node of this.root.querySelectorAll(".near")) node.classList.remove("near");
    const each = this.chosen !== null && this.state.get(this.chosen);
    const own = each && this.nodes.get(this.chosen);
    if (!own || own.hidden) return;
    const base = this.root.getBoundingClientRect();
    const middle = (node) => { const box = node.getBoundingClientRect(); return [box.left - base.left + box.width / 2, box.top - base.top + box.height / 2]; };
    const draw = (id, kind) => {
      const node = this.nodes.get(String(id));
      if (!node || node.hidden || node === own) return;
      const [x1, y1] = middle(own);
      const [x2, y2] = middle(node);
      const bend = Math.max(30, Math.abs(y2 - y1) / 2) * (y2 >= y1 ? 1 : -1);
      this.overlay.append(svgEl("path", { class: kind, d: `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}` }));
      node.classList.add("near");
    };
    for (const id of each.needs) draw(id, "to");
    for (const id of this.users.get(each.id) || []) draw(id, "from");
    draw(each.parent, "to-parent");
  }
}
