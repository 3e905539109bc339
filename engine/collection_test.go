package engine

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kvd/internal/change"
	"kvd/internal/clock"
	"kvd/internal/rediserr"
)

// elements plays random commands on collections. What they should hold is the
// business of each type's tests; here, what is stored must give what is in
// memory.
type elements struct {
	t     *rapid.T
	e     *Engine
	disk  *disk
	clock *clock.Manual
}

func (m *elements) engine() *Engine {
	return New(Options{Store: m.disk, Clock: m.clock, Databases: modelDatabases, Shards: 4, Memory: MemoryPolicy{Samples: 5}})
}

// run runs fn on keys; a key of another type is no fault.
func (m *elements) run(db int, keys []string, fn func(tx *Tx) error) {
	err := run(m.e, db, m.clock.Now().UnixMilli(), keys, fn)
	if err != nil && err != rediserr.WrongType && err != rediserr.NoSuchKey {
		m.t.Fatal(err)
	}
}

// someWords returns some elements, now and then enough for a structure of its own,
// or for memory of its own.
func someWords(t *rapid.T) [][]byte {
	size := rapid.SampledFrom([]int{0, 1, 5, 40, 3000}).Draw(t, "size")
	from := rapid.IntRange(0, 50).Draw(t, "from")
	list := make([][]byte, rapid.SampledFrom([]int{1, 2, 6, 150}).Draw(t, "count"))
	for i := range list {
		list[i] = fmt.Appendf(nil, "%d", from+i)
		list[i] = append(list[i], bytes.Repeat([]byte{'x'}, size)...)
	}
	return list
}

func (m *elements) add(t *rapid.T) {
	key, list := drawKey(t), someWords(t)
	kind := rapid.SampledFrom([]change.Type{change.List, change.SetType, change.Hash}).Draw(t, "kind")
	m.run(drawDB(t, "db"), []string{key}, func(tx *Tx) error {
		switch kind {
		case change.List:
			l, err := tx.List([]byte(key))
			if err == nil {
				l.Push(Side(rapid.IntRange(0, 1).Draw(t, "side")), list...)
			}
			return err
		case change.SetType:
			s, err := tx.Set([]byte(key))
			if err == nil {
				s.Add(list, defaultIntsetMax)
			}
			return err
		default:
			h, err := tx.Hash([]byte(key))
			if err == nil {
				h.Set(append(list, list...), loadedHash)
			}
			return err
		}
	})
}

func (m *elements) remove(t *rapid.T) {
	key, list := drawKey(t), someWords(t)
	m.run(drawDB(t, "db"), []string{key}, func(tx *Tx) error {
		switch kind, _ := tx.Type([]byte(key)); kind {
		case change.List:
			l, _ := tx.List([]byte(key))
			l.Trim(min(1, l.Len()-1), max(0, l.Len()-len(list)))
		case change.SetType:
			s, _ := tx.Set([]byte(key))
			s.Remove(list)
		case change.Hash:
			h, _ := tx.Hash([]byte(key))
			h.Take(list, func([]byte) {})
		}
		return nil
	})
}

func (m *elements) set(t *rapid.T) {
	key := drawKey(t)
	m.run(drawDB(t, "db"), []string{key}, func(tx *Tx) error {
		tx.SetString([]byte(key), []byte("text"), NoExpiry)
		return nil
	})
}

func (m *elements) delete(t *rapid.T) {
	key := drawKey(t)
	m.run(drawDB(t, "db"), []string{key}, func(tx *Tx) error {
		tx.Delete([]byte(key))
		return nil
	})
}

func (m *elements) expire(t *rapid.T) {
	key, after := drawKey(t), rapid.IntRange(1, 40).Draw(t, "after")
	m.run(drawDB(t, "db"), []string{key}, func(tx *Tx) error {
		tx.Expire([]byte(key), Expiry(tx.Now()+int64(after)))
		return nil
	})
}

func (m *elements) rename(t *rapid.T) {
	src, dst := drawKey(t), drawKey(t)
	m.run(drawDB(t, "db"), []string{src, dst}, func(tx *Tx) error { return tx.Rename([]byte(src), []byte(dst)) })
}

func (m *elements) copy(t *rapid.T) {
	src, dst, db, to := drawKey(t), drawKey(t), drawDB(t, "db"), drawDB(t, "to")
	if src == dst && db == to {
		return
	}
	m.run(db, []string{src, dst}, func(tx *Tx) error {
		_, err := tx.Copy([]byte(src), []byte(dst), to)
		return err
	})
}

func (m *elements) move(t *rapid.T) {
	key, to := drawKey(t), drawDB(t, "to")
	m.run(drawDB(t, "db"), []string{key}, func(tx *Tx) error {
		_, err := tx.Move([]byte(key), to)
		return err
	})
}

func (m *elements) flush(t *rapid.T) {
	db := drawDB(t, "db")
	do(m.e, func(tx *Tx) { tx.Flush(db) })
	m.e.garbage.collect()
}

func (m *elements) swap(t *rapid.T) {
	a, b := drawDB(t, "a"), drawDB(t, "b")
	do(m.e, func(tx *Tx) { tx.Swap(a, b) })
}

func (m *elements) pass(t *rapid.T) {
	m.clock.Advance(time.Duration(rapid.IntRange(1, 20).Draw(t, "ms")) * time.Millisecond)
	m.e.ExpireDue()
}

// keysAndElements shows all keys of an engine with their elements.
func keysAndElements(e *Engine) []string {
	var lines []string
	do(e, func(tx *Tx) {
		for db := range modelDatabases {
			tx.Select(db)
			var keys [][]byte
			tx.Each(func(it Item) { keys = append(keys, bytes.Clone(it.Key)) })
			for _, key := range keys {
				at, _ := tx.Deadline(key)
				kind, _ := tx.Type(key)
				lines = append(lines, fmt.Sprintf("%d %s type %d at %d", db, key, kind, at))
				tx.Elements(key, func(sub, value []byte, expire int64) bool {
					lines = append(lines, fmt.Sprintf("%d %s %x = %.20s of %d until %d", db, key, sub, value, len(value), expire))
					return true
				})
			}
		}
	})
	slices.Sort(lines)
	return lines
}

func (m *elements) compare(how string, e *Engine) {
	want, got := keysAndElements(m.e), keysAndElements(e)
	if !slices.Equal(want, got) {
		for _, line := range want {
			if !slices.Contains(got, line) {
				m.t.Fatalf("%s: missing %.200s", how, line)
			}
		}
		m.t.Fatalf("%s: %d lines, want %d:\n%.2000s", how, len(got), len(want), strings.Join(got, "\n"))
	}
}

// checkpoint folds what was submitted. One that is cut short leaves some rows as
// they were, settings among them, and a journal that goes back to its beginning.
func (m *elements) checkpoint(t *rapid.T) {
	before, from := m.disk.snapshot()
	m.disk.checkpoint()
	m.load("checkpoint", func(e *Engine) error { return m.disk.loadFolded(e) })

	after, _ := m.disk.snapshot()
	mixed := newDisk()
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	for _, at := range sortedKeys(before) {
		row := before[at]
		if is, ok := after[at]; at.kind == change.Meta || rng.IntN(2) == 0 || ok && reflect.DeepEqual(row, is) {
			mixed.folded[at] = row
		} else if ok {
			mixed.folded[at] = is
		}
	}
	for _, at := range sortedKeys(after) {
		row := after[at]
		if _, ok := before[at]; !ok && at.kind != change.Meta && rng.IntN(2) == 0 {
			mixed.folded[at] = row
		}
	}
	m.load("checkpoint cut short", func(e *Engine) error {
		return errors.Join(mixed.loadFolded(e), replay(e, m.disk.rows[from:]))
	})
}

// sortedKeys makes what is drawn for rows the same in each run.
func sortedKeys(rows map[diskKey]change.Row) []diskKey {
	return slices.SortedFunc(maps.Keys(rows), func(a, b diskKey) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.space, b.space), cmp.Compare(a.id, b.id), cmp.Compare(a.key, b.key))
	})
}

// load compares an engine that fill fills from storage.
func (m *elements) load(how string, fill func(e *Engine) error) {
	e := m.engine()
	defer e.Close()
	if err := fill(e); err != nil {
		m.t.Fatalf("%s: %v", how, err)
	}
	if err := e.Loaded(); err != nil {
		m.t.Fatal(err)
	}
	m.compare(how, e)
}

func TestElementsAreStored(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &elements{t: t, disk: newDisk(), clock: clock.NewManual(time.UnixMilli(1_700_000_000_000))}
		m.e = m.engine()
		defer m.e.Close()
		t.Repeat(map[string]func(*rapid.T){
			"add": m.add, "add more": m.add, "remove": m.remove, "set": m.set, "delete": m.delete, "expire": m.expire,
			"rename": m.rename, "copy": m.copy, "move": m.move, "flush": m.flush, "swap": m.swap, "pass": m.pass,
			"checkpoint": m.checkpoint,
		})
		m.load("journal", func(e *Engine) error { return replay(e, m.disk.rows) })
		do(m.e, func(tx *Tx) {
			for db := range modelDatabases {
				tx.Flush(db)
			}
		})
		for range 20 {
			m.e.garbage.collect()
		}
		if used := m.e.Used(); used != 0 {
			t.Fatalf("an empty engine uses %d bytes", used)
		}
	})
}
