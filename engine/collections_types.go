package engine

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"kvd/engine/doc"
	"kvd/engine/doc/schema"
	"kvd/internal/rediserr"
)

// docType is a named schema in all its versions.
type docType struct {
	name     string
	versions map[uint32]*schemaVersion
	newest   *schemaVersion
}

// schemaVersion is one version of a schema, compiled when it is first used.
type schemaVersion struct {
	name   string
	number uint32
	text   string
	stored int64 // when, in unix milliseconds

	once     sync.Once
	compiled *schema.Schema
	err      error
}

// typeRow is the name of a stored schema: typeRow + name + "/" + version. The value
// is the time at which it was stored, in unix milliseconds, a space, and the text.
const typeRow = "doc/type/"

func typeSetting(name string, version uint32) string {
	return typeRow + name + "/" + strconv.FormatUint(uint64(version), 10)
}

// addType takes a stored schema into the catalog.
func (cat *catalog) addType(setting, value string) {
	name, number, _ := strings.Cut(setting[len(typeRow):], "/")
	at, text, _ := strings.Cut(value, " ")
	n, err := strconv.ParseUint(number, 10, 32)
	stored, notTime := strconv.ParseInt(at, 10, 64)
	if err != nil || notTime != nil {
		return // not one that AddSchema has stored
	}
	t := cat.types[name]
	if t == nil {
		t = &docType{name: name, versions: make(map[uint32]*schemaVersion)}
		cat.types[name] = t
	}
	v := &schemaVersion{name: name, number: uint32(n), text: text, stored: stored}
	t.versions[v.number] = v
	if t.newest == nil || t.newest.number < v.number {
		t.newest = v
	}
}

// reuse takes over what has been compiled for the catalog before, where nothing
// has changed that it depends on.
func (cat *catalog) reuse(old *catalog) {
	if old == nil {
		return
	}
	for name, t := range cat.types {
		for number, v := range t.versions {
			if was := old.version(name, number); was != nil && was.text == v.text && cat.holds(old, was) {
				t.versions[number] = was
				if t.newest == v {
					t.newest = was
				}
			}
		}
	}
}

// holds reports whether a version was compiled, and would be the same now.
func (cat *catalog) holds(old *catalog, v *schemaVersion) bool {
	if v.compiled == nil {
		return false
	}
	return !slices.ContainsFunc(v.compiled.References(), func(name string) bool {
		was, _ := old.text(name)
		now, _ := cat.text(name)
		return !bytes.Equal(was, now)
	})
}

// version returns a version of a type; 0 is the newest. It is nil if there is none.
func (cat *catalog) version(name string, number uint32) *schemaVersion {
	t := cat.types[name]
	switch {
	case t == nil:
		return nil
	case number == 0:
		return t.newest
	}
	return t.versions[number]
}

// text is the schema.Resolver: a name may have a version behind an @.
func (cat *catalog) text(reference string) ([]byte, bool) {
	v := cat.find(reference)
	if v == nil {
		return nil, false
	}
	return []byte(v.text), true
}

func (cat *catalog) find(reference string) *schemaVersion {
	name, number, pinned := strings.Cut(reference, "@")
	if !pinned {
		return cat.version(name, 0)
	}
	n, err := strconv.ParseUint(number, 10, 32)
	if err != nil || n == 0 {
		return nil
	}
	return cat.version(name, uint32(n))
}

// schemaOf returns the compiled schema of a version.
func (cat *catalog) schemaOf(v *schemaVersion) (*schema.Schema, error) {
	v.once.Do(func() {
		v.compiled, v.err = schema.Compile(v.name, []byte(v.text), cat.text)
	})
	if v.err != nil {
		return nil, rediserr.New(rediserr.OneLine("invalid schema '" + v.name + "': " + v.err.Error()))
	}
	return v.compiled, nil
}

// SchemaInfo describes a type.
type SchemaInfo struct {
	Name string
	// Version is the newest one, and Created when it was stored, in unix
	// milliseconds.
	Version uint32
	Created int64
	// Collections are the names of those whose type it is, in any database.
	Collections []string
}

// Schemas returns all types, sorted by name.
func (e *Engine) Schemas() (list []SchemaInfo) {
	cat := e.catalog.Load()
	if cat == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(cat.types)) {
		newest := cat.types[name].newest
		list = append(list, SchemaInfo{name, newest.number, newest.stored, cat.users(name)})
	}
	return list
}

// users returns the collections whose type it is.
func (cat *catalog) users(name string) (list []string) {
	for _, colls := range cat.byDB {
		for _, c := range colls {
			if c.Type == name {
				list = append(list, c.Name)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// SchemaText returns the text of a version of a type, 0 for the newest; false if
// there is none.
func (e *Engine) SchemaText(name string, version uint32) (string, bool) {
	if cat := e.catalog.Load(); cat != nil {
		if v := cat.version(name, version); v != nil {
			return v.text, true
		}
	}
	return "", false
}

// Schema returns the compiled schema that name or name@version means. It fails
// with NOTFOUND, and with ERR for one that does not compile any more.
func (e *Engine) Schema(reference string) (*schema.Schema, error) {
	cat := e.catalog.Load()
	if cat == nil {
		return nil, noSchema(reference)
	}
	v := cat.find(reference)
	if v == nil {
		return nil, noSchema(reference)
	}
	return cat.schemaOf(v)
}

func noSchema(reference string) error {
	return rediserr.Coded("NOTFOUND", rediserr.OneLine("no schema '"+reference+"'"))
}

// TrySchema compiles a schema as AddSchema would, and changes nothing.
func (e *Engine) TrySchema(name string, text []byte) (*schema.Schema, error) {
	cat := e.catalog.Load()
	resolve := func(string) ([]byte, bool) { return nil, false }
	if cat != nil {
		resolve = cat.text
	}
	s, err := schema.Compile(name, text, resolve)
	if err != nil {
		return nil, rediserr.New(rediserr.OneLine("invalid schema: " + err.Error()))
	}
	return s, nil
}

// AddSchema stores the newest version of a type and returns its number. A text
// that means what the newest version does is that version. Whatever depends on the
// type is compiled anew, and new indexes are built: if any of it fails, nothing is
// changed. The Tx must hold all shards.
func (tx *Tx) AddSchema(name string, text []byte) (uint32, error) {
	if _, err := tx.engine.TrySchema(name, text); err != nil {
		return 0, err
	}
	number := tx.engine.NextSchemaVersion(name, text)
	if number == tx.engine.SchemaVersion(name) {
		return number, nil
	}
	return number, tx.define(map[string]string{typeSetting(name, number): strconv.FormatInt(tx.now, 10) + " " + string(text)})
}

// SchemaVersion returns the number of the newest version of a type; 0: there is no
// such type.
func (e *Engine) SchemaVersion(name string) uint32 {
	if cat := e.catalog.Load(); cat != nil && cat.types[name] != nil {
		return cat.types[name].newest.number
	}
	return 0
}

// NextSchemaVersion returns the number that AddSchema would return for a text.
func (e *Engine) NextSchemaVersion(name string, text []byte) uint32 {
	newest := e.SchemaVersion(name)
	if was, ok := e.SchemaText(name, newest); ok && sameText(was, text) {
		return newest
	}
	return newest + 1
}

// sameText reports whether two texts of JSON have the same value.
func sameText(a string, b []byte) bool {
	x, errX := doc.Parse([]byte(a))
	y, errY := doc.Parse(b)
	return errX == nil && errY == nil && doc.Equal(x, y)
}

// RemoveSchema removes a type with all its versions. It fails with NOTFOUND, and
// with LOCKED for one that collections or other types use. The Tx must hold all
// shards.
func (tx *Tx) RemoveSchema(name string) error {
	cat := tx.engine.catalog.Load()
	if cat == nil || cat.types[name] == nil {
		return noSchema(name)
	}
	if users := cat.users(name); len(users) > 0 {
		return rediserr.Coded("LOCKED", "in use by '"+users[0]+"'")
	}
	for other, t := range cat.types {
		s, err := cat.schemaOf(t.newest)
		if other == name || err != nil {
			continue
		}
		if slices.ContainsFunc(s.References(), func(r string) bool { return cat.types[name] == cat.types[baseName(r)] }) {
			return rediserr.Coded("LOCKED", fmt.Sprintf("in use by schema '%s'", other))
		}
	}
	changes := make(map[string]string)
	for number := range cat.types[name].versions {
		changes[typeSetting(name, number)] = ""
	}
	return tx.define(changes)
}

// baseName is a reference without its version.
func baseName(reference string) string {
	name, _, _ := strings.Cut(reference, "@")
	return name
}
