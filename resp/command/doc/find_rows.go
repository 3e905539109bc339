package doc

import (
	"container/heap"
	"slices"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/engine/doc/path"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// shown says what of each document a reply has.
type shown struct {
	selected []*path.Path // none: the whole document
	meta     bool
	idsOnly  bool
}

// row is a document that was found.
type row struct {
	id       string
	position string // in the order of the query
	text     []byte
	meta     *metadata
}

// page is the documents that a FIND returns.
type page struct {
	*search
	skip, most int
	show       shown
	rows       []row
	bytes      int
	place      []byte
	texts      []byte // of the rows that were taken
	// The methods take and keep, as functions.
	taking, keeping found
}

// maxRows is how many bytes the rows of a reply may have.
const maxRows = 256 << 20

var errRows = rediserr.Coded("LIMIT", "the documents of the reply are larger than 268435456 bytes")

// full says whether there may be more documents behind the page.
func (p *page) full() bool { return p.most > 0 && len(p.rows) == p.most }

// fill searches.
func (p *page) fill() error {
	if p.most == 0 {
		return nil
	}
	if p.byID() || p.plan.Ordered {
		return p.each(p.taking)
	}
	if err := p.each(p.keeping); err != nil {
		return err
	}
	p.sortKept()
	return nil
}

// take takes the documents as they come.
func (p *page) take(id string, d *path.Document, stored *engine.Visited) (more bool, err error) {
	if p.skip > 0 {
		p.skip--
		return true, nil
	}
	if err := p.position(d); err != nil {
		return false, err
	}
	if len(p.texts) > textPiece {
		p.texts = nil // the rows have what was written there
	}
	from := len(p.texts)
	r, err := p.row(p.texts, id, d, stored)
	if err != nil {
		return false, err
	}
	if !p.show.idsOnly {
		p.texts, r.text = r.text, r.text[from:]
	}
	p.rows = append(p.rows, r)
	return len(p.rows) < p.most, nil
}

// position makes p.place the position of a document.
func (p *page) position(d *path.Document) (err error) {
	if p.byID() {
		return nil
	}
	p.place, err = p.m.AppendPosition(p.place[:0], &p.q, d)
	return err
}

// keep keeps a document if it is among the first of those that were found.
func (p *page) keep(id string, d *path.Document, stored *engine.Visited) (more bool, err error) {
	if err := p.position(d); err != nil {
		return false, err
	}
	at := string(p.place)
	if p.after != "" && p.q.Compare(at, p.after) <= 0 {
		return true, nil
	}
	h := (*lastFirst)(p)
	if len(p.rows) >= p.skip+p.most {
		if p.q.Compare(at, p.rows[0].position) >= 0 {
			return true, nil
		}
		p.bytes -= len(p.rows[0].text) + len(p.rows[0].position)
		heap.Pop(h)
	}
	r, err := p.row(nil, id, d, stored)
	if err == nil {
		heap.Push(h, r)
	}
	return true, err
}

// sortKept puts the documents that were kept in order.
func (p *page) sortKept() {
	sorted := make([]row, len(p.rows))
	h := (*lastFirst)(p)
	for i := len(sorted) - 1; i >= 0; i-- {
		sorted[i], _ = heap.Pop(h).(row)
	}
	p.rows = sorted[min(p.skip, len(sorted)):]
}

// lastFirst is the rows of a page as a heap whose first is the last in order.
type lastFirst page

// Len, Less, Swap, Push and Pop implement heap.Interface.
func (h *lastFirst) Len() int { return len(h.rows) }

func (h *lastFirst) Less(i, j int) bool {
	return h.q.Compare(h.rows[i].position, h.rows[j].position) > 0
}
func (h *lastFirst) Swap(i, j int) { h.rows[i], h.rows[j] = h.rows[j], h.rows[i] }

// Push implements heap.Interface.
func (h *lastFirst) Push(x any) {
	if r, ok := x.(row); ok {
		h.rows = append(h.rows, r)
	}
}

// Pop implements heap.Interface.
func (h *lastFirst) Pop() any {
	last := len(h.rows) - 1
	r := h.rows[last]
	h.rows[last] = row{}
	h.rows = h.rows[:last]
	return r
}

// textPiece is about how many bytes of texts of rows lie together.
const textPiece = 16 << 10

// row copies what the reply has of a document, its text behind what is in dst.
// p.place is its position.
func (p *page) row(dst []byte, id string, d *path.Document, stored *engine.Visited) (r row, err error) {
	r = row{id: id, position: id}
	if !p.byID() {
		r.position = string(p.place)
	}
	if !p.show.idsOnly {
		if r.text, err = p.show.text(dst, &p.m.Evaluator, stored.Value()); err != nil {
			return r, err
		}
	}
	if p.show.meta {
		r.meta = p.metadata(d, stored)
	}
	p.bytes += len(r.text) - len(dst) + len(r.position)
	if p.bytes > maxRows {
		err = errRows
	}
	return r, err
}

// metadata copies the metadata of a document.
func (p *page) metadata(d *path.Document, stored *engine.Visited) *metadata {
	m := metadataOf(p.coll, slices.Clone(d.ID), &stored.Document, stored.Expire, p.c.Now.UnixMilli())
	m.info.Meta = slices.Clone(m.info.Meta)
	return &m
}

// text returns a document, or what the selected paths name in it: for one path
// what JSON.GET replies for it, for several an object keyed by their texts. A
// legacy path that names nothing is null. It is appended to dst.
func (sh *shown) text(dst []byte, e *path.Evaluator, v doc.Value) ([]byte, error) {
	w := doc.Writer{Buf: dst}
	switch len(sh.selected) {
	case 0:
		return doc.AppendText(dst, v), nil
	case 1:
		err := writeSelected(&w, e, sh.selected[0], v, !sh.selected[0].Legacy())
		return w.Buf, err
	}
	list := false
	for _, p := range sh.selected {
		list = list || !p.Legacy()
	}
	w.BeginObject()
	for i, p := range sh.selected {
		if sh.named(i) {
			continue
		}
		w.Name([]byte(p.String()))
		if err := writeSelected(&w, e, p, v, list); err != nil {
			return nil, err
		}
	}
	w.EndObject()
	return w.Buf, nil
}

// named says whether path i stands before i already.
func (sh *shown) named(i int) bool {
	for _, p := range sh.selected[:i] {
		if p.String() == sh.selected[i].String() {
			return true
		}
	}
	return false
}

// writeSelected writes the list of what a path names, or the first of it.
func writeSelected(w *doc.Writer, e *path.Evaluator, p *path.Path, v doc.Value, list bool) error {
	e.Reset(0)
	found, err := e.Values(p, v)
	if err != nil {
		return err
	}
	if !list {
		w.Value(first(found))
		return nil
	}
	w.BeginArray()
	for _, v := range found {
		w.Value(v)
	}
	w.EndArray()
	return nil
}

func first(found []doc.Value) doc.Value {
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// write writes the reply.
func (p *page) write(c *command.Ctx, cursor string) error {
	if c.Out.Protocol() == 3 {
		c.Out.Map(2)
		c.Out.Text("cursor")
		c.Out.Text(cursor)
		c.Out.Text("rows")
	} else {
		c.Out.Array(2)
		c.Out.Text(cursor)
	}
	c.Out.Array(len(p.rows))
	for i := range p.rows {
		p.show.writeRow(c, &p.rows[i])
	}
	return nil
}

// writeRow writes one row: its id, or an array with what else is shown.
func (sh *shown) writeRow(c *command.Ctx, r *row) {
	parts := 1
	if !sh.idsOnly {
		parts++
	}
	if sh.meta {
		parts++
	}
	if parts > 1 {
		c.Out.Array(parts)
	}
	c.Out.Text(r.id)
	if !sh.idsOnly {
		c.Out.Bulk(r.text)
	}
	if sh.meta {
		r.meta.write(c)
	}
}
