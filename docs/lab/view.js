// The page around the board: what was said, how it ended, the comparison, the timeline and the list of scenes.
"use strict";

const GROUPS = { lesson: "Lessons", bug: "Bugs of the gallery", control: "Seems wrong, is correct", shipped: "The shipped buffer", reference: "The reference" };

const GOALS = {
  poll: "Goal: let the consumer poll three times without an item.",
  wait: "Goal: let a thread wait, wake it, and let both threads end.",
  end: "Goal: let all threads end.",
};

function goalText(scene) {
  if (scene.goal !== "bad") {
    const correct = scene.group === "lesson" ? "" : ` Or try to stop it: all ${scene.nodes.length} states are in this page, and none is bad.`;
    return GOALS[scene.goal] + correct;
  }
  const reasons = scene.reasons.filter((reason) => reason !== "");
  return reasons.every((reason) => reason.startsWith("Deadlock")) ? "Goal: make it deadlock." : "Goal: make it return a wrong result.";
}

function render() {
  const { scene } = page;
  const path = pathNow();
  const at = path.nodes.at(-1);
  const seen = visited.get(scene.id) ?? new Set();
  path.nodes.forEach((node) => seen.add(node));
  visited.set(scene.id, seen);

  const hash = `#${scene.id}${page.position ? `/${page.schedule.slice(0, page.position).join("")}` : ""}`;
  if (location.hash !== hash) history.replaceState(null, "", hash);
  document.title = `${scene.title.replaceAll("`", "")} – the lab`;
  $("title").replaceChildren(...withCode(scene.title));
  $("program").replaceChildren(...withCode(scene.program));
  $("goal").textContent = goalText(scene);
  $("question").textContent = scene.text.question ?? "";
  $("undo").disabled = page.position === 0;
  $("redo").disabled = page.position === page.schedule.length;
  $("restart").disabled = page.schedule.length === 0;
  $("hint").disabled = scene.isEnd(at);
  $("show").firstChild.textContent = page.timer ? "Stop " : "Show me ";
  $("compare").hidden = !scene.correct;
  $("compare").setAttribute("aria-pressed", String(page.comparing));
  const last = path.steps.at(-1);
  const said = last ? `Step ${path.steps.length}: ${sentences(last.sentence)}` : "Choose the thread that takes the first step.";
  $("said").replaceChildren(said, page.note ? el("strong", { class: "note" }, ` ${page.note}`) : "");

  keepFocus(() => $("board").replaceChildren(drawBoard(scene, at, choose, page.hinted)));
  renderEnd(scene, path);
  renderTwin(scene, path);
  renderTimeline(scene);
  $("progress").textContent = `You have seen ${seen.size} of the ${scene.nodes.length} states of this scene. The map shows all of them; you move from left to right.`;
  const map = drawMap(scene, path, seen);
  if ($("map").firstChild !== map) $("map").replaceChildren(map);
  renderScenes();
}

// A step replaces the button that had the focus: the focus moves to the same thread's next button.
function keepFocus(draw) {
  const focused = document.activeElement?.dataset?.thread;
  draw();
  if (focused !== undefined) {
    (document.querySelector(`#board button[data-thread="${focused}"]`) ?? document.querySelector("#board button") ?? $("board")).focus({ preventScroll: true });
  }
}

function renderEnd(scene, path) {
  const at = path.nodes.at(-1);
  const steps = reached(scene, path);
  const parts = [];
  if (scene.isEnd(at)) {
    const { end } = scene.state(at);
    if (end) parts.push(el("p", { class: "verdict bad" }, `✗ ${hasFailed(scene.state(at)) ? `A check failed: ${end}` : end}`));
    else parts.push(el("p", { class: "verdict good" }, "✓ All threads have ended, and each result is correct."));
  }
  if (steps !== undefined) {
    found.add(scene.id);
    write("found", [...found]);
    const shortest = scene.distance[0];
    if (scene.goal === "bad") parts.push(el("p", {}, `You needed ${steps} steps. The shortest schedule has ${shortest}.`));
    if (scene.text.answer) parts.push(el("p", { class: "answer" }, el("strong", {}, "Answer. "), scene.text.answer));
    const next = LAB.scenes[LAB.scenes.findIndex((other) => other.id === scene.id) + 1];
    if (next) parts.push(el("p", {}, el("a", { href: `#${next.id}` }, "Next scene: ", ...withCode(label(next)))));
  } else if (scene.isEnd(at) && scene.goal === "bad") {
    parts.push(el("p", {}, "This schedule does not expose the bug. Undo some steps and branch, or ask for a hint."));
  }
  $("end").className = steps === undefined ? "" : "found";
  $("end").replaceChildren(...parts);
}

function renderTwin(scene, path) {
  const correct = page.comparing && scene.correct ? sceneOf(scene.correct) : null;
  $("twin").hidden = !correct;
  if (!correct) return;
  const other = compareWith(correct, scene, path);
  const node = other.nodes.at(-1);
  const parts = [el("h3", {}, "The same schedule on the correct code")];
  if (other.parted === undefined) {
    parts.push(el("p", {}, path.steps.length ? "Both do the same so far." : "Take some steps first."));
  } else {
    const number = other.parted + 1;
    const mine = path.steps[other.parted];
    const theirs = other.tookStep ? outcome(correct, other.steps.at(-1)) : whatNext(correct, node, mine.thread);
    parts.push(el("p", {}, `They part in step ${number}.`),
      el("dl", { class: "parted" }, el("dt", {}, "This code"), el("dd", {}, outcome(scene, mine)),
        el("dt", {}, "Correct code"), el("dd", {}, theirs)));
  }
  const schedule = other.steps.map((step, index) => tokenOf(correct, other.nodes[index], step)).join("");
  parts.push(drawBoard(correct, node, null, null),
    el("p", {}, el("a", { href: `#${correct.id}/${schedule}` }, "Continue on the correct code")));
  $("twin").replaceChildren(...parts);
}

// What a step did, and what its thread does next.
function outcome(scene, step) {
  const state = scene.state(step.target);
  const next = operation(state.threads[step.thread]);
  const then = hasFailed(state) ? `The check fails: ${state.end}` : next ? `Next: ${next}.` : "";
  return `${sentences(step.sentence)} ${then}`;
}

function whatNext(scene, at, thread) {
  const state = scene.state(at);
  const what = operation(state.threads[thread]);
  return scene.stepsOf(at, thread).length ? `${capital(scene.names[thread])} would ${what} now.` : `${capital(scene.names[thread])}: ${whyNot(scene, state, thread)}`;
}

function renderTimeline(scene) {
  const path = follow(scene, page.schedule);
  const head = el("tr", {}, el("th", { scope: "col" }, "Step"), ...scene.names.map((name, index) => el("th", { scope: "col" }, chip(scene, index))),
    el("th", { scope: "col" }, "Buffer"));
  const rows = path.steps.map((step, index) => {
    const before = scene.state(path.nodes[index]);
    const after = scene.state(step.target);
    const what = shortName(scene, before, { ...step, after });
    const results = after.threads[step.thread].calls.filter(([call, result], place) => result !== null && before.threads[step.thread].calls[place]?.[1] !== result);
    const cells = scene.names.map((_, thread) => el("td", {}, ...(thread === step.thread
      ? [el("button", { type: "button", class: `t${thread}`, "aria-label": `Go to step ${index + 1}: ${scene.names[thread]}, ${what}`, onclick: () => moveTo(index + 1) }, what),
        ...results.map(([call, result]) => el("small", {}, `${call} ${result}`))]
      : [])));
    return el("tr", { class: index + 1 === page.position ? "now" : index + 1 > page.position ? "later" : "" },
      el("th", { scope: "row" }, String(index + 1)), ...cells, el("td", { class: "items" }, `[${after.value.items.join(", ")}]`));
  });
  $("timeline").replaceChildren(el("thead", {}, head), el("tbody", {}, ...rows));
  if (rows.length === 0) $("timeline").replaceChildren(el("caption", {}, "No step yet."));
  const current = $("timeline").querySelector(".now");
  const box = $("timeline").parentElement;
  if (current) box.scrollTop = current.offsetTop - box.clientHeight / 2;
}

function renderScenes() {
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
