package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"kvd/engine/doc"
	"kvd/engine/doc/query"
	"kvd/engine/doc/schema"
	"kvd/internal/rediserr"
)

// define changes stored definitions, of types and collections: an empty text
// removes one. All is compiled, and new indexes are built, before anything is
// changed. The Tx must hold all shards.
func (tx *Tx) define(changes map[string]string) error {
	e := tx.engine
	settings, _ := e.Settings(definitions)
	if settings == nil {
		settings = make(map[string]string)
	}
	for name, text := range changes {
		if text == "" {
			delete(settings, name)
		} else {
			settings[name] = text
		}
	}
	d := definer{engine: e, old: e.catalog.Load()}
	if err := d.compile(settings); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		if changes[name] == "" {
			tx.DeleteSetting(name)
		} else {
			tx.PutSetting(name, changes[name])
		}
	}
	d.install()
	return nil
}

// definitions is how the names of all stored definitions begin.
const definitions = "doc/"

// definer makes a catalog of stored definitions. All shards are locked.
type definer struct {
	engine *Engine
	cat    *catalog
	old    *catalog // what was in force; nil: nothing
	// loading is set while the stored state is loaded. Then nobody is there to be
	// told of faults: they show when a document is written.
	loading  bool
	gathered []*gathering
}

// compile makes the catalog. Documents and indexes of collections that the old one
// has are taken over. It changes nothing that is in use.
func (d *definer) compile(settings map[string]string) error {
	if len(settings) == 0 {
		return nil
	}
	n := d.engine.opt.Databases
	d.cat = &catalog{byDB: make([]map[string]*DocCollection, n), areas: make([]area, n), types: make(map[string]*docType)}
	for name, text := range settings {
		if strings.HasPrefix(name, typeRow) {
			d.cat.addType(name, text)
		}
	}
	d.cat.reuse(d.old)
	for name, text := range settings {
		if strings.HasPrefix(name, collectionRow) {
			if err := d.addCollection(name, text); err != nil {
				return err
			}
		}
	}
	if !d.loading {
		if err := d.cat.checkTypes(); err != nil {
			return err
		}
	}
	return d.fill()
}

// install puts the catalog in force.
func (d *definer) install() {
	for _, g := range d.gathered {
		g.install()
	}
	d.engine.catalog.Store(d.cat)
	d.engine.loadPolicies()
}

// checkTypes compiles what is not known to compile: a type that is new, or one of
// which something changed that it refers to.
func (cat *catalog) checkTypes() error {
	for _, t := range cat.types {
		if _, err := cat.schemaOf(t.newest); err != nil {
			return err
		}
	}
	return nil
}

// addCollection takes the stored rules of a collection into the catalog.
func (d *definer) addCollection(setting, text string) error {
	number, name, _ := strings.Cut(setting[len(collectionRow):], "/")
	db, err := strconv.Atoi(number)
	if err != nil || db < 0 {
		return fmt.Errorf("the stored setting %q is damaged", setting)
	}
	if db >= len(d.cat.byDB) {
		return nil // of a database beyond the configured number
	}
	c := &DocCollection{Name: name, DB: db, types: d.cat}
	if err := json.Unmarshal([]byte(text), &c.CollectionRules); err != nil {
		return fmt.Errorf("the stored setting %q is damaged: %w", setting, err)
	}
	if c.Type != "" {
		c.base = d.cat.version(c.Type, c.TypeVersion)
	}
	if c.Type != "" && c.base == nil {
		return noSchema(c.Type)
	}
	if c.IDField != "" {
		c.idField, _ = pathNames(c.IDField)
	}
	if c.TypeField != "" {
		c.typeField, _ = pathNames(c.TypeField)
	}
	if d.cat.byDB[db] == nil {
		d.cat.byDB[db] = make(map[string]*DocCollection)
	}
	d.cat.byDB[db][name] = c
	d.cat.areas[db].add(c)
	return nil
}

// fill gives the collections of the catalog their documents and indexes.
func (d *definer) fill() error {
	todo := make(map[*DocCollection]*gathering)
	for db, colls := range d.cat.byDB {
		for name, c := range colls {
			var was *DocCollection
			if d.old != nil {
				was = d.old.byDB[db][name]
			}
			g, err := d.engine.newGathering(c, was)
			if err != nil && !d.loading {
				return err
			}
			d.gathered = append(d.gathered, g)
			if g.needsScan() {
				todo[c] = g
			}
		}
	}
	return d.scan(todo)
}

func sameIndex(a, b query.Definition) bool {
	return a.Type == b.Type && a.Unique == b.Unique && a.Sparse == b.Sparse && slices.Equal(a.Paths, b.Paths)
}

// wantedIndexes returns the indexes that a collection has by its rules and those
// of its type, all empty.
func (c *DocCollection) wantedIndexes() (list []*DocIndex, err error) {
	add := func(def query.Definition, fromType bool) error {
		ix, err := query.NewIndex(def)
		if err != nil {
			return rediserr.New(rediserr.OneLine("index '" + def.Name + "': " + err.Error()))
		}
		list = append(list, &DocIndex{Index: ix, FromType: fromType})
		return nil
	}
	for _, def := range c.CollectionRules.Indexes {
		if err := add(def, false); err != nil {
			return nil, err
		}
	}
	if c.base == nil {
		return list, nil
	}
	s, err := c.types.schemaOf(c.base)
	if err != nil {
		return list, nil // at the start, after an update: each write will say so
	}
	for _, want := range s.Indexes() {
		if slices.Contains(c.Dropped, want.Name) || slices.ContainsFunc(list, func(ix *DocIndex) bool { return ix.Name == want.Name }) {
			continue
		}
		kind, _ := query.ParseType(want.Type)
		def := query.Definition{Name: want.Name, Paths: []string{want.Path}, Type: kind, Unique: want.Unique, Sparse: want.Sparse}
		if err := add(def, true); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// errExists says that there is something already.
func errExists(text string) error { return rediserr.Coded("EXISTS", text) }

// NoCollection is the error for a collection that does not exist.
func NoCollection(name []byte) error {
	return rediserr.Coded("NOTFOUND", rediserr.OneLine("no collection '"+string(name)+"'"))
}

// Adoption says what becomes of keys that are below the prefix of a new collection
// already.
type Adoption uint8

const (
	// Refuse makes no collection where there are keys.
	Refuse Adoption = iota
	// Adopt takes them into the collection, if all of them fit.
	Adopt
)

// CreateCollection makes a collection. It fails with EXISTS for a name or prefix
// that is taken, and for keys below the prefix that are not to be adopted; with
// WRONGTYPE, INVALID or DUPLICATE if they can't be; and with NOTFOUND for a type
// that there is not. The Tx must hold all shards.
func (tx *Tx) CreateCollection(name string, rules CollectionRules, adoption Adoption) error {
	e := tx.engine
	if e.Collection(tx.db, []byte(name)) != nil {
		return errExists("collection '" + name + "' exists")
	}
	for _, c := range e.Collections(tx.db) {
		if c.Prefix == rules.Prefix {
			return errExists("prefix '" + rules.Prefix + "' belongs to collection '" + c.Name + "'")
		}
	}
	if n, owner := tx.below(rules.Prefix); n > 0 && (adoption == Refuse || owner != nil) {
		return errExists(strconv.Itoa(n) + " keys under prefix")
	}
	if err := tx.define(map[string]string{collectionSetting(tx.db, name): rules.text()}); err != nil {
		return err
	}
	if err := tx.checkAdopted(e.Collection(tx.db, []byte(name))); err != nil {
		_ = tx.define(map[string]string{collectionSetting(tx.db, name): ""}) // what was before compiles
		return err
	}
	return nil
}

// checkAdopted checks all documents of a collection that are taken into it.
func (tx *Tx) checkAdopted(c *DocCollection) error {
	if !c.HasType() || c.Mode != Strict || c.Len() == 0 {
		return nil
	}
	return tx.CheckAll(c, nil)
}

// CheckAll checks all documents of a collection against a schema, nil for its type:
// the first one that does not fit is the error. The Tx must hold all shards.
func (tx *Tx) CheckAll(c *DocCollection, s *schema.Schema) error {
	return tx.engine.eachDocument(c.DB, func(key []byte, v doc.Value, _ *DocumentInfo) error {
		faults, err := c.Fit(c.ID(key), v, s)
		if err == nil && len(faults) > 0 {
			err = c.invalid(c.ID(key), schema.Text(faults))
		}
		return err
	}, tx.engine.catalog.Load().areas[c.DB].only(c))
}

// below counts the keys below a prefix, and returns a collection that some of them
// belong to.
func (tx *Tx) below(prefix string) (n int, owner *DocCollection) {
	tx.Each(func(it Item) {
		if strings.HasPrefix(string(it.Key), prefix) {
			n++
			if c := tx.engine.CollectionOf(tx.db, it.Key); c != nil {
				owner = c
			}
		}
	})
	return n, owner
}

// AlterCollection gives a collection other rules; the prefix stays as it is. It
// fails with NOTFOUND for a type that there is not, and with DUPLICATE. The Tx must
// hold all shards.
func (tx *Tx) AlterCollection(c *DocCollection, rules CollectionRules) error {
	rules.Prefix = c.Prefix
	return tx.define(map[string]string{collectionSetting(c.DB, c.Name): rules.text()})
}

// DropCollection removes a collection, with its documents unless keep says Adopt:
// then they are keys like others. Events: those of DELs. It fails with EXISTS if
// they would belong to another collection. The Tx must hold all shards.
func (tx *Tx) DropCollection(c *DocCollection, keep Adoption) error {
	ids := c.docs.all()
	if keep == Adopt && len(ids) > 0 {
		if outer := tx.engine.outer(c); outer != nil {
			return errExists("the documents would belong to collection '" + outer.Name + "'")
		}
	}
	if err := tx.define(map[string]string{collectionSetting(c.DB, c.Name): ""}); err != nil || keep == Adopt {
		return err
	}
	for _, id := range ids {
		tx.Delete(c.AppendKey(nil, []byte(id)))
	}
	return nil
}

// outer returns the collection that the keys of c would belong to without it.
func (e *Engine) outer(c *DocCollection) (outer *DocCollection) {
	for _, other := range e.Collections(c.DB) {
		if other.Name != c.Name && strings.HasPrefix(c.Prefix, other.Prefix) &&
			(outer == nil || len(other.Prefix) > len(outer.Prefix)) {
			outer = other
		}
	}
	return outer
}
