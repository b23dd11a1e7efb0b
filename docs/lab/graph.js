// A scene as a graph: its states, the steps between them, and paths. Nothing here draws.
"use strict";

const SHARE = 3; // value, lock owner, queues: what a state has before its threads

function openScene(data) {
  const count = data.names.length;
  const scene = {
    ...data,
    text: TEXTS[data.id] ?? TEXTS[data.group] ?? {},
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
  scene.hasBad = data.nodes.some((_, at) => scene.isBad(at));
  scene.goal = scene.text.goal ?? (scene.hasBad ? "bad" : "end");
  scene.distance = distances(scene, scene.hasBad ? scene.isBad : scene.isEnd);
  return scene;
}

// For each state, the number of steps to the nearest state that `isTarget` accepts; undefined if there is none.
function distances(scene, isTarget) {
  const before = scene.nodes.map(() => []);
  scene.edges.forEach((steps, from) => steps.forEach(([, target]) => before[target].push(from)));
  const distance = scene.nodes.map((_, at) => (isTarget(at) ? 0 : undefined));
  const queue = distance.flatMap((zero, at) => (zero === 0 ? [at] : []));
  for (let next = 0; next < queue.length; next += 1) {
    const at = queue[next];
    for (const from of before[at]) {
      if (distance[from] === undefined) {
        distance[from] = distance[at] + 1;
        queue.push(from);
      }
    }
  }
  return distance;
}

// A schedule is a list of tokens: a thread's number, followed by a letter if it is not the thread's first choice.
const tokenOf = (scene, at, step) => {
  const place = scene.stepsOf(at, step.thread).findIndex((other) => other.target === step.target && other.label === step.label);
  return `${step.thread + 1}${place > 0 ? String.fromCharCode(97 + place) : ""}`;
};

const tokens = (text) => text.match(/[1-9][b-z]?/g) ?? [];

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

// The next step of a shortest path.
const nextStep = (scene, at) => scene.steps(at).find((step) => scene.distance[step.target] === scene.distance[at] - 1);

// The scene's goal in the path so far: the number of steps after which it was reached, or undefined.
function reached(scene, path) {
  const kinds = path.steps.map((step, index) => scene.state(path.nodes[index]).threads[step.thread].next);
  const last = path.nodes.length - 1;
  const ended = scene.isEnd(path.nodes[last]);
  switch (scene.goal) {
    case "bad": return scene.isBad(path.nodes[last]) ? last : undefined;
    case "poll": return kinds.filter((kind) => kind === "yield").length >= 3 ? last : undefined;
    case "wait": return ended && kinds.includes("resume") ? last : undefined;
    default: return ended ? last : undefined;
  }
}

// Follows a path on another scene with the same threads, up to where the two part.
function compareWith(correct, scene, path) {
  const other = { nodes: [0], steps: [] };
  const of = (which, at, thread) => which.state(at).threads[thread];
  const next = (thread) => `${thread.next} ${thread.on ?? ""}`;
  for (const [index, step] of path.steps.entries()) {
    const at = other.nodes.at(-1);
    const [mine, theirs] = [of(scene, path.nodes[index], step.thread), of(correct, at, step.thread)];
    const choices = correct.stepsOf(at, step.thread);
    const same = choices.find((choice) => choice.label === step.label) ?? choices[0];
    if (!same || next(mine) !== next(theirs)) return { ...other, parted: index, tookStep: false };
    other.steps.push(same);
    other.nodes.push(same.target);
    const after = [of(scene, step.target, step.thread), of(correct, same.target, step.thread)];
    const results = after.map((thread) => `${next(thread)} ${JSON.stringify(thread.calls)}`);
    if (results[0] !== results[1] || scene.isBad(step.target)) return { ...other, parted: index, tookStep: true };
  }
  return { ...other, parted: undefined };
}
