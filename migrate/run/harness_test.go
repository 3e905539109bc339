package run

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/internal/change"
	"kvd/internal/clock"
)

// fixture is a runner on an engine in memory.
type fixture struct {
	*Runner
	t        testing.TB
	engine   *engine.Engine
	clock    *clock.Manual
	limits   Settings
	mu       sync.Mutex
	messages []string
	events   []string
}

// The fixture is the disk and the observer too.
func (f *fixture) Err() error                  { return nil }
func (f *fixture) Flush()                      {}
func (f *fixture) WaitBacklog(context.Context) {}
func (f *fixture) Committed(set *change.Set) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range set.Events {
		f.events = append(f.events, e.Name+" "+string(e.Key))
	}
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: clock.NewManual(time.UnixMilli(1_700_000_000_000))}
	f.limits = Settings{UndoKeep: 30 * 24 * time.Hour, AtomicDocuments: 10_000, AtomicBytes: 64 << 20}
	f.engine = engine.New(engine.Options{
		Store: engine.Discard{}, Clock: f.clock, Observer: f, Databases: 2, Memory: engine.MemoryPolicy{Samples: 5},
	})
	f.engine.SetEvents(change.EventModule)
	f.restart()
	t.Cleanup(func() {
		f.Stop()
		f.engine.Close()
	})
	return f
}

// restart goes on with a new runner, as after a restart of the server.
func (f *fixture) restart() {
	f.t.Helper()
	if f.Runner != nil {
		f.Stop()
	}
	f.Runner = New(Options{
		Engine: f.engine, Clock: f.clock, Disk: f, Settings: func() Settings { return f.limits },
		Log: func(text string) { f.t.Error(text) },
		Publish: func(channel, message string) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.messages = append(f.messages, channel+" "+message)
		},
	})
	f.Resume()
}

// tx runs fn with everything locked.
func (f *fixture) tx(fn func(*engine.Tx)) {
	tx := f.begin()
	fn(tx)
	tx.Commit()
}

// put writes a document, as a client does.
func (f *fixture) put(key, text string) {
	f.t.Helper()
	v, err := doc.Parse([]byte(text))
	if err != nil {
		f.t.Fatal(err)
	}
	f.tx(func(tx *engine.Tx) {
		if err := tx.PutDocuments(engine.DocumentPut{Key: []byte(key), Value: v, Expire: engine.Keep, Event: "json.set"}); err != nil {
			f.t.Error(err)
		}
	})
}

// get returns a document with its version.
func (f *fixture) get(key string) (text, version string) {
	f.t.Helper()
	d, err := f.read(0, []byte(key))
	if err != nil {
		f.t.Fatal(err)
	}
	if !d.there() {
		return "", ""
	}
	return string(doc.AppendText(nil, d.value)), d.info.Migration
}

func (f *fixture) want(key, text, version string) {
	f.t.Helper()
	if gotText, gotVersion := f.get(key); gotText != text || gotVersion != version {
		f.t.Errorf("%s is %s (%s), want %s (%s)", key, gotText, gotVersion, text, version)
	}
}

// register registers migrations of a target: a version and its operations.
func (f *fixture) register(target string, steps ...string) {
	f.t.Helper()
	for i := 0; i < len(steps); i += 2 {
		text := fmt.Sprintf(`{"version":%q,"target":%s,"up":[%s]}`, steps[i], target, steps[i+1])
		f.tx(func(tx *engine.Tx) {
			if _, err := f.Register(tx, []byte(text), false); err != nil {
				f.t.Fatalf("%s: %v", text, err)
			}
		})
	}
}

// run runs a job to its end and returns the report in one line, or the error.
func (f *fixture) run(q Request) string {
	f.t.Helper()
	job, err := f.Start(q)
	if err != nil {
		return err.Error()
	}
	r, _, err := job.Wait()
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s > %s %v: %d docs, %d changed, %d failed", r.From, r.To, r.Applied, r.Docs, r.Changed, r.Failed)
}

func (f *fixture) wantRun(q Request, want string) {
	f.t.Helper()
	if got := f.run(q); !strings.HasPrefix(got, want) {
		f.t.Errorf("%+v\n got %s\nwant %s", q, got, want)
	}
}

func modes() []Request {
	return []Request{{Name: "u:", Mode: Atomic}, {Name: "u:", Mode: Batch, BatchSize: 7}}
}

const prefix = `{"prefix":"u:"}`
