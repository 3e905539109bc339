package workloads

import (
	"context"
	"time"
)

// WorstWait is the longest that a client waited for the reply to a GET while
// another client had the server run one command, reply included. The command's
// reply is dropped unseen, so the caller makes sure that the server knows it.
func WorstWait(ctx context.Context, addr string, command ...string) (time.Duration, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	other, err := Dial(ctx, addr)
	if err != nil {
		return 0, err
	}
	defer other.Close()
	probe, err := Dial(ctx, addr)
	if err != nil {
		return 0, err
	}
	defer probe.Close()
	if _, err := probe.Do("GET", Key(0)); err != nil {
		return 0, err
	}

	done := make(chan error, 1)
	go func() {
		other.Queue(command...)
		other.Queue("PING")
		err := other.Flush()
		if err == nil {
			err = other.Drain()
		}
		done <- err
	}()
	return probeUntil(probe, done)
}

// probeUntil sends one GET after the other until done has a value.
func probeUntil(probe *Conn, done <-chan error) (worst time.Duration, err error) {
	for {
		begin := time.Now()
		if _, err := probe.Do("GET", Key(0)); err != nil {
			return 0, err
		}
		worst = max(worst, time.Since(begin))
		select {
		case err := <-done:
			return worst, err
		default:
		}
	}
}
