package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/migrate"
)

func TestUpAndDownOfEveryMode(t *testing.T) {
	t.Parallel()
	for _, up := range modes() {
		t.Run(string(up.Mode), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			texts := make(map[string]string)
			for i := range 500 {
				key := fmt.Sprintf("u:%d", i)
				texts[key] = fmt.Sprintf(`{"name":"n%d","z":1.0,"tags":[%d]}`, i, i%3)
				f.put(key, texts[key])
			}
			f.put("other", `{"name":"x"}`)
			f.tx(func(tx *engine.Tx) { tx.SetString([]byte("u:string"), []byte("s"), engine.NoExpiry) })
			f.tx(func(tx *engine.Tx) { tx.Expire([]byte("u:7"), 1_700_000_900_000) })
			f.register(prefix,
				"1.0.0", `{"rename":{"path":"$.name","to":"title"}}`,
				"1.1.0", `{"remove":{"path":"$.tags[?@ == 0]"}}`,
				"1.2.0", `{"jq":".n = (.tags | length)"}`)

			f.wantRun(up, "0.0.0 > 1.2.0 [1.0.0 1.1.0 1.2.0]: 500 docs, 500 changed, 0 failed")
			f.want("u:0", `{"title":"n0","z":1.0,"tags":[],"n":0}`, "1.2.0")
			f.want("u:1", `{"title":"n1","z":1.0,"tags":[1],"n":1}`, "1.2.0")
			f.want("other", `{"name":"x"}`, "")
			f.tx(func(tx *engine.Tx) {
				if at, _ := tx.Deadline([]byte("u:7")); at != 1_700_000_900_000 {
					t.Errorf("the time to live is %d", at)
				}
			})
			f.wantRun(up, "1.2.0 > 1.2.0 []: 0 docs")

			down := up
			down.Down, down.To = true, "1.1.0"
			f.wantRun(down, "1.2.0 > 1.1.0 [1.2.0]: 500 docs, 500 changed")
			f.want("u:1", `{"title":"n1","z":1.0,"tags":[1]}`, "1.1.0")
			down.To = "0.0.0"
			f.wantRun(down, "1.1.0 > 0.0.0 [1.1.0 1.0.0]: 500 docs, 500 changed")
			for key, text := range texts {
				f.want(key, text, "")
			}
			if !slices.Contains(f.events, "mig.up u:") || !slices.Contains(f.events, "mig.down u:") {
				t.Errorf("events are %q", f.events)
			}
		})
	}
}

// TestKeyTarget: the versions of one document, and versions in the order of numbers.
func TestKeyTarget(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.put("k", `{"a":1}`)
	f.register(`{"key":"k"}`, "1.9.0", `{"set":{"path":"$.v","value":9}}`, "1.10.0", `{"set":{"path":"$.v","value":10}}`)
	q := Request{Name: "k"}
	f.wantRun(Request{Name: "none"}, "NOTFOUND no migrations are registered for 'none'")
	f.wantRun(Request{Name: "k", To: "1.5.0"}, "NOTFOUND no migration 1.5.0 (latest is 1.10.0)")
	f.wantRun(q, "0.0.0 > 1.10.0 [1.9.0 1.10.0]: 1 docs, 1 changed")
	f.want("k", `{"a":1,"v":10}`, "1.10.0")
	f.wantRun(Request{Name: "k", To: "1.9.0"}, "ERR 1.9.0 is below the version 1.10.0 that 'k' has: use MIG.DOWN")
	f.wantRun(Request{Name: "k", Down: true, To: "2.0.0"}, "NOTFOUND no migration 2.0.0")

	f.register(`{"key":"k"}`, "1.9.5", `{"set":{"path":"$.w","value":1}}`)
	f.wantRun(q, "CONFLICT out of order: 1.9.5 was not applied and is below 1.10.0")
	f.wantRun(Request{Name: "k", OutOfOrder: true, Mode: Batch, BatchSize: 1}, "ERR OUTOFORDER needs MODE ATOMIC")
	f.wantRun(Request{Name: "k", OutOfOrder: true}, "1.10.0 > 1.10.0 [1.9.5]: 1 docs, 1 changed")
	f.want("k", `{"a":1,"v":10,"w":1}`, "1.10.0")
	f.wantRun(Request{Name: "k", Down: true, To: "0.0.0"}, "1.10.0 > 0.0.0 [1.9.5 1.10.0 1.9.0]: 1 docs, 1 changed")
	f.want("k", `{"a":1}`, "")
}

// TestWritersGoOn: documents that are made, changed and deleted while a job runs are
// whole, have the new shape, and have lost nothing.
func TestWritersGoOn(t *testing.T) {
	t.Parallel()
	for _, up := range modes() {
		t.Run(string(up.Mode), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			const documents = 400
			for i := range documents {
				f.put(fmt.Sprintf("u:%d", i), `{"n":0}`)
			}
			f.register(prefix, "1.0.0", `{"set":{"path":"$.shape","value":1}}`, "1.1.0", `{"jq":".m = 1"}`)
			var added [documents]atomic.Int64
			var stop atomic.Bool
			var writers sync.WaitGroup
			for w := range 3 {
				writers.Go(func() {
					for i := w; !stop.Load(); i = (i*7 + 1) % documents {
						f.increment(fmt.Sprintf("u:%d", i))
						added[i].Add(1)
						f.put(fmt.Sprintf("u:new%d", i), `{"new":true}`)
					}
				})
			}
			got := f.run(up)
			stop.Store(true)
			writers.Wait()
			if strings.Contains(got, "ERR") || strings.Contains(got, "INVALID") {
				t.Fatal(got)
			}
			for i := range documents {
				f.want(fmt.Sprintf("u:%d", i), fmt.Sprintf(`{"n":%d,"shape":1,"m":1}`, added[i].Load()), "1.1.0")
				if _, version := f.get(fmt.Sprintf("u:new%d", i)); version != "1.1.0" && version != "" {
					t.Errorf("a new document has the version %s", version)
				}
			}
			if faults, err := f.Verify(context.Background(), 0, "u:", true); err != nil || len(faults) > 0 {
				t.Errorf("faults %v, %v", faults, err)
			}
		})
	}
}

// increment adds one to the number of a document, as JSON.NUMINCRBY does.
func (f *fixture) increment(key string) {
	tx := f.engine.BeginKey(0, f.clock.Now().UnixMilli(), 0, []byte(key))
	defer tx.Commit()
	d, _ := tx.PeekDocument([]byte(key))
	n, _ := doc.Int(d.Value().Member([]byte("n")).Text())
	v := doc.AppendWithMember(nil, d.Value(), []byte("n"), doc.AppendNumber(nil, fmt.Sprint(n+1)))
	if err := tx.PutDocuments(engine.DocumentPut{Key: []byte(key), Value: v, Expire: engine.Keep}); err != nil {
		f.t.Error(err)
	}
}

func TestOnError(t *testing.T) {
	t.Parallel()
	for _, up := range modes() {
		t.Run(string(up.Mode), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.put("u:1", `{"a":"1"}`)
			f.put("u:2", `{"a":"x"}`)
			f.put("u:3", `{"a":"3"}`)
			f.register(prefix, "1.0.0", `{"cast":{"path":"$.a","to":"integer"}}`)
			f.wantRun(up, `INVALID u:2: up[0].cast: "x" can't become integer`)
			if up.Mode == Atomic {
				f.want("u:1", `{"a":"1"}`, "")
			}
			f.want("u:2", `{"a":"x"}`, "")
			up.OnError = Skip
			f.wantRun(up, "0.0.0 > 1.0.0 [1.0.0]:")
			f.want("u:1", `{"a":1}`, "1.0.0")
			f.want("u:2", `{"a":"x"}`, "")
			f.wantRun(up, "1.0.0 > 1.0.0 []: 1 docs, 0 changed, 1 failed")
			up.OnError = Quarantine
			f.wantRun(up, "1.0.0 > 1.0.0 []: 1 docs, 0 changed, 1 failed")
			f.want("u:2", "", "")
			s, _ := f.Status(0, "u:")
			if len(s.Job.Failures) != 1 || string(s.Job.Failures[0].Moved) != "__kvd__:quarantine:"+s.Job.Label()+":u:2" {
				t.Fatalf("failures: %+v", s.Job.Failures)
			}
			f.want(string(s.Job.Failures[0].Moved), `{"a":"x"}`, "")
			f.wantRun(up, "1.0.0 > 1.0.0 []: 0 docs")
		})
	}
}

// TestIrreversible: where no record fits and no operation leads back, nothing is
// touched.
func TestIrreversible(t *testing.T) {
	t.Parallel()
	for _, q := range modes() {
		t.Run(string(q.Mode), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			for i := range 20 {
				f.put(fmt.Sprintf("u:%d", i), `{"a":1}`)
			}
			f.register(prefix, "1.0.0", `{"set":{"path":"$.b","value":1}}`)
			f.run(q)
			f.put("u:5", `{"a":2,"b":1}`)
			q.Down, q.To = true, "0.0.0"
			f.wantRun(q, "IRREVERSIBLE u:5: 1.0.0: it has no operations that take it back, and there is no undo record that fits")
			f.want("u:4", `{"a":1,"b":1}`, "1.0.0")
			q.OnError = Skip
			f.wantRun(q, "1.0.0 > 0.0.0 [1.0.0]: 20 docs, 19 changed, 1 failed")
			f.want("u:4", `{"a":1}`, "")
			f.want("u:5", `{"a":2,"b":1}`, "1.0.0")
		})
	}
}

// TestUndoIsKeptForATime: records that are too old are not used.
func TestUndoIsKeptForATime(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.put("u:1", `{"a":1}`)
	f.register(prefix, "1.0.0", `{"set":{"path":"$.b","value":1}}`)
	f.run(Request{Name: "u:"})
	f.clock.Advance(f.limits.UndoKeep + time.Hour)
	f.wantRun(Request{Name: "u:", Down: true, To: "0.0.0"}, "IRREVERSIBLE u:1")
}

// TestOldUndoIsDropped: records that are too old leave the documents, which else
// stay as they are.
func TestOldUndoIsDropped(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.put("u:1", `{"a":1}`)
	f.register(prefix, "1.0.0", `{"set":{"path":"$.b","value":1}}`, "1.1.0", `{"set":{"path":"$.c","value":1}}`)
	f.run(Request{Name: "u:", To: "1.0.0"})
	f.clock.Advance(20 * 24 * time.Hour)
	f.run(Request{Name: "u:"})
	before, _ := f.read(0, []byte("u:1"))
	f.clock.Advance(20 * 24 * time.Hour)
	f.running.Wait() // the hours that have passed may have brought one
	f.tidy()
	after, _ := f.read(0, []byte("u:1"))
	left := migrate.Undo(after.info.Undo).Records()
	if len(left) != 1 || left[0].Version != "1.1.0" || before.info.Rev != after.info.Rev || string(before.value) != string(after.value) {
		t.Errorf("left are %v of %v", left, migrate.Undo(before.info.Undo).Records())
	}
	f.restart()
	f.wantRun(Request{Name: "u:", Down: true, To: "1.0.0"}, "1.1.0 > 1.0.0 [1.1.0]: 1 docs, 1 changed")
}

func TestAtomicHasLimits(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 20 {
		f.put(fmt.Sprintf("u:%d", i), `{"a":1}`)
	}
	f.register(prefix, "1.0.0", `{"set":{"path":"$.b","value":1}}`)
	f.limits.AtomicDocuments = 19
	f.wantRun(Request{Name: "u:"}, "LIMIT the documents are more than")
	f.limits.AtomicDocuments, f.limits.AtomicBytes = 20, 100
	f.wantRun(Request{Name: "u:"}, "LIMIT the documents are more than")
	f.want("u:3", `{"a":1}`, "")
}

// TestOneJobAtATime: a target that has a job refuses others, and a job can be
// stopped, continued and cancelled.
func TestOneJobAtATime(t *testing.T) {
	for _, what := range []Control{Continue, Cancel} {
		f := newFixture(t)
		for i := range 300 {
			f.put(fmt.Sprintf("u:%d", i), `{"a":1}`)
		}
		f.register(prefix, "1.0.0", `{"set":{"path":"$.b","value":1}}`)
		reached, goOn := make(chan struct{}), make(chan struct{})
		var once sync.Once
		failBatch.Set(func() error {
			once.Do(func() { close(reached); <-goOn })
			return nil
		})
		defer failBatch.Set(nil)
		job, err := f.Start(Request{Name: "u:", Mode: Batch, BatchSize: 10})
		if err != nil {
			t.Fatal(err)
		}
		<-reached
		label := job.Label
		if err := f.Steer(label, Continue); !errors.Is(err, errNotPaused) {
			t.Error(err)
		}
		if err := f.Steer(label, Pause); err != nil {
			t.Fatal(err)
		}
		locked := "LOCKED by job " + label + " (MIG.UP u:) since 2023-11-14T22:13:20Z"
		f.wantRun(Request{Name: "u:"}, locked)
		f.tx(func(tx *engine.Tx) {
			if err := f.SetVersion(tx, "u:", nil, "1.0.0"); err == nil || err.Error() != locked {
				t.Error(err)
			}
		})
		close(goOn)
		if s, _ := f.Status(0, "u:"); s.Job.State != Paused || s.Lock == nil {
			t.Errorf("the job is %s", s.Job.State)
		}
		if err := f.Steer(label, what); err != nil {
			t.Fatal(err)
		}
		_, _, err = job.Wait()
		s, _ := f.Status(0, "u:")
		if what == Cancel {
			if err == nil || s.Job.State != Cancelled || s.Version != "0.0.0" {
				t.Errorf("cancelled: %v, %s, %s", err, s.Job.State, s.Version)
			}
			// Some documents are ahead. Both ways are open.
			f.wantRun(Request{Name: "u:", Down: true, To: "0.0.0", Mode: Batch, BatchSize: 10}, "0.0.0 > 0.0.0 [1.0.0]")
			f.want("u:1", `{"a":1}`, "")
		} else if err != nil || s.Version != "1.0.0" || s.Job.State != Done {
			t.Errorf("continued: %v, %s, %s", err, s.Job.State, s.Version)
		}
		if err := f.Steer(label, Pause); !errors.Is(err, errNotRunning) {
			t.Error(err)
		}
	}
}

// TestRestartGoesOn: a BATCH job that the end of the server cut off goes on by
// itself; an ATOMIC one has changed nothing.
func TestRestartGoesOn(t *testing.T) {
	for _, q := range modes() {
		f := newFixture(t)
		for i := range 300 {
			f.put(fmt.Sprintf("u:%d", i), `{"a":1}`)
		}
		f.register(prefix, "1.0.0", `{"set":{"path":"$.b","value":1}}`)
		reached := make(chan struct{})
		var once sync.Once
		stop := func() error {
			once.Do(func() { close(reached) })
			<-f.ctx.Done()
			return f.ctx.Err()
		}
		failBatch.Set(stop)
		failCommit.Set(stop)
		job, err := f.Start(q)
		if err != nil {
			t.Fatal(err)
		}
		<-reached
		f.Stop()
		if _, _, err := job.Wait(); !errors.Is(err, errServerStops) {
			t.Errorf("the client was told %v", err)
		}
		failBatch.Set(nil)
		failCommit.Set(nil)
		f.restart()
		f.running.Wait()
		s, _ := f.Status(0, "u:")
		if q.Mode == Atomic {
			if s.Version != migrate.Zero || s.Job.State != Failed || s.Lock != nil {
				t.Errorf("ATOMIC: %s, %s", s.Version, s.Job.State)
			}
			f.want("u:1", `{"a":1}`, "")
			continue
		}
		if s.Version != "1.0.0" || s.Job.State != Done {
			t.Errorf("BATCH: %s, %s", s.Version, s.Job.State)
		}
		f.want("u:1", `{"a":1,"b":1}`, "1.0.0")
	}
}
