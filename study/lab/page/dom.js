// Elements, and how they are changed: only where their content differs.
"use strict";

function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const drawn = new WeakMap(); // the key of what each element shows

// Draws the content of an element if the key differs from that of its present content.
function refresh(element, key, draw) {
  if (drawn.get(element) === key) return;
  drawn.set(element, key);
  element.replaceChildren(...draw().filter((child) => child !== null));
}

function setClass(element, name) {
  if (element.getAttribute("class") !== name) element.setAttribute("class", name);
}

function setLabel(element, text) {
  if (element.getAttribute("aria-label") !== text) element.setAttribute("aria-label", text);
}

const setText = (element, text) => refresh(element, text, () => [text]);

const chip = (scene, thread, text = scene.names[thread]) => el("span", { class: `chip t${thread}` }, text);

// Text with code between backticks.
const withCode = (text) => text.split("`").map((part, index) => (index % 2 ? el("code", {}, part) : part));
