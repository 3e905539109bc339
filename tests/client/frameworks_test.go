package client

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-redsync/redsync/v4"
	"github.com/go-redsync/redsync/v4/redis/goredis/v9"
	"github.com/hibiken/asynq"
	goredis9 "github.com/redis/go-redis/v9"

	"kvd/tests/blackbox"
)

// TestFrameworks runs what lives on Redis as its users do: job queues and clients
// of other languages, each by a script that prints "ok" last.
func TestFrameworks(t *testing.T) {
	const python = "/usr/bin/python3"
	tests := []struct {
		name    string
		program string
		script  string
		// has makes the program find out whether the library is installed.
		has []string
	}{
		{"Celery", python, "python/celery_jobs.py", []string{"-c", "import celery"}},
		{"RQ", python, "python/rq_jobs.py", []string{"-c", "import rq"}},
		{"redis-rb", "/usr/bin/ruby", "ruby/client.rb", []string{"-e", "require 'redis'"}},
		{"Sidekiq", "/usr/bin/ruby", "ruby/sidekiq.rb", []string{"-e", "require 'sidekiq'"}},
		{"phpredis", "php", "php/client.php", []string{"-r", "new Redis();"}},
		{"BullMQ", "node", "node/bullmq.js", []string{"-e", "fs.statSync('node/node_modules/bullmq')"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel() // they wait most of their time
			need(t, tt.program)
			if r := blackbox.Tool(t, scriptWithin, nil, tt.program, tt.has...); r.Code != 0 {
				blackbox.Missing(t, tt.name)
			}
			s := serve(t)
			succeeds(t, blackbox.Tool(t, scriptWithin, os.Environ(), tt.program, tt.script, strconv.Itoa(s.Port)))
		})
	}
}

// TestAsynq: jobs of Go's most used queue return, fail and are retried, come
// later, and are refused if they are there already.
func TestAsynq(t *testing.T) {
	s := serve(t)
	opt := asynq.RedisClientOpt{Addr: s.Addr()}
	client := asynq.NewClient(opt)
	defer client.Close()
	const jobs = 40
	var done, failed atomic.Int32
	mux := asynq.NewServeMux()
	mux.HandleFunc("job", func(context.Context, *asynq.Task) error { done.Add(1); return nil })
	mux.HandleFunc("flaky", func(context.Context, *asynq.Task) error {
		if failed.Add(1) < 3 {
			return errors.New("as asked")
		}
		done.Add(1)
		return nil
	})
	enqueue := func(kind string, opts ...asynq.Option) {
		t.Helper()
		if _, err := client.Enqueue(asynq.NewTask(kind, []byte("payload")), opts...); err != nil {
			t.Errorf("enqueue %s: %v", kind, err)
		}
	}
	for range jobs {
		enqueue("job")
	}
	enqueue("flaky", asynq.MaxRetry(5))
	enqueue("job", asynq.ProcessIn(time.Second))
	enqueue("never", asynq.Unique(time.Hour), asynq.ProcessIn(time.Hour))
	_, err := client.Enqueue(asynq.NewTask("never", []byte("payload")), asynq.Unique(time.Hour))
	if !errors.Is(err, asynq.ErrDuplicateTask) {
		t.Errorf("the same task again: %v", err)
	}

	server := asynq.NewServer(opt, asynq.Config{
		Concurrency: 4, LogLevel: asynq.FatalLevel, DelayedTaskCheckInterval: 100 * time.Millisecond,
		TaskCheckInterval: 50 * time.Millisecond,
		RetryDelayFunc:    func(int, error, *asynq.Task) time.Duration { return 0 },
	})
	if err := server.Start(mux); err != nil {
		t.Fatal(err)
	}
	defer server.Shutdown()
	blackbox.Eventually(t, blackbox.Patience, "all jobs are done", func() bool { return done.Load() == jobs+2 })
	inspector := asynq.NewInspector(opt)
	defer inspector.Close()
	blackbox.Eventually(t, blackbox.Patience, "the queue is as it should be", func() bool {
		q, err := inspector.GetQueueInfo("default")
		return err == nil && q.Processed == jobs+4 && q.Failed == 2 && q.Scheduled == 1 && q.Pending == 0
	})
}

// TestRedsync: a lock is held by one, for as long as it is extended.
func TestRedsync(t *testing.T) {
	s := serve(t)
	client := goredis9.NewClient(&goredis9.Options{Addr: s.Addr()})
	defer client.Close()
	locks := redsync.New(goredis.NewPool(client))
	mine := locks.NewMutex("lock", redsync.WithExpiry(time.Minute))
	other := locks.NewMutex("lock", redsync.WithTries(1))
	if err := mine.Lock(); err != nil {
		t.Fatal(err)
	}
	if err := other.Lock(); err == nil {
		t.Error("two hold the lock")
	}
	if ok, err := mine.Extend(); !ok || err != nil {
		t.Errorf("extend: %t, %v", ok, err)
	}
	if ok, err := mine.Unlock(); !ok || err != nil {
		t.Errorf("unlock: %t, %v", ok, err)
	}
	if ok, err := mine.Unlock(); ok {
		t.Errorf("a lock was given back twice: %v", err)
	}

	var inside, total atomic.Int32
	done := make(chan error)
	for i := range 8 {
		go func() {
			m := locks.NewMutex("shared", redsync.WithTries(500), redsync.WithRetryDelay(2*time.Millisecond))
			for range 5 {
				if err := m.Lock(); err != nil {
					done <- fmt.Errorf("client %d: %w", i, err)
					return
				}
				if inside.Add(1) != 1 {
					done <- errors.New("two are inside")
				}
				total.Add(1)
				inside.Add(-1)
				if _, err := m.Unlock(); err != nil {
					done <- err
				}
			}
			done <- nil
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if total.Load() != 40 {
		t.Errorf("the lock was taken %d times", total.Load())
	}
}
