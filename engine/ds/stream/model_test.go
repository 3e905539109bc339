package stream

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// naive is a stream as simple as can be.
type naive struct {
	entries []naiveEntry
}

type naiveEntry struct {
	id   ID
	text string
}

func (n *naive) text(from, to ID, dir Direction) (list []string) {
	for _, e := range n.entries {
		if !e.id.Less(from) && !to.Less(e.id) {
			list = append(list, e.text)
		}
	}
	if dir == Backward {
		slices.Reverse(list)
	}
	return list
}

func (n *naive) put(id ID, fields [][]byte) {
	n.remove(id)
	text := fmt.Sprintf("%d-%d", id.MS, id.Seq)
	for i := 0; i < len(fields); i += 2 {
		text += fmt.Sprintf(" %s=%s", fields[i], fields[i+1])
	}
	i, _ := slices.BinarySearchFunc(n.entries, id, func(e naiveEntry, id ID) int { return e.id.Compare(id) })
	n.entries = slices.Insert(n.entries, i, naiveEntry{id, text})
}

func (n *naive) remove(id ID) bool {
	i := slices.IndexFunc(n.entries, func(e naiveEntry) bool { return e.id == id })
	if i >= 0 {
		n.entries = slices.Delete(n.entries, i, i+1)
	}
	return i >= 0
}

// check compares a stream with its model.
func (n *naive) check(t *rapid.T, s *Stream, from, to ID) {
	for _, dir := range []Direction{Forward, Backward} {
		if got, want := text(s, from, to, dir), n.text(from, to, dir); !slices.Equal(got, want) {
			t.Fatalf("range %v to %v, direction %d:\n%q\n%q", from, to, dir, got, want)
		}
	}
	want := int64(len(n.text(from, to, Forward)))
	if got := s.Count(from, to, 0); got != want {
		t.Fatalf("%d entries from %v to %v, want %d", got, from, to, want)
	}
	if got := s.Count(from, to, 3); got != min(want, 3) {
		t.Fatalf("%d entries of at most 3, want %d", got, min(want, 3))
	}
	if s.Len() != len(n.entries) {
		t.Fatalf("length %d, want %d", s.Len(), len(n.entries))
	}
}

// anyID draws IDs near each other, with numbers that fall as the time grows.
func anyID(t *rapid.T) ID {
	return ID{rapid.Uint64Range(0, 60).Draw(t, "ms"), rapid.Uint64Range(0, 3).Draw(t, "seq")}
}

func anyFields(t *rapid.T) [][]byte {
	names := rapid.SampledFrom([]string{"a", "a b", "b", "a b c"}).Draw(t, "names")
	var fields [][]byte
	for _, c := range names {
		if c != ' ' {
			fields = append(fields, []byte{byte(c)}, rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "value"))
		}
	}
	return fields
}

// TestAgainstNaive does random things to a stream and to a list.
func TestAgainstNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newRapidHeap(t)
		s, model := New(h), &naive{}
		limits := Limits{Entries: rapid.Int64Range(0, 6).Draw(t, "entries"), Bytes: rapid.Int64Range(0, 200).Draw(t, "bytes")}
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				step := anyID(t)
				id := ID{s.Last().MS + step.MS, step.Seq}
				if step.MS == 0 {
					id.Seq = s.Last().Seq + 1
				}
				fields := anyFields(t)
				s.Append(id, fields, limits)
				model.put(id, fields)
			},
			"load": func(t *rapid.T) {
				id, fields := anyID(t), anyFields(t)
				s.Load(id, 1, fields, limits)
				model.put(id, fields)
			},
			"delete": func(t *rapid.T) {
				id := anyID(t)
				if got, want := s.Delete(id), model.remove(id); got != want {
					t.Fatalf("deleting %v: %v, want %v", id, got, want)
				}
			},
			"trim": func(t *rapid.T) { trimBoth(t, s, model) },
			"clone": func(t *rapid.T) {
				c := s.Clone(newRapidHeap(t))
				s.Free()
				if s.Bytes() != structBytes {
					t.Fatalf("%d bytes are left", s.Bytes())
				}
				s = c
			},
			"": func(t *rapid.T) {
				from, to := anyID(t), anyID(t)
				model.check(t, s, from, to)
				if n := s.RadixNodes(); n != naiveNodes(s) {
					t.Fatalf("%d nodes, want %d", n, naiveNodes(s))
				}
			},
		})
	})
}

// trimBoth trims exactly, but for multiples of three in their number.
func trimBoth(t *rapid.T, s *Stream, model *naive) {
	how := Trim{ByID: rapid.Bool().Draw(t, "by ID"), MinID: anyID(t), MaxLen: rapid.Int64Range(0, 20).Draw(t, "max")}
	var keep func(ID) bool
	if rapid.Bool().Draw(t, "keep") {
		keep = func(id ID) bool { return id.Seq%3 == 0 }
	}
	var gone []ID
	n := s.Trim(how, keep, func(id ID) { gone = append(gone, id) })
	var want []ID
	for _, e := range slices.Clone(model.entries) {
		tooMany := !how.ByID && int64(len(model.entries)) > how.MaxLen || how.ByID && e.id.Less(how.MinID)
		if tooMany && (keep == nil || !keep(e.id)) {
			want = append(want, e.id)
			model.remove(e.id)
		}
	}
	if n != int64(len(gone)) || !slices.Equal(gone, want) {
		t.Fatalf("trimmed %d, %v, want %v", n, gone, want)
	}
}

// naiveNodes counts the nodes of a radix tree over the IDs of the blocks.
func naiveNodes(s *Stream) int {
	var keys []string
	for at := (spot{}); s.blocks.has(at); at = s.blocks.after(at) {
		id, _ := s.blocks.record(&s.memory, at)
		keys = append(keys, string(id.AppendKey(nil)))
	}
	if len(keys) == 0 {
		return 1
	}
	return branches(keys, 0)
}

// branches counts the nodes for keys that have depth bytes in common.
func branches(keys []string, depth int) int {
	next := map[byte][]string{}
	run := depth
	for {
		clear(next)
		if run == IDSize {
			break
		}
		for _, k := range keys {
			next[k[run]] = append(next[k[run]], k)
		}
		if len(next) > 1 {
			break
		}
		run++
	}
	n := 1
	if run > depth {
		n++
	}
	for _, below := range next {
		n += branches(below, run+1)
	}
	return n
}

// TestPendingAgainstNaive does random things to the pending entries of a group.
func TestPendingAgainstNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := New(newRapidHeap(t))
		g := s.AddGroup([]byte("g"))
		model := map[ID]Pending{}
		names := map[ID]string{}
		name := rapid.SampledFrom([]string{"x", "y", "z", ""})
		t.Repeat(map[string]func(*rapid.T){
			"deliver many": func(t *rapid.T) {
				who := name.Draw(t, "consumer")
				from := anyID(t)
				for i := range rapid.Uint64Range(1, 300).Draw(t, "n") {
					p := Pending{ID: ID{from.MS, from.Seq + i*3}, Consumer: g.AddConsumer([]byte(who)), Delivered: int64(i), Count: 1 << 40}
					g.SetPending(p)
					model[p.ID], names[p.ID] = p, who
				}
			},
			"acknowledge many": func(t *rapid.T) {
				from := anyID(t)
				for i := range rapid.Uint64Range(1, 200).Draw(t, "n") {
					id := ID{from.MS, from.Seq + i}
					if _, want := model[id]; g.Ack(id) != want {
						t.Fatalf("acknowledging %v: want %v", id, want)
					}
					delete(model, id)
				}
			},
			"remove consumer": func(t *rapid.T) {
				who := name.Draw(t, "consumer")
				c := g.Consumer([]byte(who))
				if c == nil {
					t.Skip("there is none")
				}
				g.RemoveConsumer(c)
				for id := range model {
					if names[id] == who {
						delete(model, id)
					}
				}
			},
			"clone": func(t *rapid.T) {
				c := s.Clone(newRapidHeap(t))
				s.Free()
				s, g = c, c.Group([]byte("g"))
			},
			"": func(t *rapid.T) {
				comparePending(t, g, nil, model, func(ID) bool { return true })
				for _, c := range g.Consumers() {
					comparePending(t, g, c, model, func(id ID) bool { return names[id] == c.Name })
				}
			},
		})
	})
}

func comparePending(t *rapid.T, g *Group, c *Consumer, model map[ID]Pending, belongs func(ID) bool) {
	var want []ID
	for id := range model {
		if belongs(id) {
			want = append(want, id)
		}
	}
	slices.SortFunc(want, ID.Compare)
	var id ID
	var got []ID
	for {
		p, ok := g.NextPending(c, id)
		if !ok {
			break
		}
		if m := model[p.ID]; p.Count != m.Count || p.Delivered != m.Delivered || c != nil && p.Consumer != c {
			t.Fatalf("%v is %+v, want %+v", p.ID, p, m)
		}
		got = append(got, p.ID)
		id, _ = p.ID.Next()
	}
	if !slices.Equal(got, want) {
		t.Fatalf("pending are %v, want %v", got, want)
	}
	n := g.PendingLen()
	if c != nil {
		n = c.PendingLen()
	}
	last, ok := g.LastPending()
	if n != len(want) || c == nil && (ok != (n > 0) || ok && last.ID != slices.MaxFunc(want, ID.Compare)) {
		t.Fatalf("%d pending, the last is %v", n, last.ID)
	}
}

// TestLoadInAnyOrder: rows make the same stream in whatever order, and twice.
func TestLoadInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(1, 60).Draw(t, "entries")
		fields := words("f", "v")
		want := New(newRapidHeap(t))
		order := rapid.Permutation(seq(count)).Draw(t, "order")
		s := New(newRapidHeap(t))
		for i := range count {
			want.Append(ID{uint64(i + 1), 0}, fields, defaults)
		}
		early := rapid.Bool().Draw(t, "state comes first")
		if early {
			s.SetState(ID{3, 0}, 3, ID{2, 0})
		}
		for _, i := range append(order, order[:count/2]...) {
			s.Load(ID{uint64(i + 1), 0}, uint64(i+1), fields, defaults)
		}
		if !early {
			s.SetState(ID{3, 0}, 3, ID{2, 0})
		}
		last, added := ID{uint64(max(count, 3)), 0}, uint64(max(count, 3))
		if s.Last() != last || s.Added() != added || s.MaxDeleted() != (ID{2, 0}) {
			t.Fatalf("last %v, added %d, deleted %v", s.Last(), s.Added(), s.MaxDeleted())
		}
		if got := text(s, ID{}, Max, Forward); !slices.Equal(got, text(want, ID{}, Max, Forward)) {
			t.Fatalf("loaded in the order %v: %q", order, got)
		}
	})
}

func seq(n int) (list []int) {
	for i := range n {
		list = append(list, i)
	}
	return list
}

func TestGroupsAreSorted(t *testing.T) {
	s := New(newHeap(t))
	for _, name := range []string{"b", "", "a", "b", "ab"} {
		s.AddGroup([]byte(name)).AddConsumer([]byte(name))
	}
	if !slices.IsSortedFunc(s.Groups(), func(a, b *Group) int { return cmp.Compare(a.Name, b.Name) }) || len(s.Groups()) != 4 {
		t.Errorf("%d groups", len(s.Groups()))
	}
	if s.Group([]byte("c")) != nil || s.RemoveGroup([]byte("c")) || !s.RemoveGroup([]byte("a")) || s.Group([]byte("a")) != nil {
		t.Error("a group is not found rightly")
	}
}
