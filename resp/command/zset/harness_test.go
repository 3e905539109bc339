package zset

import (
	"strings"
	"testing"
	"time"

	"kvd/engine"
	"kvd/internal/change"
	"kvd/internal/clock"
	"kvd/internal/config"
	"kvd/resp/command"
	"kvd/resp/reply"
)

// recorder is an engine.Observer that notes the names of events.
type recorder struct{ names []string }

func (r *recorder) Committed(set *change.Set) {
	for _, e := range set.Events {
		r.names = append(r.names, e.Name)
	}
}

// harness is the family on an engine in memory, one command at a time.
type harness struct {
	engine *engine.Engine
	table  *command.Table
	clock  *clock.Manual
	out    reply.Writer
	ctx    command.Ctx
	refs   []command.KeyRef
	events recorder
	err    error // of the last command
}

func newHarness(t testing.TB) *harness {
	t.Helper()
	cfg, err := config.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	table, err := command.NewTable(Family)
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{table: table, clock: clock.NewManual(time.UnixMilli(1_700_000_000_000))}
	h.engine = engine.New(engine.Options{Store: engine.Discard{}, Clock: h.clock, Observer: &h.events, Databases: 1, Memory: engine.MemoryPolicy{Samples: 5}})
	t.Cleanup(h.engine.Close)
	h.ctx = command.Ctx{Out: &h.out, Services: &command.Services{Config: config.NewLive(cfg), Engine: h.engine, Table: table}}
	return h
}

func words(line string) [][]byte {
	var args [][]byte
	for _, w := range strings.Split(line, " ") {
		args = append(args, []byte(w))
	}
	return args
}

// run runs a command as the dispatcher does, and returns the reply as it goes
// over the wire. The reply is valid until the next one.
func (h *harness) run(args [][]byte) []byte {
	cmd := h.table.Lookup(args[0])
	h.out.Discard()
	mark := h.out.Mark()
	now := h.clock.Now()
	h.ctx.Reset(args, cmd, now, nil)
	var tx *engine.Tx
	if at := cmd.OneKey(); at > 0 {
		tx = h.engine.BeginKey(0, now.UnixMilli(), 0, args[at])
	} else {
		var lock engine.Lock
		h.refs, _ = cmd.KeyRefs(args, h.refs[:0]) // the handler has the error
		for _, ref := range h.refs {
			h.engine.AddKey(&lock, args[ref.Pos])
		}
		tx = h.engine.Begin(0, now.UnixMilli(), 0, &lock)
	}
	h.ctx.Tx = tx
	err := cmd.Handler(&h.ctx)
	tx.Commit()
	h.err = err
	if err != nil {
		h.out.Rewind(mark)
		h.out.Error(err)
	}
	return h.out.Since(mark)
}

func (h *harness) do(line string) string { return string(h.run(words(line))) }
