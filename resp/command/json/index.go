package json

import (
	"slices"

	"kvd/engine/doc"
	"kvd/resp/command"
)

// arrindex implements JSON.ARRINDEX.
func arrindex(c *command.Ctx) error {
	if len(c.Args) > 6 {
		return wrongArgs(c)
	}
	var bounds [2]int64
	for i := range c.Args[min(4, len(c.Args)):] {
		var err error
		if bounds[i], err = c.Int(4 + i); err != nil {
			return err
		}
	}
	r, err := read(c)
	defer r.done()
	if err != nil {
		return err
	}
	if r.s.Value, err = parse(r.s, r.s.Value, c.Args[3]); err != nil {
		return err
	}
	if !r.doc.Exists() {
		return errNoPath
	}
	found, err := r.named()
	if err != nil {
		return err
	}
	if r.path.Legacy() {
		return r.indexOf(found, bounds)
	}
	if err := heavy(c, sizeOf(found)); err != nil {
		return err
	}
	c.Out.Array(len(found))
	for _, v := range found {
		if v.Kind() == doc.Array {
			c.Out.Int(indexIn(v, r.s.Value, bounds))
		} else {
			c.Out.Null()
		}
	}
	return nil
}

// indexOf answers a legacy path.
func (r *reading) indexOf(found []doc.Value, bounds [2]int64) error {
	switch {
	case len(found) == 0:
		return errNoPath
	case found[0].Kind() != doc.Array:
		return errWantArray
	}
	if err := heavy(r.c, len(found[0])); err != nil {
		return err
	}
	r.c.Out.Int(indexIn(found[0], r.s.Value, bounds))
	return nil
}

// indexIn returns the first index in bounds where an array has a value, or -1. A
// stop of 0 is the end; one before the first element leaves nothing to search.
func indexIn(array, what doc.Value, bounds [2]int64) int64 {
	n := int64(array.Len())
	start, stop := max(bounds[0], -n), min(bounds[1], n)
	if stop < 0 && stop <= -n {
		return -1
	}
	return int64(array.IndexOf(what, int(start), int(stop)))
}

func sizeOf(values []doc.Value) (bytes int) {
	for _, v := range values {
		bytes += len(v)
	}
	return bytes
}

// parse appends the value that a text is to dst.
func parse(s *command.DocumentScratch, dst, text []byte) ([]byte, error) {
	out, err := s.Parser.Append(dst, text)
	return out, command.DocumentError(err)
}

// parseAll returns the values that texts are.
func parseAll(s *command.DocumentScratch, texts [][]byte) ([]doc.Value, error) {
	size := 0
	for _, text := range texts {
		size += len(text)
	}
	buf := slices.Grow([]byte(nil), size+8*len(texts)) // the usual form is no longer than the text
	list := make([]doc.Value, len(texts))
	for i, text := range texts {
		from := len(buf)
		var err error
		if buf, err = parse(s, buf, text); err != nil {
			return nil, err
		}
		list[i] = doc.Value(buf[from:len(buf):len(buf)])
	}
	return list, nil
}
