package query

import (
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
)

// MaxEntries is how many entries of an index one document may have.
const MaxEntries = 10_000

// MaxTerms is how many paths an index may have.
const MaxTerms = 8

// ErrEntries says that a document has too many values for an index.
var ErrEntries = errors.New("more than " + strconv.Itoa(MaxEntries) + " values for one index")

// ErrTerms says that an index has no path or too many.
var ErrTerms = errors.New("an index has from 1 to " + strconv.Itoa(MaxTerms) + " paths")

// Definition says what an index holds.
type Definition struct {
	Name string `json:"name"`
	// Paths are its terms, in the order in which it is sorted.
	Paths []string `json:"paths"`
	Type  Type     `json:"type,omitempty"`
	// Unique refuses a value that another document has. Documents without any of
	// the values are no hindrance to each other.
	Unique bool `json:"unique,omitempty"`
	// Sparse leaves out documents without any of the values.
	Sparse bool `json:"sparse,omitempty"`
}

// Index is one ordered set of entries: the values of a document for each term,
// then its id. An array stands for its elements; a document has one entry for
// each combination of different values. Its methods may be called by any number
// of goroutines.
type Index struct {
	Definition
	// Terms are the compiled paths.
	Terms []Term

	mu      sync.RWMutex
	entries btree.Set[string]
	bytes   int

	several atomic.Bool // some documents had more than one entry since Clear
	long    atomic.Bool // some values had to be cut since Clear
}

// NewIndex compiles the paths of an index, which is empty at first. It fails with
// ErrTerms and as NewTerm does.
func NewIndex(def Definition) (*Index, error) {
	if len(def.Paths) == 0 || len(def.Paths) > MaxTerms {
		return nil, ErrTerms
	}
	ix := &Index{Definition: def}
	for _, text := range def.Paths {
		t, err := NewTerm([]byte(text))
		if err != nil {
			return nil, err
		}
		t.Type = def.Type
		ix.Terms = append(ix.Terms, t)
	}
	return ix, nil
}

// Entries returns what the index has of a document, in order: none for one that
// a sparse index leaves out. Each document has a budget of path.DefaultSteps. It
// fails with ErrEntries, and with path.ErrSteps.
func (ix *Index) Entries(e *path.Evaluator, d *path.Document) ([]string, error) {
	e.Reset(0)
	var buf [64]byte
	keys, err := ix.keys(e, d, buf[:0])
	if err != nil {
		return nil, err
	}
	entries := make([]string, 0, len(keys))
	for _, key := range keys {
		if !ix.Sparse || !allMissing(key) {
			entries = append(entries, string(append(key, d.ID...)))
		}
	}
	if len(entries) > 1 {
		slices.Sort(entries)
		entries = slices.Compact(entries)
	}
	return entries, nil
}

// keys returns the combinations of the encoded values of all terms, the first of
// them in buf.
func (ix *Index) keys(e *path.Evaluator, d *path.Document, buf []byte) ([][]byte, error) {
	keys := [][]byte{buf}
	var few [8]doc.Value
	for i := range ix.Terms {
		found, err := e.Evaluate(ix.Terms[i].Expression, d)
		if err != nil {
			return nil, err
		}
		values := appendElements(few[:0], found)
		if len(keys)*len(values) > MaxEntries {
			return nil, ErrEntries
		}
		ix.note(values)
		keys = combine(keys, values, ix.Type)
	}
	return keys, nil
}

// combine puts each of the values behind each of the keys.
func combine(keys [][]byte, values []doc.Value, t Type) [][]byte {
	if len(values) == 1 {
		for i := range keys {
			keys[i] = appendValue(keys[i], values[0], t, cut)
		}
		return keys
	}
	product := make([][]byte, 0, len(keys)*len(values))
	for _, key := range keys {
		for _, v := range values {
			product = append(product, appendValue(slices.Clip(key), v, t, cut))
		}
	}
	return product
}

// appendElements adds what counts as the values of a term: those that were
// found, for an array that has elements its elements, and one that is missing if
// there are none.
func appendElements(dst, found []doc.Value) []doc.Value {
	if len(found) == 0 {
		return append(dst, nil)
	}
	for _, v := range found {
		if v.Kind() != doc.Array || v.Len() == 0 {
			dst = append(dst, v)
			continue
		}
		for it := v.Items(); it.Next(); {
			dst = append(dst, it.Value())
		}
	}
	return dst
}

// note remembers what keeps the order of the entries from being that of the
// documents.
func (ix *Index) note(values []doc.Value) {
	if len(values) > 1 {
		ix.several.Store(true)
	}
	for _, v := range values {
		if k := v.Kind(); k == doc.String && v.Len() > keptBytes || k == doc.Number && v.Len() > keptPairs {
			ix.long.Store(true)
		}
	}
}

// allMissing says whether a key has no value for any term.
func allMissing(key []byte) bool {
	for _, c := range key {
		if c != tagMissing {
			return false
		}
	}
	return true
}

// Add puts the entries of one document, all that it has, into the index. Those
// that are there stay.
func (ix *Index) Add(entries []string) {
	ix.mu.Lock()
	ix.add(entries)
	ix.mu.Unlock()
}

func (ix *Index) add(entries []string) {
	for _, entry := range entries {
		before := ix.entries.Len()
		ix.entries.Insert(entry)
		if ix.entries.Len() > before {
			ix.bytes += len(entry)
		}
	}
}

// Remove takes entries out of the index. Those that are not there are none.
func (ix *Index) Remove(entries []string) {
	ix.mu.Lock()
	for _, entry := range entries {
		before := ix.entries.Len()
		ix.entries.Delete(entry)
		if ix.entries.Len() < before {
			ix.bytes -= len(entry)
		}
	}
	ix.mu.Unlock()
}

// Clear takes all entries out.
func (ix *Index) Clear() {
	ix.mu.Lock()
	ix.entries, ix.bytes = btree.Set[string]{}, 0
	ix.several.Store(false)
	ix.long.Store(false)
	ix.mu.Unlock()
}

// Claim is Add for a unique index: it adds all entries, or none and returns the
// id of a document that holds one of the values already. Two claims of one value
// at a time cannot both succeed, so a writer claims before it writes, and removes
// what it claimed if it then does not.
func (ix *Index) Claim(entries []string) (holder string, ok bool) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	for _, entry := range entries {
		if holder, held := ix.holder(entry); held {
			return holder, false
		}
	}
	ix.add(entries)
	return "", true
}

// holder returns the document other than that of the entry that has its values.
func (ix *Index) holder(entry string) (id string, held bool) {
	key := entry[:ix.keySize(entry)]
	if allMissing([]byte(key)) {
		return "", false
	}
	ix.entries.Ascend(key, func(other string) bool {
		switch {
		case len(other) < len(key) || other[:len(key)] != key:
			return false
		case other == entry:
			return true
		}
		id, held = other[len(key):], true
		return false
	})
	return id, held
}

// Holder returns the id of another document that has the values of one of the
// entries, if there is one.
func (ix *Index) Holder(entries []string) (id string, held bool) {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	for _, entry := range entries {
		if id, held = ix.holder(entry); held {
			return id, true
		}
	}
	return "", false
}

// Len returns the number of entries.
func (ix *Index) Len() int {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.entries.Len()
}

// Bytes returns about how much memory the index takes, in bytes.
func (ix *Index) Bytes() int {
	const perEntry = 40 // what the set and the allocator take beside the text
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.bytes + ix.entries.Len()*perEntry
}

// ID returns the id of the document that an entry belongs to.
func (ix *Index) ID(entry string) string { return entry[ix.keySize(entry):] }

// keySize returns how many bytes of an entry stand before the id.
func (ix *Index) keySize(entry string) int {
	at := 0
	for range ix.Terms {
		at += skip(entry[at:])
	}
	return at
}
