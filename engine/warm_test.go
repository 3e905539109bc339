package engine

import (
	"fmt"
	"testing"
)

// Warm changes nothing and waits for no lock.
func TestWarm(t *testing.T) {
	e, _ := newEngine(t)
	keys := make([][]byte, 2*WarmMost)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "key:%d", i)
	}
	if e.Warm(0, keys) != 0 {
		t.Error("an empty engine was read")
	}
	do(e, func(tx *Tx) {
		for i := range 40_000 {
			tx.SetString(fmt.Appendf(nil, "key:%d", i), make([]byte, 100), NoExpiry)
		}
	})
	if e.Used() < warmFrom {
		t.Fatalf("%d bytes in use, too few", e.Used())
	}
	do(e, func(*Tx) {
		if e.Warm(0, keys) != 0 {
			t.Error("a shard that is locked was read")
		}
	})
	if e.Warm(0, keys) == 0 {
		t.Error("nothing was read")
	}
	if e.Warm(0, [][]byte{keys[0], keys[0], keys[1]}) != 0 {
		t.Error("a key was read that is used all the time")
	}
	if e.Warm(1, keys) != 0 {
		t.Error("a database without keys was read")
	}
}
