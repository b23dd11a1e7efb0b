// The documented producer-consumer scenario in Go: 2 producers of 10 items, 3 consumers, a channel of 5 slots,
// random items and delays. `go run benches/go/scenario.go`
//
// With -plan it reads its size, items and delays (in microseconds) from stdin, so that another program can run with the
// same values: capacity, producers, consumers, items; each item of each producer with the delay after it; the delays of each consumer.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"sync"
	"time"
)

type step struct {
	item  int
	delay time.Duration
}

type plan struct {
	capacity  int
	producers [][]step
	consumers [][]time.Duration
}

// documented draws a plan with the numbers of the documentation.
func documented() plan {
	rand.Seed(time.Now().UnixNano())
	millis := func(from, width int) int { return (rand.Intn(width) + from) * 1000 }
	return fill(5, 2, 3, 10,
		func() int { return rand.Intn(100) },
		func() int { return millis(100, 200) },
		func() int { return millis(100, 300) })
}

func read() plan {
	in := bufio.NewReader(os.Stdin)
	next := func() (number int) {
		if _, err := fmt.Fscan(in, &number); err != nil {
			fmt.Fprintln(os.Stderr, "error: the plan is too short or no number:", err)
			os.Exit(2)
		}
		return
	}
	capacity, producers, consumers, items := next(), next(), next(), next()
	return fill(capacity, producers, consumers, items, next, next, next)
}

func fill(capacity, producers, consumers, items int, item, produce, consume func() int) plan {
	delay := func(micros int) time.Duration { return time.Duration(micros) * time.Microsecond }
	p := plan{capacity, make([][]step, producers), make([][]time.Duration, consumers)}
	for i := range p.producers {
		for j := 0; j < items; j++ {
			value := item()
			p.producers[i] = append(p.producers[i], step{value, delay(produce())})
		}
	}
	for i := range p.consumers {
		for j := 0; j < producers*items; j++ {
			p.consumers[i] = append(p.consumers[i], delay(consume()))
		}
	}
	return p
}

func (p plan) run() {
	buffer := make(chan int, p.capacity)
	var producers, consumers sync.WaitGroup
	for i, steps := range p.producers {
		producers.Add(1)
		go func(id int, steps []step) {
			defer producers.Done()
			for _, step := range steps {
				buffer <- step.item
				fmt.Printf("Producer %d produced: %d\n", id, step.item)
				time.Sleep(step.delay)
			}
		}(i+1, steps)
	}
	for i, delays := range p.consumers {
		consumers.Add(1)
		go func(id int, delays []time.Duration) {
			defer consumers.Done()
			for item := range buffer {
				fmt.Printf("Consumer %d consumed: %d\n", id, item)
				time.Sleep(delays[0])
				delays = delays[1:]
			}
		}(i+1, delays)
	}
	producers.Wait()
	close(buffer)
	consumers.Wait()
}

func main() {
	given := flag.Bool("plan", false, "read the plan from stdin")
	flag.Parse()
	p := plan{}
	if *given {
		p = read()
	} else {
		p = documented()
	}
	begin := time.Now()
	p.run()
	fmt.Println("took", time.Since(begin).Nanoseconds(), "ns")
}
