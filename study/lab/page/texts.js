// What each scene begins with ("about"), its question, and the answer, which the page shows once the goal is reached. A bug also
// has the sentence on how its code differs from the correct code. What a scene does not have, it has from its group.
// A goal is "bad": reach a bad state; "end": let all threads end; "poll": let a thread poll three times without an item;
// "wait": let a thread wait, and let all threads end.
"use strict";

const COUNTS = "It counts the waiting threads of each side. It notifies a side only if a waiter is counted there and no wake-up is "
  + "pending. Then it sets the flag \u201cwake-up pending\u201d, and the next waiter that returns clears it.";

const TEXTS = {
  bug: { about: `This buffer is correct except for one place, which its code marks with BUG. ${COUNTS}` },
  control: {
    about: `This buffer is correct. ${COUNTS}`,
    question: "This buffer notifies after it has released the lock. Why is no wake-up lost?",
    answer: "A waiter is in the queue before the lock is free, and the flag \u201cwake-up pending\u201d is set under the lock. If the "
      + "later notification finds the queue empty, the waiter has already left it and will check the buffer.",
  },
  shipped: {
    about: `This is the buffer of the crate. ${COUNTS}`,
    question: "Can you make a thread wait although it could act?",
    answer: "No. The generator took each step of each thread in each order, and from each state all threads can end.",
  },
  spinning: {
    about: "This is the buffer of the crate with its default wait strategy: a thread reads the length and yields before it waits. "
      + `Here it does so once, and on a computer several times. ${COUNTS}`,
    question: "A thread polls the length and yields once before it waits. Can the old length make it miss an item?",
    answer: "No. The length is read without the lock, so it can be old. The thread checks the buffer again under the lock before it "
      + "waits, and an old length costs time only.",
  },
  reference: {
    about: `Each bug of the gallery changes one function of this buffer. ${COUNTS}`,
    question: "Can you make a thread wait although it could act?",
    answer: "No. The generator took each step of each thread in each order, and from each state all threads can end.",
  },
  "lesson-1": {
    about: "You are the scheduler: the program runs only when you choose a step. A step is one operation of a thread, for example to "
      + "acquire the lock, and the code up to its next operation. The marked line is the next operation. Press its button, or the "
      + "number of the thread.",
    goal: "end",
    question: "Two slots, three items. Into which slot does item 3 go?",
    answer: "Into slot 0. Item 1 was taken out, so its slot is free again. The ring stores the place of the oldest item and the "
      + "number of items. The next free slot is the place plus the number, modulo the capacity.",
  },
  "lesson-2": {
    about: "Now there are two threads, and in each step you choose one of them. One thread at a time holds the lock. Until it "
      + "releases the lock, the other thread cannot acquire it. A thread that yields lets the other thread run.",
    goal: "poll",
    question: "The buffer is empty. How often can the consumer check it before `main` pushes?",
    answer: "Any number of times; only the schedule decides. Each poll acquires the lock, finds nothing, releases the lock and "
      + "yields. A busy wait uses processor time, and it delays `main`, which needs the same lock.",
  },
  "lesson-3": {
    about: "A condition variable has a queue of waiting threads. A thread in the queue takes no step. A notification removes a thread "
      + "from the queue; then the thread must acquire the lock again.",
    goal: "wait",
    question: "How many steps does a thread take while it waits on a condition variable?",
    answer: "None. The wait enters the thread in the queue and releases the lock, in one step. With two steps, a notification "
      + "between them would find an empty queue and be lost. A notified thread must reacquire the lock before it continues.",
  },
  "bug-1": {
    differs: "This code checks the buffer once, before the wait. The correct code checks again after each wait.",
    question: "A notified consumer has left the queue. It must reacquire the lock before it can take the item. What can happen in between?",
    answer: "The other consumer acquires the lock first and takes the item: it barges. The notified consumer returns from its "
      + "wait, does not check again, and finds the buffer empty. A wait belongs in a loop that checks the condition again.",
  },
  "bug-2": {
    differs: "In this code, both sides wait on `not_empty`. In the correct code, producers wait on `not_full`.",
    question: "Producers and consumers wait in one queue. Which thread does a notification wake?",
    answer: "Any thread of the queue. A pop frees a slot, but its notification wakes the other consumer. That consumer finds the "
      + "buffer empty and waits again. The notification is used up, and the producer waits indefinitely. Each side needs its "
      + "own condition variable.",
  },
  "bug-3": {
    differs: "In this code, `close` notifies one consumer. In the correct code, it notifies all waiters.",
    question: "Close sends one notification to the consumers. How many consumers can wait at that moment?",
    answer: "Two. Close wakes one of them, which returns Closed and wakes no other thread. The second consumer waits "
      + "indefinitely. Close must notify all waiters.",
  },
  "bug-4": {
    differs: "In this code, `close` sets the flag without the lock. In the correct code, it acquires the lock first.",
    question: "Close sets the flag without the lock. Can it do so between a consumer's check of the flag and its wait?",
    answer: "Yes. The consumer holds the lock and finds the buffer open. Now close sets the flag and notifies, but the queue is "
      + "still empty. Then the consumer waits, and no notification follows. With the lock, close runs before the check or "
      + "after the wait.",
  },
  "bug-5": {
    differs: "In this code, `push` notifies before it adds the item. In the correct code, it notifies after that.",
    question: "The push notifies first and adds the item later. What can a consumer do in between?",
    answer: "It locks, finds the buffer empty and waits. The notification came before that and found an empty queue. The item "
      + "then arrives without a notification. Notify after the change.",
  },
  "bug-6": {
    differs: "In this code, `push` checks for waiters in one critical section and adds the item in another. The correct code does both in one.",
    question: "The push checks for waiters, releases the lock, and locks again to add the item. What can change in between?",
    answer: "A consumer locks, finds the buffer empty and waits. The push uses its old answer, \u201cno waiter\u201d, and does not "
      + "notify. Check for waiters in the critical section that makes the change.",
  },
  "bug-7": {
    differs: "In this code, a consumer that returns after its deadline gives up. In the correct code, it takes the item if there is one.",
    question: "A timed consumer was notified, but its deadline is over. What becomes of the notification if it gives up?",
    answer: "It is lost. The timed consumer was removed from the queue by the notification. It then reads the clock, gives up and "
      + "leaves the item. The other consumer waits next to an item, and no thread notifies it. Success must beat the time-out.",
  },
  "bug-8": {
    differs: "In this code, a consumer that timed out leaves the flag set. In the correct code, each waiter that returns clears it.",
    question: "The flag \u201cwake-up pending\u201d is set, but the waiter has timed out. What happens if the flag stays set?",
    answer: "The consumer times out. Before it reacquires the lock, a push finds it counted as a waiter, sets the flag and "
      + "notifies an empty queue. The consumer leaves the flag set and waits again later. The next push finds the flag set and "
      + "does not notify. Each waiter that returns must clear the flag.",
  },
  "bug-9": {
    differs: "In this code, a pop wakes producers only. In the correct code, it also wakes the next consumer while items remain.",
    question: "A batch of two items arrives with one notification. Which thread wakes the second consumer?",
    answer: "None. One notification per batch is enough only if each woken consumer wakes the next one while items remain "
      + "(chained wake-ups). Here a pop wakes producers only, so one item stays and one consumer waits indefinitely.",
  },
  "bug-10": {
    differs: "In this code, a push wakes consumers only. In the correct code, it also wakes the next producer while slots are free.",
    question: "A batch pop frees two slots with one notification. Which thread wakes the second producer?",
    answer: "None. One notification per batch is enough only if each woken producer wakes the next one while slots are free "
      + "(chained wake-ups). Here a push wakes consumers only, so one slot stays free and one producer waits indefinitely.",
  },
  "bug-11": {
    differs: "In this code, `try_pop` decides by a length that it read without the lock. The correct code checks the items under the lock.",
    question: "Both consumers read without the lock that one item is present. What does the second one find under the lock?",
    answer: "An empty buffer. A value that was read without the lock can be old when the lock is acquired. Check it again "
      + "under the lock.",
  },
  "bug-12": {
    differs: "In this code, the last producer leaves the buffer open. In the correct code, it closes the buffer.",
    question: "The only producer leaves. What ends the consumer's wait?",
    answer: "Nothing. No producer is left to push, and the buffer stays open. The last producer must close the buffer when it leaves.",
  },
  "bug-13": {
    differs: "In this code, `pop` checks the close flag before the items. In the correct code, it checks the items first.",
    question: "An item is in the buffer when it is closed. What does the next pop return?",
    answer: "Closed, although the item is there: pop checks the flag before the items. The accepted item is lost. Items must beat closed.",
  },
  "bug-14": {
    differs: "In this code, `push` uses a free slot although the buffer is closed. In the correct code, it checks the close flag first.",
    question: "A producer waits for a slot. The buffer is closed, and then a pop frees a slot. Can the push succeed?",
    answer: "Here it can: it checks for a free slot and ignores the flag. Close had returned, so the item arrives in a buffer "
      + "that its consumers may have left. Closed must beat a free slot.",
  },
  "bug-15": {
    differs: "In this code, `close` notifies the consumers only. In the correct code, it notifies both sides.",
    question: "Close notifies the consumers. Which other threads can wait at that moment?",
    answer: "Producers. This one waits for a slot, and no pop will free one. Close must notify both sides.",
  },
  "bug-16": {
    differs: "This code drops the items while it holds the lock. The correct code releases the lock first.",
    question: "An item is dropped while the lock is held, and its destructor calls the buffer. Which lock does that call need?",
    answer: "The lock that its own thread holds. The thread waits for itself. Take the items out under the lock, release it, "
      + "and drop the items afterwards.",
  },
  "bug-17": {
    differs: "In this code, `try_pop` decides by a length that it read without the lock. The correct code acquires the lock first.",
    question: "The push has returned. Can a try_pop that is called later still find the buffer empty?",
    answer: "Yes. It loads the length snapshot without the lock, and a relaxed load may return an old value. The result "
      + "contradicts the order of the calls: it is not linearizable. The lock would order the store before the load.",
  },
  "bug-18": {
    differs: "In this code, the destructor of a future only releases the lock. In the correct code, it also wakes another waiter if there is an item.",
    question: "A task was woken for an item, and drops its future without polling it. Which thread takes the item?",
    answer: "None. The only wake-up for this item went to the future that is gone, and the consumer waits next to the item. A "
      + "future that is dropped must pass its wake-up on.",
  },
  "bug-19": {
    differs: "In this code, a future keeps the waker of its first poll. In the correct code, each poll stores its own waker.",
    question: "A future was polled with the waker of another task before. Which task does the push wake?",
    answer: "The other one, `main`, which no longer polls this future. The consumer waits next to the item. A future that is pending "
      + "must keep the waker of its last poll.",
  },
  "bug-20": {
    differs: "This code calls the waker while it holds the lock. The correct code releases the lock first.",
    question: "A waker is called while the lock is held, and it calls the buffer. Which lock does that call need?",
    answer: "The lock that its own thread holds. The thread waits for itself. Take the waker out under the lock, release it, and "
      + "call the waker afterwards.",
  },
  "bug-21": {
    differs: "In this code, a future that is dropped leaves its waker in the list of waiting tasks. In the correct code, it takes it out.",
    question: "A pop was cancelled, but its waker is still in the list. Which task does the next push wake?",
    answer: "The task of the future that is gone. The consumer is second in the list and waits next to the item. A future that is "
      + "dropped must leave the list.",
  },
};
