// The page: which scene, which schedule, and what the reader does with them.
"use strict";

const SHOW_DELAY = 700; // milliseconds between two steps of "show me"

const $ = (id) => document.getElementById(id);
const open = new Map(); // scenes that were opened
const visited = new Map(); // states that the reader has seen, by scene
const found = new Set(read("found"));

const page = { scene: null, schedule: [], position: 0, hinted: null, comparing: false, timer: null, note: "" };

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(`lab-${name}`)) ?? [];
  } catch {
    return []; // no storage: nothing is remembered
  }
}

function write(name, value) {
  try {
    localStorage.setItem(`lab-${name}`, JSON.stringify(value));
  } catch {
    // no storage: nothing is remembered
  }
}

function sceneOf(id) {
  const data = LAB.scenes.find((scene) => scene.id === id);
  if (data && !open.has(id)) open.set(id, openScene(data));
  return open.get(id);
}

// The path up to the position of the reader; the rest of the schedule can be redone.
const pathNow = () => follow(page.scene, page.schedule.slice(0, page.position));

function goTo(id, schedule = "") {
  const scene = sceneOf(id) ?? sceneOf(LAB.scenes[0].id);
  const wanted = tokens(schedule);
  const path = follow(scene, wanted);
  page.scene = scene;
  page.schedule = wanted.slice(0, path.steps.length);
  page.position = page.schedule.length;
  page.hinted = null;
  page.comparing = false;
  page.note = path.steps.length < wanted.length ? `Step ${path.steps.length + 1} of this address is not possible. The schedule stops before it.` : "";
  stopShow();
  render();
}

function choose(step) {
  const at = pathNow().nodes.at(-1);
  const token = tokenOf(page.scene, at, step);
  if (page.schedule[page.position] !== token) page.schedule = [...page.schedule.slice(0, page.position), token]; // a branch
  page.position += 1;
  changed();
}

function moveTo(position) {
  page.position = Math.max(0, Math.min(position, page.schedule.length));
  changed();
}

function restart() {
  stopShow();
  page.schedule = [];
  page.position = 0;
  changed();
}

function changed() {
  page.hinted = null;
  page.note = "";
  render();
}

function hint() {
  const { scene } = page;
  const path = pathNow();
  const at = path.nodes.at(-1);
  const distance = scene.distance[at];
  const goal = scene.hasBad ? "a bad state" : "the end of all threads";
  if (distance === 0) {
    page.note = "";
  } else if (distance === undefined) {
    const back = path.nodes.length - 1 - path.nodes.findLastIndex((node) => scene.distance[node] !== undefined);
    page.note = `No schedule leads from here to ${goal}. Undo ${back} ${back === 1 ? "step" : "steps"}.`;
  } else {
    page.hinted = nextStep(scene, at);
    page.note = `Next: ${scene.names[page.hinted.thread]}. From here ${goal} is ${distance} ${distance === 1 ? "step" : "steps"} away.`;
  }
  render();
}

function show() {
  if (page.timer) {
    stopShow();
    render();
    return;
  }
  restart();
  const tick = () => {
    const at = pathNow().nodes.at(-1);
    const step = page.scene.distance[at] > 0 ? nextStep(page.scene, at) : undefined;
    if (!step) {
      stopShow();
      render();
      return;
    }
    choose(step);
  };
  page.timer = setInterval(tick, SHOW_DELAY);
  render();
  tick();
}

function stopShow() {
  clearInterval(page.timer);
  page.timer = null;
}

function compare() {
  if (!page.scene.correct) return;
  page.comparing = !page.comparing;
  render();
}

function neighbour(offset) {
  const at = LAB.scenes.findIndex((scene) => scene.id === page.scene.id);
  const next = LAB.scenes[(at + offset + LAB.scenes.length) % LAB.scenes.length];
  location.hash = next.id;
}

const KEYS = {
  u: () => moveTo(page.position - 1),
  ArrowLeft: () => moveTo(page.position - 1),
  ArrowRight: () => moveTo(page.position + 1),
  r: restart,
  h: hint,
  s: show,
  c: compare,
  n: () => neighbour(1),
  p: () => neighbour(-1),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input")) return;
  const digit = event.code.match(/^(?:Digit|Numpad)([1-9])$/);
  if (digit) {
    const step = page.scene.stepsOf(pathNow().nodes.at(-1), Number(digit[1]) - 1)[event.shiftKey ? 1 : 0];
    if (step) {
      stopShow();
      choose(step);
    }
    return;
  }
  const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  event.preventDefault();
  if (action !== KEYS.s) stopShow();
  action();
}

function fromAddress() {
  const [id, schedule] = decodeURIComponent(location.hash.slice(1)).split("/");
  goTo(id, schedule);
}

function start() {
  drawScenes();
  for (const [id, action] of Object.entries({ undo: KEYS.u, redo: KEYS.ArrowRight, restart, hint, compare })) {
    $(id).addEventListener("click", () => {
      stopShow();
      action();
    });
  }
  $("show").addEventListener("click", show);
  $("scene-select").addEventListener("change", () => { location.hash = $("scene-select").value; });
  $("help-button").addEventListener("click", () => {
    $("help").hidden = !$("help").hidden;
    $("help-button").setAttribute("aria-expanded", String(!$("help").hidden));
  });
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", fromAddress);
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    $("board").focus();
  });
  fromAddress();
}

start();
