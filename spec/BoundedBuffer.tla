--------------------------- MODULE BoundedBuffer ---------------------------
(***************************************************************************)
(* The wake-up protocol of src/buffer.rs: at most one pending wake-up per  *)
(* side, and chained wake-ups.                                             *)
(*                                                                         *)
(* One action is one critical section, from lock to unlock, or one event   *)
(* outside the mutex: a notification after the unlock, a time-out, a       *)
(* spurious wake-up.  Each action is named after the function that it      *)
(* models.  Threads can always start another operation.  So the number of  *)
(* operations is not bounded, unlike in the loom models; the numbers of    *)
(* threads and of slots are.                                               *)
(*                                                                         *)
(* Items are counted and have no identity.  The tests and the              *)
(* linearizability checker check their order and that none is lost or      *)
(* duplicated.                                                             *)
(*                                                                         *)
(* A thread that polls the length snapshot is not modelled apart: it is    *)
(* not counted, needs no wake-up, and takes the mutex before it acts.  So  *)
(* it is in the place "outside", as a thread between two operations.       *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets

CONSTANTS
    Producers, Consumers,  \* the threads of each side
    Capacity,              \* slots
    Batch,                 \* the most items that one operation moves
    Late,                  \* the most threads at the same time between an unlock and its notification
    ChainedWakeups,        \* FALSE: the release of a thread that returned from a wait skips its own side (a bug)
    ClearOnTimeout         \* FALSE: a thread that timed out leaves the pending flag set (a bug)

ASSUME Capacity > 0 /\ Batch \in 1..Capacity

Sides == {"producers", "consumers"}
Threads == Producers \cup Consumers
Members(s) == IF s = "producers" THEN Producers ELSE Consumers
SideOf(t) == IF t \in Producers THEN "producers" ELSE "consumers"

VARIABLES
    items,          \* State::ring, its length
    closed,         \* State::closed
    waiting,        \* Side::waiting
    wakeupPending,  \* Side::wakeup_pending
    place,          \* the place of each thread, see Places
    unsent          \* the notifications that each thread has decided to send and not sent yet: Wake

vars == <<items, closed, waiting, wakeupPending, place, unsent>>

Places == {
    "outside",   \* between two critical sections, or polling the snapshot: not counted
    "queued",    \* counted, and in the queue of its condition variable
    "notified",  \* counted; left the queue by a notification or a spurious wake-up; about to take the mutex
    "expired"}   \* counted; left the queue because its time was up; about to take the mutex
Wakes == {"none", "one", "all"}

Queued(s) == {t \in Members(s) : place[t] = "queued"}
Returning(s) == {t \in Members(s) : place[t] \in {"notified", "expired"}}
NoWake == [s \in Sides |-> "none"]
Idle(t) == place[t] = "outside" /\ unsent[t] = NoWake

(* Whether a side has work if there are n items: the items or the free slots. *)
Work(s, n) == IF s = "consumers" THEN n > 0 ELSE n < Capacity

(* Condition::is_over *)
IsOver(s) == Work(s, items) \/ closed

(* The lengths that one operation of side s can leave behind: offer, offer_many, offer_evicting, take, take_many. If the
   operation fails, the length stays. *)
After(s) ==
    IF s = "producers"
    THEN IF closed \/ items = Capacity THEN {items} ELSE {n \in items + 1..items + Batch : n <= Capacity}
    ELSE IF items = 0 THEN {0} ELSE {n \in 0..items - 1 : items - n <= Batch}

-----------------------------------------------------------------------------
Init ==
    /\ items = 0 /\ closed = FALSE
    /\ waiting = [s \in Sides |-> 0] /\ wakeupPending = [s \in Sides |-> FALSE]
    /\ place = [t \in Threads |-> "outside"] /\ unsent = [t \in Threads |-> NoWake]

(* release and release_and_wake, with Side::wake: the end of a critical section of thread t, with the values that it leaves.
   `sides` are the sides that it checks: both, except for the bug. *)
Release(t, newItems, newClosed, newWaiting, pending, sides) ==
    LET wake == [s \in Sides |->
            IF newWaiting[s] = 0 \/ s \notin sides THEN "none"
            ELSE IF newClosed THEN "all"
            ELSE IF Work(s, newItems) /\ ~pending[s] THEN "one"
            ELSE "none"]
    IN  /\ items' = newItems /\ closed' = newClosed /\ waiting' = newWaiting
        /\ wakeupPending' = [s \in Sides |-> pending[s] \/ wake[s] = "one"]
        /\ unsent' = [unsent EXCEPT ![t] = wake]
        /\ place' = [place EXCEPT ![t] = "outside"]

(* act, and wait_then_act if it need not wait: the change, or a failure, and the release. *)
Act(t) ==
    /\ Idle(t)
    /\ \E n \in After(SideOf(t)) : Release(t, n, closed, waiting, wakeupPending, Sides)

(* close, close_and_drain and drain *)
Close(t) == Idle(t) /\ \E n \in {0, items} : Release(t, n, TRUE, waiting, wakeupPending, Sides)
Drain(t) == t \in Consumers /\ Idle(t) /\ Release(t, 0, closed, waiting, wakeupPending, Sides)

(* wait_then_act if it must wait: wait, and the first half of park. The condition variable releases the mutex and enqueues the
   thread in one step. *)
Park(t) ==
    /\ Idle(t) /\ ~IsOver(SideOf(t))
    /\ place' = [place EXCEPT ![t] = "queued"]
    /\ waiting' = [waiting EXCEPT ![SideOf(t)] = @ + 1]
    /\ UNCHANGED <<items, closed, wakeupPending, unsent>>

(* Wake::send to side s, after the unlock. It wakes a thread that is then in the queue, or none. *)
Notify(t, s) ==
    /\ unsent[t][s] # "none"
    /\ unsent' = [unsent EXCEPT ![t][s] = "none"]
    /\ IF Queued(s) = {} THEN place' = place
       ELSE IF unsent[t][s] = "all" THEN place' = [u \in Threads |-> IF u \in Queued(s) THEN "notified" ELSE place[u]]
       ELSE \E u \in Queued(s) : place' = [place EXCEPT ![u] = "notified"]
    /\ UNCHANGED <<items, closed, waiting, wakeupPending>>

(* release_and_wake notifies consumers first. *)
Send(t) == Notify(t, "consumers") \/ (unsent[t]["consumers"] = "none" /\ Notify(t, "producers"))

(* The condition variable: a timed wait expires, also between the setting of the flag and the notification. *)
TimeOut(t) ==
    /\ place[t] = "queued"
    /\ place' = [place EXCEPT ![t] = "expired"]
    /\ UNCHANGED <<items, closed, waiting, wakeupPending, unsent>>

(* The condition variable: a wake-up without a notification. parking_lot has none, and the protocol is correct with them. *)
Spurious(t) ==
    /\ place[t] = "queued"
    /\ place' = [place EXCEPT ![t] = "notified"]
    /\ UNCHANGED <<items, closed, waiting, wakeupPending, unsent>>

(* The second half of park, and what wait and wait_then_act do next in the same critical section. *)
Return(t) ==
    LET side == SideOf(t)
        newWaiting == [waiting EXCEPT ![side] = @ - 1]
        pending == IF place[t] = "expired" /\ ~ClearOnTimeout THEN wakeupPending
                   ELSE [wakeupPending EXCEPT ![side] = FALSE]
    IN  /\ place[t] \in {"notified", "expired"}
        /\ \/ (* It acts, or its time is up; its release wakes the next waiter. *)
              /\ IsOver(side) \/ place[t] = "expired"
              /\ \E n \in After(side) :
                    Release(t, n, closed, newWaiting, pending, IF ChainedWakeups THEN Sides ELSE Sides \ {side})
           \/ (* A wasted wake-up: it parks again, or unlocks without a release and polls the snapshot. *)
              /\ ~IsOver(side) /\ place[t] = "notified"
              /\ wakeupPending' = pending
              /\ \/ place' = [place EXCEPT ![t] = "queued"] /\ UNCHANGED waiting
                 \/ place' = [place EXCEPT ![t] = "outside"] /\ waiting' = newWaiting
              /\ UNCHANGED <<items, closed, unsent>>

Next == \E t \in Threads :
    Act(t) \/ Close(t) \/ Drain(t) \/ Park(t) \/ Send(t) \/ TimeOut(t) \/ Spurious(t) \/ Return(t)

(* A thread need not start an operation. It sends the notifications that it has decided on, and a thread that left the queue
   takes the mutex. *)
Fairness == \A t \in Threads : WF_vars(Send(t)) /\ WF_vars(Return(t))

Spec == Init /\ [][Next]_vars /\ Fairness

-----------------------------------------------------------------------------
(* The mutex is free in every state, so these are the invariants of the argument on `BoundedBuffer`. *)

TypeOK ==
    /\ items \in 0..Capacity /\ closed \in BOOLEAN
    /\ waiting \in [Sides -> 0..Cardinality(Threads)] /\ wakeupPending \in [Sides -> BOOLEAN]
    /\ place \in [Threads -> Places] /\ unsent \in [Threads -> [Sides -> Wakes]]

(* Step 2: the count is that of the threads in the queue and of those that have left it and not yet taken the mutex. *)
Counted == \A s \in Sides : waiting[s] = Cardinality(Queued(s) \cup Returning(s))

(* Step 3. After a close, ClosedWakesAll replaces them. *)
W1 == items > 0 /\ waiting["consumers"] > 0 /\ ~closed => wakeupPending["consumers"]
W2 == items < Capacity /\ waiting["producers"] > 0 /\ ~closed => wakeupPending["producers"]

(* Step 4: if the flag is set, a notification is still to be sent, or a counted thread is about to take the mutex. *)
PendingIsTrue == \A s \in Sides :
    wakeupPending[s] => Returning(s) # {} \/ \E t \in Threads : unsent[t][s] # "none"

(* Step 6: after a close, a thread is in a queue only if a notify_all is still to be sent to it. *)
ClosedWakesAll == \A s \in Sides :
    closed /\ Queued(s) # {} => \E t \in Threads : unsent[t][s] = "all"

(* No deadlock: if no wake-up is under way, no thread waits that could act or report a close. *)
Quiet == \A t \in Threads : unsent[t] = NoWake /\ place[t] \in {"outside", "queued"}
NoLostWakeup == Quiet => \A s \in Sides : waiting[s] > 0 => ~IsOver(s)

(* A notification can be late without a limit. The number of late ones at the same time makes the state space large. *)
FewAreLate == Cardinality({t \in Threads : unsent[t] # NoWake}) <= Late

(* Liveness: each pending wake-up arrives, and a close ends each wait. *)
WakeUpsArrive == \A s \in Sides : wakeupPending[s] ~> ~wakeupPending[s]
CloseEndsWaits == closed ~> \A s \in Sides : waiting[s] = 0

(* The threads of a side are interchangeable, so TLC distinguishes states by the number of threads in each place. This is
   sound for invariants; the configuration with temporal properties does without. *)
HowMany == <<items, closed, waiting, wakeupPending,
    [s \in Sides |-> LET here == {<<place[t], unsent[t]>> : t \in Members(s)}
                     IN  {<<k, Cardinality({t \in Members(s) : <<place[t], unsent[t]>> = k})>> : k \in here}]>>
=============================================================================
