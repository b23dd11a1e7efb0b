----------------------------- MODULE Properties -----------------------------
(***************************************************************************)
(* What TLC checks of BoundedBuffer.tla: the invariants of the argument on *)
(* `BoundedBuffer` in src/buffer.rs, and liveness.                         *)
(***************************************************************************)
EXTENDS BoundedBuffer

(* The mutex is free in every state, so the invariants hold in each of them. *)

TypeOK ==
    /\ items \in 0..Capacity /\ closed \in BOOLEAN
    /\ waiting \in [Sides -> 0..Cardinality(Actors)] /\ wakeupPending \in [Sides -> BOOLEAN]
    /\ wokeTask \in [Sides -> BOOLEAN]
    /\ place \in [Actors -> Places] /\ stale \in SUBSET Tasks
    /\ unsent \in [Actors -> [Sides -> Wakes]] /\ again \in [Actors -> SUBSET Sides]

(* Step 2: the count is that of the threads in the queue, of those that have left it and not yet taken the mutex, and of the
   tasks that wait. *)
Counted == \A s \in Sides : waiting[s] = Cardinality(Queued(s) \cup Returning(s) \cup At(s, "waits"))

(* Steps 3 and 7. After a close, ClosedWakesAll replaces them. *)
Woken(s) == Cardinality(At(s, "woken"))
Continues(s) == \E a \in Actors : s \in again[a]
W1 == items > Woken("consumers") /\ waiting["consumers"] > 0 /\ ~closed =>
    wakeupPending["consumers"] \/ Continues("consumers")
W2 == Capacity - items > Woken("producers") /\ waiting["producers"] > 0 /\ ~closed =>
    wakeupPending["producers"] \/ Continues("producers")

(* Step 4: if the flag is set, a notification is still to be sent, or a counted thread is about to take the mutex. *)
PendingIsTrue == \A s \in Sides :
    wakeupPending[s] =>
        /\ waiting[s] > Cardinality(At(s, "waits"))
        /\ Returning(s) # {} \/ \E a \in Actors : unsent[a][s].threads # "none"

(* Step 6: after a close, a thread is in a queue only if a notify_all is still to be sent to it, and no task waits. *)
ClosedWakesAll == \A s \in Sides :
    closed => At(s, "waits") = {} /\ (Queued(s) # {} => \E a \in Actors : unsent[a][s].threads = "all")

(* No deadlock: if no wake-up is under way, the only items and slots for which a waiter exists are those that woken tasks cover.
   After a close, no thread waits. *)
Quiet == \A a \in Actors : unsent[a] = Sent /\ again[a] = {} /\ place[a] \notin {"notified", "timed out"}
NoLostWakeup == Quiet => \A s \in Sides : waiting[s] > 0 => ~closed /\ Work(s, items) <= Woken(s)

(* Liveness: each pending wake-up reaches a thread, which may set the flag again when it takes the mutex. A close ends each
   wait, and no waiter of a side waits indefinitely that could act. *)
WakeUpsArrive == \A s \in Sides : wakeupPending[s] ~> ~wakeupPending[s] \/ Returning(s) # {}
CloseEndsWaits == closed ~> \A a \in Actors : place[a] \in {"outside", "notified", "timed out"}
WaitsEnd == \A s \in Sides : <>[]IsOver(s) => []<>(waiting[s] + Woken(s) = 0)

(* Step 7: even if no woken task is polled, others wait indefinitely only for the items or slots that woken tasks cover. *)
OnlyCoveredItemsWait == \A s \in Sides : <>[](Work(s, items) > Woken(s)) => []<>(waiting[s] = 0)

(* The threads of a side are interchangeable, and so are its tasks. So TLC distinguishes states by the number of them in each
   place: the waker of a woken task is in the wake-ups of one actor at most. This is sound for invariants; the configurations with
   temporal properties do without. *)
HowMany ==
    LET kind(a) == <<place[a], a \in stale, again[a],
            [s \in Sides |-> <<unsent[a][s].threads, Cardinality(unsent[a][s].tasks)>>]>>
        count(group) == {<<k, Cardinality({a \in group : kind(a) = k})>> : k \in {kind(a) : a \in group}}
    IN  <<items, closed, waiting, wakeupPending, wokeTask,
            count(Producers), count(Consumers), count(PushTasks), count(PopTasks)>>
=============================================================================
