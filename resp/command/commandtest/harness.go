// Package commandtest runs the commands of one family on an engine in memory, one
// at a time and without a connection: from parsed arguments to the reply, under
// the locks that the dispatcher would take. Tests of families use it.
package commandtest

import (
	"bytes"
	"errors"
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

// Harness is a family with its engine. Its clock stands still until it is moved.
type Harness struct {
	Engine *engine.Engine
	Table  *command.Table
	Clock  *clock.Manual
	Ctx    command.Ctx
	// Out is where replies are written, in RESP2 unless that is changed.
	Out reply.Writer
	// Err is what the last command failed with, and Changed whether it recorded
	// any change.
	Err     error
	Changed bool

	refs   []command.KeyRef
	events []event
}

// event is a keyspace event.
type event struct{ name, key string }

// New returns a harness for a family, with the default settings.
func New(t testing.TB, families ...command.Family) *Harness {
	t.Helper()
	cfg, err := config.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	table, err := command.NewTable(families...)
	if err != nil {
		t.Fatal(err)
	}
	h := &Harness{Table: table, Clock: clock.NewManual(time.UnixMilli(1_700_000_000_000))}
	h.Engine = engine.New(engine.Options{
		Store: engine.Discard{}, Clock: h.Clock, Observer: h, Databases: 1, Memory: engine.MemoryPolicy{Samples: 5},
	})
	t.Cleanup(h.Engine.Close)
	h.Ctx = command.Ctx{Out: &h.Out, Services: &command.Services{Config: config.NewLive(cfg), Engine: h.Engine, Table: table, Clock: h.Clock}}
	return h
}

// WatchEvents has the events of these classes recorded from now on.
func (h *Harness) WatchEvents(classes change.EventClass) {
	h.Engine.SetEvents(classes)
	h.events = nil
}

// Committed implements engine.Observer.
func (h *Harness) Committed(set *change.Set) {
	for _, e := range set.Events {
		h.events = append(h.events, event{e.Name, string(e.Key)})
	}
}

// Events returns the names of the events since WatchEvents, with spaces between.
func (h *Harness) Events() string {
	var names []string
	for _, e := range h.events {
		names = append(names, e.name)
	}
	return strings.Join(names, " ")
}

// KeyEvents is Events with the keys: name:key.
func (h *Harness) KeyEvents() string {
	var events []string
	for _, e := range h.events {
		events = append(events, e.name+":"+e.key)
	}
	return strings.Join(events, " ")
}

// Words makes the arguments of a line without quotes.
func Words(line string) [][]byte { return bytes.Split([]byte(line), []byte(" ")) }

// Do runs a line without quotes and returns the reply as it goes over the wire.
func (h *Harness) Do(line string) string { return string(h.Run(Words(line))) }

// Run runs a command as the dispatcher does, and returns the reply as it goes over
// the wire, which is valid until the next one.
func (h *Harness) Run(args [][]byte) []byte {
	cmd := h.Table.Lookup(args[0])
	h.Out.Discard()
	mark := h.Out.Mark()
	h.Ctx.Reset(args, cmd, h.Clock.Now(), nil)
	h.Ctx.Tx = h.begin()
	h.Err = cmd.Handler(&h.Ctx)
	h.Changed = h.Ctx.Tx.Commit().Changed
	if h.Err != nil {
		h.Out.Rewind(mark)
		h.fail()
	}
	return h.Out.Since(mark)
}

// fail writes the error, or that the client waits.
func (h *Harness) fail() {
	if block := (*command.Block)(nil); errors.As(h.Err, &block) {
		h.Out.Status("waits")
		return
	}
	h.Out.Error(h.Err)
}

// Set gives a key a string.
func (h *Harness) Set(key, value string) {
	tx := h.Engine.BeginKey(0, h.Clock.Now().UnixMilli(), 0, []byte(key))
	tx.SetString([]byte(key), []byte(value), engine.NoExpiry)
	tx.Commit()
}

// String returns the string at a key, or the error in its place.
func (h *Harness) String(key string) string {
	tx := h.Engine.BeginKey(0, h.Clock.Now().UnixMilli(), 0, []byte(key))
	defer tx.Commit()
	s, err := tx.String([]byte(key))
	if err != nil {
		return err.Error()
	}
	return string(s.Bytes())
}

// begin locks the keys of the command of the context.
func (h *Harness) begin() *engine.Tx {
	now := h.Clock.Now().UnixMilli()
	if at := h.Ctx.Command.OneKey(); at > 0 {
		return h.Engine.BeginKey(0, now, 0, h.Ctx.Args[at])
	}
	var lock engine.Lock
	if h.Ctx.Command.LocksAll(h.Ctx.Args) {
		h.Engine.AddAll(&lock)
	}
	h.refs, _ = h.Ctx.Command.KeyRefs(h.Ctx.Args, h.refs[:0]) // the handler has the error
	for _, ref := range h.refs {
		h.Engine.AddKey(&lock, h.Ctx.Args[ref.Pos])
	}
	return h.Engine.Begin(0, now, 0, &lock)
}
