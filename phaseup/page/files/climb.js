// The ladder: which step is shown stands in the address, so that a link leads to it and the browser's arrows go back.

const text = (number) => data.strings[number];
const steps = new Map();
data.systems.forEach((system, at) => system.steps.forEach((step, place) => steps.set(step.n, { step, system, at, place })));
const panels = [...document.querySelectorAll(".system, .way")];
const graph = byId("climb-graph") ? new Graph("climb") : null;
let current = null;

const reasonOf = (number) => {
  const [path, before, after, effect, source, ...because] = data.reasons[number];
  return { path: text(path), old: text(before), new: text(after), effect: text(effect), source: text(source), because: because.map(text) };
};

/** Every resource that stands before or after a step. */
function resourcesOf(system, step) {
  const variants = new Map(step.needs);
  const made = [];
  const add = (id, op, flags, declared, reasons) => {
    const [name, type, short, prefix, block, parent, component, needs] = system.resources[id];
    made.push({
      id, name: text(name), type: text(type), short: text(short), urn: `${text(prefix)}::${text(type)}::${text(name)}`, block, parent, op,
      component: component === 1, stateful: Boolean(flags & 1), first: Boolean(flags & 2), declared: text(declared) || "",
      needs: needs[variants.get(id) || 0], reasons: reasons.map(reasonOf), notes: [],
    });
  };
  for (const [id, op, flags, declared, reasons] of step.changes) add(id, data.ops[op], flags, declared, reasons);
  for (let at = 0; at < step.same.length; at += 2) {
    for (let id = step.same[at]; id <= step.same[at + 1]; id++) add(id, "same", system.data.has(id) ? 1 : 0, "", []);
  }
  return made;
}

/** Whether a resource holds data is said where it changes; it does in every other step too. */
for (const system of data.systems) {
  system.data = new Set(system.steps.flatMap((step) => step.changes.filter((change) => change[2] & 1).map((change) => change[0])));
}

const list = (title, entries) => (entries.length ? el("section", {}, el("h3", {}, title), el("ul", { class: "plain" }, entries.map((entry) => el("li", {}, entry)))) : null);

function told(step, system) {
  const counts = data.ops.map((op, at) => [op, step.counts[at]]).filter(([, count]) => count);
  const breaches = step.broken.map((number) => system.broken[number]);
  const [before, after] = step.cost;
  return [
    step.why ? el("p", { class: `why v-${step.verdict}` }, step.why) : null,
    step.whole ? el("details", {}, el("summary", {}, "every reason"), el("p", {}, step.whole)) : null,
    el("div", { class: "facts" },
      el("section", {}, el("h3", {}, "Does"), el("p", {}, counts.length ? counts.map(([op, count], at) => [at ? ", " : "", el("span", { class: `num op-${op}` }, `${count.toLocaleString("en-US")} ${op}`)]) : "nothing"), el("p", { class: "soft" }, `${plural(step.resources, "resource")} after it`)),
      el("section", {}, el("h3", {}, "Costs"), before === null || after === null ? el("p", {}, "not known") : el("p", { class: "num" }, `${usd(before)} → ${usd(after)} a month (${delta(after - before)})`)),
      step.manual ? el("section", { class: "whole" }, el("h3", {}, step.verdict === "refused" ? "By hand" : "First"), el("p", {}, step.manual)) : null,
      list("Data at risk", step.risk.map(([urn, op, reason]) => [el("strong", { class: "bad" }, `${op} ${nameOf(urn)}`), `: ${reason}`])),
      list("Retired by name", step.retired.map((urn) => el("code", { title: urn }, nameOf(urn)))),
      list("Kept", step.kept.map(([block, why]) => [el("strong", {}, block), `: ${why}`])),
      step.config.length ? el("section", { class: "whole" }, el("h3", {}, "Config"), el("div", { class: "lines", tabindex: "0", role: "region", "aria-label": "Config as changed" }, step.config.map(([key, old, now]) => [
        old !== "" ? el("div", { class: "minus" }, `- ${key}: ${old}`) : null, now !== "" ? el("div", { class: "plus" }, `+ ${key}: ${now}`) : null]))) : null,
    ),
    breaches.length ? el("details", { open: breaches.some((breach) => breach[2] === "mandatory") }, el("summary", {}, `Policy: ${plural(breaches.length, "violation")} in the state after it`),
      el("ul", { class: "plain" }, breaches.map(([policy, urn, level, , message]) => el("li", {}, el("span", { class: `level l-${level}` }, level), " ", el("code", {}, policy), " ", el("code", { title: urn }, nameOf(urn)), ` ${message}`)))) : null,
  ].filter(Boolean);
}

function showStep(number, focus) {
  const found = steps.get(number);
  if (!found) return;
  const { step, system, at } = found;
  current = number;
  for (const panel of panels) panel.hidden = Number(panel.dataset.system) !== at || (panel.dataset.direction || step.direction) !== step.direction;
  for (const tab of document.querySelectorAll('[role="tab"]')) {
    const here = tab.id === `tab-${at}-${step.direction}`;
    tab.setAttribute("aria-selected", String(here));
    tab.tabIndex = here ? 0 : -1;
  }
  for (const link of document.querySelectorAll("a[data-step]")) {
    const here = Number(link.dataset.step) === number;
    if (here) link.setAttribute("aria-current", "step"); else link.removeAttribute("aria-current");
    if (link.classList.contains("tread")) link.setAttribute("tabindex", here ? "0" : "-1");
  }
  byId("step").hidden = false;
  byId("step-where").textContent = `${system.name}, step ${step.n}, ${step.direction}${step.back ? ", a way back" : ""}`;
  byId("step-title").textContent = step.title;
  const sign = { safe: "✓", "needs-approval": "!", blocked: "✗", refused: "⊘" }[step.verdict];
  byId("step-verdict").replaceChildren(el("span", { class: `verdict v-${step.verdict}` }, el("span", { "aria-hidden": "true" }, sign), ` ${step.verdict}`));
  byId("step-body").replaceChildren(...told(step, system));
  graph.show({ blocks: system.blocks.map(([name, kind, layer]) => ({ name, kind, layer: name ? layer : Infinity })), resources: resourcesOf(system, step) });
  byId("previous").disabled = neighbour("ArrowLeft") === null;
  byId("next").disabled = neighbour("ArrowRight") === null;
  const tread = document.querySelector(`.tread[data-step="${number}"]`);
  const box = tread.closest(".scroller");
  const place = tread.getBoundingClientRect();
  const frame = box.getBoundingClientRect();
  if (place.left < frame.left + 60 || place.right > frame.right - 60) box.scrollLeft += place.left - frame.left - frame.width / 2;
  if (place.top < frame.top + 30 || place.bottom > frame.bottom - 40) box.scrollTop += place.top - frame.top - frame.height / 2;
  if (focus) tread.focus({ preventScroll: true });
}

/** The step that a key leads to, or null. Left and right keep to the way itself, or to the way back that one is on. */
function neighbour(key) {
  const { step, system, place } = steps.get(current);
  const all = system.steps;
  const next = (from, by, fits) => { for (let at = from + by; at >= 0 && at < all.length; at += by) if (fits(all[at])) return all[at].n; return null; };
  if (key === "Home") return all[0].n;
  if (key === "End") return next(all.length, -1, (each) => !each.back);
  if (key === "ArrowUp") return step.back ? next(place, -1, () => true) : null;
  if (key === "ArrowDown") return all[place + 1]?.back ? all[place + 1].n : null;
  if (!step.back) return next(place, key === "ArrowRight" ? 1 : -1, (each) => !each.back);
  return next(place, key === "ArrowRight" ? 1 : -1, () => true);
}

/** Goes to a step by the address; `focus` keeps the keyboard on the ladder. */
function go(number, focus) {
  if (number === null || number === current) return;
  history.pushState(null, "", `#step-${number}`);
  showStep(number, focus);
}

const asked = () => Number(/^#step-(\d+)$/.exec(location.hash)?.[1] || 0);

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || current === null) return;
  if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
  const onLadder = event.target.closest?.(".tread, .ladder, .walk");
  if (!onLadder && event.target !== document.body) return;
  if (!onLadder && !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  event.preventDefault();
  go(neighbour(event.key), Boolean(event.target.closest?.(".tread, .ladder")));
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#step-"]');
  if (!link) return;
  event.preventDefault();
  go(Number(link.getAttribute("href").slice(6)), link.classList.contains("tread"));
  if (!link.dataset.step) byId("step-title").focus();
});
window.addEventListener("popstate", () => showStep(asked() || data.systems[0]?.steps[0]?.n, false));

if (data.systems.length) {
  const list = document.querySelector('[role="tablist"]');
  tabs(list, (at) => go(Number(list.children[at].dataset.first), false));
  byId("previous").addEventListener("click", () => go(neighbour("ArrowLeft"), false));
  byId("next").addEventListener("click", () => go(neighbour("ArrowRight"), false));
  showStep(steps.has(asked()) ? asked() : data.systems[0].steps[0].n, false);
} else {
  byId("step").hidden = true;
}
