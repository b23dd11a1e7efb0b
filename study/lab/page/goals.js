// The goals of the scenes. A goal is met in a state, some only after steps of a kind: `after` counts those along the schedule, up to
// HIGHEST. `miss` says what is missing at the end of a schedule.
"use strict";

const HIGHEST = 3;

const LOST = 3; // a count from which the goal cannot be met any more

const ended = (needed) => (scene, at, count) => scene.isEnd(at) && count === needed;

const GOALS = {
  bad: { met: (scene, at) => scene.isBad(at), miss: () => "all threads have ended, and each result is correct" },
  end: { text: "Let all threads end.", met: (scene, at) => scene.isEnd(at), miss: () => "not all threads have ended" },
  poll: {
    text: "Let the consumer find the buffer empty and yield, three times.",
    after: (count, move) => Math.min(HIGHEST, count + (move.kind === "yield")),
    met: (scene, at, count) => count === HIGHEST,
    miss: (count) => `the consumer has yielded ${count} of 3 times`,
  },
  wait: {
    text: "Let a thread wait, wake it, and let both threads end.",
    after: (count, move) => Number(count > 0 || move.kind === "resume"),
    met: ended(1),
    miss: () => "no thread has waited",
  },
  quiet: {
    text: "Let both threads end without a notification.",
    after: (count, move) => (move.kind === "notify_one" ? LOST : count),
    met: ended(0),
    miss: () => "a thread has notified",
  },
  one: {
    text: "Let the consumer wait, and let one wake-up be enough for both items.",
    after: (count, move) => (move.kind === "resume" && move.before.value.items.length === 2 ? 1 : count),
    met: ended(1),
    miss: () => "the consumer did not return from its wait to two items",
  },
  chain: {
    text: "Let both consumers wait, and let the batch send one notification for both.",
    after: (count, move) => (move.kind === "notify_one" && move.thread > 0 && (move.before.queues[move.on] ?? []).length > 0 ? 1 : count),
    met: ended(1),
    miss: () => "no consumer has woken the other",
  },
  late: {
    text: "Let the consumer time out, and still get the item.",
    after: (count, move) => Number(count > 0 || move.label === "time out"),
    met: (scene, at, count) => scene.isEnd(at) && count > 0 && scene.state(at).threads[1].calls.at(-1)[1] === "returns 1",
    miss: (count) => (count ? "the consumer timed out, and found no item" : "the consumer has not timed out"),
  },
  close: {
    text: "Let the consumer wait, then close the buffer, and let both threads end.",
    after: (count, move) => Number(count > 0 || (move.kind === "notify_all" && (move.before.queues[move.on] ?? []).length > 0)),
    met: ended(1),
    miss: () => "the consumer did not wait when the buffer was closed",
  },
  wake: {
    text: "Let the task store its waker, call the waker, and let both threads end.",
    after: (count, move) => Number(count > 0 || move.kind === "poll"),
    met: ended(1),
    miss: () => "the task found the item in its first poll",
  },
  spin: {
    text: "Let the consumer read the length 0, and still take the item without a wait.",
    after: (count, move) => (move.kind === "wait" ? LOST : count || Number(move.kind === "yield")),
    met: ended(1),
    miss: (count) => (count === LOST ? "the consumer has waited" : "the consumer has not read the length 0"),
  },
};
