package engine

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kvd/internal/change"
	"kvd/internal/clock"
)

// versionDisk is a store with history: it keeps every row that was submitted.
type versionDisk struct {
	journal
	reads int
}

// ReadVersion implements HistoryStore by looking at all rows.
func (d *versionDisk) ReadVersion(space uint32, key []byte, number uint64) (found change.Version, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reads++
	rows := map[uint64]change.Row{}
	for _, r := range d.rows {
		switch {
		case r.Op == change.Drop && r.Kind == change.Key && r.Space == space:
			clear(rows)
		case r.Kind == change.History && r.Space == space && bytes.Equal(r.Key, key):
			rows[r.ID] = r
		}
	}
	for n, r := range rows {
		if n <= number && n > found.Number && r.Op == change.Put {
			found = change.Version{Number: n, Type: r.Type, Value: r.Value, Size: len(r.Value)}
		}
	}
	return found, nil
}

func (d *versionDisk) ReadVersionInfo(space uint32, key []byte, number uint64) (change.Version, error) {
	v, err := d.ReadVersion(space, key, number)
	if v.Number != 0 {
		info, _, _ := change.SplitVersion(v.Value)
		v.Value = change.AppendVersion(nil, info, nil)
	}
	return v, err
}

func newHistoryEngine(t testing.TB) (*Engine, *versionDisk, *clock.Manual) {
	t.Helper()
	d := &versionDisk{}
	e, c := newEngineWith(t, Options{Store: d, History: d, Shards: 4})
	return e, d, c
}

// restarted returns an engine with what the disk has.
func restarted(t testing.TB, d *versionDisk, c *clock.Manual) *Engine {
	t.Helper()
	e := New(Options{Store: d, History: d, Clock: c, Databases: 16, Shards: 4})
	t.Cleanup(e.Close)
	for i := range d.rows {
		if d.rows[i].Kind == change.History {
			continue
		}
		if err := e.Load(&d.rows[i], false); err != nil {
			t.Fatal(err)
		}
	}
	e.Loaded()
	return e
}

// all locks every shard for fn.
func all(e *Engine, now int64, fn func(tx *Tx)) {
	var lock Lock
	e.AddAll(&lock)
	tx := e.Begin(0, now, 0, &lock)
	fn(tx)
	tx.Commit()
}

func auto(e *Engine, p HistoryPolicy) {
	p.Mode = RecordAuto
	all(e, e.opt.Clock.Now().UnixMilli(), func(tx *Tx) { tx.SetPolicy(&p) })
}

// pastState is a version as a naive log has it.
type pastState struct {
	number, rev uint64
	time        int64
	value       string // "-": the key was gone
	pruned      bool
}

// historyModel is a naive log of a key.
type historyModel struct {
	states []pastState
	now    string
}

func (m *historyModel) record(tx *Tx, value string) {
	n := uint64(len(m.states)) + 1
	m.states = append(m.states, pastState{number: n, rev: tx.Rev(), time: tx.Now(), value: value})
}

// prune leaves the newest keep versions and those that are tagged.
func (m *historyModel) prune(keep int, tags map[string]uint64) {
	left := 0
	for i := len(m.states) - 1; i >= 0; i-- {
		s := &m.states[i]
		if s.pruned {
			continue
		}
		left++
		if left > keep && !slices.Contains(slices.Collect(maps.Values(tags)), s.number) {
			s.pruned = true
		}
	}
}

// find returns the newest version that is there and for which holds is true.
func (m *historyModel) find(holds func(s *pastState) bool) *pastState {
	for i := len(m.states) - 1; i >= 0; i-- {
		if s := &m.states[i]; !s.pruned && holds(s) {
			return s
		}
	}
	return nil
}

func text(v *Version) string {
	if v.Tombstone() {
		return "-"
	}
	return string(v.Content)
}

// TestHistoryModel compares versions by number, time and revision with a naive
// log, also after versions were pruned and after a restart.
func TestHistoryModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		e, d, c := newHistoryEngine(t)
		auto(e, HistoryPolicy{Scope: ScopePrefix, Name: "k"})
		m := historyModel{now: "-"}
		tags := map[string]uint64{}
		key := []byte("key")
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			c.Advance(time.Duration(rapid.IntRange(0, 3).Draw(rt, "ms")) * time.Millisecond)
			step := rapid.IntRange(0, 12).Draw(rt, "step")
			all(e, c.Now().UnixMilli(), func(tx *Tx) { m.step(rt, tx, key, step, tags) })
			if step == 12 {
				e = restarted(t, d, c)
			}
		}
		all(e, c.Now().UnixMilli(), func(tx *Tx) { m.compare(rt, tx, key) })
	})
}

func (m *historyModel) step(t *rapid.T, tx *Tx, key []byte, step int, tags map[string]uint64) {
	value := rapid.SampledFrom([]string{"a", "b", strings.Repeat("c", 50)}).Draw(t, "value")
	h, err := tx.History(key)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case step < 5:
		tx.SetString(key, []byte(value), NoExpiry)
		if m.now != value {
			m.record(tx, value)
		}
		m.now = value
	case step < 7:
		if tx.Delete(key) {
			m.record(tx, "-")
		}
		m.now = "-"
	case step == 7 && m.now != "-":
		if n, err := h.Save(SaveNote{Always: true}); err != nil || n != uint64(len(m.states))+1 {
			t.Fatalf("saved as %d, %v", n, err)
		}
		m.record(tx, m.now)
	case step == 8 && m.now != "-" && len(m.states) > 0:
		if n, err := h.Save(SaveNote{Message: "again"}); err != nil || n != uint64(len(m.states)) {
			t.Fatalf("saved as %d, %v", n, err)
		}
	case step == 9 && len(m.states) > 0:
		s := &m.states[rapid.IntRange(0, len(m.states)-1).Draw(t, "version")]
		err := h.Tag(s.number, "tag", MoveTag)
		if (err != nil) != s.pruned {
			t.Fatalf("tag %d (pruned %v): %v", s.number, s.pruned, err)
		}
		if err == nil {
			tags["tag"] = s.number
		}
	case step == 10:
		keep := rapid.IntRange(1, 5).Draw(t, "keep")
		if _, err := h.Prune(Pruning{Keep: uint64(keep)}, PruneNow); err != nil {
			t.Fatal(err)
		}
		m.prune(keep, tags)
	case step == 11 && len(m.states) > 0:
		m.rollback(t, tx, &h)
	}
}

func (m *historyModel) rollback(t *rapid.T, tx *Tx, h *History) {
	s := &m.states[rapid.IntRange(0, len(m.states)-1).Draw(t, "version")]
	v, err := h.Load(s.number)
	if (err != nil) != s.pruned {
		t.Fatalf("load %d (pruned %v): %v", s.number, s.pruned, err)
	}
	if err != nil {
		return
	}
	if err := tx.RestoreVersion(h.key, &v, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Renew(SaveNote{}); err != nil {
		t.Fatal(err)
	}
	m.record(tx, s.value)
	m.now = s.value
}

func (m *historyModel) compare(t *rapid.T, tx *Tx, key []byte) {
	h, _ := tx.History(key)
	for i := range m.states {
		s := &m.states[i]
		v, err := h.Load(s.number)
		switch {
		case s.pruned && err == nil:
			t.Errorf("version %d was pruned and is there", s.number)
		case !s.pruned && (err != nil || text(&v) != s.value || v.Rev != s.rev || v.Time != s.time):
			t.Errorf("version %d is %q of rev %d at %d, %v; want %+v", s.number, text(&v), v.Rev, v.Time, err, s)
		}
		m.compareSearch(t, h.At, s.time, func(other *pastState) bool { return other.time <= s.time })
		m.compareSearch(t, h.AtRev, s.rev, func(other *pastState) bool { return other.rev <= s.rev })
	}
	if faults := h.Verify(); len(faults) > 0 {
		t.Errorf("%q", faults)
	}
}

func (m *historyModel) compareSearch(t *rapid.T, search any, at any, holds func(*pastState) bool) {
	var got uint64
	var err error
	switch search := search.(type) {
	case func(int64) (uint64, error):
		got, err = search(at.(int64))
	case func(uint64) (uint64, error):
		got, err = search(at.(uint64))
	}
	want := m.find(holds)
	if want == nil && err == nil || want != nil && got != want.number {
		t.Errorf("at %v there was %d, %v; want %+v", at, got, err, want)
	}
}

// TestHistoryTypes: a value of every type comes back as it was, in the middle of a
// transaction and after a restart.
func TestHistoryTypes(t *testing.T) {
	fills := map[string]func(tx *Tx, key []byte){
		"string": func(tx *Tx, key []byte) { tx.SetString(key, []byte("a\x00b"), NoExpiry) },
		"list": func(tx *Tx, key []byte) {
			l, _ := tx.PeekList(key)
			l.Push(Left, words("c", "b", "a")...)
			l.Push(Right, words("d", "", strings.Repeat("x", 3000))...)
		},
		"set": func(tx *Tx, key []byte) {
			s, _ := tx.PeekSet(key)
			s.Add(words("1", "b", "-7", ""), 512)
		},
		"zset": func(tx *Tx, key []byte) {
			z, _ := tx.PeekZSet(key)
			z.Add([]ZEntry{{[]byte("b"), -1.5}, {[]byte("a"), 7}, {[]byte("c"), 7}}, 0, defaultZLimits)
		},
		"hash": func(tx *Tx, key []byte) {
			h, _ := tx.PeekHash(key)
			h.Set(words("f", "1", "", "2"), fewFields)
			h.SetUntil(words("g", "3"), Expiry(tx.Now()+60_000), fewFields)
		},
		"stream": func(tx *Tx, key []byte) {
			s, _ := tx.PeekStream(key)
			s.Create()
			s.Add(StreamID{MS: 5, Seq: 1}, words("f", "1", "g", "2"), StreamLimits{Entries: 100, Bytes: 4096})
			s.Add(StreamID{MS: 6}, words("f", "2"), StreamLimits{Entries: 100, Bytes: 4096})
			s.RestoreGroup(&StreamGroupState{
				Name: []byte("g"), Last: StreamID{MS: 5, Seq: 1}, Read: 1,
				Consumers: []StreamConsumerState{{[]byte("alice"), 5}},
				Pending:   []StreamPendingState{{StreamID{MS: 5, Seq: 1}, 100, 3, 0}},
			})
		},
		"json": func(tx *Tx, key []byte) { putJSON(t, tx, string(key), `{"b":1.50,"a":[9007199254740993]}`, NoExpiry) },
	}
	for name, fill := range fills {
		t.Run(name, func(t *testing.T) {
			e, d, c := newHistoryEngine(t)
			key := []byte(name)
			now := c.Now().UnixMilli()
			var was Version
			all(e, now, func(tx *Tx) {
				fill(tx, key)
				h, _ := tx.History(key)
				if n, err := h.Save(SaveNote{}); n != 1 || err != nil {
					t.Fatal(n, err)
				}
				was, _ = h.Load(1)
				was.Content = bytes.Clone(was.Content)
			})
			e = restarted(t, d, c)
			all(e, now, func(tx *Tx) {
				if n, err := historyOf(tx, key).Save(SaveNote{}); n != 1 || err != nil {
					t.Errorf("the same value is version %d, %v", n, err)
				}
				tx.SetString(key, []byte("other"), Expiry(now+5000))
				v, err := historyOf(tx, key).Load(1)
				if err != nil {
					t.Fatal(err)
				}
				if err := tx.RestoreVersion(key, &v, ""); err != nil {
					t.Fatal(err)
				}
				if at, _ := tx.Deadline(key); at != Expiry(now+5000) {
					t.Errorf("expires at %d", at)
				}
			})
			for _, e := range []*Engine{e, restarted(t, d, c)} {
				all(e, now, func(tx *Tx) {
					got, exists, err := tx.capture(key)
					if !exists || err != nil || got.Hash != was.Hash || !bytes.Equal(got.Content, was.Content) {
						t.Errorf("%v %v: %q, want %q", exists, err, got.Content, was.Content)
					}
				})
			}
		})
	}
}

func historyOf(tx *Tx, key []byte) *History {
	h := tx.history(key)
	return &h
}

// TestAutoHistory: one version for each key and transaction, of the state after
// it; a tombstone for deletion and expiry, nothing for eviction and for what
// changes no value.
func TestAutoHistory(t *testing.T) {
	e, _, c := newHistoryEngine(t)
	auto(e, HistoryPolicy{Scope: ScopePrefix, Name: "k"})
	step := func(fn func(tx *Tx)) {
		c.Advance(time.Millisecond)
		all(e, c.Now().UnixMilli(), func(tx *Tx) {
			tx.SetOrigin(Origin{Actor: "alice", Command: "first"})
			fn(tx)
		})
	}
	k, l := []byte("k1"), []byte("k2")
	step(func(tx *Tx) {
		tx.SetString(k, []byte("1"), NoExpiry)
		tx.SetOrigin(Origin{Actor: "alice", Command: "second"})
		tx.SetString(k, []byte("2"), NoExpiry)
		tx.SetString([]byte("other"), []byte("2"), NoExpiry)
		h, _ := tx.PeekHash(l)
		h.Set(words("f", "1"), fewFields)
	})
	step(func(tx *Tx) {
		h, _ := tx.PeekHash(l)
		h.Set(words("f", "2"), fewFields)
		tx.Expire(k, Expiry(tx.Now()+5))
		tx.SetString(k, []byte("2"), Keep)
	})
	c.Advance(50 * time.Millisecond)
	e.ExpireDue()
	step(func(tx *Tx) {
		if err := tx.Rename(l, k); err != nil {
			t.Fatal(err)
		}
	})
	wantLog(t, e, k, "1 string alice/second, 2 none /expired, 3 hash alice/first")
	wantLog(t, e, l, "1 hash alice/second, 2 hash alice/first, 3 none alice/first")
	wantLog(t, e, []byte("other"), "")
	step(func(tx *Tx) { tx.untracked(); tx.Delete(k) })
	wantLog(t, e, k, "1 string alice/second, 2 none /expired, 3 hash alice/first")
}

func wantLog(t *testing.T, e *Engine, key []byte, want string) {
	t.Helper()
	var list []string
	all(e, e.opt.Clock.Now().UnixMilli(), func(tx *Tx) {
		h := historyOf(tx, key)
		for at := h.Newest(); at > 0; at-- {
			v, err := h.Info(at)
			if err != nil {
				t.Fatal(err)
			}
			kind := [...]string{change.NoType: "none", change.String: "string", change.Hash: "hash"}[v.Type]
			list = append(list, fmt.Sprintf("%d %s %s/%s", v.Number, kind, v.Actor, v.Command))
		}
	})
	slices.Reverse(list)
	if got := strings.Join(list, ", "); got != want {
		t.Errorf("%s: %s, want %s", key, got, want)
	}
}

// TestChangeNote: what is said of a change is in its version and in no other, that
// of a deletion included.
func TestChangeNote(t *testing.T) {
	e, _, c := newHistoryEngine(t)
	auto(e, HistoryPolicy{Scope: ScopePrefix})
	k, l := []byte("k"), []byte("l")
	noted := func(tx *Tx, note ChangeNote, fn func()) {
		defer tx.Note(tx.Note(note))
		fn()
	}
	all(e, c.Now().UnixMilli(), func(tx *Tx) {
		noted(tx, ChangeNote{"ann", "one"}, func() { tx.SetString(k, []byte("1"), NoExpiry) })
		tx.SetString(l, []byte("1"), NoExpiry)
	})
	all(e, c.Now().UnixMilli(), func(tx *Tx) {
		noted(tx, ChangeNote{Message: "gone"}, func() { tx.Delete(k) })
		noted(tx, ChangeNote{"bob", "two"}, func() { noted(tx, ChangeNote{}, func() {}); tx.SetString(l, []byte("2"), Keep) })
	})
	all(e, c.Now().UnixMilli(), func(tx *Tx) {
		for _, want := range []struct {
			key             []byte
			number          uint64
			author, message string
		}{{k, 1, "ann", "one"}, {k, 2, "", "gone"}, {l, 1, "", ""}, {l, 2, "bob", "two"}} {
			v, err := historyOf(tx, want.key).Info(want.number)
			if err != nil || v.Author != want.author || v.Message != want.message {
				t.Errorf("%s, version %d: %q and %q, %v; want %q and %q", want.key, want.number, v.Author, v.Message, err, want.author, want.message)
			}
		}
	})
}

// TestFlushedHistory: the versions of a database go with its keys, also where all
// keys were gone; those of another stay.
func TestFlushedHistory(t *testing.T) {
	e, d, c := newHistoryEngine(t)
	auto(e, HistoryPolicy{Scope: ScopePattern, Name: "*"})
	now := c.Now().UnixMilli()
	key := []byte("k")
	all(e, now, func(tx *Tx) {
		tx.SetString(key, []byte("v"), NoExpiry)
		tx.Select(1)
		tx.SetString(key, []byte("in another"), NoExpiry)
		tx.Select(0)
	})
	all(e, now, func(tx *Tx) { tx.Delete(key) })
	all(e, now, func(tx *Tx) { tx.Flush(0) })
	for _, e := range []*Engine{e, restarted(t, d, c)} {
		all(e, now, func(tx *Tx) {
			if n := historyOf(tx, key).Newest(); n != 0 {
				t.Errorf("version %d is left", n)
			}
			tx.Swap(0, 1)
			if v, err := historyOf(tx, key).Load(1); err != nil || text(&v) != "in another" {
				t.Errorf("in the other database: %q, %v", text(&v), err)
			}
			tx.Swap(0, 1)
		})
	}
}
