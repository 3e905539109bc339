package engine

import (
	"errors"
	"testing"

	"kvd/internal/change"
	"kvd/internal/rediserr"
)

func TestEditInt(t *testing.T) {
	e, c := newEngine(t)
	expiry := Expiry(c.Now().UnixMilli() + 1000)
	key := []byte("counter")
	do(e, func(tx *Tx) {
		tx.SetString(key, []byte("9"), expiry)
		// Two in one Tx: the rows must not share memory.
		tx.EditInt(key, -10, "incrby")
		tx.EditInt([]byte("other"), 1<<63-1, "incrby")
		if rows := tx.set.Rows; string(rows[1].Value) != "-10" || string(rows[2].Value) != "9223372036854775807" {
			t.Errorf("rows hold %q and %q", rows[1].Value, rows[2].Value)
		}
	})
	do(e, func(tx *Tx) {
		if s, err := tx.String(key); err != nil || string(s.Bytes()) != "-10" {
			t.Errorf("%q, %v", s.Bytes(), err)
		}
		if at, _ := tx.Deadline(key); at != expiry {
			t.Errorf("the key expires at %d, want %d", at, expiry)
		}
	})
}

func TestStringLen(t *testing.T) {
	e, _ := newEngine(t)
	key := []byte("k")
	do(e, func(tx *Tx) {
		if n, err := tx.StringLen(key); n != 0 || err != nil {
			t.Errorf("missing: %d, %v", n, err)
		}
		tx.SetString(key, []byte("four"), NoExpiry)
		if n, err := tx.StringLen(key); n != 4 || err != nil {
			t.Errorf("four: %d, %v", n, err)
		}
		f, _ := tx.find(key)
		f.entry[0] = byte(change.String) + 1
		if _, err := tx.StringLen(key); !errors.Is(err, rediserr.WrongType) {
			t.Errorf("another type: %v", err)
		}
	})
}
