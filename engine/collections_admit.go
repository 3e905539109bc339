package engine

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
	"kvd/engine/doc/schema"
	"kvd/internal/rediserr"
)

// admission is what happens to the ids and indexes of a collection when a document
// is written or, without a new item, removed.
type admission struct {
	c    *DocCollection
	id   string
	item docItem
	gone bool
	// kept is what indexes have of the document as it was; of that, and of what they
	// will have, what was released and taken until now.
	kept, released, taken []holding
}

// admit checks documents against what the collections that they belong to demand,
// fills in defaults, and enters them in ids and indexes. If it fails, nothing is
// changed. What it admits is to be written.
func (tx *Tx) admit(puts []DocumentPut) error { return tx.admitAll(puts, nil) }

// admitAll is admit for documents of which some go at the same time, so that
// others may take their unique values.
func (tx *Tx) admitAll(puts []DocumentPut, gone [][]byte) error {
	cat := tx.engine.catalog.Load()
	if cat == nil {
		return nil
	}
	find := cat.areas[tx.db].find
	list := make([]admission, 0, len(puts)+len(gone))
	for _, key := range gone {
		if c := find(key); c != nil {
			list = append(list, admission{c: c, id: string(c.ID(key)), gone: true})
		}
	}
	for i := range puts {
		c := find(puts[i].Key)
		if c == nil {
			continue
		}
		a, err := tx.examine(c, &puts[i])
		if err != nil {
			return err
		}
		list = append(list, a)
		puts[i].admitted = true
	}
	return enter(list)
}

// examine makes a document what its collection wants it to be, and says what the
// indexes will have of it.
func (tx *Tx) examine(c *DocCollection, p *DocumentPut) (admission, error) {
	a := admission{c: c, id: string(c.ID(p.Key))}
	old, err := tx.PeekDocument(p.Key)
	if err != nil {
		return a, err
	}
	if err := tx.fit(c, p); err != nil {
		return a, err
	}
	if c.TTL > 0 && (p.Expire == 0 || p.Expire == Keep && !old.Exists()) {
		p.Expire = Expiry(tx.now + c.TTL)
	}
	a.item = docItem{id: a.id, size: len(p.Value)}
	if len(c.indexes) > 0 {
		info := tx.nextInfo(&old, p)
		e := tx.engine.evaluator()
		a.item.held, err = c.entries(e, c.ID(p.Key), p.Value, &info, c.indexes)
		tx.engine.evaluators.Put(e)
	}
	return a, err
}

func (e *Engine) evaluator() *path.Evaluator {
	ev, _ := e.evaluators.Get().(*path.Evaluator)
	if ev == nil {
		ev = new(path.Evaluator)
	}
	ev.Reset(0)
	return ev
}

// fit fills in id and defaults, and checks the document against its type. What a
// migration writes stays as it is: its undo record fits nothing else.
func (tx *Tx) fit(c *DocCollection, p *DocumentPut) error {
	id := c.ID(p.Key)
	v, err := c.withID(p.Value, id)
	if err != nil {
		return err
	}
	if p.Shape != nil {
		v = p.Value
	}
	s, version, err := c.schemaFor(v, id)
	if err != nil {
		return err
	}
	if s != nil && !c.NoDefaults && p.Shape == nil {
		if v, err = s.WithDefaults(v, schema.Source{Now: tx.now}); err != nil {
			return limited(err)
		}
	}
	if len(v) > doc.DefaultBytes {
		return errLargeDocument
	}
	p.Value = v
	if s == nil || c.Mode == Lenient {
		return nil
	}
	p.schema = version
	faults, err := s.Check(v, c.Dialect)
	if err != nil {
		return limited(err)
	}
	if len(faults) == 0 {
		return nil
	}
	if c.Mode == Warn {
		c.docs.unfit.Add(1)
		p.schema = 0
		return nil
	}
	return c.invalid(id, schema.Text(faults))
}

var errLargeDocument = rediserr.Coded("LIMIT", "document is larger than 16777216 bytes")

// limited is what a client is told of a check that ends at a limit.
func limited(err error) error {
	if errors.Is(err, doc.ErrDepth) {
		return rediserr.New("recursion limit exceeded")
	}
	return rediserr.Coded("LIMIT", rediserr.OneLine(err.Error()))
}

func (c *DocCollection) invalid(id []byte, text string) error {
	return rediserr.Coded("INVALID", rediserr.OneLine(fmt.Sprintf("%s/%s: %s", c.Name, id, text)))
}

// withID puts the id where the collection has it in documents. One that is there
// and differs is a fault.
func (c *DocCollection) withID(v doc.Value, id []byte) (doc.Value, error) {
	if len(c.idField) == 0 {
		return v, nil
	}
	switch has := memberAt(v, c.idField); {
	case has == nil && len(c.idField) == 1 && v.Kind() == doc.Object && valid(id):
		return doc.AppendWithMember(nil, v, []byte(c.idField[0]), doc.AppendString(nil, id)), nil
	case has == nil:
		return v, c.invalid(id, fmt.Sprintf("(root) idfield: missing '%s'", c.IDField))
	case (has.Kind() == doc.String || has.Kind() == doc.Number) && string(has.Text()) == string(id):
		return v, nil
	default:
		return v, c.invalid(id, fmt.Sprintf("%s idfield: %s is not the id", pointerTo(c.idField), shownText(has)))
	}
}

func valid(id []byte) bool {
	return len(id) > 0 && doc.Check(doc.AppendString(nil, id), doc.Limits{}) == nil
}

func pointerTo(names []string) string {
	var p []byte
	for _, name := range names {
		p = doc.AppendPointerName(p, []byte(name))
	}
	return string(p)
}

// shownText is a value as an error has it.
func shownText(v doc.Value) string {
	const most = 64
	text := doc.AppendText(nil, v)
	if v.Kind() == doc.String {
		text = v.Text()
	}
	return fmt.Sprintf("'%.*s'", most, text)
}

// schemaFor returns the schema of a document and its version, nil if it has none.
func (c *DocCollection) schemaFor(v doc.Value, id []byte) (*schema.Schema, uint32, error) {
	base := c.base
	if c.typeField != nil {
		if named := memberAt(v, c.typeField); named.Kind() == doc.String {
			if base = c.types.version(string(named.Text()), 0); base == nil {
				return nil, 0, c.invalid(id, fmt.Sprintf("%s typefield: no schema %s", pointerTo(c.typeField), shownText(named)))
			}
		}
	}
	if base == nil {
		return nil, 0, nil
	}
	s, err := c.types.schemaOf(base)
	return s, base.number, err
}

// Fit returns what is wrong with a document by the type of the collection, or by
// another schema if one is given.
func (c *DocCollection) Fit(id []byte, v doc.Value, other *schema.Schema) ([]schema.Fault, error) {
	s := other
	if s == nil {
		var err error
		if s, _, err = c.schemaFor(v, id); err != nil || s == nil {
			return nil, err
		}
	}
	faults, err := s.Check(v, c.Dialect)
	if err != nil {
		return nil, limited(err)
	}
	return faults, nil
}

// Plain returns a document as indexes and conditions see it: without the objects
// in which the collection's dialect wraps values.
func (c *DocCollection) Plain(v doc.Value) doc.Value {
	if c.Dialect == schema.Plain {
		return v
	}
	return schema.UnwrapAll(v)
}

// enter changes ids and indexes, all or nothing. All values are let go before the
// first one is taken, so that documents may exchange theirs.
func enter(list []admission) error {
	list = lastOfEach(list)
	defer lockUnique(list)()
	for i := range list {
		list[i].release()
	}
	for i := range list {
		if err := list[i].take(); err != nil {
			for j := range list[:i+1] {
				release(list[j].taken)
			}
			for j := range list {
				list[j].restore()
			}
			return err
		}
	}
	for i := range list {
		list[i].store()
	}
	return nil
}

// lastOfEach leaves of several writes of one document the last one.
func lastOfEach(list []admission) []admission {
	if len(list) < 2 {
		return list
	}
	type document struct {
		docs *docSet
		id   string
	}
	last := make(map[document]int, len(list))
	for i := range list {
		last[document{list[i].c.docs, list[i].id}] = i
	}
	if len(last) == len(list) {
		return list
	}
	kept := make([]admission, 0, len(last))
	for i := range list {
		if last[document{list[i].c.docs, list[i].id}] == i {
			kept = append(kept, list[i])
		}
	}
	return kept
}

// lockUnique keeps others from values of unique indexes until what it returns is
// called: a value that is let go here may have to be taken back.
func lockUnique(list []admission) (unlock func()) {
	var sets []*docSet
	for i := range list {
		if s := list[i].c.docs; list[i].c.hasUnique() && !slices.Contains(sets, s) {
			sets = append(sets, s)
		}
	}
	slices.SortFunc(sets, func(a, b *docSet) int { return cmp.Compare(a.order, b.order) })
	for _, s := range sets {
		s.writing.Lock()
	}
	return func() {
		for _, s := range sets {
			s.writing.Unlock()
		}
	}
}

// release takes what the document will not have any more out of the indexes.
func (a *admission) release() {
	was, _ := a.c.docs.get(a.id)
	a.kept = was.held
	for _, h := range was.held {
		if !slices.Contains(a.item.held, h) {
			h.index.Remove([]string{h.entry})
			a.released = append(a.released, h)
		}
	}
}

// take puts what the document has not had into the indexes.
func (a *admission) take() error {
	for _, h := range a.item.held {
		if slices.Contains(a.kept, h) {
			continue
		}
		if holder, ok := h.index.take(h.entry); !ok {
			return errDuplicate(h.index.Name, []byte(a.id), holder)
		}
		a.taken = append(a.taken, h)
	}
	return nil
}

// restore takes back what release has done, once everything that was taken has been
// let go.
func (a *admission) restore() {
	for _, h := range a.released {
		h.index.Add([]string{h.entry})
	}
}

// store ends what cannot fail any more.
func (a *admission) store() {
	if a.gone {
		a.c.docs.remove(a.id)
	} else {
		a.c.docs.put(a.item)
	}
}

func (c *DocCollection) hasUnique() bool {
	return slices.ContainsFunc(c.indexes, func(ix *DocIndex) bool { return ix.Unique })
}
