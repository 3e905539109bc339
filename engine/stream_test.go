package engine

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kvd/internal/change"
)

var testLimits = StreamLimits{Entries: 5}

// withStream calls fn with the stream at a key.
func withStream(t interface{ Errorf(string, ...any) }, e *Engine, key string, fn func(s *Stream)) {
	do(e, func(tx *Tx) {
		s, err := tx.Stream([]byte(key))
		if err != nil {
			t.Errorf("%v", err)
			return
		}
		fn(&s)
	})
}

// streamRows returns the rows of the stream at a key as text, but for the count
// of entries that an entry's row has.
func streamRows(e *Engine, key string) (list []string) {
	do(e, func(tx *Tx) {
		tx.Elements([]byte(key), func(sub, value []byte, _ int64) bool {
			list = append(list, fmt.Sprintf("%q %q", sub, value))
			return true
		})
	})
	slices.Sort(list)
	return list
}

// fromRows returns an engine that has loaded what a journal has, twice, as after
// a checkpoint that did not get to delete its segments.
func fromRows(t testing.TB, j *journal) *Engine {
	e, _ := newEngine(t)
	for range 2 {
		for i := range j.rows {
			if err := e.Load(&j.rows[i], false); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := e.Loaded(); err != nil {
		t.Fatal(err)
	}
	return e
}

// streamDriver does random things to the stream "s" of an engine.
type streamDriver struct {
	e *Engine
	t *rapid.T
}

func (d *streamDriver) id() StreamID {
	return StreamID{MS: rapid.Uint64Range(0, 20).Draw(d.t, "ms"), Seq: rapid.Uint64Range(0, 2).Draw(d.t, "seq")}
}

func (d *streamDriver) ids() []StreamID {
	var ids []StreamID
	for range rapid.IntRange(1, 6).Draw(d.t, "ids") {
		ids = append(ids, d.id())
	}
	return ids
}

// group calls fn with a group of the stream, if it is there.
func (d *streamDriver) group(fn func(s *Stream, g *StreamGroup)) {
	name := rapid.SampledFrom([]string{"g", "", "h"}).Draw(d.t, "group")
	withStream(d.t, d.e, "s", func(s *Stream) {
		if g := s.Group([]byte(name)); g != nil {
			fn(s, g)
		}
	})
}

func (d *streamDriver) add(*rapid.T) {
	step := d.id()
	withStream(d.t, d.e, "s", func(s *Stream) {
		id := StreamID{MS: s.Last().MS + step.MS/8, Seq: s.Last().Seq + 1}
		s.Add(id, [][]byte{[]byte("name"), fmt.Appendf(nil, "%d", id.MS)}, testLimits)
	})
}

func (d *streamDriver) change(t *rapid.T) {
	ids, refs := d.ids(), References(rapid.IntRange(0, 2).Draw(t, "references"))
	how := StreamTrim{ByID: rapid.Bool().Draw(t, "by ID"), MinID: d.id(), MaxLen: rapid.Int64Range(0, 30).Draw(t, "most"), Whole: rapid.Bool().Draw(t, "whole")}
	what := rapid.IntRange(0, 3).Draw(t, "what")
	withStream(t, d.e, "s", func(s *Stream) {
		if !s.Exists() {
			return
		}
		switch what {
		case 0:
			s.Delete(ids)
		case 1:
			s.Trim(how, refs)
		case 2:
			s.DeleteEx(ids, refs, func(Removal) {})
		case 3:
			last := ids[0]
			if last.Less(s.Top()) {
				last = s.Top()
			}
			s.Set(last, uint64(s.Len())+ids[0].MS, ids[0])
		}
	})
}

func (d *streamDriver) groups(t *rapid.T) {
	name := []byte(rapid.SampledFrom([]string{"g", "", "h"}).Draw(t, "new group"))
	id := d.id()
	if rapid.Bool().Draw(t, "create") {
		withStream(t, d.e, "s", func(s *Stream) { s.CreateGroup(name, id, StreamUnknown) })
		return
	}
	what := rapid.IntRange(0, 4).Draw(t, "what")
	who := []byte(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "consumer"))
	d.group(func(s *Stream, g *StreamGroup) {
		switch what {
		case 0:
			s.DestroyGroup(g)
		case 1:
			s.SetGroup(g, id, 3)
		case 2:
			s.CreateConsumer(g, who)
		default:
			if c := g.Consumer(who); c != nil {
				s.DeleteConsumer(g, c)
			}
		}
	})
}

func (d *streamDriver) read(t *rapid.T) {
	ids, count := d.ids(), rapid.Int64Range(0, 5).Draw(t, "count")
	what := rapid.IntRange(0, 5).Draw(t, "what")
	who := []byte(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "consumer"))
	d.group(func(s *Stream, g *StreamGroup) {
		r := StreamReader{Stream: s, Group: g, Consumer: who, Count: count, NoAck: count == 1}
		claim := StreamClaim{Stream: s, Group: g, Consumer: who, Delivered: 77, Retries: count - 1, Force: count%2 == 0}
		switch what {
		case 0, 1:
			r.New(func(*StreamCursor) {})
		case 2:
			r.Old(ids[0], func(StreamID, *StreamCursor) {})
		case 3:
			s.Ack(g, ids)
		case 4:
			claim.ByID(ids, StreamID{}, func(*StreamCursor) {})
		case 5:
			claim.Scan(ids[0], count, func(*StreamCursor) {}, func(StreamID) {})
		}
	})
}

// TestStreamRows: after any commands, the rows that were recorded make the same
// stream again, also when they come twice.
func TestStreamRows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		j := &journal{}
		e, _ := newEngineWith(t, Options{Store: j})
		d := &streamDriver{e: e, t: rt}
		rt.Repeat(map[string]func(*rapid.T){
			"add": d.add, "add more": d.add, "change": d.change, "groups": d.groups, "read": d.read,
			"copy": func(*rapid.T) {
				do(e, func(tx *Tx) {
					if _, err := tx.Copy([]byte("s"), []byte("t"), 0); err != nil {
						rt.Errorf("%v", err)
					}
				})
			},
			"": func(*rapid.T) {},
		})
		again := fromRows(t, j)
		for _, key := range []string{"s", "t"} {
			if got, want := streamRows(again, key), streamRows(e, key); !slices.Equal(got, want) {
				rt.Fatalf("%s: loaded\n%s\nwant\n%s", key, got, want)
			}
		}
	})
}

// TestStreamTrimmedByHalf: what is left of a large stream is recorded anew, not
// what went.
func TestStreamTrimmedByHalf(t *testing.T) {
	j := &journal{}
	e, _ := newEngineWith(t, Options{Store: j})
	const n = 5000
	withStream(t, e, "s", func(s *Stream) {
		for i := range n {
			s.Add(StreamID{MS: uint64(i + 1)}, [][]byte{[]byte("name"), []byte("value")}, usualLimits)
		}
		s.CreateGroup([]byte("g"), StreamID{}, 0)
	})
	before := len(j.rows)
	withStream(t, e, "s", func(s *Stream) {
		if got := s.Trim(StreamTrim{MaxLen: 10}, KeepReferences); got != n-10 {
			t.Errorf("%d entries were trimmed", got)
		}
	})
	if rows := len(j.rows) - before; rows > 20 {
		t.Errorf("%d rows were recorded", rows)
	}
	again := fromRows(t, j)
	if got, want := streamRows(again, "s"), streamRows(e, "s"); !slices.Equal(got, want) || len(got) != 12 {
		t.Errorf("loaded\n%s\nwant\n%s", got, want)
	}
}

// TestStreamEvents: each change has its event, and only changes of entries are
// seen by those who watch the key.
func TestStreamEvents(t *testing.T) {
	o := &events{}
	e, _ := newEngineWith(t, Options{Store: &journal{}, Observer: o})
	e.SetEvents(change.EventStream | change.EventNew | change.EventGeneric)
	withStream(t, e, "s", func(s *Stream) {
		s.CreateGroup([]byte("g"), StreamID{}, 0)
		s.Add(StreamID{MS: 1}, [][]byte{{'a'}, {'b'}}, usualLimits)
		s.Add(StreamID{MS: 2}, [][]byte{{'a'}, {'b'}}, usualLimits)
		g := s.Group([]byte("g"))
		s.CreateConsumer(g, []byte("c"))
		s.SetGroup(g, StreamID{}, 0)
		r := StreamReader{Stream: s, Group: g, Consumer: []byte("d")}
		r.New(func(*StreamCursor) {})
		s.Ack(s.Group([]byte("g")), []StreamID{{MS: 1}})
		s.DeleteConsumer(s.Group([]byte("g")), s.Group([]byte("g")).Consumer([]byte("c")))
		s.DestroyGroup(s.Group([]byte("g")))
		s.Delete([]StreamID{{MS: 1}, {MS: 5}})
		s.Delete([]StreamID{{MS: 5}})
		s.Set(StreamID{MS: 9}, 3, StreamID{})
		s.Trim(StreamTrim{}, KeepReferences)
		s.Trim(StreamTrim{}, KeepReferences)
	})
	want := []string{
		"new", "xgroup-create", "xadd", "xadd", "xgroup-createconsumer", "xgroup-setid", "xgroup-createconsumer",
		"xgroup-delconsumer", "xgroup-destroy", "xdel", "xsetid", "xtrim",
	}
	if !slices.Equal(o.names, want) {
		t.Errorf("events\n%s\nwant\n%s", o.names, want)
	}
}

func TestStreamWrongType(t *testing.T) {
	e, _ := newEngine(t)
	do(e, func(tx *Tx) {
		tx.SetString([]byte("k"), []byte("v"), NoExpiry)
		if _, err := tx.Stream([]byte("k")); err == nil {
			t.Error("a string is a stream")
		}
	})
	withStream(t, e, "none", func(s *Stream) {
		c := s.Range(StreamID{}, MaxStreamID, StreamForward)
		if s.Exists() || s.Len() != 0 || s.Groups() != nil || s.Group(nil) != nil || c.Next() || s.Has(StreamID{}) || !s.Last().IsZero() || s.Count(StreamID{}, MaxStreamID, 0) != 0 {
			t.Error("a missing stream has something")
		}
	})
}

// TestStreamMemory: what streams took comes back.
func TestStreamMemory(t *testing.T) {
	e, _ := newEngine(t)
	empty := e.Used()
	for i := range 50 {
		withStream(t, e, fmt.Sprint("s", i), func(s *Stream) {
			s.CreateGroup([]byte("g"), StreamID{}, 0)
			for k := range 100 * i {
				s.Add(StreamID{MS: uint64(k + 1)}, [][]byte{[]byte("name"), make([]byte, 50)}, usualLimits)
			}
			r := StreamReader{Stream: s, Group: s.Group([]byte("g")), Consumer: []byte("c")}
			r.New(func(*StreamCursor) {})
		})
	}
	if used := e.Used() - empty; used < 50*50*100*50/2 {
		t.Errorf("%d bytes are counted", used)
	}
	do(e, func(tx *Tx) {
		for i := range 50 {
			tx.Delete(fmt.Appendf(nil, "s%d", i))
		}
	})
	if used := e.Used() - empty; used > 1<<20 {
		t.Errorf("%d bytes are left", used)
	}
}

func TestStreamAddDoesNotAllocate(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector drops objects from sync.Pool at random")
	}
	e, _ := newEngine(t)
	key, fields := []byte("s"), [][]byte{[]byte("name"), []byte("value"), []byte("other"), []byte("12345")}
	id := StreamID{MS: 1}
	if allocs := testing.AllocsPerRun(2000, func() {
		tx := e.BeginKey(0, 1, Reads, key)
		s, err := tx.Stream(key)
		if err != nil {
			t.Error(err)
		}
		id.MS++
		s.Add(id, fields, usualLimits)
		s.Trim(StreamTrim{MaxLen: 500, Whole: true, Limit: 10000}, KeepReferences)
		tx.Commit()
	}); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

// FuzzStreamRow applies rows that may be damaged: they give errors, or a stream
// whose own rows can be read.
func FuzzStreamRow(f *testing.F) {
	f.Add([]byte("e\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00"), []byte("\x01\x01a\x01b"))
	f.Add([]byte("m"), make([]byte, 33))
	f.Add([]byte("gname"), append(make([]byte, 16), 1))
	f.Add([]byte("c\x01gname"), []byte{2})
	f.Add(append([]byte("p\x01g"), make([]byte, 16)...), []byte("\x02\x02name"))
	f.Fuzz(func(t *testing.T, sub, value []byte) {
		e, _ := newEngine(t)
		withStream(t, e, "s", func(s *Stream) {
			s.Create()
			if err := s.c.loadStream(sub, value, 0); err != nil {
				return
			}
			s.c.each(func(sub, value []byte, _ int64) bool {
				if err := s.c.loadStream(slices.Clone(sub), slices.Clone(value), 0); err != nil {
					t.Errorf("%q %q: %v", sub, value, err)
				}
				return false
			})
			if err := s.c.unloadStream(sub); err != nil {
				t.Errorf("%q was loaded and cannot be removed: %v", sub, err)
			}
		})
	})
}

func BenchmarkStreamAdd(b *testing.B) {
	e, _ := newEngine(b)
	key, fields := []byte("s"), [][]byte{[]byte("field"), []byte("value")}
	b.ReportAllocs()
	for i := range b.N {
		tx := e.BeginKey(0, 1, Reads, key)
		s, _ := tx.Stream(key)
		s.Add(StreamID{MS: uint64(i + 1)}, fields, usualLimits)
		tx.Commit()
	}
}
