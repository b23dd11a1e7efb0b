// The grid on a Go channel. Reads lines of "capacity producers consumers items" and answers each with nanoseconds, from the
// first start to the last end of its goroutines.
package main

import (
	"bufio"
	"fmt"
	"os"
	"sync"
	"time"
)

var sink uint64

func run(capacity, producers, consumers, items int) time.Duration {
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
				channel <- uint64(i)
			}
		})
	}
	for c := 0; c < consumers; c++ {
		go work(producers+c, func() {
			var sum uint64
			for i := 0; i < items/consumers; i++ {
				sum += <-channel
			}
			if sum == 1 {
				sink = sum // so that it is not optimised away
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

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var capacity, producers, consumers, items int
		if _, err := fmt.Sscan(lines.Text(), &capacity, &producers, &consumers, &items); err != nil {
			fmt.Fprintln(os.Stderr, "error: capacity producers consumers items:", err)
			os.Exit(2)
		}
		fmt.Println(run(capacity, producers, consumers, items).Nanoseconds())
	}
}
