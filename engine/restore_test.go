package engine

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"kvd/internal/change"
)

// allEvents selects every class.
const allEvents = change.EventMissed<<1 - 1

// TestRestoreEvents: whatever was there and whatever comes, there are two
// events, and the rows give the same after a restart.
func TestRestoreEvents(t *testing.T) {
	o, j := &events{}, &journal{}
	e, clock := newEngineWith(t, Options{Store: j, Observer: o})
	e.SetEvents(allEvents)
	key := []byte("k")
	until := Expiry(clock.Now().UnixMilli() + 1000)
	fills := []func(tx *Tx){
		func(tx *Tx) { tx.SetString(key, []byte("v"), NoExpiry) },
		func(tx *Tx) { l, _ := tx.PeekList(key); l.Push(Right, words("a", "b")...) },
		func(tx *Tx) { h, _ := tx.PeekHash(key); h.SetUntil(words("f", "v"), until+5, fewFields) },
		func(tx *Tx) { s, _ := tx.PeekSet(key); s.Add(words("a", "1"), 512) },
		func(tx *Tx) { z, _ := tx.PeekZSet(key); z.Add([]ZEntry{{[]byte("a"), 1}}, 0, defaultZLimits) },
	}
	for i, fill := range fills {
		o.names = nil
		do(e, func(tx *Tx) {
			tx.Restore(key, until, func() { fill(tx) })
			if at, ok := tx.Deadline(key); !ok || at != until {
				t.Errorf("fill %d: expires at %d, %v", i, at, ok)
			}
		})
		if !slices.Equal(o.names, []string{"new", "restore"}) {
			t.Errorf("fill %d: events %v", i, o.names)
		}
		again := replayed(t, j)
		do(again, func(tx *Tx) {
			if at, ok := tx.Deadline(key); !ok || at != until {
				t.Errorf("fill %d: expires at %d, %v after a restart", i, at, ok)
			}
		})
	}
	o.names = nil
	clock.Advance(2 * time.Second)
	do(e, func(tx *Tx) { tx.Restore(key, NoExpiry, func() { fills[0](tx) }) })
	if !slices.Equal(o.names, []string{"expired", "new", "restore"}) {
		t.Errorf("in place of an expired key: events %v", o.names)
	}
}

func TestUseOfRestored(t *testing.T) {
	key := []byte("k")
	of := func(policy Policy, fn func(tx *Tx)) (o Object) {
		e, _ := newEngineWith(t, Options{Store: Discard{}, Memory: MemoryPolicy{Policy: policy, Samples: 5, LogFactor: 10, DecayMinutes: 1}})
		do(e, func(tx *Tx) {
			tx.SetString(key, key, NoExpiry)
			fn(tx)
			o, _ = tx.Object(key)
		})
		return o
	}
	if got := of(AllKeysLRU, func(tx *Tx) { tx.SetIdle(key, 3_600_000); tx.SetFrequency(key, 9) }).Idle; got/lruUnit != 3_600_000/lruUnit {
		t.Errorf("not used for %d ms", got)
	}
	if got := of(AllKeysLRU, func(tx *Tx) { tx.SetIdle(key, 1<<62) }).Idle; got < 1<<31 {
		t.Errorf("not used for %d ms, though it was very long", got)
	}
	if got := of(AllKeysLFU, func(tx *Tx) { tx.SetFrequency(key, 200); tx.SetIdle(key, 1<<40) }).Frequency; got != 200 {
		t.Errorf("the counter is %d", got)
	}
	of(NoEviction, func(tx *Tx) { tx.SetIdle([]byte("none"), 1); tx.SetFrequency([]byte("none"), 1) })
}

// TestFields: fields whose time has passed are not shown.
func TestFields(t *testing.T) {
	e, clock := newEngine(t)
	soon := Expiry(clock.Now().UnixMilli() + 10)
	withHash(t, e, 0, "h", func(_ *Tx, h *Hash) {
		h.Set(words("stays", "1"), fewFields)
		h.SetUntil(words("soon", "2"), soon, fewFields)
		h.SetUntil(words("late", "3"), soon+1000, fewFields)
	})
	clock.Advance(20 * time.Millisecond)
	do(e, func(tx *Tx) {
		h, _ := tx.PeekHash([]byte("h"))
		got := map[string]Expiry{}
		h.Fields(func(field, _ []byte, at Expiry) bool {
			got[string(field)] = at
			return true
		})
		if want := map[string]Expiry{"stays": NoExpiry, "late": soon + 1000}; !reflect.DeepEqual(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

func TestRestoreGroup(t *testing.T) {
	j := &journal{}
	e, _ := newEngineWith(t, Options{Store: j})
	key := []byte("s")
	want := StreamGroupState{
		Name: []byte("group"), Last: StreamID{MS: 2}, Read: StreamUnknown,
		Consumers: []StreamConsumerState{{[]byte("alice"), 5}, {[]byte("bob"), 6}, {[]byte("idle"), 7}},
		Pending:   []StreamPendingState{{StreamID{MS: 1}, 100, 3, 1}, {StreamID{MS: 1, Seq: 9}, 101, 1, 0}, {StreamID{MS: 2}, 102, 1, 1}},
	}
	do(e, func(tx *Tx) {
		tx.Restore(key, NoExpiry, func() {
			s, _ := tx.PeekStream(key)
			s.Create()
			s.Set(StreamID{MS: 5}, 10, StreamID{MS: 3})
			s.RestoreGroup(&want)
		})
	})
	for name, e := range map[string]*Engine{"at once": e, "after a restart": replayed(t, j)} {
		do(e, func(tx *Tx) {
			s, _ := tx.PeekStream(key)
			g := s.Group(want.Name)
			if g == nil {
				t.Errorf("%s there is no group", name)
				return
			}
			if got := s.GroupState(g); !reflect.DeepEqual(got, want) {
				t.Errorf("%s the group is\n%+v, want\n%+v", name, got, want)
			}
		})
	}
}
