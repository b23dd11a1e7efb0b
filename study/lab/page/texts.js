// What each scene begins with: why a reader should care ("why"), and what is there ("about"). Then its question, and the answer, which
// the page shows once the goal is reached, with the section of the guide. A hint names the next step, and this "hint" is its reason.
// A bug also has the sentence on how its code differs from the correct code. What a scene does not have, it has from its kind of code or
// its group. The goals are in goals.js.
"use strict";

const COUNTS = "It counts the waiting threads of each side. It notifies a side only if a waiter is counted there and no wake-up is "
  + "pending. Then it sets the flag \u201cwake-up pending\u201d, and the next waiter that returns clears it.";

const TASKS = "Its consumers are threads or tasks. A task that finds no item stores its waker in a list, and is pending. A thread that "
  + "leaves an item takes the oldest waker out of the list and calls it after the unlock, or notifies a thread if the list is empty. "
  + "A woken task polls its future again. A task that drops a future before it is finished cancels it.";

const ONE_SLOT = "`main` pushes items 1 and 2 into a buffer of one slot. Two consumers pop one item each.";

const NO_WAIT = {
  question: "Can you make a thread wait although it could act?",
  answer: "No. The generator took each step of each thread in each order, and from each state all threads can end.",
  hint: "It leads to the end of all threads on a shortest way.",
};

const TEXTS = {
  bug: { hint: "It leads to the place that the comment BUG explains." },
  reference: { about: `This buffer is correct. Bugs 3 to 17 change one function of it each. ${COUNTS}`, ...NO_WAIT },
  reference_tasks: { about: `Bugs 18 to 21 change one function of this buffer each. ${TASKS}` },
  textbook: { about: "This is the code of lesson 3: one lock, and a condition variable for each side." },
  control: {
    about: `This buffer is correct. ${COUNTS}`,
    question: "This buffer notifies after it has released the lock. Why is no wake-up lost?",
    answer: "A waiter is in the queue before the lock is free, and the flag \u201cwake-up pending\u201d is set under the lock. If the "
      + "later notification finds the queue empty, the waiter has already left it and will check the buffer.",
    guide: "Under the lock, or after it?",
    hint: NO_WAIT.hint,
  },
  shipped: { about: `This is the buffer of the crate. ${COUNTS}`, ...NO_WAIT, guide: "3. The wake-up protocol" },
  spinning: {
    about: "This is the buffer of the crate with its default wait strategy: a thread reads the length and yields before it waits. "
      + `Here it does so once, and on a computer several times. ${COUNTS}`,
    question: "A thread reads the length and yields once before it waits. Can the old length make it miss an item?",
    answer: "No. The length is read without the lock, so it can be old. The thread checks the buffer again under the lock before it "
      + "waits, and an old length costs time only.",
    guide: "Why `Relaxed` suffices for the length snapshot",
    hint: NO_WAIT.hint,
  },
  "lesson-1": {
    why: "A bounded buffer passes items from threads that produce them to threads that consume them, and limits how many are in between.",
    about: "You are the scheduler: the program runs only when you choose a step. A step is one operation of a thread, for example to "
      + "acquire the lock, and the code up to its next operation. The marked line is the next operation. Press its button in the bar "
      + "below, or the number of the thread.",
    goal: "end",
    question: "Two slots, three items. Into which slot does item 3 go?",
    answer: "Into slot 0. Item 1 was taken out, so its slot is free again. The ring stores the place of the oldest item and the "
      + "number of items. The next free slot is the place plus the number, modulo the capacity.",
    guide: "1. The textbook buffer",
    hint: "One thread has one order of steps.",
  },
  "lesson-2": {
    why: "A consumer that finds no item has to wait for one. The first idea is to ask again and again.",
    about: "Now there are two threads, and in each step you choose one of them. One thread at a time holds the lock. Until it "
      + "releases the lock, the other thread cannot acquire it. When a thread yields, the other thread may run now; it need not.",
    goal: "poll",
    question: "The buffer is empty. How often can the consumer check it before `main` pushes?",
    answer: "Any number of times; only the schedule decides. Each check acquires the lock, finds nothing, releases the lock and "
      + "yields. A busy wait uses processor time, and it delays `main`, which needs the same lock.",
    guide: "1. The textbook buffer",
    hint: "As long as only the consumer runs, the buffer stays empty.",
  },
  "lesson-3": {
    why: "A thread that waits on a condition variable uses no processor time until another thread notifies it.",
    about: "A condition variable has a queue of waiting threads. A producer that finds the buffer full waits on `not_full`; a consumer that "
      + "finds it empty waits on `not_empty`. A wait releases the lock, and a thread in the queue takes no step. A notification removes a "
      + "thread from the queue; then the thread must acquire the lock again. A thread in the queue is a waiter, and to notify it is to wake it.",
    goal: "wait",
    question: "How many steps does a thread take while it waits on a condition variable?",
    answer: "None. The wait enters the thread in the queue and releases the lock, in one step. If it first released the lock and then joined the "
      + "queue, a notification in between would find an empty queue and be lost. A notified thread must reacquire the lock before it continues.",
    guide: "2. The states of a waiter",
    hint: "A thread that cannot act waits, and the other side notifies it: the consumer if the buffer is empty, main if it is full.",
  },
  "lesson-4": {
    why: "A notification costs a call, and often a system call. Most of the time no thread waits.",
    about: "The code of lesson 3, but the producers count those of them that wait, and the consumers too, under the lock. A thread notifies "
      + "only if the count of the others is above zero.",
    goal: "quiet",
    question: "Why may a thread rely on the count?",
    answer: "Because a waiter counts itself and enters the queue without releasing the lock in between. So a thread that holds the lock and reads 0 "
      + "knows that nobody is in the queue. It must read the count and make its change without releasing the lock in between (bug 6).",
    guide: "What a park and a notification cost",
    hint: "If the threads take turns, neither finds the buffer full or empty, so neither waits.",
  },
  "lesson-5": {
    why: "A woken thread needs time to run. Until then it is still counted, and each further push would notify again.",
    about: "The code of lesson 4 for the consumers. New is a flag, `wakeup_pending`: a consumer was notified and has not returned yet. The push "
      + "that notifies sets it, and the consumer that returns from its wait clears it. While it is set, a push does not notify. The buffer is large enough, so `main` never waits.",
    goal: "one",
    question: "The second push does not notify. Why does the consumer still get both items?",
    answer: "It checks the buffer before each wait, so it waits again only after it has found the buffer empty. One pending "
      + "wake-up is enough for one consumer, for any number of items. With two consumers something is missing: lesson 6.",
    guide: "The pending flag",
    hint: "The consumer must be in the queue before the first push, and return after the second.",
  },
  "lesson-6": {
    why: "A program can push a hundred items under one lock, a batch, and notify once. That must be enough for all consumers.",
    about: "The code of lesson 5 with a push of a batch, and with one more `if`: a consumer that leaves an item in the buffer wakes the next consumer. "
      + "`returned` is what a consumer does after its wait: it is no longer counted, and clears the flag. "
      + "`should_wake` is the condition of lesson 5: a thread is counted, and no wake-up is pending. If it is true, it sets the flag.",
    goal: "chain",
    question: "`main` notifies once for two items. Which thread wakes the second consumer?",
    answer: "The first. It returns, clears the flag, takes its item, finds that one is left, sets the flag again, and wakes the next consumer: "
      + "chained wake-ups. All this is one critical section, so the board shows the flag set before and after the step. "
      + "Without them the second consumer would wait although an item is there (bug 9).",
    guide: "Which thread wakes the next waiter?",
    hint: "Both consumers must be in the queue before the batch arrives.",
  },
  "lesson-7": {
    why: "A consumer that waits at most a second must not lose an item in the last moment.",
    about: "The code of lesson 3, and the wait has a deadline. A thread in the queue can time out at any moment. It leaves the queue, and must "
      + "acquire the lock again, as a notified thread does. Meanwhile `main` can push.",
    goal: "late",
    question: "The consumer has timed out, and `main` pushes before the consumer has the lock. What does the pop return?",
    answer: "The item. After its wait the consumer takes an item if there is one, and returns `None` only if there is none. If it gave up without a look, "
      + "it would return nothing although an item is there. In bug 7 it even loses a notification.",
    guide: "What must a waiter that times out do?",
    hint: "Between the time-out and the lock, `main` can push.",
  },
  "lesson-8": {
    why: "At the end of a program no more items come. Waiting consumers must return, after they got what is there.",
    about: "The code of lesson 3 with a flag under the lock. A pop waits while the buffer is empty and not closed. `close` sets the flag and notifies "
      + "all waiters.",
    program: "`main` pushes one item and closes the buffer. The consumer pops twice: it gets the item, and then none.",
    goal: "close",
    question: "A consumer waits when the buffer is closed. What does its pop return? And if an item is still in the buffer?",
    answer: "Its pop returns `None`. `close` notifies all waiters, because each of them has to return. With an item in the buffer, a pop returns the item: it looks "
      + "for an item first and for the flag second, so each item that was accepted is delivered.",
    guide: "3. The wake-up protocol",
    hint: "The consumer must take the item and wait for the next before the close.",
  },
  "lesson-9": {
    why: "Async code can stop where it would wait, and its thread then runs other code. A task is such code: thousands of tasks can run on a few "
      + "threads.",
    about: "A future is an operation that may not be finished yet, here a pop. To poll a future is to ask it whether it is finished; if not, it "
      + "is pending. A waker is an object that a task passes to the poll; its call makes the task poll again. An executor runs tasks: `block_on` runs one, and "
      + "its thread sleeps until the waker is called. Here, a poll that finds no item "
      + "stores the waker in a list. The push takes a waker out of the list and calls it after the unlock. Consumer 1 is a task.",
    goal: "wake",
    question: "What does the call of a waker do, and what does it not do?",
    answer: "It makes the task poll its future again. It does not reserve the item: another consumer can be faster, as after a notification. The "
      + "waker is code of the executor, so the push calls it without the lock (bug 20).",
    guide: "What must the destructor of a future do?",
    hint: "The task must find the buffer empty in its first poll.",
  },
  "lesson-10": {
    why: "To wait and to be woken takes microseconds. Often the next item comes sooner.",
    about: "A thread spins if it checks again for a short time before it waits. A snapshot is a copy of a value that can be old. Here, the "
      + "consumer reads a snapshot of the length without the lock. If it is 0, the consumer yields once, so that a producer can push: this is "
      + "the shortest form of spinning.",
    goal: "spin",
    question: "The snapshot was 0, and now there is an item. Is the old value dangerous?",
    answer: "No. It decides only whether the consumer yields. The consumer checks the items again under the lock before it waits. A buffer that "
      + "decides by the snapshot alone is wrong (bugs 11 and 17).",
    guide: "Why `Relaxed` suffices for the length snapshot",
    hint: "`main` must push after the consumer has read the length, and before it has the lock.",
  },
  "bug-1": {
    why: "`if` and `while` around a wait look the same in almost each run.",
    about: "The code of lesson 3 with one changed line, marked with BUG. In this buffer `None` is an error, which the list of calls shows as \u201cfails: Empty\u201d.",
    program: ONE_SLOT,
    hint: "The other consumer must take the item between the notification and the return of the first.",
    guide: "Why is the wait a loop?",
    differs: "This code checks the buffer once, before the wait. The correct code checks again after each wait.",
    question: "A notified consumer has left the queue. It must reacquire the lock before it can take the item. What can happen in between?",
    answer: "The other consumer acquires the lock first and takes the item: it barges. The notified consumer returns from its "
      + "wait, does not check again, and finds the buffer empty. A wait belongs in a loop that checks the condition again.",
  },
  "bug-2": {
    why: "One condition variable for all threads is a common shortcut.",
    about: "The code of lesson 3, but both sides use the condition variable `not_empty`: a producer waits there (BUG), and a pop notifies there.",
    program: ONE_SLOT,
    hint: "Both consumers must wait before the first push, and `main` must wait when the next notification comes.",
    guide: "Why two condition variables?",
    differs: "In this code, both sides wait on `not_empty`. In the correct code, producers wait on `not_full`.",
    question: "Producers and consumers wait in one queue. Which thread does a notification wake?",
    answer: "Any thread of the queue. A pop frees a slot, but its notification wakes the other consumer. That consumer finds the "
      + "buffer empty and waits again. The notification is used up, and the producer waits indefinitely. Each side needs its "
      + "own condition variable.",
  },
  "bug-3": {
    why: "A program must end. A consumer that no thread wakes keeps it alive.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${COUNTS}`,
    hint: "Both consumers must wait before the close.",
    guide: "3. The wake-up protocol",
    differs: "In this code, `close` notifies one consumer. In the correct code, it notifies all waiters.",
    question: "Close sends one notification to the consumers. How many consumers can wait at that moment?",
    answer: "Two. Close wakes one of them, which returns Closed and wakes no other thread. The second consumer waits "
      + "indefinitely. Close must notify all waiters.",
  },
  "bug-4": {
    why: "A flag seems to need no lock, because it is one word.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${COUNTS}`,
    hint: "The close must run between the consumer's check of the flag and its wait.",
    guide: "3. The wake-up protocol",
    differs: "In this code, `close` sets the flag without the lock. In the correct code, it acquires the lock first.",
    question: "Close sets the flag without the lock. Can it do so between a consumer's check of the flag and its wait?",
    answer: "Yes. The consumer holds the lock and finds the buffer open. Now close sets the flag and notifies, but the queue is "
      + "still empty. Then the consumer waits, and no notification follows. With the lock, close runs before the check or "
      + "after the wait.",
  },
  "bug-5": {
    why: "Two lines in the wrong order lose a wake-up.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${COUNTS}`,
    hint: "The consumer must begin its wait between the notification and the item.",
    guide: "Under the lock, or after it?",
    differs: "In this code, `push` notifies before it adds the item. In the correct code, it notifies after that.",
    question: "The push notifies first and adds the item later. What can a consumer do in between?",
    answer: "It locks, finds the buffer empty and waits. The notification came before that and found an empty queue. The item "
      + "then arrives without a notification. Notify after the change.",
  },
  "bug-6": {
    why: "An answer that was right under the lock can be old a moment later.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${COUNTS}`,
    hint: "The consumer must begin its wait between the two critical sections of the push.",
    guide: "Two invariants",
    differs: "In this code, `push` checks for waiters in one critical section and adds the item in another. The correct code does both in one.",
    question: "The push checks for waiters, releases the lock, and locks again to add the item. What can change in between?",
    answer: "A consumer locks, finds the buffer empty and waits. The push uses its old answer, \u201cno waiter\u201d, and does not "
      + "notify. Check for waiters in the critical section that makes the change.",
  },
  "bug-7": {
    why: "A deadline adds a second way to leave the queue.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${COUNTS}`,
    hint: "The timed consumer must be notified, and then find that its time is up; the other consumer must wait.",
    guide: "What must a waiter that times out do?",
    differs: "In this code, a consumer that returns after its deadline gives up. In the correct code, it takes the item if there is one.",
    question: "A timed consumer was notified, but its deadline is over. What becomes of the notification if it gives up?",
    answer: "It is lost. The timed consumer was removed from the queue by the notification. It then reads the clock, gives up and "
      + "leaves the item. The other consumer waits next to an item, and no thread notifies it. Success must beat the time-out.",
  },
  "bug-8": {
    why: "A flag that stays set stops all later notifications.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${COUNTS}`,
    hint: "The push must come between the time-out and the return of the consumer.",
    guide: "What must a waiter that times out do?",
    differs: "In this code, a consumer that timed out leaves the flag set. In the correct code, each waiter that returns clears it.",
    question: "The flag \u201cwake-up pending\u201d is set, but the waiter has timed out. What happens if the flag stays set?",
    answer: "The consumer times out. Before it reacquires the lock, a push finds it counted as a waiter, sets the flag and "
      + "notifies an empty queue. The consumer leaves the flag set and waits again later. The next push finds the flag set and "
      + "does not notify. Each waiter that returns must clear the flag.",
  },
  "bug-9": {
    why: "One notification for a batch saves calls, if the woken thread does its part.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${COUNTS}`,
    hint: "Both consumers must wait before the batch arrives.",
    guide: "Which thread wakes the next waiter?",
    differs: "In this code, a pop wakes producers only. In the correct code, it also wakes the next consumer while items remain.",
    question: "A batch of two items arrives with one notification. Which thread wakes the second consumer?",
    answer: "None. One notification per batch is enough only if each woken consumer wakes the next one while items remain "
      + "(chained wake-ups). Here a pop wakes producers only, so one item stays and one consumer waits indefinitely.",
  },
  "bug-10": {
    why: "Producers wait, too, and a batch can free many slots.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${COUNTS}`,
    hint: "Both producers must wait before the batch pop.",
    guide: "Which thread wakes the next waiter?",
    differs: "In this code, a push wakes consumers only. In the correct code, it also wakes the next producer while slots are free.",
    question: "A batch pop frees two slots with one notification. Which thread wakes the second producer?",
    answer: "None. One notification per batch is enough only if each woken producer wakes the next one while slots are free "
      + "(chained wake-ups). Here a push wakes consumers only, so one slot stays free and one producer waits indefinitely.",
  },
  "bug-11": {
    why: "To look before the lock saves time, and the answer can be old.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${COUNTS}`,
    hint: "Both consumers must read the length before one of them takes the item.",
    guide: "Why `Relaxed` suffices for the length snapshot",
    differs: "In this code, `try_pop` decides by a length that it read without the lock. The correct code checks the items under the lock.",
    question: "Both consumers read without the lock that one item is present. What does the second one find under the lock?",
    answer: "An empty buffer. A value that was read without the lock can be old when the lock is acquired. Check it again "
      + "under the lock.",
  },
  "bug-12": {
    why: "Consumers cannot see that no producer is left.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${COUNTS}`,
    hint: "The consumer must take the item and wait again, or come late.",
    guide: "3. The wake-up protocol",
    differs: "In this code, the last producer leaves the buffer open. In the correct code, it closes the buffer.",
    question: "The only producer leaves. What ends the consumer's wait?",
    answer: "Nothing. No producer is left to push, and the buffer stays open. The last producer must close the buffer when it leaves.",
  },
  "bug-13": {
    why: "Two conditions in the wrong order lose an accepted item.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${COUNTS}`,
    hint: "The close must come before the pop.",
    guide: "3. The wake-up protocol",
    differs: "In this code, `pop` checks the close flag before the items. In the correct code, it checks the items first.",
    question: "An item is in the buffer when it is closed. What does the next pop return?",
    answer: "Closed, although the item is there: pop checks the flag before the items. The accepted item is lost. Items must beat closed.",
  },
  "bug-14": {
    why: "What `close` promises must hold for a push that was already waiting.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${COUNTS}`,
    hint: "The push must wait for the slot, and the close must come before the pop.",
    guide: "3. The wake-up protocol",
    differs: "In this code, `push` uses a free slot although the buffer is closed. In the correct code, it checks the close flag first.",
    question: "A producer waits for a slot. The buffer is closed, and then a pop frees a slot. Can the push succeed?",
    answer: "Here it can: it checks for a free slot and ignores the flag. Close had returned, so the item arrives in a buffer "
      + "that its consumers may have left. Closed must beat a free slot.",
  },
  "bug-15": {
    why: "Both sides can wait when a buffer is closed.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${COUNTS}`,
    hint: "The producer must wait before the close.",
    guide: "3. The wake-up protocol",
    differs: "In this code, `close` notifies the consumers only. In the correct code, it notifies both sides.",
    question: "Close notifies the consumers. Which other threads can wait at that moment?",
    answer: "Producers. This one waits for a slot, and no pop will free one. Close must notify both sides.",
  },
  "bug-16": {
    why: "The drop of an item can run code of the user.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${COUNTS}`,
    hint: "There is one thread: it stops itself.",
    guide: "1. The textbook buffer",
    differs: "This code drops the items while it holds the lock. The correct code releases the lock first.",
    question: "An item is dropped while the lock is held, and its destructor calls the buffer. Which lock does that call need?",
    answer: "The lock that its own thread holds. The thread waits for itself. Take the items out under the lock, release it, "
      + "and drop the items afterwards.",
  },
  "bug-17": {
    why: "A call that has returned must be visible to a call that begins later.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${COUNTS}`,
    hint: "The push must have returned, and the load must return the old value.",
    guide: "7. What a correct result is",
    differs: "In this code, `try_pop` decides by a length that it read without the lock. The correct code acquires the lock first.",
    question: "The push has returned. Can a try_pop that is called later still find the buffer empty?",
    answer: "Yes. It loads the length snapshot without the lock, and a relaxed load may return an old value. The result "
      + "contradicts the order of the calls: it is not linearizable. The lock would order the store before the load.",
  },
  "bug-18": {
    why: "`select!` runs several futures, keeps the first that is finished, and drops the others: it cancels them.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${TASKS}`,
    hint: "The consumer must wait, and the push must wake the task that cancels.",
    guide: "What must the destructor of a future do?",
    differs: "In this code, `cancel` only releases the lock. In the correct code, it also wakes another waiter if there is an item.",
    question: "A task was woken for an item, and cancels its future without polling it. Which thread takes the item?",
    answer: "None. The only wake-up for this item went to the future that was cancelled, and the consumer waits although an item is there. A "
      + "cancelled future must pass its wake-up on.",
  },
  "bug-19": {
    why: "A future can move to another task.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${TASKS}`,
    hint: "The first poll must store the waker of `main`, and the consumer must poll again before the push.",
    guide: "What must the destructor of a future do?",
    differs: "In this code, a future keeps the waker of its first poll. In the correct code, each poll stores its own waker.",
    question: "A future was polled with the waker of another task before. Which task does the push wake?",
    answer: "The other one, `main`, which no longer polls this future. The consumer waits next to the item. A future that is pending "
      + "must keep the waker of its last poll.",
  },
  "bug-20": {
    why: "A waker is code of the executor, and may do anything.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${TASKS}`,
    hint: "There is one thread: its own waker stops it.",
    guide: "What must the destructor of a future do?",
    differs: "This code calls the waker while it holds the lock. The correct code releases the lock first.",
    question: "A waker is called while the lock is held, and it calls the buffer. Which lock does that call need?",
    answer: "The lock that its own thread holds. The thread waits for itself. Take the waker out under the lock, release it, and "
      + "call the waker afterwards.",
  },
  "bug-21": {
    why: "A cancelled future must leave no trace.",
    about: `This buffer is correct except for one place, which its code marks with BUG. ${TASKS}`,
    hint: "The cancelled pop must be first in the list.",
    guide: "What must the destructor of a future do?",
    differs: "In this code, `cancel` leaves the waker of the future in the list of waiting tasks. In the correct code, it takes it out.",
    question: "A pop was cancelled, but its waker is still in the list. Which task does the next push wake?",
    answer: "The task of the cancelled future. The consumer is second in the list and waits next to the item. A cancelled future must leave "
      + "the list.",
  },
  "textbook-each-pop-gets-an-item-1-2": { program: ONE_SLOT },
  "reference-each-pop-gets-an-item-1-2": { program: ONE_SLOT },
  "shipped-each-pop-gets-an-item-1-2": { program: ONE_SLOT },
  "control-each-pop-gets-an-item-1-2": { program: ONE_SLOT },
};
