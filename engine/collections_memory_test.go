package engine

import (
	"fmt"
	"testing"
	"time"

	"kvd/engine/doc"
)

// fillCollection makes a collection without a type of n documents, and n keys that
// belong to none.
func fillCollection(t *testing.T, e *Engine, n int) {
	t.Helper()
	do(e, func(tx *Tx) {
		must(t, tx.CreateCollection("c", CollectionRules{Prefix: "c:", Mode: Strict}, Refuse))
		for i := range n {
			v, err := doc.Parse(fmt.Appendf(nil, `{"n":%d,"text":"%0100d"}`, i, i))
			must(t, err)
			must(t, tx.PutDocuments(DocumentPut{Key: fmt.Appendf(nil, "c:%d", i), Value: v, Event: "doc.set"}))
			tx.SetString(fmt.Appendf(nil, "s:%d", i), make([]byte, 100), NoExpiry)
		}
	})
}

// TestDocumentsOfCollectionsAreNotEvicted: what is not on disk stays in memory, the
// rest leaves it, and nothing is lost, whatever the policy is.
func TestDocumentsOfCollectionsAreNotEvicted(t *testing.T) {
	const n = 1000
	for _, policy := range []Policy{AllKeysLRU, AllKeysLFU, AllKeysRandom} {
		t.Run(policy.String(), func(t *testing.T) {
			e, d, advance := newDiskEngine(t, Options{})
			fillCollection(t, e, n)
			used := e.memory.used.Load()
			e.SetMemoryPolicy(MemoryPolicy{Limit: used * 3 / 4, Policy: policy, Samples: 5, LogFactor: 10, DecayMinutes: 1})
			for range 200 {
				advance(20 * time.Millisecond)
				e.MakeRoom()
			}
			if c := e.Collection(0, []byte("c")); c.Len() != n || onDisk(e) != 0 {
				t.Fatalf("%d documents, %d values on disk only", c.Len(), onDisk(e))
			}
			d.checkpoint()
			e.SetMemoryPolicy(MemoryPolicy{Limit: used / 2, Policy: policy, Samples: 5, LogFactor: 10, DecayMinutes: 1})
			for range 200 {
				advance(20 * time.Millisecond)
				e.MakeRoom()
			}
			c := e.Collection(0, []byte("c"))
			if c.Len() != n || onDisk(e) == 0 {
				t.Fatalf("%d documents, %d values on disk only", c.Len(), onDisk(e))
			}
			e.SetMemoryPolicy(MemoryPolicy{})
			checkCollections(t, e) // also those that left memory
		})
	}
}

// TestDocumentsOnDisk: ids and indexes hold documents whose values left memory, and
// let go of them without reading them; a start finds them.
func TestDocumentsOnDisk(t *testing.T) {
	e, d, advance := newDiskEngine(t, Options{})
	do(e, func(tx *Tx) { define(t, tx) })
	do(e, func(tx *Tx) {
		for i := range 500 {
			must(t, tryPut(tx, fmt.Sprintf("users:%d", i), fmt.Sprintf(`{"email":"%0100d"}`, i)))
		}
		must(t, tryPut(tx, "users:large", fmt.Sprintf(`{"email":"l","x":"%0*d"}`, 2*Large, 1)))
	})
	d.checkpoint()
	advance(time.Minute)
	shrink(t, e, UnloadLRU, 0.5)
	e.SetMemoryPolicy(MemoryPolicy{})
	cold := onDisk(e)
	if cold < 50 {
		t.Fatalf("%d values on disk only", cold)
	}
	checkCollections(t, e)
	do(e, func(tx *Tx) {
		wantError(t, tryPut(tx, "users:new", fmt.Sprintf(`{"email":"%0100d"}`, 3)), "DUPLICATE index 'email': value of 'new' is held by '3'")
		gets := d.gets
		for i := range 400 {
			tx.Delete(fmt.Appendf(nil, "users:%d", i))
		}
		if d.gets != gets {
			t.Errorf("deleting has read %d values", d.gets-gets)
		}
		must(t, tryPut(tx, "users:new", fmt.Sprintf(`{"email":"%0100d"}`, 3)))
	})
	checkCollections(t, e)
	d.checkpoint()
	after, _ := newEngineWith(t, Options{Store: d})
	must(t, d.loadFolded(after))
	must(t, after.Loaded())
	if c := after.Collection(0, []byte("users")); c.Len() != 102 || c.Index("email").Len() != 102 {
		t.Errorf("after a start there are %d documents", c.Len())
	}
	if onDisk(after) != 1 {
		t.Errorf("%d values stayed on disk", onDisk(after))
	}
	checkCollections(t, after)
}
