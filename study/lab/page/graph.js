// A scene as a graph: its states, the steps between them, and paths. Nothing here draws.
"use strict";

const SHARE = 3; // value, lock owner, queues: what a state has before its threads

function openScene(data) {
  const count = data.names.length;
  const scene = {
    ...data,
    text: { ...TEXTS[data.group], ...TEXTS[data.code], ...TEXTS[data.id] },
    state(at) {
      const row = data.nodes[at];
      const end = row[SHARE + count];
      return {
        value: data.values[row[0]],
        owner: row[1],
        queues: data.queues[row[2]],
        threads: data.names.map((_, index) => data.threads[row[SHARE + index]]),
        end: end === undefined ? null : data.reasons[end],
      };
    },
    isBad(at) {
      const end = data.nodes[at][SHARE + count];
      return end !== undefined && data.reasons[end] !== "";
    },
    isEnd: (at) => data.nodes[at].length > SHARE + count,
    steps: (at) => data.edges[at].map(([thread, target, sentence, label]) => (
      { thread, target, sentence: data.sentences[sentence], label })),
    stepsOf: (at, thread) => scene.steps(at).filter((step) => step.thread === thread),
  };
  scene.goal = scene.text.goal ?? (data.nodes.some((_, at) => scene.isBad(at)) ? "bad" : "end");
  scene.distance = distances(scene, GOALS[scene.goal]);
  return scene;
}

// The index of a state and a count in the array of distances.
const place = (at, count) => at * (HIGHEST + 1) + count;

// A step, as goals see it.
function moveOf(scene, at, { thread, target, label }) {
  const before = scene.state(at);
  const { next: kind, on } = before.threads[thread];
  return { kind, on, label, thread, before, after: scene.state(target) };
}

const countAfter = (goal, move, count) => (goal.after ? goal.after(count, move) : count);

// For each state and count, the number of steps to the goal; undefined if it cannot be reached.
function distances(scene, goal) {
  const counts = goal.after ? [0, 1, 2, 3] : [0];
  const before = [];
  const distance = [];
  const queue = [];
  scene.nodes.forEach((_, at) => {
    const moves = scene.steps(at).map((step) => [step.target, goal.after && moveOf(scene, at, step)]);
    for (const count of counts) {
      for (const [target, move] of moves) (before[place(target, countAfter(goal, move, count))] ??= []).push(place(at, count));
      if (goal.met(scene, at, count)) {
        distance[place(at, count)] = 0;
        queue.push(place(at, count));
      }
    }
  });
  for (let next = 0; next < queue.length; next += 1) {
    for (const from of before[queue[next]] ?? []) {
      if (distance[from] === undefined) {
        distance[from] = distance[queue[next]] + 1;
        queue.push(from);
      }
    }
  }
  return distance;
}

// For each state of a path, what the scene's goal has counted.
function countsOf(scene, path) {
  const goal = GOALS[scene.goal];
  let count = 0;
  return path.nodes.map((_, index) => {
    if (index > 0 && goal.after) count = countAfter(goal, moveOf(scene, path.nodes[index - 1], path.steps[index - 1]), count);
    return count;
  });
}

// For each state of a path, the number of steps from there to the scene's goal.
function distancesOf(scene, path) {
  return countsOf(scene, path).map((count, index) => scene.distance[place(path.nodes[index], count)]);
}

// The next step of a shortest schedule to the goal, if there is one.
function nextStep(scene, path) {
  const distance = distancesOf(scene, path).at(-1);
  if (!distance) return undefined;
  return scene.steps(path.nodes.at(-1)).find((step) => distancesOf(scene, extend(path, step)).at(-1) === distance - 1);
}

const extend = (path, step) => ({ nodes: [...path.nodes, step.target], steps: [...path.steps, step] });

// A shortest schedule from the first state to the goal.
function shortest(scene) {
  let path = { nodes: [0], steps: [] };
  for (let step = nextStep(scene, path); step; step = nextStep(scene, path)) path = extend(path, step);
  return path;
}

// A schedule is a list of tokens: a thread's number, followed by a letter if it is not the thread's first choice.
const tokenOf = (scene, at, step) => {
  const place = scene.stepsOf(at, step.thread).findIndex((other) => other.target === step.target && other.label === step.label);
  return `${step.thread + 1}${place > 0 ? String.fromCharCode(97 + place) : ""}`;
};

const tokens = (text) => text.match(/[1-9][b-z]?|[^]/g) ?? []; // any other character is a step that is not possible

function stepOf(scene, at, token) {
  const place = token.length > 1 ? token.charCodeAt(1) - 97 : 0;
  return scene.stepsOf(at, Number(token[0]) - 1)[place];
}

// Follows a schedule as far as it is possible: the states, and the steps between them.
function follow(scene, schedule) {
  const path = { nodes: [0], steps: [] };
  for (const token of schedule) {
    const at = path.nodes.at(-1);
    const step = stepOf(scene, at, token);
    if (!step) break;
    path.steps.push(step);
    path.nodes.push(step.target);
  }
  return path;
}

// Follows a path on the same program with another buffer, up to the step in which the two part: the thread cannot take it
// there, or the threads, the buffer or the queues differ after it.
function compareWith(correct, scene, path) {
  const other = { nodes: [0], steps: [] };
  const next = (state, thread) => `${state.threads[thread].next} ${state.threads[thread].on ?? ""}`;
  const shown = ({ value, ...state }, thread) => JSON.stringify([next(state, thread), state.threads[thread].calls, state.owner, state.queues,
    { ...value, snapshot: 0 }]); // a scene has the snapshot only if its threads read it
  for (const [index, step] of path.steps.entries()) {
    const at = other.nodes.at(-1);
    const choices = correct.stepsOf(at, step.thread);
    const same = choices.find((choice) => choice.label === step.label) ?? choices[0];
    if (!same || next(scene.state(path.nodes[index]), step.thread) !== next(correct.state(at), step.thread)) {
      return { ...other, parted: index, tookStep: false };
    }
    other.steps.push(same);
    other.nodes.push(same.target);
    const parts = shown(scene.state(step.target), step.thread) !== shown(correct.state(same.target), step.thread);
    if (parts || scene.isBad(step.target)) return { ...other, parted: index, tookStep: true };
  }
  return { ...other, parted: undefined };
}

// A shortest schedule to a state.
function pathTo(scene, node) {
  const from = new Map([[0, null]]);
  for (const at of from.keys()) {
    for (const step of scene.steps(at)) if (!from.has(step.target)) from.set(step.target, [at, step]);
  }
  const schedule = [];
  for (let before = from.get(node); before; before = from.get(before[0])) schedule.unshift(tokenOf(scene, ...before));
  return schedule;
}
