package engine

import (
	"bytes"
	"testing"
)

// stringAt returns the string at key.
func stringAt(t *testing.T, e *Engine, key string) (b []byte) {
	t.Helper()
	do(e, func(tx *Tx) {
		s, err := tx.PeekString([]byte(key))
		if err != nil {
			t.Fatal(err)
		}
		b = bytes.Clone(s.Bytes())
	})
	return b
}

func TestDraft(t *testing.T) {
	e, c := newEngine(t)
	expiry := Expiry(c.Now().UnixMilli() + 1000)
	for _, size := range []int{3, Large + 3} {
		key, old := []byte("k"), bytes.Repeat([]byte("x"), size)
		do(e, func(tx *Tx) { tx.SetString(key, bytes.Clone(old), expiry) })
		commit := do(e, func(tx *Tx) {
			s, _ := tx.String(key)
			b := tx.Draft(s, size+2)
			b[0] = 'y'
			tx.EditDraft(key, b, "setbit")
			if at, _ := tx.Deadline(key); at != expiry {
				t.Errorf("the expiry is %d", at)
			}
			if o, _ := tx.Object(key); !o.Raw {
				t.Error("the value does not count as raw")
			}
		})
		want := append(append([]byte("y"), old[1:]...), 0, 0)
		if got := stringAt(t, e, "k"); !commit.Changed || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %.20q, want %.20q", size, got, want)
		}
	}
	do(e, func(tx *Tx) {
		b := tx.Draft(String{}, 2)
		tx.SetDraft([]byte("k"), b, "set")
		if at, _ := tx.Deadline([]byte("k")); at != NoExpiry {
			t.Error("SetDraft left the expiry")
		}
	})
	if got := stringAt(t, e, "k"); !bytes.Equal(got, []byte{0, 0}) {
		t.Errorf("a draft of nothing is %q", got)
	}
}

func TestQuietEdits(t *testing.T) {
	seen := new(events)
	e, _ := newEngineWith(t, Options{Store: Discard{}, Observer: seen})
	do(e, func(tx *Tx) { tx.SetString([]byte("k"), []byte("value"), NoExpiry) })
	e.SetEvents(1<<11 - 1)

	if c := do(e, func(tx *Tx) { tx.EditDraftQuietly([]byte("k"), []byte("VALUE")) }); !c.Changed {
		t.Error("a quiet edit is not recorded")
	}
	c := do(e, func(tx *Tx) {
		tx.Annotate([]byte("k"), []byte("no"))
		tx.Annotate([]byte("none"), []byte("no"))
		tx.Annotate([]byte("k"), []byte("too long"))
		tx.MarkRaw([]byte("none"))
	})
	if c.Changed {
		t.Error("a note is recorded")
	}
	if got := stringAt(t, e, "k"); string(got) != "noLUE" {
		t.Errorf("the value is %q", got)
	}
	if len(seen.names) > 0 {
		t.Errorf("events %v", seen.names)
	}
}

// TestAnnotateLeavesLargeValues is about bytes that a client may be sent.
func TestAnnotateLeavesLargeValues(t *testing.T) {
	e, _ := newEngine(t)
	large := bytes.Repeat([]byte("x"), Large)
	do(e, func(tx *Tx) { tx.SetString([]byte("k"), bytes.Clone(large), NoExpiry) })
	do(e, func(tx *Tx) { tx.Annotate([]byte("k"), []byte("no")) })
	if !bytes.Equal(stringAt(t, e, "k"), large) {
		t.Error("a large value was changed")
	}
}
