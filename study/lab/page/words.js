// What the page says about a state and a step. Nothing here draws.
"use strict";

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// Sentences begin with a capital, also those that begin with the name of a thread.
const sentences = (text) => text.replace(/(^|\. )([a-z])/g, (start) => start.toUpperCase());

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

// What the next operation of a thread is called.
function operation(thread) {
  switch (thread.next) {
    case "lock": return hasTimedOut(thread) ? "reacquire the lock, timed out" : "acquire the lock";
    case "unlock": return "release the lock";
    case "wait": return `wait on ${thread.on}`;
    case "resume": case "timed": return "reacquire the lock";
    case "notify_one": return `notify one waiter of ${thread.on}`;
    case "notify_all": return `notify all waiters of ${thread.on}`;
    case "load": return `read ${thread.on} without the lock`;
    case "store": return `set ${thread.on} without the lock`;
    case "modify": return thread.on === "clock" ? "read the clock" : `${access(thread.on)} without the lock`;
    case "yield": return "yield the processor";
    case "call_waker": return "call a waker";
    case "poll": return "poll the future again";
    default: return "";
  }
}

// The models read the length by a read-modify-write, which returns the newest value.
const access = (atomic) => `${atomic === "len_snapshot" ? "read" : "access"} ${atomic}`;

// A short name of a step, for the timeline.
function shortName(scene, before, step) {
  const thread = before.threads[step.thread];
  if (step.label === "time out") return "times out";
  switch (thread.next) {
    case "lock": return "lock";
    case "unlock": return "unlock";
    case "wait": return `wait on ${thread.on}`;
    case "resume": case "timed": return "return, lock";
    case "notify_one": case "notify_all": {
      const woken = (before.queues[thread.on] ?? []).filter((waiter) => !(step.after.queues[thread.on] ?? []).includes(waiter));
      return `notify ${thread.on} → ${woken.map((waiter) => scene.names[waiter]).join(", ") || "no waiter"}`;
    }
    case "load": return `read ${thread.on} (${step.label})`;
    case "modify": return thread.on === "clock" ? "clock" : access(thread.on);
    case "store": return `set ${thread.on}`;
    case "call_waker": return "call a waker";
    case "poll": return "poll again";
    default: return thread.next;
  }
}

// A task in the list of tasks is not blocked by that: its thread may poll another future, or drop this one.
const waitsOn = (state, index) => Object.keys(state.queues).find((name) => name !== "tasks" && state.queues[name].includes(index));

// Whether the thread was notified and has not yet returned from its wait.
const isNotified = (state, index) => ["resume", "timed"].includes(state.threads[index].next) && !waitsOn(state, index);

// Whether the wait of the thread has timed out and not yet returned: it then acquires the lock in the line of its wait.
const hasTimedOut = ({ next, at }) => next === "lock" && LAB.code[at[0]].lines[at[1]].includes(".wait_until(");

// Whether a check of the program has failed: no thread goes on.
const hasFailed = (state) => Boolean(state.end) && !state.end.startsWith("Deadlock");

// Why a thread cannot take a step now.
function whyNot(scene, state, index) {
  const thread = state.threads[index];
  const holder = state.owner >= 0 ? scene.names[state.owner] : "";
  if (thread.next === "end") return "Has ended.";
  if (hasFailed(state)) return thread.next === "join" && index > 0 ? "Has failed its check: this result is wrong." : "Has stopped: a check failed.";
  if (thread.next === "join") return "Has finished its calls, and waits for the other threads to end.";
  if (thread.next === "poll") return "Cannot poll again: its future is pending until its waker is called.";
  const queue = waitsOn(state, index);
  if (queue) return `Waits on ${queue}; not notified yet.`;
  if (state.owner === index) return "Cannot acquire the lock: it holds the lock itself.";
  if (isNotified(state, index)) return `Was notified, but cannot reacquire the lock: ${holder} holds it.`;
  if (hasTimedOut(thread)) return `Has timed out, but cannot reacquire the lock: ${holder} holds it.`;
  return `Cannot acquire the lock: ${holder} holds it.`;
}

// The same for the bar, where the card of the thread has the details.
function whyNotShort(state, index) {
  const { next } = state.threads[index];
  if (next === "end") return "has ended";
  if (hasFailed(state)) return "has stopped";
  if (next === "join") return "has finished its calls";
  if (next === "poll") return "pending: waits for its waker";
  if (waitsOn(state, index)) return `waits on ${waitsOn(state, index)}`;
  if (hasTimedOut(state.threads[index])) return "timed out, needs the lock";
  return isNotified(state, index) ? "notified, needs the lock" : "needs the lock";
}

// The same as a sentence.
function cannot(scene, state, index) {
  const why = whyNot(scene, state, index);
  return `${capital(scene.names[index])} ${why.charAt(0).toLowerCase()}${why.slice(1)}`;
}

// The calls that follow, if all executions agree on them.
function expected(scene, thread, index) {
  const all = allCalls(scene)[index].filter((calls) => thread.calls.every(([call], place) => calls[place] === call));
  const rest = all.map((calls) => calls.slice(thread.calls.length));
  const longest = rest.reduce((best, calls) => (calls.length > best.length ? calls : best), []);
  const agreed = longest.findIndex((call, place) => rest.some((calls) => calls.length > place && calls[place] !== call));
  return agreed < 0 ? longest : longest.slice(0, agreed);
}

function allCalls(scene) {
  scene.callsOfThreads ??= scene.names.map((_, index) => {
    const sequences = new Set(scene.nodes.map((row) => JSON.stringify(scene.threads[row[SHARE + index]].calls.map(([call]) => call))));
    return [...sequences].map((text) => JSON.parse(text));
  });
  return scene.callsOfThreads;
}
