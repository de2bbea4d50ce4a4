// A branch: one stack's tab at a time, its resources beneath; which one stands in the address.

const text = (number) => data.strings[number];
const stacks = [...document.querySelectorAll(".stack")];
const graph = data.stacks.length ? new Graph("diff") : null;

const reasonOf = (number) => {
  const [path, before, after, effect, source, ...because] = data.reasons[number];
  return { path: text(path), old: text(before), new: text(after), effect: text(effect), source: text(source), because: because.map(text) };
};

function showStack(at) {
  if (!data.stacks[at]) return;
  stacks.forEach((stack, place) => { stack.hidden = place !== at; });
  document.querySelectorAll('[role="tab"]').forEach((tab, place) => {
    tab.setAttribute("aria-selected", String(place === at));
    tab.tabIndex = place === at ? 0 : -1;
  });
  const { blocks, changes } = data.stacks[at];
  byId("resources").hidden = !changes.length;
  graph.choose(null);
  graph.show({
    blocks: blocks.map((name) => ({ name, kind: "", layer: 0 })),
    resources: changes.map(([name, type, short, urn, block, op, stateful, declared, reasons, notes, component], id) => ({
      id, name: text(name), type: text(type), short: text(short), urn: text(urn), block, op, component: component === 1,
      stateful: stateful === 1, first: false, declared: text(declared), parent: -1, needs: [], reasons: reasons.map(reasonOf), notes,
    })),
  });
}

const asked = () => Number(/^#stack-(\d+)$/.exec(location.hash)?.[1] || 0);
const go = (at) => { history.pushState(null, "", `#stack-${at}`); showStack(at); };

window.addEventListener("popstate", () => showStack(asked()));
if (graph) {
  tabs(document.querySelector('[role="tablist"]'), go);
  showStack(data.stacks[asked()] ? asked() : 0);
}
