package json

import (
	"kvd/engine"
	"kvd/engine/doc"
	"kvd/engine/doc/path"
	"kvd/resp/command"
)

// bytesPerElement is how many bytes of a document are as much work, to parse, to
// write as text or to search, as an element is for other commands.
const bytesPerElement = 4

// heavy returns ErrHeavy where going through so many bytes would keep an event loop.
func heavy(c *command.Ctx, bytes int) error { return c.Heavy(bytes / bytesPerElement) }

// rootPath is the path that stands for one that is left out.
const rootPath = "."

// pathAt compiles argument i, or the legacy root if there is none.
func pathAt(c *command.Ctx, i int) (*path.Path, error) {
	if i < len(c.Args) {
		return c.Services.Documents.Path(c.Args[i])
	}
	return c.Services.Documents.Path([]byte(rootPath))
}

// reading is a document that a command reads, and a path into it.
type reading struct {
	c    *command.Ctx
	s    *command.DocumentScratch
	path *path.Path
	doc  engine.Document
}

// read begins a command `key [path] …`. The caller calls done at the end, whatever
// err is.
func read(c *command.Ctx) (r reading, err error) {
	r = reading{c: c, s: c.Services.Documents.Scratch()}
	if r.path, err = pathAt(c, 2); err == nil {
		r.doc, err = c.Tx.Document(c.Args[1])
	}
	return r, err
}

func (r *reading) done() { r.c.Services.Documents.Release(r.s) }

// values returns what the path names in a document. A static path is looked up
// without reading the rest of the document.
func values(s *command.DocumentScratch, p *path.Path, root doc.Value) ([]doc.Value, error) {
	if !p.Static() {
		found, err := s.Paths.Values(p, root)
		return found, command.DocumentError(err)
	}
	v, _, ok := p.Lookup(root)
	if s.Values = s.Values[:0]; ok {
		s.Values = append(s.Values, v)
	}
	return s.Values, nil
}

// named returns what the path names in the document, which exists. Calculated
// values are none: the path must lead to places.
func (r *reading) named() ([]doc.Value, error) {
	if r.path.Computed() {
		return nil, command.DocumentError(path.ErrComputed)
	}
	return r.evaluate()
}

// evaluate returns what the path names or calculates.
func (r *reading) evaluate() ([]doc.Value, error) {
	if !r.path.Static() {
		if err := heavy(r.c, len(r.doc.Value())); err != nil {
			return nil, err
		}
	}
	return values(r.s, r.path, r.doc.Value())
}

// optionalPath refuses words behind `key [path]`.
func optionalPath(c *command.Ctx) error {
	if len(c.Args) > 3 {
		return wrongArgs(c)
	}
	return nil
}
