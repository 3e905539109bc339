package engine

import (
	"bytes"
	"fmt"
	"testing"

	"kvd/internal/change"
)

// TestForget: what was erased is in no row any more, and the rest still verifies.
func TestForget(t *testing.T) {
	e, d, c := newHistoryEngine(t)
	auto(e, HistoryPolicy{Scope: ScopeKey, Name: "k"})
	key := []byte("k")
	now := c.Now().UnixMilli()
	for i := range 70 {
		all(e, now, func(tx *Tx) { tx.SetString(key, fmt.Appendf(nil, "secret%d", i), NoExpiry) })
	}
	forget := func(fn func(h *History)) {
		all(e, now, func(tx *Tx) { fn(historyOf(tx, key)) })
		all(restarted(t, d, c), now, func(tx *Tx) {
			if faults := historyOf(tx, key).Verify(); len(faults) > 0 {
				t.Errorf("%q", faults)
			}
		})
	}
	forget(func(h *History) {
		for _, number := range []uint64{1, 20, 33, 70} {
			h.Name(number, "tag")
			if err := h.Forget(number); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Load(number); err == nil {
				t.Errorf("version %d is there", number)
			}
			if err := h.Forget(number); err == nil {
				t.Errorf("version %d was erased twice", number)
			}
		}
		if len(h.Tags()) > 0 {
			t.Errorf("tags %v", h.Tags())
		}
	})
	all(e, now, func(tx *Tx) {
		if n, err := historyOf(tx, key).Save(SaveNote{}); n != 71 || err != nil {
			t.Errorf("the value of an erased version is version %d, %v", n, err)
		}
	})
	forget(func(h *History) {
		if n, err := h.ForgetAll(); n != 67 || err != nil {
			t.Errorf("%d were erased, %v", n, err)
		}
		if n, err := h.ForgetAll(); n != 0 || err != nil {
			t.Errorf("%d were erased twice, %v", n, err)
		}
	})
	latest := map[uint64]change.Row{}
	for _, r := range d.rows {
		if r.Kind == change.History {
			latest[r.ID] = r
		}
	}
	for id, r := range latest {
		if bytes.Contains(r.Value, []byte("secret")) && r.Op == change.Put {
			t.Errorf("version %d still has %q", id, r.Value)
		}
	}
}

// TestVerifyNotices: any change of any stored version is noticed.
func TestVerifyNotices(t *testing.T) {
	e, d, c := newHistoryEngine(t)
	auto(e, HistoryPolicy{Scope: ScopeKey, Name: "k"})
	key := []byte("k")
	for i := range 3 {
		all(e, c.Now().UnixMilli(), func(tx *Tx) { tx.SetString(key, fmt.Appendf(nil, "value%d", i), NoExpiry) })
	}
	for i := range d.rows {
		r := &d.rows[i]
		if r.Kind != change.History {
			continue
		}
		for at := range r.Value {
			if at == 2 {
				continue // the revision is a name, and not part of the chain
			}
			r.Value[at] ^= 1
			all(e, c.Now().UnixMilli(), func(tx *Tx) {
				v := historyOf(tx, key)
				if len(v.Verify()) == 0 && !sameButForNames(v) {
					t.Errorf("byte %d of version %d", at, r.ID)
				}
			})
			r.Value[at] ^= 1
		}
	}
}

// sameButForNames reports whether a change is of what the chain leaves out: who
// and by what command.
func sameButForNames(h *History) bool {
	for n := range h.Newest() {
		v, err := h.Load(n + 1)
		if err != nil || string(v.Content) != fmt.Sprintf("value%d", n) {
			return false
		}
	}
	return true
}
