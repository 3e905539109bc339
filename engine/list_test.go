package engine

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kvd/engine/ds/list"
	"kvd/internal/change"
	"kvd/internal/rediserr"
)

// withList calls fn with the list at a key.
func withList(t testing.TB, e *Engine, key string, fn func(l *List)) {
	t.Helper()
	do(e, func(tx *Tx) {
		l, err := tx.List([]byte(key))
		if err != nil {
			t.Fatal(err)
		}
		fn(&l)
	})
}

// elementsOf returns the elements of the list at a key.
func elementsOf(t testing.TB, e *Engine, key string) (all []string) {
	t.Helper()
	withList(t, e, key, func(l *List) {
		if l.Exists() != (l.Len() > 0) {
			t.Errorf("a list of %d exists: %v", l.Len(), l.Exists())
		}
		l.Range(0, l.Len(), Left, func(v []byte) bool {
			all = append(all, string(v))
			return true
		})
	})
	return all
}

// without returns what LREM leaves of a list.
func without(all []string, value string, most int, from Side) (left []string) {
	if from == Right {
		slices.Reverse(all)
	}
	for _, v := range all {
		if v == value && most > 0 {
			most--
			continue
		}
		left = append(left, v)
	}
	if from == Right {
		slices.Reverse(left)
	}
	return left
}

// listModel is what lists should hold, as slices by their keys.
type listModel struct {
	t       *rapid.T
	want    map[string][]string
	lengths []int // of values
}

func (m *listModel) value() []byte {
	n := rapid.SampledFrom(m.lengths).Draw(m.t, "length")
	return []byte(strings.Repeat(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(m.t, "letter"), n))
}

func (m *listModel) draw(name string, low, high int) int {
	return rapid.IntRange(low, high).Draw(m.t, name)
}

func (m *listModel) key(name string) string {
	return rapid.SampledFrom([]string{"k", "l"}).Draw(m.t, name)
}

func (m *listModel) side(name string) Side {
	return rapid.SampledFrom([]Side{Left, Right}).Draw(m.t, name)
}

// step changes a list and its model.
func (m *listModel) step(l *List, key string) {
	have, s := m.want[key], m.side("side")
	what := m.draw("what", 0, 9)
	if len(have) == 0 {
		what = 0
	}
	switch what {
	case 0, 1, 2:
		have = m.push(l, have, s)
	case 3:
		n := m.draw("number", 1, len(have))
		l.Pop(s, n)
		at := (len(have) - n) * int(s)
		have = slices.Delete(have, at, at+n)
	case 4:
		i, v := m.draw("index", 0, len(have)-1), m.value()
		l.Set(i, v)
		have[i] = string(v)
	case 5, 6:
		i := m.draw("index", 0, len(have)-1)
		for range m.draw("times", 1, 60) {
			v := m.value()
			l.Insert(i, v)
			have = slices.Insert(have, i, string(v))
		}
	case 7:
		i := m.draw("index", 0, len(have)-1)
		n := m.draw("number", 0, len(have)-i)
		l.Trim(i, n)
		have = have[i : i+n]
	case 8:
		v, most := have[m.draw("index", 0, len(have)-1)], m.draw("most", 1, 50)
		left := without(slices.Clone(have), v, most, s)
		if n := l.Remove([]byte(v), most, s); n != len(have)-len(left) {
			m.t.Fatalf("%d removed, want %d", n, len(have)-len(left))
		}
		have = left
	case 9:
		m.move(l, key, s)
		return
	}
	m.want[key] = have
}

func (m *listModel) push(l *List, have []string, s Side) []string {
	var values [][]byte
	for range m.draw("values", 1, 60) {
		values = append(values, m.value())
	}
	l.Push(s, values...)
	for _, v := range values {
		have = slices.Insert(have, len(have)*int(s), string(v))
	}
	return have
}

func (m *listModel) move(l *List, key string, s Side) {
	to, end := m.key("to"), m.side("end")
	other, err := l.c.tx.List([]byte(to))
	if err != nil {
		m.t.Fatal(err)
	}
	at := (len(m.want[key]) - 1) * int(s)
	v := m.want[key][at]
	if got := l.MoveTo(&other, s, end); string(got) != v {
		m.t.Fatalf("%q moved, want %q", got, v)
	}
	m.want[key] = slices.Delete(m.want[key], at, at+1)
	m.want[to] = slices.Insert(m.want[to], len(m.want[to])*int(end), v)
}

// compare checks that an engine has the lists of the model.
func (m *listModel) compare(t testing.TB, e *Engine) {
	for k, list := range m.want {
		if got := elementsOf(t, e, k); !slices.Equal(got, list) {
			m.t.Fatalf("%.200q, want %.200q", got, list)
		}
	}
}

// TestListAgainstSlice: after any commands the lists have what slices have, and
// so have those of an engine that has loaded the rows.
func TestListAgainstSlice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		j := &journal{}
		e, _ := newEngineWith(t, Options{Store: j})
		m := &listModel{t: rt, want: map[string][]string{}}
		m.lengths = rapid.SampledFrom([][]int{{1, 2}, {3, 10, 100}, {5, 900, 2000, 5000}}).Draw(rt, "lengths")
		for range m.draw("steps", 1, 40) {
			key := m.key("key")
			withList(t, e, key, func(l *List) { m.step(l, key) })
			m.compare(t, e)
		}
		m.compare(t, replayed(t, j))
	})
}

// TestListRowsInAnyOrder: elements are loaded in any order, some of them twice.
func TestListRowsInAnyOrder(t *testing.T) {
	j := &journal{}
	e, _ := newEngineWith(t, Options{Store: j})
	var want []string
	withList(t, e, "k", func(l *List) {
		for i := range 700 {
			v := fmt.Sprint("element ", i)
			l.Push(Right, []byte(v))
			want = append(want, v)
		}
	})
	e, _ = newEngine(t)
	load := func(row change.Row) {
		if err := e.Load(&row, true); err != nil {
			t.Fatal(err)
		}
	}
	load(j.rows[0])
	for _, step := range []int{7, 1} {
		for from := range step {
			for i := 1 + from; i < len(j.rows); i += step {
				load(j.rows[len(j.rows)-i])
			}
		}
	}
	if err := e.Loaded(); err != nil {
		t.Fatal(err)
	}
	if got := elementsOf(t, e, "k"); !slices.Equal(got, want) {
		t.Errorf("%.200q", got)
	}
}

func TestListDamagedRows(t *testing.T) {
	j := &journal{}
	e, _ := newEngineWith(t, Options{Store: j})
	withList(t, e, "k", func(l *List) { l.Push(Left, []byte("a")) })
	id := j.rows[1].ID
	for name, row := range map[string]change.Row{
		"short":   {Op: change.Put, Key: []byte("1234567")},
		"long":    {Op: change.Delete, Key: []byte("123456789")},
		"expires": {Op: change.Put, Key: []byte("12345678"), Expire: 1},
	} {
		e, _ := newEngine(t)
		if err := e.Load(&j.rows[0], false); err != nil {
			t.Fatal(err)
		}
		row.Kind, row.ID = change.Element, id
		if err := e.Load(&row, false); !errors.Is(err, errListRow) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestListRows counts the rows that changes of a long list write.
func TestListRows(t *testing.T) {
	const n = 20_000
	for _, tt := range []struct {
		name string
		do   func(l *List)
		rows int
	}{
		{"push", func(l *List) { l.Push(Left, []byte("v")) }, 1},
		{"pop", func(l *List) { l.Pop(Right, 1) }, 1},
		{"set", func(l *List) { l.Set(n/2, []byte("v")) }, 1},
		{"insert", func(l *List) { l.Insert(n/2, []byte("v")) }, 1},
		{"rotate", func(l *List) { l.MoveTo(l, Right, Left) }, 2},
		{"remove", func(l *List) { l.Remove([]byte("element 7000"), 1, Right) }, 1},
		{"trim a few", func(l *List) { l.Trim(10, n-30) }, 30},
		{"trim most", func(l *List) { l.Trim(10, 5) }, 2 + 5},
		{"trim all", func(l *List) { l.Trim(10, 0) }, 2},
		{"pop all", func(l *List) { l.Pop(Left, n) }, 2},
	} {
		j := &journal{}
		e, _ := newEngineWith(t, Options{Store: j})
		withList(t, e, "k", func(l *List) {
			for i := range n {
				l.Push(Right, fmt.Append(nil, "element ", i))
			}
		})
		before := len(j.rows)
		withList(t, e, "k", tt.do)
		if got := len(j.rows) - before; got != tt.rows {
			t.Errorf("%s: %d rows, want %d", tt.name, got, tt.rows)
		}
		if got := elementsOf(t, replayed(t, j), "k"); !slices.Equal(got, elementsOf(t, e, "k")) {
			t.Errorf("%s: replayed otherwise", tt.name)
		}
	}
}

// TestListInsertAtOnePlace: many insertions at one place of a long list write few
// rows each.
func TestListInsertAtOnePlace(t *testing.T) {
	j := &journal{}
	e, _ := newEngineWith(t, Options{Store: j})
	var want []string
	withList(t, e, "k", func(l *List) {
		for i := range 5000 {
			l.Push(Right, fmt.Append(nil, i))
			want = append(want, fmt.Sprint(i))
		}
	})
	before := len(j.rows)
	const times = 3000
	withList(t, e, "k", func(l *List) {
		for i := range times {
			at := 2500
			if i%2 == 1 {
				at += i / 2
			}
			v := fmt.Append(nil, "new ", i)
			l.Insert(at, v)
			want = slices.Insert(want, at, string(v))
		}
	})
	if rows := len(j.rows) - before; rows > 50*times {
		t.Errorf("%d rows for %d insertions", rows, times)
	}
	if got := elementsOf(t, e, "k"); !slices.Equal(got, want) {
		t.Error("the elements are not those that were inserted")
	}
	if got := elementsOf(t, replayed(t, j), "k"); !slices.Equal(got, want) {
		t.Error("replayed otherwise")
	}
}

// TestListAtTheEndOfNumbers: a list that has come to the last positions goes on.
func TestListAtTheEndOfNumbers(t *testing.T) {
	for _, end := range []struct {
		pos  int64
		side Side
	}{{math.MaxInt64 - list.Stride, Right}, {math.MinInt64 + list.Stride, Left}, {math.MaxInt64, Right}, {math.MinInt64, Left}} {
		j := &journal{}
		e, _ := newEngineWith(t, Options{Store: j})
		want := []string{"a"}
		withList(t, e, "k", func(l *List) {
			l.insert(0, end.pos, []byte("a"))
			l.c.putRow(l.sub(end.pos), []byte("a"), 0)
			for i := range 100 {
				v := fmt.Append(nil, i)
				l.Push(end.side, v)
				want = slices.Insert(want, len(want)*int(end.side), string(v))
			}
		})
		if got := elementsOf(t, e, "k"); !slices.Equal(got, want) {
			t.Errorf("%v: %q", end, got)
		}
		if got := elementsOf(t, replayed(t, j), "k"); !slices.Equal(got, want) {
			t.Errorf("%v: replayed as %q", end, got)
		}
	}
}

func TestListEvents(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(l, other *List)
		want string
	}{
		{"push", func(l, _ *List) { l.Push(Right, []byte("x"), []byte("y")) }, "rpush"},
		{"push to none", func(_, o *List) { o.Push(Left, []byte("x")) }, "new lpush"},
		{"pop", func(l, _ *List) { l.Pop(Left, 1) }, "lpop"},
		{"pop all", func(l, _ *List) { l.Pop(Right, 3) }, "rpop del"},
		{"trim", func(l, _ *List) { l.Trim(0, 3) }, "ltrim"},
		{"trim all", func(l, _ *List) { l.Trim(0, 0) }, "ltrim del"},
		{"remove none", func(l, _ *List) { l.Remove([]byte("z"), 1, Left) }, ""},
		{"remove", func(l, _ *List) { l.Remove([]byte("a"), 9, Left) }, "lrem"},
		{"insert", func(l, _ *List) { l.Insert(1, []byte("x")) }, "linsert"},
		{"set", func(l, _ *List) { l.Set(1, []byte("x")) }, "lset"},
		{"move", func(l, o *List) { l.MoveTo(o, Left, Right) }, "new rpush lpop"},
		{"rotate", func(l, _ *List) { l.MoveTo(l, Left, Left) }, "lpush lpop"},
		{"move last", func(l, o *List) { l.Pop(Left, 2); l.MoveTo(o, Right, Left) }, "lpop new lpush rpop del"},
		{"rotate last", func(l, _ *List) { l.Pop(Left, 2); l.MoveTo(l, Right, Left) }, "lpop lpush rpop"},
	} {
		o := &events{}
		e, _ := newEngineWith(t, Options{Store: Discard{}, Observer: o})
		withList(t, e, "k", func(l *List) { l.Push(Right, []byte("a"), []byte("b"), []byte("a")) })
		e.SetEvents(change.EventList | change.EventGeneric | change.EventNew)
		withList(t, e, "k", func(l *List) {
			other, _ := l.c.tx.List([]byte("other"))
			tt.do(l, &other)
		})
		if got := strings.Join(o.names, " "); got != tt.want {
			t.Errorf("%s: events %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestListWrongType(t *testing.T) {
	e, _ := newEngine(t)
	do(e, func(tx *Tx) {
		tx.SetString([]byte("s"), []byte("v"), NoExpiry)
		if _, err := tx.List([]byte("s")); !errors.Is(err, rediserr.WrongType) {
			t.Errorf("List: %v", err)
		}
		if _, err := tx.PeekList([]byte("s")); !errors.Is(err, rediserr.WrongType) {
			t.Errorf("PeekList: %v", err)
		}
	})
}

// TestListMemory: a list goes back to one cell, and leaves nothing behind.
func TestListMemory(t *testing.T) {
	e, _ := newEngine(t)
	empty := e.Used()
	value := bytes.Repeat([]byte("v"), 100)
	withList(t, e, "k", func(l *List) {
		l.Push(Left, value)
		small := l.c.shard.bytes()
		for range 20_000 {
			l.Push(Left, value)
		}
		if now := l.c.shard.bytes(); now < small+20_000*100 || now > small+20_000*120 {
			t.Errorf("20000 elements of 100 bytes take %d", now-small)
		}
		l.Pop(Right, 20_000)
		if now := l.c.shard.bytes(); l.large != nil || now > small+64 {
			t.Errorf("one element takes %d bytes, at first it took %d", now, small)
		}
		l.Pop(Left, 1)
	})
	if now := e.Used(); now > empty+4096 {
		t.Errorf("%d bytes used, %d before", now, empty)
	}
}
