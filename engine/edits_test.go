package engine

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kvd/internal/change"
)

// TestRecordedAsEdits: a change of a long string is a row of what has changed,
// where that is much less than the string.
func TestRecordedAsEdits(t *testing.T) {
	const size = 4096
	key := []byte("k")
	tests := map[string]struct {
		size int
		do   func(tx *Tx)
		want string // op, offset and length of each row
	}{
		"append":                {size, func(tx *Tx) { _, _ = tx.Append(key, []byte("abc")) }, "edit 4096+3"},
		"setrange":              {size, func(tx *Tx) { _, _ = tx.SetRange(key, 7, []byte("abc")) }, "edit 7+3"},
		"setrange over the end": {size, func(tx *Tx) { _, _ = tx.SetRange(key, 4095, []byte("abc")) }, "edit 4095+3"},
		"setrange with a gap":   {size, func(tx *Tx) { _, _ = tx.SetRange(key, 9000, []byte("abc")) }, "edit 9000+3"},
		"half":                  {size, func(tx *Tx) { _, _ = tx.SetRange(key, 0, make([]byte, size/2)) }, "edit 0+2048"},
		"more than half":        {size, func(tx *Tx) { _, _ = tx.SetRange(key, 0, make([]byte, size/2+1)) }, "put 4096"},
		"a large one":           {2 * Large, func(tx *Tx) { _, _ = tx.SetRange(key, 7, []byte("abc")) }, "edit 7+3"},
		"one that becomes so":   {Large - 1, func(tx *Tx) { _, _ = tx.Append(key, []byte("abc")) }, "edit 32767+3"},
		"a short one":           {editMin - 4, func(tx *Tx) { _, _ = tx.Append(key, []byte("abc")) }, "put 1023"},
		"one no longer short":   {editMin - 1, func(tx *Tx) { _, _ = tx.Append(key, []byte("a")) }, "edit 1023+1"},
		"none":                  {0, func(tx *Tx) { _, _ = tx.SetRange([]byte("n"), 5000, []byte("abc")) }, "put 5003"},
		"set":                   {size, func(tx *Tx) { tx.SetString(key, make([]byte, size), Keep) }, "put 4096"},
		"set without expiry":    {size, func(tx *Tx) { tx.SetString(key, bytes.Repeat([]byte("x"), size), NoExpiry) }, "put 4096"},
		"a shorter one":         {size, func(tx *Tx) { tx.EditString(key, bytes.Repeat([]byte("x"), size-1), "edit") }, "put 4095"},
		"the same":              {size, func(tx *Tx) { tx.EditString(key, bytes.Repeat([]byte("x"), size), "edit") }, "edit 0+0"},
		"draft":                 {size, drafted(key, size, 0, 15, 2000), "edit 0+16 edit 2000+1"},
		"draft in many places": {
			size, drafted(key, size, 0, 500, 1000, 1500, 2000, 2200),
			"edit 0+1 edit 500+1 edit 1000+1 edit 1500+701",
		},
		"draft of a longer one": {size, drafted(key, size+100, 5), "edit 5+1 edit 4096+100"},
		"large draft":           {Large, drafted(key, Large, 5), "put 32768"},
		"part of a large draft": {Large, func(tx *Tx) {
			s, _ := tx.String(key)
			b := tx.Draft(s, Large+10)
			b[Large+3] = 'y'
			tx.EditDraftPart(key, b, Part{Large + 3, Large + 4}, "setbit")
		}, "edit 32771+7"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e, d, _ := newDiskEngine(t, Options{})
			do(e, func(tx *Tx) { tx.SetString(key, bytes.Repeat([]byte("x"), test.size), NoExpiry) })
			d.rows = nil
			do(e, test.do)
			if got := describe(d.rows); got != test.want {
				t.Errorf("rows %q, want %q", got, test.want)
			}
		})
	}
}

// drafted changes some bytes of a draft of n bytes.
func drafted(key []byte, n int, places ...int) func(tx *Tx) {
	return func(tx *Tx) {
		s, _ := tx.String(key)
		b := tx.Draft(s, n)
		for _, at := range places {
			b[at] = 'y'
		}
		tx.EditDraft(key, b, "setbit")
	}
}

func describe(rows []change.Row) string {
	var list [][]byte
	for _, r := range rows {
		if r.Op == change.Edit {
			list = append(list, fmt.Appendf(nil, "edit %d+%d", r.Offset, len(r.Value)))
		} else {
			list = append(list, fmt.Appendf(nil, "put %d", len(r.Value)))
		}
	}
	return string(bytes.Join(list, []byte(" ")))
}

// TestCompare: the parts are in order, and what they say makes the new value of
// the old one.
func TestCompare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old := slices.Repeat([]byte{'x'}, rapid.IntRange(0, 2000).Draw(t, "length"))
		val := append(bytes.Clone(old), make([]byte, rapid.IntRange(0, 2).Draw(t, "more")*100)...)
		for range rapid.IntRange(0, 8).Draw(t, "changes") {
			if len(val) > 0 {
				at := rapid.IntRange(0, len(val)-1).Draw(t, "at")
				fill := val[at:min(len(val), at+rapid.IntRange(1, 70).Draw(t, "length of a change"))]
				copy(fill, bytes.Repeat([]byte{'y'}, len(fill)))
			}
		}
		var p parts
		p.compare(0, old, val)
		made, last := bytes.Clone(old), 0
		for _, part := range p.list[:p.n] {
			if part.From < last || part.To <= part.From {
				t.Fatalf("parts %v", p.list[:p.n])
			}
			last = part.To
			made = append(made, make([]byte, max(0, part.To-len(made)))...)
			copy(made[part.From:], val[part.From:part.To])
		}
		if !bytes.Equal(made, val) {
			t.Fatalf("parts %v of %d bytes make another value", p.list[:p.n], len(val))
		}
	})
}

// TestEditsOfOneTx: rows may share memory with the value that they are of. What
// is on disk after the commit is what is in memory.
func TestEditsOfOneTx(t *testing.T) {
	e, d, _ := newDiskEngine(t, Options{})
	k, other := []byte("k"), []byte("other")
	setRange := func(tx *Tx, key []byte, at int, text string) {
		if _, err := tx.SetRange(key, at, []byte(text)); err != nil {
			t.Error(err)
		}
	}
	do(e, func(tx *Tx) { tx.SetString(k, make([]byte, 2*Large), NoExpiry) })
	do(e, func(tx *Tx) {
		setRange(tx, k, 10, "abc")
		setRange(tx, k, 11, "ABC")
		if _, err := tx.Copy(k, other, 0); err != nil {
			t.Error(err)
		}
		setRange(tx, k, 12, "123")
		setRange(tx, k, 3*Large, "far")
		if err := tx.Rename(k, []byte("renamed")); err != nil {
			t.Error(err)
		}
		setRange(tx, []byte("renamed"), 0, "first")
		tx.SetString(k, make([]byte, 2000), NoExpiry)
		setRange(tx, k, 1000, "small")
		tx.Delete(other)
	})
	requireReplay(t, e, d, "k", "other", "renamed")
}

// requireReplay compares keys with what the rows of d give.
func requireReplay(t *testing.T, e *Engine, d *disk, keys ...string) {
	t.Helper()
	replayed, _ := newEngine(t)
	must(t, replay(replayed, d.rows))
	for _, key := range keys {
		if !bytes.Equal(stringAt(t, e, key), stringAt(t, replayed, key)) {
			t.Errorf("the rows of %q give another value", key)
		}
	}
}

// TestEditsOfHeldValues: a value that a client is being sent stays as it is.
func TestEditsOfHeldValues(t *testing.T) {
	e, d, _ := newDiskEngine(t, Options{})
	k := []byte("k")
	do(e, func(tx *Tx) { tx.SetString(k, make([]byte, Large), NoExpiry) })
	var held *Blob
	do(e, func(tx *Tx) {
		s, _ := tx.String(k)
		held = s.Share()
	})
	edit := func(at int) {
		do(e, func(tx *Tx) {
			s, _ := tx.String(k)
			b := tx.Draft(s, Large)
			b[at] = 'x'
			tx.EditDraftPart(k, b, Part{at, at + 1}, "setbit")
		})
	}
	edit(5)
	if !bytes.Equal(held.Bytes(), make([]byte, Large)) {
		t.Error("the value changed while it was held")
	}
	held.Release()
	edit(6)
	if got := stringAt(t, e, "k"); string(got[4:8]) != "\x00xx\x00" {
		t.Errorf("the value is %q", got[4:8])
	}
	requireReplay(t, e, d, "k")
}

// TestEditOfColdValue: a value that a restart leaves on disk is read when the
// journal has an Edit of it.
func TestEditOfColdValue(t *testing.T) {
	e, d, _ := newDiskEngine(t, Options{})
	k := []byte("k")
	do(e, func(tx *Tx) { tx.SetString(k, make([]byte, 2*Large), 1_800_000_000_000) })
	d.checkpoint()
	do(e, func(tx *Tx) {
		_, _ = tx.SetRange(k, 7, []byte("edit"))
		_, _ = tx.Append(k, []byte("end"))
	})
	_, from := d.snapshot()

	again, _ := newEngineWith(t, Options{Store: d})
	must(t, d.loadFolded(again))
	must(t, replay(again, d.rows[from:]))
	if onDisk(again) != 0 || !bytes.Equal(stringAt(t, again, "k"), stringAt(t, e, "k")) {
		t.Errorf("%d values are on disk; or the value differs", onDisk(again))
	}
	do(again, func(tx *Tx) {
		if at, _ := tx.Deadline(k); at != 1_800_000_000_000 {
			t.Errorf("the expiry is %d", at)
		}
		if f, ok := tx.find(k); !ok || f.shard.unloadable(f.entry) {
			t.Error("a value that the disk does not have can be unloaded")
		}
	})
	clear(d.folded)
	lost, _ := newEngineWith(t, Options{Store: d})
	row := change.Row{Op: change.Put, Kind: change.Key, Type: change.String, Key: k, Value: make([]byte, Large)}
	must(t, lost.Load(&row, true))
	if err := replay(lost, d.rows[from:]); err == nil {
		t.Error("a missing row was no error")
	}
}

// TestEditOfNothing: an Edit is of a string that is there.
func TestEditOfNothing(t *testing.T) {
	e, _ := newEngine(t)
	row := change.Row{Op: change.Edit, Kind: change.Key, Key: []byte("k"), Offset: 3, Value: make([]byte, 100)}
	must(t, e.Load(&row, false))
	if present(e, 0, 1) != 0 {
		t.Error("there is a key")
	}
	hash := change.Row{Op: change.Put, Kind: change.Key, Type: change.Hash, Key: []byte("k"), Value: []byte{9}}
	element := change.Row{Op: change.Put, Kind: change.Element, ID: 9, Key: []byte("field"), Value: []byte("value")}
	must(t, replay(e, []change.Row{hash, element, row}))
	do(e, func(tx *Tx) {
		h, err := tx.Hash([]byte("k"))
		if err != nil || h.Len() != 1 {
			t.Fatalf("the hash has %d fields: %v", h.Len(), err)
		}
		if got, _ := h.Get([]byte("field")); string(got) != "value" {
			t.Errorf("its field is %q", got)
		}
	})
}

// TestBitsOfALargeValue: a thousand of them are less than 32 KiB of rows.
func TestBitsOfALargeValue(t *testing.T) {
	const size = 1 << 20
	e, d, _ := newDiskEngine(t, Options{})
	k := []byte("bitmap")
	do(e, func(tx *Tx) { tx.SetString(k, make([]byte, size), NoExpiry) })
	d.rows = nil
	for i := range 1000 {
		do(e, func(tx *Tx) {
			s, _ := tx.String(k)
			b, at := tx.Draft(s, size), i*7919%size
			b[at] ^= 4
			tx.EditDraftPart(k, b, Part{at, at + 1}, "setbit")
		})
	}
	total := 0
	for _, row := range d.rows {
		total += codecOverhead + len(row.Key) + len(row.Value)
	}
	if total > 32<<10 {
		t.Errorf("%d rows of %d bytes", len(d.rows), total)
	}
}

// codecOverhead is about what a row takes in the journal beyond its key and value.
const codecOverhead = 8

func TestEditsDoNotAllocate(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector drops objects from sync.Pool at random")
	}
	k, part := []byte("k"), make([]byte, 8)
	for _, size := range []int{2000, 12_304, 1 << 20} {
		e, _ := newEngine(t)
		do(e, func(tx *Tx) { tx.SetString(k, make([]byte, size), NoExpiry) })
		at := 0
		for name, fn := range map[string]func(tx *Tx){
			"setrange": func(tx *Tx) { _, _ = tx.SetRange(k, at, part) },
			"part of a draft": func(tx *Tx) {
				s, _ := tx.String(k)
				b := tx.Draft(s, size)
				b[at]++
				tx.EditDraftPart(k, b, Part{at, at + 1}, "setbit")
			},
		} {
			allocs := testing.AllocsPerRun(200, func() {
				at = (at + 997) % (size - len(part))
				tx := e.BeginKey(0, 0, 0, k)
				fn(tx)
				tx.Commit()
			})
			if allocs != 0 {
				t.Errorf("%s of %d bytes: %v allocations", name, size, allocs)
			}
		}
	}
}

// editModel holds long strings as an engine and as a map.
type editModel struct {
	*model
}

// change runs one of the ways to change a string.
func (m editModel) change(t *rapid.T) {
	key := []byte(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key"))
	at := rapid.IntRange(0, 3*Large).Draw(t, "at")
	text := bytes.Repeat([]byte{rapid.Byte().Draw(t, "byte")}, rapid.SampledFrom([]int{1, 3, 600, 20_000}).Draw(t, "length"))
	old, exists := m.dbs[0][string(key)]
	val := []byte(old.text)
	var fn func(*Tx) error
	switch way := rapid.SampledFrom([]string{"append", "range", "part", "draft"}).Draw(t, "way"); way {
	case "append":
		val = append(val, text...)
		fn = func(tx *Tx) error { _, err := tx.Append(key, text); return err }
	case "range":
		val = overwritten(val, at, text)
		fn = func(tx *Tx) error { _, err := tx.SetRange(key, at, text); return err }
	default:
		if !exists {
			return
		}
		val = overwritten(val, at, text)
		fn = func(tx *Tx) error {
			s, err := tx.String(key)
			if err != nil {
				return err
			}
			b := tx.Draft(s, len(val))
			copy(b[at:], text)
			if way == "part" {
				tx.EditDraftPart(key, b, Part{at, at + len(text)}, "setbit")
			} else {
				tx.EditDraft(key, b, "setbit")
			}
			return nil
		}
	}
	m.must(m.run(0, []string{string(key)}, fn))
	m.dbs[0][string(key)] = value{string(val), old.at}
}

func overwritten(val []byte, at int, text []byte) []byte {
	val = append(val, make([]byte, max(0, at+len(text)-len(val)))...)
	copy(val[at:], text)
	return val
}

// replace sets a key anew, deletes it or changes its expiry.
func (m editModel) replace(t *rapid.T) {
	key := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key")
	size := rapid.SampledFrom([]int{3, 1500, Large, 3 * Large}).Draw(t, "size")
	v, exists := m.dbs[0][key]
	m.must(m.run(0, []string{key}, func(tx *Tx) error {
		switch rapid.IntRange(0, 3).Draw(t, "how") {
		case 0:
			tx.Delete([]byte(key))
			delete(m.dbs[0], key)
		case 1:
			tx.Expire([]byte(key), Expiry(m.now()+int64(size)))
			v.at = m.now() + int64(size)
			if exists {
				m.dbs[0][key] = v
			}
		default:
			tx.SetString([]byte(key), make([]byte, size), NoExpiry)
			m.dbs[0][key] = value{text: string(make([]byte, size))}
		}
		return nil
	}))
}

// stop checks what a restart gives now.
func (m editModel) stop(t *rapid.T) {
	_, from := m.disk.snapshot()
	again := m.engine()
	defer again.Close()
	m.must(m.disk.loadFolded(again))
	m.must(replay(again, m.disk.rows[from:]))
	m.check(t, again)
}

// unload drops a value from memory, if that is allowed.
func (m editModel) unload(t *rapid.T) {
	key := []byte(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key"))
	do(m.e, func(tx *Tx) {
		if f, ok := tx.find(key); ok && f.shard.unloadable(f.entry) {
			tx.unload(f, key)
		}
	})
}

// TestEditsModel: whatever changes long strings, memory, a restart and a repeated
// replay give the same.
func TestEditsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := editModel{newModel(t)}
		defer m.e.Close()
		t.Repeat(map[string]func(*rapid.T){
			"change": m.change, "change again": m.change, "and again": m.change, "replace": m.replace,
			"checkpoint": func(*rapid.T) { m.disk.checkpoint() }, "unload": m.unload, "restart": m.stop,
		})
		m.check(t, m.e)
		m.disk.checkpoint()
		repeated := m.engine()
		defer repeated.Close()
		m.must(m.disk.loadFolded(repeated))
		m.must(replay(repeated, m.disk.rows))
		m.check(t, repeated)
		m.checkEmpty(t)
	})
}
