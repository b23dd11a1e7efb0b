// The order of the scenes: chapters of lessons and bugs, and then all correct buffers. Nothing here draws.
"use strict";

const range = (prefix, ...numbers) => numbers.map((number) => `${prefix}-${number}`);

// Each chapter begins with a lesson, which its bugs break.
const CHAPTERS = [
  ["A ring and a lock", range("lesson", 1, 2)],
  ["Waiting", ["lesson-3", ...range("bug", 1, 2)]],
  ["Waking", ["lesson-4", ...range("bug", 5, 6), "lesson-5", "lesson-6", ...range("bug", 9, 10)]],
  ["Time-outs", ["lesson-7", ...range("bug", 7, 8)]],
  ["Closing", ["lesson-8", ...range("bug", 3, 4, 12, 13, 14, 15)]],
  ["Tasks", ["lesson-9", ...range("bug", 18, 19, 20, 21)]],
  ["Around the lock", ["lesson-10", ...range("bug", 11, 17, 16)]],
];

const OTHERS = { control: "Seems wrong, is correct", shipped: "The shipped buffer", spinning: "The shipped buffer, spinning", reference: "The references" };

const GROUPS = [...CHAPTERS.map(([name, ids]) => ({ name, ids, course: true })),
  ...Object.entries(OTHERS).map(([group, name]) => ({ name, ids: LAB.scenes.filter((scene) => scene.group === group).map(({ id }) => id) }))];

const COURSE = CHAPTERS.flatMap(([, ids]) => ids); // what counts as progress

const ORDER = GROUPS.flatMap(({ ids }) => ids);

const dataOf = (id) => LAB.scenes.find((scene) => scene.id === id);
