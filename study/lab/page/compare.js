// The second board: the same schedule on the correct code, step by step, up to the step in which the two part.
"use strict";

const twin = { scene: null, board: null };

// The number of the step in which a schedule and the same schedule on the correct code part, if they do.
function partingOf(scene, path) {
  const { parted } = compareWith(sceneOf(scene.correct), scene, path);
  return parted === undefined ? undefined : parted + 1;
}

// Draws it if the reader compares. Returns the number of the step in which the two part, if they do.
function renderTwin(scene, path) {
  const correct = page.comparing && scene.correct ? sceneOf(scene.correct) : null;
  setClass($("boards"), correct ? "paired" : "");
  for (const id of ["twin", "mine-head", "parting"]) $(id).hidden = !correct;
  if (!correct) return {};
  if (twin.scene !== correct) {
    twin.scene = correct;
    twin.board = newBoard(correct);
    $("twin-board").replaceChildren(twin.board.strip, twin.board.element);
  }
  const other = compareWith(correct, scene, path);
  const node = other.nodes.at(-1);
  const parted = other.parted === undefined ? undefined : other.parted + 1;
  const mine = path.steps[other.parted];
  twin.board.show(node, { parts: mine?.thread, last: lastOf(correct, other) });
  if (twin.board.shown !== node) {
    twin.board.shown = node;
    const thread = mine?.thread ?? other.steps.at(-1)?.thread;
    if (thread !== undefined) twin.board.reveal(correct.state(node), thread, false);
  }
  refresh($("parting"), `${scene.id} ${parted}`, () => drawParting(scene, parted));
  if (parted) $("to-parting").hidden = page.position === parted;
  // Both boards have the number of the same step.
  const number = parted ?? page.position;
  const theirs = mine && !other.tookStep ? whatNext(correct, node, mine.thread) : other.steps.length ? outcome(correct, other.steps.at(-1)) : "";
  setText($("mine-did"), number ? `Step ${number}: ${outcome(scene, path.steps[number - 1])}${page.position > number ? ` The board shows step ${page.position}.` : ""}` : "");
  setText($("twin-did"), number ? `Step ${number}: ${theirs}` : "");
  const schedule = other.steps.map((step, index) => tokenOf(correct, other.nodes[index], step)).join("");
  $("continue").setAttribute("href", `#${correct.id}/${schedule}`);
  return { parted, thread: mine?.thread };
}

function drawParting(scene, parted) {
  if (parted === undefined) {
    return ["Each step is taken in both codes. So far, they do the same."];
  }
  return [el("strong", {}, `The codes differ in step ${parted}. `), ...withCode(scene.text.differs),
    " The correct code stays there; this code goes on.",
    el("button", { type: "button", id: "to-parting", onclick: () => moveTo(parted) }, `Go to step ${parted}`)];
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
  if (!scene.stepsOf(at, thread).length) return `Not possible here: ${cannot(scene, state, thread)}`;
  return `Another step here: ${scene.names[thread]} would ${operation(state.threads[thread])}.`;
}
