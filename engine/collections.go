package engine

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"kvd/engine/doc"
	"kvd/engine/doc/query"
	"kvd/engine/doc/schema"
	"kvd/internal/rediserr"
)

// DocCollection is a collection of documents: the JSON keys of one database that
// begin with its prefix. What it demands of them is checked wherever a document is
// written, and its indexes always hold what a look at all documents would find.
//
// A DocCollection never changes: after DOC.ALTER there is another one, which has
// the same documents. So it may be used without a lock; it may be out of date
// then, which who holds the lock of any key need not fear.
type DocCollection struct {
	Name string
	DB   int
	CollectionRules

	base    *schemaVersion // nil: no type
	types   *catalog       // where TypeField looks
	docs    *docSet
	indexes []*DocIndex
	// The names on the way to IDField and TypeField.
	idField, typeField []string
}

// CollectionRules is what DOC.CREATE and DOC.ALTER set. It is stored as JSON.
type CollectionRules struct {
	Prefix string `json:"prefix"`
	// Type is the name of the schema; empty: none.
	Type string `json:"type,omitempty"`
	// TypeVersion is the version of the type; 0: the newest.
	TypeVersion uint32 `json:"type_version,omitempty"`
	// IDField is the path of the member that holds the id; empty: none does.
	IDField string     `json:"id_field,omitempty"`
	Mode    Strictness `json:"mode"`
	// NoDefaults leaves the defaults of the type out.
	NoDefaults bool `json:"no_defaults,omitempty"`
	// TTL is when a document expires that nobody says it of, in milliseconds after
	// it was written; 0: never.
	TTL        int64          `json:"ttl,omitempty"`
	History    HistoryMode    `json:"history"`
	Durability string         `json:"durability,omitempty"`
	Dialect    schema.Dialect `json:"rich,omitempty"`
	// TypeField is the path of the member that names the type of a document.
	TypeField string `json:"type_field,omitempty"`
	// VersionField is the member in which migrations keep the version.
	VersionField string `json:"version_field,omitempty"`
	// Indexes are those that were added by name, beside those of the type.
	Indexes []query.Definition `json:"indexes,omitempty"`
	// Dropped are the names of indexes of the type that are not wanted.
	Dropped []string `json:"dropped,omitempty"`
}

// Strictness says what becomes of documents that do not fit their type.
type Strictness string

// The modes of a collection.
const (
	Strict  Strictness = "STRICT" // they are refused
	Warn    Strictness = "WARN"   // they are counted
	Lenient Strictness = "OFF"    // nobody looks
)

// HistoryMode says which changes of documents are kept.
type HistoryMode string

// The ways to keep history.
const (
	HistoryAuto   HistoryMode = "AUTO"
	HistoryManual HistoryMode = "MANUAL"
	HistoryOff    HistoryMode = "OFF"
)

// DocIndex is an index of a collection.
type DocIndex struct {
	*query.Index
	// FromType is set for one that the type asks for.
	FromType bool
	// Ready is unset until all documents are in it.
	Ready atomic.Bool
}

// catalog is all collections and types, compiled. It never changes; a pointer in
// the Engine leads to the one in force. That is exchanged with all shards locked.
type catalog struct {
	byDB  []map[string]*DocCollection // by name
	areas []area                      // by database
	types map[string]*docType
}

// area finds the collection of a key: by its longest prefix.
type area struct {
	lengths  []int // of the prefixes, the longest first
	prefixes map[string]*DocCollection
}

func (a *area) add(c *DocCollection) {
	if a.prefixes == nil {
		a.prefixes = make(map[string]*DocCollection)
	}
	a.prefixes[c.Prefix] = c
	if n := len(c.Prefix); !slices.Contains(a.lengths, n) {
		a.lengths = append(a.lengths, n)
		slices.SortFunc(a.lengths, func(x, y int) int { return y - x })
	}
}

func (a *area) find(key []byte) *DocCollection {
	for _, n := range a.lengths {
		if n <= len(key) {
			if c := a.prefixes[string(key[:n])]; c != nil {
				return c
			}
		}
	}
	return nil
}

// only returns find for the keys of one collection.
func (a *area) only(c *DocCollection) func(key []byte) *DocCollection {
	return func(key []byte) *DocCollection {
		if found := a.find(key); c.Is(found) {
			return found
		}
		return nil
	}
}

// Collections returns the collections of a database, sorted by name.
func (e *Engine) Collections(db int) (list []*DocCollection) {
	if cat := e.catalog.Load(); cat != nil {
		for _, c := range cat.byDB[db] {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b *DocCollection) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// Collection returns the collection of a database with a name, or nil.
func (e *Engine) Collection(db int, name []byte) *DocCollection {
	cat := e.catalog.Load()
	if cat == nil {
		return nil
	}
	return cat.byDB[db][string(name)]
}

// CollectionOf returns the collection that a key belongs to, or nil. It takes one
// load where there are no collections.
func (e *Engine) CollectionOf(db int, key []byte) *DocCollection {
	cat := e.catalog.Load()
	if cat == nil {
		return nil
	}
	return cat.areas[db].find(key)
}

// Definitions is the state of all definitions of types and collections: it differs
// after any change of them. That takes the locks of all keys, so it stays for who
// holds one.
type Definitions struct{ in *catalog }

// Definitions returns the state now.
func (e *Engine) Definitions() Definitions { return Definitions{e.catalog.Load()} }

// HasCollections reports whether there are any, in any database. It is one load.
func (e *Engine) HasCollections() bool { return e.catalog.Load() != nil }

// InCollection returns what a command that is not about documents is told of a key
// that belongs to a collection; nil if it belongs to none.
func (e *Engine) InCollection(db int, key []byte) error {
	if c := e.CollectionOf(db, key); c != nil {
		return rediserr.Coded("WRONGTYPE", "key belongs to collection '"+c.Name+"'")
	}
	return nil
}

// AppendKey adds the key of the document with an id.
func (c *DocCollection) AppendKey(dst, id []byte) []byte {
	return append(append(dst, c.Prefix...), id...)
}

// ID returns the id of the document at a key.
func (c *DocCollection) ID(key []byte) []byte { return key[len(c.Prefix):] }

// Is reports whether both are one collection, perhaps at different times.
func (c *DocCollection) Is(other *DocCollection) bool { return other != nil && c.docs == other.docs }

// Indexes returns the indexes, those that are not ready yet included.
func (c *DocCollection) Indexes() []*DocIndex { return c.indexes }

// Index returns the index with a name, or nil.
func (c *DocCollection) Index(name string) *DocIndex {
	for _, ix := range c.indexes {
		if ix.Name == name {
			return ix
		}
	}
	return nil
}

// HasType reports whether documents have a type.
func (c *DocCollection) HasType() bool { return c.base != nil || c.TypeField != "" }

// TypeOf returns the name of the type of a document, empty if it has none.
func (c *DocCollection) TypeOf(v doc.Value) string {
	if c.typeField != nil {
		if named := memberAt(v, c.typeField); named.Kind() == doc.String {
			return string(named.Text())
		}
	}
	return c.Type
}

// SchemaVersion returns the version of the type that documents are checked
// against now; 0: none.
func (c *DocCollection) SchemaVersion() uint32 {
	if c.base == nil {
		return 0
	}
	return c.base.number
}

// collectionRow is the name of the stored rules of a collection: collectionRow +
// database + "/" + name.
const collectionRow = "doc/coll/"

func collectionSetting(db int, name string) string {
	return collectionRow + strconv.Itoa(db) + "/" + name
}

// text returns the rules as they are stored.
func (r *CollectionRules) text() string {
	text, _ := json.Marshal(r) // there is nothing in it that could fail
	return string(text)
}

// IsNamePath reports whether a path is nothing but names: $.a.b.
func IsNamePath(text string) bool {
	_, ok := pathNames(text)
	return ok
}

// pathNames returns the members on the way that a path leads, if it is nothing but
// names: $.a.b.
func pathNames(text string) ([]string, bool) {
	text = strings.TrimPrefix(strings.TrimPrefix(text, "$"), ".")
	names := strings.Split(text, ".")
	for _, name := range names {
		if name == "" || strings.ContainsAny(name, "[]()*?@'\" ") {
			return nil, false
		}
	}
	return names, true
}

// memberAt returns the value at the end of a way of names.
func memberAt(v doc.Value, names []string) doc.Value {
	for _, name := range names {
		v = v.Member([]byte(name))
	}
	return v
}
