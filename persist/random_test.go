package persist_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"kvd/internal/change"
	"kvd/persist"
	"kvd/persist/storetest"
)

// randomSet draws a change of a few rows over few keys, so that they meet.
func randomSet(n func(int) int) *change.Set {
	set := &change.Set{}
	for range n(4) {
		space, key := uint32(n(2)), fmt.Sprint("key", n(10))
		var row change.Row
		id := uint64(n(3))
		switch n(22) {
		case 0, 1:
			row = storetest.Delete(space, key)
		case 2, 3:
			row = storetest.Expire(space, key, int64(n(1000)))
		case 4:
			row = storetest.Drop(space)
		case 5:
			row = change.Row{Op: change.Put, Kind: change.Meta, Key: []byte(key), Value: fmt.Append(nil, n(1000))}
		case 6, 7, 8:
			row = storetest.Element(space, id, key[3:], fmt.Sprint(n(1000)))
			row.Expire = int64(n(2))
		case 9:
			row = storetest.DeleteElement(space, id, key[3:])
		case 10:
			row = storetest.DropElements(space, id)
		case 11:
			row = storetest.Element(space, id, "", "")
		case 12, 13, 14, 15, 16:
			row = storetest.Edit(space, key, uint64(n(250)), fmt.Sprint(n(1000)))
		default:
			row = storetest.Put(space, key, fmt.Sprintf("%0*d", 1+n(200), n(1000)))
			row.Expire, row.Type = int64(n(3)), change.String+change.Type(n(8)/7)
		}
		set.Rows = append(set.Rows, row)
	}
	return set
}

// TestModel: whatever the order of sets, checkpoints, restarts and crashes, a
// store holds what a map holds.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := func(limit int) int { return rapid.IntRange(0, limit-1).Draw(rt, "n") }
		dir := tempDir(rt)
		opts := small(dir)
		opts.SegmentBytes, opts.WindowRows = 1<<10, 5
		opts.BatchRows = 2
		s, err := persist.Open(opts)
		ok(rt, err)
		defer func() { ok(rt, s.Close()) }()
		want := storetest.Model{}
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			switch n(8) {
			case 0:
				ok(rt, s.Checkpoint(rt.Context()))
			case 1:
				ok(rt, s.Close())
				s, err = persist.Open(opts)
				ok(rt, err)
			case 2:
				ok(rt, s.Flush())
				opts.Dir = filepath.Join(tempDir(rt), "image")
				ok(rt, storetest.Image(opts.Dir, dir))
				ok(rt, s.Close())
				dir = opts.Dir
				s, err = persist.Open(opts)
				ok(rt, err)
			default:
				for range 1 + n(5) {
					set := randomSet(n)
					want.ApplySet(set)
					s.Submit(set)
				}
			}
		}
		ok(rt, s.Flush())
		got, err := storetest.Contents(s)
		ok(rt, err)
		if diff := want.Diff(got); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func ok(t *rapid.T, err error) {
	if err != nil {
		t.Helper()
		t.Fatal(err)
	}
}

func tempDir(t *rapid.T) string {
	dir, err := os.MkdirTemp("", "persist")
	ok(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// memory plays the engine: it holds in memory what it submits, refuses what
// the store refuses, and loads anew after a failure.
type memory struct {
	t       *testing.T
	s       *persist.Store
	now     storetest.Model
	history map[uint64]storetest.Model // contents after each set since the last load
	failed  chan error
}

func newMemory(t *testing.T, s *persist.Store) *memory {
	m := &memory{t: t, s: s, failed: make(chan error, 1)}
	s.OnFail(func(err error) { m.failed <- err })
	m.load()
	return m
}

// load takes over what the store has.
func (m *memory) load() {
	m.t.Helper()
	got, err := storetest.Contents(m.s)
	if err != nil {
		m.t.Fatalf("Load: %v", err)
	}
	m.now = got
	m.history = map[uint64]storetest.Model{m.s.Durable(): maps.Clone(got)}
}

// write submits a random set unless the store refuses writes.
func (m *memory) write(rng *rand.Rand) {
	if m.s.Err() != nil {
		return
	}
	set := randomSet(rng.IntN)
	m.now.ApplySet(set)
	m.history[m.s.Submit(set)] = maps.Clone(m.now)
}

// isState reports whether got is what the store held after some set numbered
// least or higher.
func (m *memory) isState(got storetest.Model, least uint64) bool {
	for seq, want := range m.history {
		if seq >= least && want.Diff(got) == "" {
			return true
		}
	}
	return false
}
