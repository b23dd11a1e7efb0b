--------------------------- MODULE BoundedBuffer ---------------------------
(***************************************************************************)
(* The wake-up protocol of src/buffer.rs and src/tasks.rs: at most one     *)
(* pending wake-up per side for threads, chained wake-ups, and tasks that  *)
(* are polled late or cancelled.                                           *)
(*                                                                         *)
(* One action is one critical section, from lock to unlock, or one event   *)
(* outside the mutex: a wake-up after the unlock, a time-out, a spurious   *)
(* wake-up.  Each action is named after the function that it models.       *)
(* Threads and tasks can always start another operation.  So the number of *)
(* operations is not bounded, unlike in the loom models; the numbers of    *)
(* threads, tasks and slots are.                                           *)
(*                                                                         *)
(* Items are counted and have no identity.  The tests and the              *)
(* linearizability checker check their order and that none is lost or      *)
(* duplicated.  A release wakes any of the waiting tasks, so the properties*)
(* do not depend on the order of the list of wakers.                       *)
(*                                                                         *)
(* A thread that spins on the length snapshot is not modelled apart: it is *)
(* not counted, needs no wake-up, and takes the mutex before it acts.  So  *)
(* it is in the place "outside", as a thread between two operations.       *)
(*                                                                         *)
(* Consumers that linger, and tasks that wait for the close alone, are in  *)
(* spec/protocol.py and not here.  The proof follows one consumer that     *)
(* lingers, with any number of items.  Here each would need its own number,*)
(* which multiplies the states of the largest configurations.  This is the *)
(* independent second description of what was there before, and has what   *)
(* the proof lacks: which waker a task has.                                *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets

CONSTANTS
    Producers, Consumers,  \* the threads of each side
    PushTasks, PopTasks,   \* the tasks of each side
    Capacity,              \* slots
    Batch,                 \* the most items that one operation moves
    Bug                    \* one of Bugs

Bugs == {
    "none",
    "no chained wake-ups",      \* the release of a thread that returned from a wait skips its own side
    "no clear on time-out",     \* a thread that timed out leaves the pending flag set
    "one wake-up per release",  \* a release wakes one waiter of each side, also if a batch leaves work for several tasks
    "cancel without release",   \* a future that is dropped after it was woken swallows the wake-up
    "cancel without count",     \* a dropped future stays counted
    "stale waker"}              \* a future that is polled with another waker keeps the first one

ASSUME Capacity > 0 /\ Batch \in 1..Capacity /\ Bug \in Bugs

Sides == {"producers", "consumers"}
Threads == Producers \cup Consumers
Tasks == PushTasks \cup PopTasks
Actors == Threads \cup Tasks
ThreadsOf(s) == IF s = "producers" THEN Producers ELSE Consumers
TasksOf(s) == IF s = "producers" THEN PushTasks ELSE PopTasks
SideOf(a) == IF a \in Producers \cup PushTasks THEN "producers" ELSE "consumers"

VARIABLES
    items,          \* State::ring, its length
    closed,         \* State::closed
    waiting,        \* Side::waiting
    wakeupPending,  \* Side::wakeup_pending
    wokeTask,       \* Side::woke_task
    place,          \* the place of each thread and task, see Places
    stale,          \* the tasks whose stored waker is not the one of their last poll
    unsent,         \* the wake-ups that each actor has decided on and not sent yet: Wake
    again           \* the sides for which the release of an actor continues after the wake-ups

vars == <<items, closed, waiting, wakeupPending, wokeTask, place, stale, unsent, again>>

Places == {
    "outside",   \* between two critical sections, or spinning: not counted
    "queued",    \* a thread: counted, and in the queue of its condition variable
    "notified",  \* a thread: counted; left the queue by a notification or a spurious wake-up; about to take the mutex
    "timed out", \* a thread: counted; left the queue because its time was up; about to take the mutex
    "waits",     \* a task: counted, and its waker is in the list
    "woken",     \* a task: its waker was taken out of the list; neither polled nor dropped since
    "ended"}     \* a task: a close has emptied the list; neither polled nor dropped since
Wakes == [threads : {"none", "one", "all"}, tasks : SUBSET Tasks]

At(s, p) == {a \in ThreadsOf(s) \cup TasksOf(s) : place[a] = p}
Queued(s) == At(s, "queued")
Returning(s) == At(s, "notified") \cup At(s, "timed out")
NoWake == [threads |-> "none", tasks |-> {}]
Sent == [s \in Sides |-> NoWake]
Idle(a) == place[a] = "outside" /\ unsent[a] = Sent /\ again[a] = {}

(* The items or the free slots, if there are n items. *)
Work(s, n) == IF s = "consumers" THEN n ELSE Capacity - n

(* State::is_over *)
IsOver(s) == Work(s, items) > 0 \/ closed

(* State::lacks_wakeup, with the number of woken tasks: a waiter can act, and no wake-up is pending for it. *)
Lacks(n, count, pending, woken) == count > 0 /\ n > woken /\ ~pending

(* The lengths that one operation of side s can leave behind: offer, offer_many, offer_evicting, take, take_many. If the
   operation fails, the length stays; so it does if a vector has no room for a batch. *)
After(s) ==
    IF s = "producers"
    THEN IF closed \/ items = Capacity THEN {items} ELSE {n \in items + 1..items + Batch : n <= Capacity}
    ELSE {n \in 0..items : items - n <= Batch}

-----------------------------------------------------------------------------
Init ==
    /\ items = 0 /\ closed = FALSE
    /\ waiting = [s \in Sides |-> 0] /\ wakeupPending = [s \in Sides |-> FALSE] /\ wokeTask = [s \in Sides |-> FALSE]
    /\ place = [a \in Actors |-> "outside"] /\ stale = {}
    /\ unsent = [a \in Actors |-> Sent] /\ again = [a \in Actors |-> {}]

(* State::wake: the possible decisions, which differ only in the task. *)
Decisions(n, count, isClosed, pending, turnOfThread, waits, woken) ==
    IF count = 0 THEN {NoWake}
    ELSE IF isClosed THEN {[threads |-> "all", tasks |-> waits]}
    ELSE IF ~Lacks(n, count, pending, Cardinality(woken)) THEN {NoWake}
    ELSE IF turnOfThread \/ waits = {} THEN {[threads |-> "one", tasks |-> {}]}
    ELSE {[threads |-> "none", tasks |-> {task}] : task \in waits}

(* Once a task is polled or dropped, an unsent call of its waker has no effect. *)
WithoutCallOf(a) == IF a \in Threads THEN unsent ELSE [b \in Actors |-> [unsent[b] EXCEPT ![SideOf(a)].tasks = @ \ {a}]]

(* release and release_and_wake: the end of a critical section of actor a, with the values that it leaves. `sides` are the sides
   that it checks: both, except for a bug. *)
Release(a, newItems, newClosed, newWaiting, pending, sides) ==
    LET waits == [s \in Sides |-> At(s, "waits") \ {a}]
        woken == [s \in Sides |-> At(s, "woken") \ {a}]
        tasks == [s \in Sides |-> Cardinality(waits[s])]
        decisions(s) ==
            IF s \notin sides THEN {NoWake}
            ELSE Decisions(Work(s, newItems), newWaiting[s], newClosed, pending[s],
                           wokeTask[s] /\ newWaiting[s] > tasks[s], waits[s], woken[s])
    IN  \E forConsumers \in decisions("consumers"), forProducers \in decisions("producers") :
        LET wake == [s \in Sides |-> IF s = "consumers" THEN forConsumers ELSE forProducers]
            all == [s \in Sides |-> wake[s].threads = "all"]
            nowWaiting == [s \in Sides |-> newWaiting[s] - Cardinality(wake[s].tasks)]
            nowPending == [s \in Sides |-> pending[s] \/ wake[s].threads = "one"]
        IN  /\ items' = newItems /\ closed' = newClosed /\ wakeupPending' = nowPending
            /\ waiting' = nowWaiting
            /\ wokeTask' = [s \in Sides |-> IF all[s] \/ wake[s] = NoWake THEN wokeTask[s] ELSE wake[s].tasks # {}]
            /\ place' = [b \in Actors |->
                    IF b = a THEN "outside"
                    ELSE IF all[SideOf(b)] /\ place[b] \in {"waits", "woken"} THEN "ended"
                    ELSE IF b \in wake[SideOf(b)].tasks THEN "woken"
                    ELSE place[b]]
            /\ stale' = stale \ {a}
            /\ unsent' = [WithoutCallOf(a) EXCEPT ![a] = wake]
            /\ again' = [again EXCEPT ![a] =
                    {s \in sides : /\ Bug # "one wake-up per release" /\ ~newClosed
                                   /\ Lacks(Work(s, newItems), nowWaiting[s], nowPending[s],
                                            Cardinality(woken[s] \cup wake[s].tasks))}]

(* The next round of release_and_wake. *)
ReleaseAgain(a) ==
    /\ again[a] # {} /\ unsent[a] = Sent
    /\ Release(a, items, closed, waiting, wakeupPending, Sides)

(* act, and wait_then_act or the first poll of a future if it need not wait: the change, or a failure, and the release. *)
Act(a) ==
    /\ Idle(a)
    /\ \E n \in After(SideOf(a)) : Release(a, n, closed, waiting, wakeupPending, Sides)

(* close, close_and_drain and drain *)
Close(a) == Idle(a) /\ \E n \in {0, items} : Release(a, n, TRUE, waiting, wakeupPending, Sides)
Drain(a) == SideOf(a) = "consumers" /\ Idle(a) /\ Release(a, 0, closed, waiting, wakeupPending, Sides)

(* wait_then_act if it must wait: wait, and the first half of park. The condition variable releases the mutex and enqueues the
   thread in one step. *)
Park(t) ==
    /\ Idle(t) /\ ~IsOver(SideOf(t))
    /\ place' = [place EXCEPT ![t] = "queued"]
    /\ waiting' = [waiting EXCEPT ![SideOf(t)] = @ + 1]
    /\ UNCHANGED <<items, closed, wakeupPending, wokeTask, stale, unsent, again>>

(* TaskWait::poll if it must wait: the first poll of a future, which stores its waker. *)
Register(a) ==
    /\ Idle(a) /\ ~IsOver(SideOf(a))
    /\ place' = [place EXCEPT ![a] = "waits"]
    /\ waiting' = [waiting EXCEPT ![SideOf(a)] = @ + 1]
    /\ UNCHANGED <<items, closed, wakeupPending, wokeTask, stale, unsent, again>>

(* Wake::notify_threads and Wake::wake_task for side s, after the unlock. They wake a thread that is then in the queue, or none.
   A task whose waker was called is one that is woken and not in `unsent`. *)
Send(a, s) ==
    /\ unsent[a][s] # NoWake
    /\ unsent' = [unsent EXCEPT ![a][s] = NoWake]
    /\ IF Queued(s) = {} \/ unsent[a][s].threads = "none" THEN place' = place
       ELSE IF unsent[a][s].threads = "all" THEN place' = [b \in Actors |-> IF b \in Queued(s) THEN "notified" ELSE place[b]]
       ELSE \E b \in Queued(s) : place' = [place EXCEPT ![b] = "notified"]
    /\ UNCHANGED <<items, closed, waiting, wakeupPending, wokeTask, stale, again>>

(* release_and_wake wakes threads first, then consumers. *)
SendNext(a) ==
    LET tasksLast == unsent[a]["consumers"].threads = "none" /\ unsent[a]["producers"].threads # "none"
    IN  IF unsent[a]["consumers"] = NoWake \/ tasksLast THEN Send(a, "producers") ELSE Send(a, "consumers")

(* The condition variable: a timed wait expires, also between the setting of the flag and the notification. *)
TimeOut(t) ==
    /\ place[t] = "queued"
    /\ place' = [place EXCEPT ![t] = "timed out"]
    /\ UNCHANGED <<items, closed, waiting, wakeupPending, wokeTask, stale, unsent, again>>

(* The condition variable: a wake-up without a notification. parking_lot has none, and the protocol is correct with them. *)
Spurious(t) ==
    /\ place[t] = "queued"
    /\ place' = [place EXCEPT ![t] = "notified"]
    /\ UNCHANGED <<items, closed, waiting, wakeupPending, wokeTask, stale, unsent, again>>

(* The second half of park, and what wait and wait_then_act do next in the same critical section. *)
Return(t) ==
    LET side == SideOf(t)
        newWaiting == [waiting EXCEPT ![side] = @ - 1]
        pending == IF place[t] = "timed out" /\ Bug = "no clear on time-out" THEN wakeupPending
                   ELSE [wakeupPending EXCEPT ![side] = FALSE]
    IN  /\ place[t] \in {"notified", "timed out"}
        /\ \/ (* It acts, or its time is up; its release wakes the next waiter. *)
              /\ IsOver(side) \/ place[t] = "timed out"
              /\ \E n \in After(side) :
                    Release(t, n, closed, newWaiting, pending, IF Bug = "no chained wake-ups" THEN Sides \ {side} ELSE Sides)
           \/ (* A wasted wake-up: it parks again, or unlocks without a release and spins. *)
              /\ ~IsOver(side) /\ place[t] = "notified"
              /\ wakeupPending' = pending
              /\ \/ place' = [place EXCEPT ![t] = "queued"] /\ UNCHANGED waiting
                 \/ place' = [place EXCEPT ![t] = "outside"] /\ waiting' = newWaiting
              /\ UNCHANGED <<items, closed, wokeTask, stale, unsent, again>>

(* The count after the end of a wait of task a: Registration::end *)
Uncounted(a) == IF place[a] = "waits" THEN [waiting EXCEPT ![SideOf(a)] = @ - 1] ELSE waiting

(* TaskWait::poll of a task that waits or is woken, or waited until a close. A task may be polled without a wake-up. *)
Poll(a) ==
    /\ place[a] \in {"waits", "woken", "ended"}
    /\ \/ /\ IsOver(SideOf(a))
          /\ \E n \in After(SideOf(a)) : Release(a, n, closed, Uncounted(a), wakeupPending, Sides)
       \/ (* It waits again, with the waker of this poll. *)
          /\ ~IsOver(SideOf(a))
          /\ place' = [place EXCEPT ![a] = "waits"]
          /\ stale' = IF Bug = "stale waker" /\ place[a] = "waits" THEN stale \cup {a} ELSE stale \ {a}
          /\ unsent' = WithoutCallOf(a)
          /\ waiting' = IF place[a] = "waits" THEN waiting ELSE [waiting EXCEPT ![SideOf(a)] = @ + 1]
          /\ UNCHANGED <<items, closed, wakeupPending, wokeTask, again>>

(* The destructor of TaskWait: a future is dropped before it is ready. *)
Cancel(a) ==
    /\ place[a] \in {"waits", "woken", "ended"}
    /\ Release(a, items, closed, IF Bug = "cancel without count" THEN waiting ELSE Uncounted(a), wakeupPending,
               IF Bug = "cancel without release" THEN {} ELSE Sides)

Next ==
    \/ \E a \in Actors : Act(a) \/ Close(a) \/ Drain(a) \/ SendNext(a) \/ ReleaseAgain(a)
    \/ \E t \in Threads : Park(t) \/ TimeOut(t) \/ Spurious(t) \/ Return(t)
    \/ \E a \in Tasks : Register(a) \/ Poll(a) \/ Cancel(a)

(* The newest waker of the task was called: its executor polls the task, or drops the future. *)
Scheduled(a) ==
    /\ place[a] \in {"woken", "ended"} /\ a \notin stale
    /\ \A b \in Actors : a \notin unsent[b][SideOf(a)].tasks

(* An actor need not start an operation. It ends its release, and a thread that left the queue takes the mutex. *)
FairThreads ==
    /\ \A a \in Actors : WF_vars(SendNext(a)) /\ WF_vars(ReleaseAgain(a))
    /\ \A t \in Threads : WF_vars(Return(t))
FairTasks == \A a \in Tasks : WF_vars(Scheduled(a) /\ (Poll(a) \/ Cancel(a)))

Spec == Init /\ [][Next]_vars /\ FairThreads /\ FairTasks

(* The same without the assumption that woken tasks are polled or dropped. *)
LateSpec == Init /\ [][Next]_vars /\ FairThreads
=============================================================================
