"use strict";
// What both pages share. Text reaches the page as text nodes and attributes alone: nothing in it is ever markup.

const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);
byId("off").remove();
const data = JSON.parse(byId("data").textContent);

/** An element with attributes (`class`, `onclick`, …) and children; texts among them stay text. */
function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

function svgEl(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function usd(amount) {
  if (amount === null) return "not known";
  const digits = Math.abs(amount) < 10 && amount !== 0 ? 2 : 0;
  const whole = Math.abs(amount).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (amount < 0 ? "−$" : "$") + whole;
}

function delta(amount) {
  if (Math.abs(amount) < 0.005) return "±$0";
  return (amount > 0 ? "+" : "") + usd(amount);
}

/** The part of a URN that a person calls it by. */
const nameOf = (urn) => urn.split("::").slice(3).join("::") || urn;

const plural = (count, noun) => `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;

// Light and dark: the viewer's own scheme until the switch says otherwise; files may not be allowed to remember.
(() => {
  const root = document.documentElement;
  const button = byId("theme");
  const prefers = matchMedia("(prefers-color-scheme: dark)");
  const remembered = () => { try { return localStorage.getItem("phaseup-theme"); } catch { return null; } };
  const dark = () => (root.dataset.theme || (prefers.matches ? "dark" : "light")) === "dark";
  const tell = () => {
    button.setAttribute("aria-pressed", String(dark()));
    button.textContent = dark() ? "Light" : "Dark";
    button.setAttribute("aria-label", dark() ? "Dark colours; switch to light" : "Light colours; switch to dark");
  };
  const before = remembered();
  if (before === "dark" || before === "light") root.dataset.theme = before;
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("phaseup-theme", root.dataset.theme); } catch { /* then it is asked for again */ }
    tell();
  });
  prefers.addEventListener("change", tell);
  tell();
})();

/** Tabs as ARIA has them: one in the tab order, arrow keys between them. `choose(index)` marks one and shows what belongs to it. */
function tabs(list, choose) {
  const all = list ? [...list.querySelectorAll('[role="tab"]')] : [];
  all.forEach((tab, at) => {
    tab.addEventListener("click", () => choose(at));
    tab.addEventListener("keydown", (event) => {
      const moves = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 };
      if (!(event.key in moves)) return;
      event.preventDefault();
      event.stopPropagation();
      const next = (moves[event.key] + all.length) % all.length;
      choose(next);
      all[next].focus();
    });
  });
}
