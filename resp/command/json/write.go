package json

import (
	"kvd/engine"
	"kvd/engine/doc"
	"kvd/engine/doc/path"
	"kvd/resp/command"
)

// writing is a document that a command changes at the places of a path.
type writing struct {
	c *command.Ctx
	s *command.DocumentScratch
	// args are the words of the line without the conditions at its end.
	args   [][]byte
	cond   command.Guard
	path   *path.Path
	doc    engine.Document
	places []int
	one    [1]int // the memory of places for a static path
	hit    []bool // which of the places were edited
}

// begin reads a line `key [path] …` with the options IFREV and IFVER at its end,
// which has least words without them. The caller calls done at the end, whatever
// err is, and open when it has read the rest of the line.
func begin(c *command.Ctx, least int) (w writing, err error) {
	w = writing{c: c, s: c.Services.Documents.Scratch()}
	w.args, w.cond, err = takeConditions(c, least)
	return w, err
}

func (w *writing) done() { w.c.Services.Documents.Release(w.s) }

// compile compiles the path of the line, or the legacy root if there is none.
func (w *writing) compile() (err error) {
	word := []byte(rootPath)
	if len(w.args) > 2 {
		word = w.args[2]
	}
	if w.path, err = w.c.Services.Documents.Path(word); err == nil && w.path.Computed() {
		err = command.DocumentError(path.ErrComputed)
	}
	return err
}

// load reads the document, which may be missing, and compares it with the
// conditions.
func (w *writing) load() (err error) {
	if w.doc, err = w.c.Tx.Document(w.args[1]); err != nil {
		return err
	}
	return w.cond.Check(&w.doc)
}

// open compiles the path, and loads the document, which must exist, with the places
// of the path.
func (w *writing) open() error {
	if err := w.compile(); err != nil {
		return err
	}
	if err := w.load(); err != nil {
		return err
	}
	if !w.doc.Exists() {
		return errNoKey
	}
	return w.find()
}

// copied is how many bytes of a document are copied in the time in which one is
// searched.
const copied = 16

// find looks up the places of the path.
func (w *writing) find() (err error) {
	root := w.doc.Value()
	if w.path.Static() {
		w.places = w.one[:0]
		if _, at, ok := w.path.Lookup(root); ok {
			w.places = append(w.places, at)
		}
		return heavy(w.c, len(root)/copied)
	}
	if err := heavy(w.c, len(root)); err != nil {
		return err
	}
	w.places, err = w.s.Paths.FindDistinct(w.path, root)
	return command.DocumentError(err)
}

// rewrite builds the document with an edit at places of it in the memory of the
// transaction, and returns it with the number of values that have changed. Nothing
// is left of it if its root was removed.
func (w *writing) rewrite(places []int, edit doc.Edit) ([]byte, int, error) {
	out, n, err := w.s.Editor.Rewrite(w.c.Tx.DocumentBuffer(), w.doc.Value(), places, edit)
	return out, n, command.DocumentError(err)
}

// put writes the document, whose expiry stays.
func (w *writing) put(value []byte, event string) error {
	return w.c.Tx.PutDocuments(engine.DocumentPut{Key: w.args[1], Value: value, Expire: engine.Keep, Event: event})
}

// edit is what a command does with each of the values of a kind that its path
// names.
type edit struct {
	event string
	// is says whether a value is of the kind.
	is func(doc.Value) bool
	// apply appends what is to stand in place of v, which is match i.
	apply func(dst []byte, i int, v doc.Value) ([]byte, doc.Outcome, error)
	// nests is as in doc.Edit.
	nests int
}

// run edits the values and writes the document, if anything has changed. It returns
// the last match of the kind, or -1; w.hit tells which matches are of it.
func (w *writing) run(e edit) (last int, err error) {
	w.hit = make([]bool, len(w.places))
	out, n, err := w.rewrite(w.places, doc.Edit{Nests: e.nests, Apply: func(dst []byte, i int, v doc.Value) ([]byte, doc.Outcome, error) {
		if !e.is(v) {
			return dst, doc.Kept, nil
		}
		w.hit[i] = true
		return e.apply(dst, i, v)
	}})
	if err != nil {
		return -1, err
	}
	if n > 0 {
		if err := w.put(out, e.event); err != nil {
			return -1, err
		}
	}
	for last = len(w.hit) - 1; last >= 0 && !w.hit[last]; last-- {
	}
	return last, nil
}

// reply answers with what write writes of a match: for a legacy path of the last,
// and where there is none, with the error; else a list with null for the values of
// other kinds.
func (w *writing) reply(last int, none error, write func(i int)) error {
	switch {
	case !w.path.Legacy():
		w.list(write)
	case last < 0:
		return none
	default:
		write(last)
	}
	return nil
}

// list answers with a list of all matches.
func (w *writing) list(write func(i int)) {
	w.c.Out.Array(len(w.hit))
	for i, hit := range w.hit {
		if hit {
			write(i)
		} else {
			w.c.Out.Null()
		}
	}
}

// lengths runs an edit whose result at each match is a length, which apply returns
// beside it.
func (w *writing) lengths(e edit, none error, apply func(dst []byte, v doc.Value) ([]byte, int, error)) error {
	results := make([]int, len(w.places))
	e.apply = func(dst []byte, i int, v doc.Value) (_ []byte, _ doc.Outcome, err error) {
		dst, results[i], err = apply(dst, v)
		return dst, doc.Changed, err
	}
	last, err := w.run(e)
	if err != nil {
		return err
	}
	return w.reply(last, none, func(i int) { w.c.Out.Int(int64(results[i])) })
}

func isArray(v doc.Value) bool  { return v.Kind() == doc.Array }
func isString(v doc.Value) bool { return v.Kind() == doc.String }
func isNumber(v doc.Value) bool { return v.Kind() == doc.Number }
func isBool(v doc.Value) bool   { return v.Kind() == doc.True || v.Kind() == doc.False }

// deepest returns the greatest nesting of values.
func deepest(values []doc.Value) (depth int) {
	for _, v := range values {
		depth = max(depth, v.Depth())
	}
	return depth
}
