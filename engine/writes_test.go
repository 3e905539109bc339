package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// writes is a WriteObserver that remembers what it was told.
type writes []string

func (w *writes) Written(seen *Writes) {
	keys := []string{}
	for _, key := range seen.Keys {
		keys = append(keys, string(key))
	}
	slices.Sort(keys)
	text := strings.Join(slices.Compact(keys), ",")
	if seen.Emptied {
		text += "*"
	}
	*w = append(*w, fmt.Sprintf("%s by %d", text, seen.By))
}

func (w *writes) take() string {
	text := strings.Join(*w, "; ")
	*w = nil
	return text
}

func TestObserveWrites(t *testing.T) {
	e, c := newEngineWith(t, Options{Store: Discard{}})
	var seen writes
	key := func(s string) []byte { return []byte(s) }
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	do := func(by int64, fn func(tx *Tx)) {
		var all Lock
		e.AddAll(&all)
		tx := e.Begin(0, c.Now().UnixMilli(), 0, &all)
		tx.SetAuthor(by)
		fn(tx)
		tx.Commit()
	}
	do(1, func(tx *Tx) { tx.SetString(key("a"), key("1"), NoExpiry) })
	if got := seen.take(); got != "" {
		t.Errorf("told %q before it was asked for", got)
	}

	e.ObserveWrites(&seen)
	for _, step := range []struct {
		name string
		do   func(tx *Tx)
		want string
	}{
		{"a string", func(tx *Tx) { tx.SetString(key("a"), key("2"), NoExpiry) }, "a by 7"},
		{"two", func(tx *Tx) { tx.Delete(key("a")); tx.SetString(key("b"), key("2"), NoExpiry) }, "a,b by 7"},
		{"a read", func(tx *Tx) { _, err := tx.String(key("b")); must(err) }, ""},
		{"nothing", func(tx *Tx) { tx.Delete(key("none")) }, ""},
		{"expiry", func(tx *Tx) { tx.Expire(key("b"), Expiry(tx.Now()+5)) }, "b by 7"},
		{"a new list", func(tx *Tx) { l, err := tx.List(key("l")); must(err); l.Push(Right, key("x")) }, "l by 7"},
		{"an element", func(tx *Tx) { l, err := tx.List(key("l")); must(err); l.Push(Right, key("y")) }, "l by 7"},
		{"a name", func(tx *Tx) { must(tx.Rename(key("l"), key("m"))) }, "l,m by 7"},
		{"a database without keys", func(tx *Tx) { tx.Flush(3) }, "* by 7"},
	} {
		do(7, step.do)
		if got := seen.take(); got != step.want {
			t.Errorf("%s: told %q, want %q", step.name, got, step.want)
		}
	}

	c.Advance(10_000_000_000)
	e.ExpireDue()
	if got := seen.take(); got != "b by 0" {
		t.Errorf("of an expired key: %q", got)
	}
	e.ObserveWrites(nil)
	do(7, func(tx *Tx) { tx.Flush(0) })
	if got := seen.take(); got != "" {
		t.Errorf("told %q after it was called off", got)
	}
}
