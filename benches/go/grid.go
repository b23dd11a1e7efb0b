// The grid on a Go channel. Reads lines of "capacity producers consumers items before after", where the last two are
// nanoseconds of work before a send and after a receive. Answers each with two numbers: the nanoseconds from the first start
// to the last end of its goroutines, and the nanoseconds of processor time. A line "fair capacity producers consumers millis"
// asks for [saturate] instead.
package main

import (
	"bufio"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

var sink uint64

// Each multiplication needs the result of the one before it. The same chain as in the Rust program.
//
//go:noinline
func chain(steps int) uint64 {
	x := uint64(3) + atomic.LoadUint64(&sink)&1
	for i := 0; i < steps; i++ {
		x *= x | 1
	}
	return x
}

// The least of many samples, because an interruption prolongs a sample.
func calibrate() (stepsPerNano float64) {
	const steps = 50000
	least := time.Hour
	for i := 0; i < 200; i++ {
		begin := time.Now()
		chain(steps)
		if took := time.Since(begin); took < least {
			least = took
		}
	}
	return steps / float64(least.Nanoseconds())
}

// The processor time of all threads, zero where the system does not report it. Not from getrusage, which lacks the time since
// the last clock tick on Linux.
func processorTime() int64 {
	const processCPUTime = 2 // CLOCK_PROCESS_CPUTIME_ID
	var now syscall.Timespec
	_, _, err := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, processCPUTime, uintptr(unsafe.Pointer(&now)), 0)
	if err != 0 {
		return 0
	}
	return now.Nano()
}

func run(capacity, producers, consumers, items, before, after int) time.Duration {
	channel := make(chan uint64, capacity)
	workers := producers + consumers
	begins := make([]time.Time, workers)
	ends := make([]time.Time, workers)
	var ready, done sync.WaitGroup
	ready.Add(workers)
	done.Add(workers)
	start := make(chan struct{})
	work := func(id int, do func()) {
		ready.Done()
		<-start
		begins[id] = time.Now()
		do()
		ends[id] = time.Now()
		done.Done()
	}
	for p := 0; p < producers; p++ {
		go work(p, func() {
			for i := 0; i < items/producers; i++ {
				if before > 0 {
					chain(before)
				}
				channel <- uint64(i)
			}
		})
	}
	for c := 0; c < consumers; c++ {
		go work(producers+c, func() {
			var sum uint64
			for i := 0; i < items/consumers; i++ {
				sum += <-channel
				if after > 0 {
					sum += chain(after) & 1
				}
			}
			if sum == 1<<63 {
				atomic.StoreUint64(&sink, sum) // so that it is not optimised away
			}
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	first, last := begins[0], ends[0]
	for id := range begins {
		if begins[id].Before(first) {
			first = begins[id]
		}
		if ends[id].After(last) {
			last = ends[id]
		}
	}
	return last.Sub(first)
}

// saturate lets all goroutines send and receive until the time is over. It returns the nanoseconds of the longest send and of
// the longest receive, then the items of each goroutine, the producers first.
func saturate(capacity, producers, consumers int, duration time.Duration) string {
	channel := make(chan uint64, capacity)
	workers := producers + consumers
	counts := make([]uint64, workers)
	longest := make([]time.Duration, workers)
	var stop atomic.Bool
	var stopped time.Time
	var sending, receiving sync.WaitGroup
	start := make(chan struct{})
	record := func(id int, begin time.Time) time.Time {
		end := time.Now()
		if took := end.Sub(begin); took > longest[id] && !stop.Load() {
			longest[id] = took
		}
		return end
	}
	// What is still blocked at the end has waited until then.
	cut := func(id int, begin time.Time) {
		if took := stopped.Sub(begin); took > longest[id] {
			longest[id] = took
		}
	}
	sending.Add(producers)
	receiving.Add(consumers)
	for p := 0; p < producers; p++ {
		go func(id int) {
			defer sending.Done()
			<-start
			begin := time.Now()
			for !stop.Load() {
				channel <- 1
				if stop.Load() {
					cut(id, begin)
					return
				}
				begin = record(id, begin)
				counts[id]++
			}
		}(p)
	}
	for c := 0; c < consumers; c++ {
		go func(id int) {
			defer receiving.Done()
			<-start
			begin := time.Now()
			for range channel {
				if stop.Load() {
					cut(id, begin)
					break
				}
				begin = record(id, begin)
				counts[id]++
			}
			for range channel {
			}
		}(producers + c)
	}
	close(start)
	time.Sleep(duration)
	stopped = time.Now()
	stop.Store(true)
	sending.Wait()
	close(channel)
	receiving.Wait()
	most := func(some []time.Duration) (most time.Duration) {
		for _, one := range some {
			if one > most {
				most = one
			}
		}
		return
	}
	answer := fmt.Sprint(most(longest[:producers]).Nanoseconds(), " ", most(longest[producers:]).Nanoseconds())
	for _, count := range counts {
		answer += fmt.Sprint(" ", count)
	}
	return answer
}

func main() {
	perNano := calibrate()
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var slots, senders, receivers, millis int
		if _, err := fmt.Sscanf(lines.Text(), "fair %d %d %d %d", &slots, &senders, &receivers, &millis); err == nil {
			fmt.Println(saturate(slots, senders, receivers, time.Duration(millis)*time.Millisecond))
			continue
		}
		var capacity, producers, consumers, items, before, after int
		if _, err := fmt.Sscan(lines.Text(), &capacity, &producers, &consumers, &items, &before, &after); err != nil {
			fmt.Fprintln(os.Stderr, "error: capacity producers consumers items before after:", err)
			os.Exit(2)
		}
		steps := func(nanos int) int { return int(float64(nanos) * perNano) }
		processor := processorTime()
		wall := run(capacity, producers, consumers, items, steps(before), steps(after))
		fmt.Println(wall.Nanoseconds(), processorTime()-processor)
	}
}
