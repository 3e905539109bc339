package engine

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"kvd/internal/change"
)

// TestRetention: each limit of a policy alone and with the others.
func TestRetention(t *testing.T) {
	for _, test := range []struct {
		policy HistoryPolicy
		want   string
	}{
		{HistoryPolicy{}, "1 2 3 4 5 6"},
		{HistoryPolicy{Keep: 2}, "2 5 6"},
		{HistoryPolicy{MaxAge: 2500}, "2 4 5 6"},
		{HistoryPolicy{MaxAge: 1}, "2 6"},
		{HistoryPolicy{MaxAge: 1, MinKeep: 4}, "2 3 4 5 6"},
		{HistoryPolicy{Keep: 1, MinKeep: 2}, "2 5 6"},
		{HistoryPolicy{KeepDeleted: 1}, "1 2 3 4 5 6"},
	} {
		e, d, c := newHistoryEngine(t)
		key := []byte("k")
		for i := range 6 {
			c.Advance(time.Second)
			all(e, c.Now().UnixMilli(), func(tx *Tx) {
				tx.SetString(key, fmt.Append(nil, i), NoExpiry)
				_, _ = historyOf(tx, key).Save(SaveNote{})
				if i == 1 {
					historyOf(tx, key).Name(2, "tag")
				}
			})
		}
		all(e, c.Now().UnixMilli(), func(tx *Tx) {
			if _, err := historyOf(tx, key).Retain(&test.policy, PruneNow); err != nil {
				t.Fatal(err)
			}
		})
		if got := numbers(d); got != test.want {
			t.Errorf("%+v: %s, want %s", test.policy, got, test.want)
		}
	}
}

// numbers lists the versions that the disk has.
func numbers(d *versionDisk) string {
	there := map[uint64]bool{}
	for _, r := range d.rows {
		if r.Kind == change.History {
			there[r.ID] = r.Op == change.Put
		}
	}
	var list []string
	for _, n := range slices.Sorted(maps.Keys(there)) {
		if there[n] {
			list = append(list, fmt.Sprint(n))
		}
	}
	return strings.Join(list, " ")
}

// TestKeepDeleted: the history of a key that has been gone for long goes too.
func TestKeepDeleted(t *testing.T) {
	e, d, c := newHistoryEngine(t)
	auto(e, HistoryPolicy{Scope: ScopeKey, Name: "k", KeepDeleted: 1000})
	key := []byte("k")
	p, _ := e.PolicyOf(key)
	all(e, c.Now().UnixMilli(), func(tx *Tx) { tx.SetString(key, []byte("v"), NoExpiry) })
	all(e, c.Now().UnixMilli(), func(tx *Tx) { tx.Delete(key) })
	for _, want := range []uint64{2, 0} {
		all(e, c.Now().UnixMilli(), func(tx *Tx) { _, _ = historyOf(tx, key).Retain(&p, PruneNow) })
		all(restarted(t, d, c), c.Now().UnixMilli(), func(tx *Tx) {
			if n := historyOf(tx, key).Newest(); n != want {
				t.Errorf("newest %d, want %d", n, want)
			}
		})
		c.Advance(2 * time.Second)
	}
}

// TestKeepAtCommit: a policy that keeps few versions reads none.
func TestKeepAtCommit(t *testing.T) {
	e, d, c := newHistoryEngine(t)
	auto(e, HistoryPolicy{Scope: ScopeKey, Name: "k", Keep: 3})
	for i := range 20 {
		all(e, c.Now().UnixMilli(), func(tx *Tx) { tx.SetString([]byte("k"), fmt.Append(nil, i), NoExpiry) })
	}
	if got := numbers(d); got != "18 19 20" || d.reads > 0 {
		t.Errorf("%s after %d reads", got, d.reads)
	}
}

// TestPolicies: the most specific counts.
func TestPolicies(t *testing.T) {
	e, d, c := newHistoryEngine(t)
	for i, p := range []HistoryPolicy{
		{Scope: ScopePattern, Name: "*"},
		{Scope: ScopePattern, Name: "*:x"},
		{Scope: ScopePrefix, Name: "a:"},
		{Scope: ScopePrefix, Name: "a:b"},
		{Scope: ScopeCollection, Name: "coll", Prefix: "a:b"},
		{Scope: ScopeKey, Name: "a:b:x"},
	} {
		p.Keep = uint64(i) + 1
		auto(e, p)
	}
	for _, e := range []*Engine{e, restarted(t, d, c)} {
		for key, want := range map[string]uint64{"z": 1, "z:x": 2, "a:z": 3, "a:x": 3, "a:b": 5, "a:b:y": 5, "a:b:x": 6} {
			if p, ok := e.PolicyOf([]byte(key)); !ok || p.Keep != want {
				t.Errorf("%s has policy %d, want %d", key, p.Keep, want)
			}
		}
	}
	all(e, 1, func(tx *Tx) {
		if !tx.RemovePolicy(ScopeKey, "a:b:x") || tx.RemovePolicy(ScopeKey, "a:b:x") {
			t.Error("removed once")
		}
	})
	if p, _ := e.PolicyOf([]byte("a:b:x")); p.Keep != 5 {
		t.Errorf("then %d", p.Keep)
	}
	list := e.Policies()
	if !slices.IsSortedFunc(list, func(a, b HistoryPolicy) int { return cmp.Compare(a.Scope, b.Scope) }) || len(list) != 5 {
		t.Errorf("%+v", list)
	}
}

// TestRetainSome: the background keeps what the policies keep, without a command.
func TestRetainSome(t *testing.T) {
	e, d, c := newHistoryEngine(t)
	auto(e, HistoryPolicy{Scope: ScopeKey, Name: "old", MaxAge: 2500})
	auto(e, HistoryPolicy{Scope: ScopeKey, Name: "gone", KeepDeleted: 2500})
	for i := range 3 {
		all(e, c.Now().UnixMilli(), func(tx *Tx) { tx.SetString([]byte("old"), fmt.Append(nil, i), NoExpiry) })
		c.Advance(time.Second)
	}
	e.RetainSome()
	if got := numbers(d); got != "2 3" {
		t.Errorf("%s are left, want 2 3", got)
	}
	all(e, c.Now().UnixMilli(), func(tx *Tx) { tx.SetString([]byte("gone"), []byte("v"), NoExpiry) })
	all(e, c.Now().UnixMilli(), func(tx *Tx) { tx.Delete([]byte("gone")) })
	c.Advance(10 * time.Second)
	e.RetainSome()
	all(restarted(t, d, c), c.Now().UnixMilli(), func(tx *Tx) {
		if n, m := historyOf(tx, []byte("gone")).Newest(), historyOf(tx, []byte("old")).Newest(); n != 0 || m != 3 {
			t.Errorf("newest %d and %d, want 0 and 3", n, m)
		}
	})
}

// FuzzStoredHistory: what is stored of versions is read without a panic, and what
// is read is written as it was.
func FuzzStoredHistory(f *testing.F) {
	h := head{number: 5, first: 2, rev: 9, time: 1000, kind: change.Hash, said: saidAuthor}
	h.write().tags["tag"] = 3
	h.write().notes[4] = note{"message", "author"}
	v := Version{Number: 32, Rev: 7, Time: 1000, Type: change.Hash, Actor: "alice", Command: "hset", Size: 6, hasChain: true}
	content := (&contentRow{sub: []byte("f"), value: []byte("v"), expire: 5}).append(nil, change.Hash)
	f.Add(h.append(nil), change.AppendVersion(nil, v.appendInfo(nil), content), uint8(change.Hash))
	f.Fuzz(func(t *testing.T, stored, value []byte, kind uint8) {
		if h, ok := readHead(stored); ok {
			if again, ok := readHead(h.append(nil)); !ok || !bytes.Equal(again.append(nil), h.append(nil)) {
				t.Errorf("%+v became %+v", h, again)
			}
		}
		v, err := readVersion(change.Version{Number: 32, Type: change.Type(kind), Value: value})
		if err != nil {
			return
		}
		_, _ = v.Elements()
		_, _ = v.sum()
	})
}
