package engine

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"kvd/engine/doc/query"
)

// build builds an index in slices of n documents; between them it calls change.
func build(e *Engine, c *DocCollection, def query.Definition, n int, change func()) (err error) {
	var ix *DocIndex
	do(e, func(tx *Tx) { ix, err = tx.BeginIndex(c, def) })
	if err != nil {
		return err
	}
	for from := (Place{}); err == nil; {
		change()
		ids := c.IDs(from, n, Ascending)
		do(e, func(tx *Tx) { err = tx.FillIndex(c, ix, ids) })
		if len(ids) < n {
			break
		}
		from = Place{After: true, ID: ids[len(ids)-1]}
	}
	do(e, func(tx *Tx) {
		if err == nil {
			_, err = tx.EndIndex(c, ix)
		}
		if err != nil {
			tx.CancelIndex(c, ix)
			if err := tx.ForgetIndex(c, ix, c.IDs(Place{}, 1000, Ascending)); err != nil {
				panic(err)
			}
		}
	})
	return err
}

// An index that is built while documents are written has what a look at all of them
// finds.
func TestBuildWhileOthersWrite(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		e, _ := newEngine(t)
		do(e, func(tx *Tx) {
			if err := tx.CreateCollection("c", CollectionRules{Prefix: "c:", Mode: Strict}, Refuse); err != nil {
				rt.Fatal(err)
			}
		})
		c := e.Collection(0, []byte("c"))
		write := func() {
			do(e, func(tx *Tx) {
				for range rapid.IntRange(0, 8).Draw(rt, "writes") {
					key := fmt.Sprintf("c:%d", rapid.IntRange(0, 20).Draw(rt, "id"))
					if rapid.IntRange(0, 3).Draw(rt, "delete") == 0 {
						tx.Delete([]byte(key))
					} else if err := tryPut(tx, key, fmt.Sprintf(`{"n":[%d,1],"k":%q}`, rapid.IntRange(0, 3).Draw(rt, "n"), key)); err != nil {
						rt.Fatal(err)
					}
				}
			})
		}
		write()
		write()
		if err := build(e, c, query.Definition{Name: "n", Paths: []string{"$.n"}}, 2, write); err != nil {
			rt.Fatal(err)
		}
		if err := build(e, c, query.Definition{Name: "n", Paths: []string{"$.k"}, Unique: true}, 3, write); err != nil {
			rt.Fatal(err)
		}
		write()
		c = e.Collection(0, []byte("c"))
		if len(c.Indexes()) != 1 || len(c.CollectionRules.Indexes) != 1 {
			rt.Fatalf("%d indexes, %d stored", len(c.Indexes()), len(c.CollectionRules.Indexes))
		}
		ix := c.Index("n")
		if !ix.Ready.Load() || ix.Len() != c.Len() {
			rt.Fatalf("ready is %v, %d entries of %d documents", ix.Ready.Load(), ix.Len(), c.Len())
		}
		for _, entry := range ix.Page(nil, query.Span{}, query.Ascending, "", 100) {
			if !c.Has([]byte(ix.ID(entry))) {
				rt.Fatalf("an entry of %s, which is gone", ix.ID(entry))
			}
		}
	})
}

func TestBuildFails(t *testing.T) {
	e, _ := newEngine(t)
	do(e, func(tx *Tx) {
		if err := tx.CreateCollection("c", CollectionRules{Prefix: "c:", Mode: Strict}, Refuse); err != nil {
			t.Fatal(err)
		}
		for i := range 4 {
			if err := tryPut(tx, fmt.Sprint("c:", i), fmt.Sprintf(`{"n":%d}`, i%3)); err != nil {
				t.Fatal(err)
			}
		}
	})
	c := e.Collection(0, []byte("c"))
	unique := query.Definition{Name: "n", Paths: []string{"$.n"}, Unique: true}
	wantError(t, build(e, c, unique, 2, func() {}), "DUPLICATE index 'n': value of '3' is held by '0'")
	if list := e.Collection(0, []byte("c")).Indexes(); len(list) != 0 {
		t.Errorf("%d indexes after a failure", len(list))
	}
	plain := query.Definition{Name: "n", Paths: []string{"$.n"}}
	err := build(e, c, plain, 2, func() {
		do(e, func(tx *Tx) { // which makes the collection anew, but not the index
			if err := tx.AlterCollection(e.Collection(0, []byte("c")), CollectionRules{Mode: Warn}); err != nil {
				t.Fatal(err)
			}
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	do(e, func(tx *Tx) {
		ix := tx.RemoveIndex(c, "n")
		if ix == nil || tx.RemoveIndex(c, "n") != nil {
			t.Fatal("the index is not removed once")
		}
		if err := tx.ForgetIndex(c, ix, c.IDs(Place{}, 100, Ascending)); err != nil {
			t.Error(err)
		}
		if it, _ := c.docs.get("0"); len(it.held) != 0 {
			t.Errorf("a document holds %v", it.held)
		}
	})
	wantError(t, build(e, c, plain, 2, func() {
		do(e, func(tx *Tx) {
			if now := e.Collection(0, []byte("c")); now != nil {
				if err := tx.DropCollection(now, Adopt); err != nil {
					t.Fatal(err)
				}
			}
		})
	}), "CONFLICT the collection was changed meanwhile")
}
