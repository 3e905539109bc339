package engine

import (
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"
)

// docSet is the documents of a collection, by id, and what its indexes have of
// each. Documents that left memory are in it like others.
//
// Who writes it holds the lock of the document's shard; its own lock is a leaf.
type docSet struct {
	mu    sync.RWMutex
	items *btree.BTreeG[docItem]
	bytes int64
	order uint64 // of taking the lock of writing: no two have the same
	// writing is held by who takes values in unique indexes, so that nobody else
	// takes one that is let go for a moment.
	writing sync.Mutex
	// unfit counts the documents that were written although they do not fit.
	unfit atomic.Uint64
}

// docItem is one document of a docSet.
type docItem struct {
	id   string
	size int // of the document, in bytes
	held []holding
}

// holding is an entry that an index has of a document.
type holding struct {
	index *DocIndex
	entry string
}

func newItems() *btree.BTreeG[docItem] {
	return btree.NewBTreeGOptions(func(a, b docItem) bool { return a.id < b.id }, btree.Options{NoLocks: true})
}

func (e *Engine) newDocSet() *docSet { return &docSet{items: newItems(), order: e.docSets.Add(1)} }

func (s *docSet) get(id string) (docItem, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.items.Get(docItem{id: id})
}

func (s *docSet) put(it docItem) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, _ := s.items.Set(it)
	s.bytes += int64(it.size - old.size)
}

// remove forgets a document and what the indexes have of it.
func (s *docSet) remove(id string) {
	s.mu.Lock()
	old, _ := s.items.Delete(docItem{id: id})
	s.bytes -= int64(old.size)
	s.mu.Unlock()
	release(old.held)
}

// release takes entries out of their indexes.
func release(held []holding) {
	for _, h := range held {
		h.index.Remove([]string{h.entry})
	}
}

// clear forgets all documents.
func (s *docSet) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items, s.bytes = newItems(), 0
}

func (s *docSet) all() (ids []string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.items.Scan(func(it docItem) bool {
		ids = append(ids, it.id)
		return true
	})
	return ids
}

// Len returns how many documents there are. Those whose time has passed may be
// among them for a moment.
func (c *DocCollection) Len() int {
	c.docs.mu.RLock()
	defer c.docs.mu.RUnlock()
	return c.docs.items.Len()
}

// Bytes returns the size of all documents, without keys and what is stored beside
// them, in bytes.
func (c *DocCollection) Bytes() int64 {
	c.docs.mu.RLock()
	defer c.docs.mu.RUnlock()
	return c.docs.bytes
}

// Unfit returns how many documents were written in mode WARN that do not fit the
// type, since the start.
func (c *DocCollection) Unfit() uint64 { return c.docs.unfit.Load() }

// Has reports whether there is a document with the id.
func (c *DocCollection) Has(id []byte) bool {
	_, ok := c.docs.get(string(id))
	return ok
}

// IDs returns up to n ids from a place on, in the order of their bytes.
func (c *DocCollection) IDs(from Place, n int, order Order) (ids []string) {
	c.docs.mu.RLock()
	defer c.docs.mu.RUnlock()
	ids = make([]string, 0, max(min(n, c.docs.items.Len(), 1024), 0))
	take := func(it docItem) bool {
		if from.After && it.id == from.ID {
			return true
		}
		if len(ids) < n {
			ids = append(ids, it.id)
		}
		return len(ids) < n
	}
	pivot := docItem{id: from.ID}
	switch {
	case n <= 0:
	case !from.After && order == Ascending:
		c.docs.items.Scan(take)
	case !from.After:
		c.docs.items.Reverse(take)
	case order == Ascending:
		c.docs.items.Ascend(pivot, take)
	default:
		c.docs.items.Descend(pivot, take)
	}
	return ids
}

// Place is where a walk through ids goes on. The zero Place is the beginning.
type Place struct {
	// After is set if it goes on behind ID.
	After bool
	ID    string
}
