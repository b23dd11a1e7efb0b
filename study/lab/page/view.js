// The page around the boards: the scene, what the last step did, how it ended, and the list of scenes.
"use strict";

const GROUPS = { lesson: "Lessons", bug: "Bugs of the gallery", control: "Seems wrong, is correct", shipped: "The shipped buffer", spinning: "The shipped buffer, spinning", reference: "The reference" };

const GOAL_TEXTS = {
  poll: "Goal: let the consumer find the buffer empty and yield, three times.",
  wait: "Goal: let a thread wait, wake it, and let both threads end.",
  end: "Goal: let all threads end.",
};

const shown = { scene: null, board: null, map: null, list: "" };

function goalText(scene) {
  if (scene.goal !== "bad") {
    const correct = scene.group === "lesson" ? "" : ` Or try to stop it: all ${scene.nodes.length} states are in this page, and none is bad.`;
    return GOAL_TEXTS[scene.goal] + correct;
  }
  const reasons = scene.reasons.filter((reason) => reason !== "");
  return reasons.every((reason) => reason.startsWith("Deadlock")) ? "Goal: reach a deadlock, a state in which no thread can take a step." : "Goal: let a call return a wrong result.";
}

function render() {
  const { scene } = page;
  const path = pathNow();
  const at = path.nodes.at(-1);
  const seen = visited.get(scene.id) ?? new Set();
  path.nodes.forEach((node) => seen.add(node));
  visited.set(scene.id, seen);
  if (shown.scene !== scene) renderScene(scene);

  const hash = `#${scene.id}${page.position ? `/${page.schedule.slice(0, page.position).join("")}` : ""}`;
  if (location.hash !== hash) history.replaceState(null, "", hash);
  $("undo").disabled = page.position === 0;
  $("redo").disabled = page.position === page.schedule.length;
  $("restart").disabled = page.schedule.length === 0;
  $("hint").disabled = scene.isEnd(at);
  setText($("show").firstElementChild, page.timer ? "Stop" : "Show me");
  $("compare").setAttribute("aria-pressed", String(page.comparing));
  const last = path.steps.at(-1);
  const ended = scene.isEnd(at) || distancesOf(scene, path).at(-1) === 0;
  const said = last ? `Step ${path.steps.length}: ${sentences(last.sentence)}` : "Choose the thread that takes the first step.";
  refresh($("said"), `${said} ${page.note} ${ended}`, () => [said,
    ended ? el("button", { type: "button", id: "to-end", onclick: () => $("end").scrollIntoView({ block: "center" }) }, "Read the result") : null,
    page.note ? el("strong", { class: "note" }, ` ${page.note}`) : null]);

  keepFocus(() => {
    const { parted, thread } = renderTwin(scene, path);
    shown.board.show(at, { hinted: page.hinted, parts: thread });
    renderEnd(scene, path);
    setText($("progress"), `You have seen ${seen.size} of the ${scene.nodes.length} states of this scene. The map shows all of them; you move from left to right.`);
    shown.map.show(path);
    renderList();
    renderTimeline(scene, parted); // last: it asks for the layout
  });
}

// What stays the same in all states of a scene.
function renderScene(scene) {
  shown.scene = scene;
  document.title = `${scene.title.replaceAll("`", "")} – the lab`;
  $("title").replaceChildren(...withCode(scene.title));
  $("about").replaceChildren(...withCode(scene.text.about ?? ""));
  $("program").replaceChildren(...withCode(scene.program));
  $("goal").textContent = goalText(scene);
  $("question").replaceChildren(...withCode(scene.text.question ?? ""));
  $("compare").hidden = !scene.correct;
  shown.board = newBoard(scene, (thread, place) => {
    stopShow();
    chooseThread(thread, place);
  });
  $("board").replaceChildren(shown.board.element);
  shown.map = newMap(scene);
  $("map").replaceChildren(shown.map.element);
  visited.get(scene.id).forEach(shown.map.see);
}

// A step can replace the button that had the focus: the focus moves to the same thread's next button.
function keepFocus(draw) {
  const before = document.activeElement;
  const thread = before?.dataset?.thread;
  draw();
  if (thread !== undefined && !before.isConnected) {
    (document.querySelector(`#board button[data-thread="${thread}"]`) ?? document.querySelector("#board button") ?? $("board")).focus({ preventScroll: true });
  }
}

function renderEnd(scene, path) {
  const at = path.nodes.at(-1);
  const steps = distancesOf(scene, path).at(-1) === 0 ? path.steps.length : undefined;
  if (steps !== undefined && !found.has(scene.id)) {
    found.add(scene.id);
    write("found", [...found]);
  }
  setClass($("end"), steps === undefined ? "" : "found");
  refresh($("end"), `${scene.id} ${scene.isEnd(at) ? at : ""} ${steps}`, () => drawEnd(scene, at, steps));
}

function drawEnd(scene, at, steps) {
  const parts = [];
  if (scene.isEnd(at)) {
    const { end } = scene.state(at);
    if (end) parts.push(el("p", { class: "verdict bad" }, `✗ ${hasFailed(scene.state(at)) ? `A check failed: ${end}` : end}`));
    else parts.push(el("p", { class: "verdict good" }, "✓ All threads have ended, and each result is correct."));
  }
  if (steps !== undefined) {
        if (scene.goal === "bad") parts.push(el("p", {}, `You needed ${steps} steps. The shortest schedule has ${scene.distance[0]}.`));
    if (scene.text.answer) parts.push(el("p", { class: "answer" }, el("strong", {}, "Answer. "), ...withCode(scene.text.answer)));
    const next = LAB.scenes[LAB.scenes.findIndex((other) => other.id === scene.id) + 1];
    if (next) parts.push(el("p", {}, el("a", { href: `#${next.id}` }, "Next scene: ", ...withCode(label(next)))));
  } else if (scene.isEnd(at) && scene.goal === "bad") {
    parts.push(el("p", {}, "This schedule does not expose the bug. Undo some steps and branch, or ask for a hint."));
  }
  return parts;
}

// Marks the present scene, and those whose goal was reached.
function renderList() {
  const key = `${page.scene.id} ${found.size}`;
  if (shown.list === key) return;
  shown.list = key;
  for (const link of document.querySelectorAll("#scenes a")) {
    const { id } = link.dataset;
    if (id === page.scene.id) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    link.querySelector(".done").textContent = found.has(id) ? "✓" : "";
  }
  $("scene-select").value = page.scene.id;
}

function label(scene) {
  const number = scene.id.match(/^(?:bug|lesson)-(\d+)$/);
  return number ? `${number[1]}. ${scene.title}` : scene.title;
}

function drawScenes() {
  for (const [group, name] of Object.entries(GROUPS)) {
    const scenes = LAB.scenes.filter((scene) => scene.group === group);
    const links = scenes.map((scene) => el("li", {}, el("a", { href: `#${scene.id}`, "data-id": scene.id },
      el("span", { class: "done" }), ...withCode(label(scene)))));
    $("scenes").append(el("details", { open: ["lesson", "bug"].includes(group) }, el("summary", {}, name), el("ul", {}, ...links)));
    $("scene-select").append(el("optgroup", { label: name }, ...scenes.map((scene) => el("option", { value: scene.id }, label(scene).replaceAll("`", "")))));
  }
}
