package workloads

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Result is what a load came to.
type Result struct {
	Requests int     // commands that were answered
	Rate     float64 // of them in a second
}

// Run puts the load on the server at addr with the generator of this package:
// a goroutine for each client, which sends a pipeline and reads its replies.
func Run(ctx context.Context, addr string, w Workload) (Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	batches := max(1, w.Requests/(w.Clients*w.Pipeline))
	var clients sync.WaitGroup
	start := time.Now()
	for i := range w.Clients {
		clients.Go(func() {
			if err := runClient(ctx, addr, w, batches, uint64(i)); err != nil {
				cancel(fmt.Errorf("client %d: %w", i, err)) // the first one counts
			}
		})
	}
	clients.Wait()
	if err := context.Cause(ctx); err != nil {
		return Result{}, err
	}
	n := batches * w.Clients * w.Pipeline
	return Result{Requests: n, Rate: float64(n) / time.Since(start).Seconds()}, nil
}

// runClient is one client of a load.
func runClient(ctx context.Context, addr string, w Workload, batches int, seed uint64) error {
	conn, err := Dial(ctx, addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	random := rand.New(rand.NewPCG(seed, 1)).IntN
	batch := newTemplate(w.Args, w.Pipeline)
	for range batches {
		batch.fill(w.Keys, random)
		conn.out = append(conn.out, batch.bytes...)
		if err := conn.Flush(); err != nil {
			return err
		}
		if err := conn.Skip(w.Pipeline); err != nil {
			return err
		}
	}
	return nil
}

// preloadBatch is how many commands Build sends at once.
const preloadBatch = 1000

// Preload makes the keys from Key(from) up to, and without, Key(to), with
// values of size bytes. Options follow the value in each SET, such as EX 1000.
func Preload(ctx context.Context, addr string, from, to, size int, options ...string) error {
	args := append([]string{"SET", "", Value(size)}, options...)
	return Build(ctx, addr, to-from, func(i int) []string {
		args[1] = Key(from + i)
		return args
	})
}

// Build sends count commands, one after the other: the i-th is what command
// returns for i.
func Build(ctx context.Context, addr string, count int, command func(i int) []string) error {
	conn, err := Dial(ctx, addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	for at := 0; at < count; {
		n := min(preloadBatch, count-at)
		for i := range n {
			conn.Queue(command(at + i)...)
		}
		if err := conn.Flush(); err != nil {
			return err
		}
		if err := conn.Skip(n); err != nil {
			return fmt.Errorf("preload: %w", err)
		}
		at += n
	}
	return nil
}
