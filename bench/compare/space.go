package main

import (
	"context"
	"time"

	"kvd/bench/micro"
	"kvd/bench/workloads"
)

// runSpace returns an experiment's run: what the keys take, by the growth of the
// process. Options follow each SET.
func runSpace(options ...string) func(context.Context, *trial) error {
	return func(ctx context.Context, t *trial) error {
		s, err := t.start(ctx, memory)
		if err != nil {
			return err
		}
		defer s.stop()
		empty, err := rssOf(s.pid)
		if err != nil {
			return err
		}
		if err := workloads.Preload(ctx, s.addr, 0, t.size.keys, valueSize, options...); err != nil {
			return err
		}
		if err := settle(ctx, s); err != nil {
			return err
		}
		full, err := rssOf(s.pid)
		if err != nil {
			return err
		}
		t.note(0, float64(full-empty)/float64(t.size.keys))
		if len(t.rows) > 1 {
			t.note(1, float64(empty)/(1<<20))
			return t.noteIdle(ctx, s, 2)
		}
		return nil
	}
}

// idleTime is for how long an idle server is watched.
const idleTime = 3 * time.Second

// noteIdle measures, as row i, what a server uses while nobody uses it: CPU
// milliseconds in each second.
func (t *trial) noteIdle(ctx context.Context, s *server, i int) error {
	before, err := cpuOf(s.pid)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(idleTime):
	}
	after, err := cpuOf(s.pid)
	if err == nil {
		t.note(i, milliseconds(after-before)/idleTime.Seconds())
	}
	return err
}

// runKeys measures how long other clients wait while one asks for all keys.
func runKeys(ctx context.Context, t *trial) error {
	s, err := t.start(ctx, memory)
	if err != nil {
		return err
	}
	defer s.stop()
	if _, err := s.do(ctx, "KEYS", "none"); err != nil {
		return err
	}
	if err := workloads.Preload(ctx, s.addr, 0, t.size.keys, valueSize); err != nil {
		return err
	}
	wait, err := workloads.WorstWait(ctx, s.addr, "KEYS", "*")
	if err != nil {
		return err
	}
	t.note(0, milliseconds(wait))
	return nil
}

// runStart measures the start of a server that has kept its keys on disk and was
// stopped in good order.
func runStart(ctx context.Context, t *trial) error {
	s, err := t.start(ctx, everySec)
	if err != nil {
		return err
	}
	err = workloads.Preload(ctx, s.addr, 0, t.size.keys, valueSize)
	if err == nil {
		err = settle(ctx, s)
	}
	if err == nil && t.target.name == redisName {
		// kvd has folded its journal by now; Redis waits for the log to double.
		if _, err = s.do(ctx, "BGREWRITEAOF"); err == nil {
			err = settle(ctx, s)
		}
	}
	s.stop()
	if err != nil {
		return err
	}
	if s, err = t.start(ctx, everySec); err != nil {
		return err
	}
	defer s.stop()
	t.note(0, s.ready.Seconds())
	if reply, err := s.do(ctx, "GET", workloads.Key(t.size.keys-1)); err != nil || len(reply) != valueSize {
		t.rows[0].Gaps[t.target.name] = "it has not loaded all keys"
	}
	return nil
}

// collections is how often garbage is collected for one figure.
const collections = 9

// runCollect measures garbage collections in this process.
func runCollect(_ context.Context, t *trial) error {
	got := micro.Collect(t.size.garbage, valueSize, collections)
	t.note(0, milliseconds(got.Took))
	t.note(1, milliseconds(got.Pause))
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
