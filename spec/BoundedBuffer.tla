--------------------------- MODULE BoundedBuffer ---------------------------
(***************************************************************************)
(* The wake-ups of src/buffer.rs: throttled to one pending a side, and  *)
(* cascading, because every thread that comes back passes the baton.       *)
(*                                                                         *)
(* One action is one critical section, from lock to unlock, or one thing   *)
(* that happens outside the mutex: a notification sent after the unlock, a *)
(* time-out, a spurious wake-up.  Each is named after the function it      *)
(* stands for.  Threads never stop to begin operations, so unlike the loom *)
(* models this bounds the number of threads and slots, not of operations.  *)
(*                                                                         *)
(* Items are counted and have no identity: order and exactly-once are the  *)
(* business of the tests and of the linearizability checker.               *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets

CONSTANTS
    Producers, Consumers,  \* the threads of each side
    Capacity,              \* slots
    Batch,                 \* the most items one operation moves
    Late,                  \* the most threads that stand between their unlock and their notification at once
    ChainedWakeups,                 \* FALSE: the release of a thread that came back does not look at its own side (a bug)
    ClearOnTimeout         \* FALSE: a thread that timed out leaves the mark set (a bug)

ASSUME Capacity > 0 /\ Batch \in 1..Capacity

Sides == {"producers", "consumers"}
Threads == Producers \cup Consumers
Members(s) == IF s = "producers" THEN Producers ELSE Consumers
SideOf(t) == IF t \in Producers THEN "producers" ELSE "consumers"

VARIABLES
    items,      \* State::ring, its length
    closed,     \* State::closed
    waiting,     \* Side::waiting
    wakeupPending,   \* Side::wakeup_pending
    at,         \* where each thread is, see Places
    owes        \* what each thread has still to send since its last unlock: Wake

vars == <<items, closed, waiting, wakeupPending, at, owes>>

Places == {
    "out",      \* between two critical sections, or looking at the len_snapshot: not counted, comes back by itself
    "queued",   \* counted, and in the queue of its condition variable
    "chosen",   \* counted; a notification, or nothing at all, took it out of the queue; about to take the mutex
    "expired"}  \* counted; its time was up and it left the queue by itself; about to take the mutex
Wakes == {"nobody", "one", "all"}

Queued(s) == {t \in Members(s) : at[t] = "queued"}
Coming(s) == {t \in Members(s) : at[t] \in {"chosen", "expired"}}
Nothing == [s \in Sides |-> "nobody"]
Free(t) == at[t] = "out" /\ owes[t] = Nothing  \* not in the middle of anything

(* State of state.rs: is there work for a side? *)
Work(s, n) == IF s = "consumers" THEN n > 0 ELSE n < Capacity

(* Condition::is_over *)
IsOver(s) == Work(s, items) \/ closed

(* The lengths that one operation of side s may leave behind: offer, offer_many, offer_by_force, take, take_many. None
   after "closed" for producers and after "closed and drained" for consumers, where the length stays. *)
After(s) ==
    IF s = "producers"
    THEN IF closed \/ items = Capacity THEN {items} ELSE {n \in items + 1..items + Batch : n <= Capacity}
    ELSE IF items = 0 THEN {0} ELSE {n \in 0..items - 1 : items - n <= Batch}

-----------------------------------------------------------------------------
Init ==
    /\ items = 0 /\ closed = FALSE
    /\ waiting = [s \in Sides |-> 0] /\ wakeupPending = [s \in Sides |-> FALSE]
    /\ at = [t \in Threads |-> "out"] /\ owes = [t \in Threads |-> Nothing]

(* release and release_and_wake, with Side::wake: the end of a critical section of thread t, which leaves n items, the
   flag c, and found or made the counts and marks given. It looks at the sides in `looks`: at both, but for the bug. *)
Release(t, n, c, counts, marks, looks) ==
    LET wake == [s \in Sides |->
            IF counts[s] = 0 \/ s \notin looks THEN "nobody"
            ELSE IF c THEN "all"
            ELSE IF Work(s, n) /\ ~marks[s] THEN "one"
            ELSE "nobody"]
    IN  /\ items' = n /\ closed' = c /\ waiting' = counts
        /\ wakeupPending' = [s \in Sides |-> marks[s] \/ wake[s] = "one"]
        /\ owes' = [owes EXCEPT ![t] = wake]
        /\ at' = [at EXCEPT ![t] = "out"]

(* act, and `when` that finds its condition over: the change, or a refusal, and the release. *)
Act(t) ==
    /\ Free(t)
    /\ \E n \in After(SideOf(t)) : Release(t, n, closed, waiting, wakeupPending, Sides)

(* close, close_and_drain and drain *)
Close(t) == Free(t) /\ \E n \in {0, items} : Release(t, n, TRUE, waiting, wakeupPending, Sides)
Drain(t) == t \in Consumers /\ Free(t) /\ Release(t, 0, closed, waiting, wakeupPending, Sides)

(* `when` that finds its condition not over: wait, and sleep down to the condition variable, which lets go of the mutex
   and enters the thread in its queue in one step. *)
Sleep(t) ==
    /\ Free(t) /\ ~IsOver(SideOf(t))
    /\ at' = [at EXCEPT ![t] = "queued"]
    /\ waiting' = [waiting EXCEPT ![SideOf(t)] = @ + 1]
    /\ UNCHANGED <<items, closed, wakeupPending, owes>>

(* Wake::send to side s, after the unlock. It hits whoever is in the queue by then, and perhaps nobody. *)
Notify(t, s) ==
    /\ owes[t][s] # "nobody"
    /\ owes' = [owes EXCEPT ![t][s] = "nobody"]
    /\ IF Queued(s) = {} THEN at' = at
       ELSE IF owes[t][s] = "all" THEN at' = [u \in Threads |-> IF u \in Queued(s) THEN "chosen" ELSE at[u]]
       ELSE \E u \in Queued(s) : at' = [at EXCEPT ![u] = "chosen"]
    /\ UNCHANGED <<items, closed, waiting, wakeupPending>>

(* release_and_wake sends to consumers first. *)
Send(t) == Notify(t, "consumers") \/ (owes[t]["consumers"] = "nobody" /\ Notify(t, "producers"))

(* The condition variable: a timed wait gives up, also between a mark and its notification. *)
TimeOut(t) ==
    /\ at[t] = "queued"
    /\ at' = [at EXCEPT ![t] = "expired"]
    /\ UNCHANGED <<items, closed, waiting, wakeupPending, owes>>

(* The condition variable wakes for nothing. parking_lot's does not; the protocol would stand it. *)
Spurious(t) ==
    /\ at[t] = "queued"
    /\ at' = [at EXCEPT ![t] = "chosen"]
    /\ UNCHANGED <<items, closed, waiting, wakeupPending, owes>>

(* The second half of sleep, and what `wait` and `when` do next under the same hold of the mutex. *)
ComeBack(t) ==
    LET side == SideOf(t)
        counts == [waiting EXCEPT ![side] = @ - 1]
        marks == IF at[t] = "expired" /\ ~ClearOnTimeout THEN wakeupPending ELSE [wakeupPending EXCEPT ![side] = FALSE]
    IN  /\ at[t] \in {"chosen", "expired"}
        /\ \/ (* it acts, or gives up, and passes the baton *)
              /\ IsOver(side) \/ at[t] = "expired"
              /\ \E n \in After(side) :
                    Release(t, n, closed, counts, marks, IF ChainedWakeups THEN Sides ELSE Sides \ {side})
           \/ (* woken for nothing: it sleeps again, or unlocks without a release to look at the len_snapshot *)
              /\ ~IsOver(side) /\ at[t] = "chosen"
              /\ wakeupPending' = marks
              /\ \/ at' = [at EXCEPT ![t] = "queued"] /\ UNCHANGED waiting
                 \/ at' = [at EXCEPT ![t] = "out"] /\ waiting' = counts
              /\ UNCHANGED <<items, closed, owes>>

Next == \E t \in Threads :
    Act(t) \/ Close(t) \/ Drain(t) \/ Sleep(t) \/ Send(t) \/ TimeOut(t) \/ Spurious(t) \/ ComeBack(t)

(* Nobody has to begin an operation. Who owes a notification sends it; who is coming comes. *)
Fairness == \A t \in Threads : WF_vars(Send(t)) /\ WF_vars(ComeBack(t))

Spec == Init /\ [][Next]_vars /\ Fairness

-----------------------------------------------------------------------------
(* In every state the mutex is free, so these are the invariants of the argument on `BoundedBuffer`. *)

TypeOK ==
    /\ items \in 0..Capacity /\ closed \in BOOLEAN
    /\ waiting \in [Sides -> 0..Cardinality(Threads)] /\ wakeupPending \in [Sides -> BOOLEAN]
    /\ at \in [Threads -> Places] /\ owes \in [Threads -> [Sides -> Wakes]]

(* Step 2: exactly those in the queue or on their way out of it are counted. *)
Counted == \A s \in Sides : waiting[s] = Cardinality(Queued(s) \cup Coming(s))

(* Step 3. After close, ClosedWakesAll takes over. *)
W1 == items > 0 /\ waiting["consumers"] > 0 /\ ~closed => wakeupPending["consumers"]
W2 == items < Capacity /\ waiting["producers"] > 0 /\ ~closed => wakeupPending["producers"]

(* Step 4: a mark never outlives its wake-up. A notification is still to be sent, or somebody counted is coming. *)
MarkIsTrue == \A s \in Sides :
    wakeupPending[s] => Coming(s) # {} \/ \E t \in Threads : owes[t][s] # "nobody"

(* Step 6: nobody is left in a queue, but whom a notify_all is still to reach. *)
ClosedWakesAll == \A s \in Sides :
    closed /\ Queued(s) # {} => \E t \in Threads : owes[t][s] = "all"

(* No deadlock: when nothing is under way, nobody sleeps who could act, or could learn that it never will. *)
Quiet == \A t \in Threads : owes[t] = Nothing /\ at[t] \in {"out", "queued"}
NobodyForgotten == Quiet => \A s \in Sides : waiting[s] > 0 => ~IsOver(s)

(* A notification may be late without limit. How many are at once is what makes the state space large. *)
FewAreLate == Cardinality({t \in Threads : owes[t] # Nothing}) <= Late

(* In time: every wake-up pending arrives, and close lets everybody go. *)
WakeUpsArrive == \A s \in Sides : wakeupPending[s] ~> ~wakeupPending[s]
CloseLetsGo == closed ~> \A s \in Sides : waiting[s] = 0

(* The threads of a side are interchangeable: TLC tells states apart by how many are where, not by which. Sound for
   invariants, so the configuration with temporal properties goes without. *)
HowMany == <<items, closed, waiting, wakeupPending,
    [s \in Sides |-> LET here == {<<at[t], owes[t]>> : t \in Members(s)}
                     IN  {<<k, Cardinality({t \in Members(s) : <<at[t], owes[t]>> = k})>> : k \in here}]>>
=============================================================================
