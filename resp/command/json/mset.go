package json

import (
	"kvd/engine"
	"kvd/engine/doc"
	"kvd/engine/doc/path"
	"kvd/resp/command"
)

// mset implements JSON.MSET: if one of the values can't be written, none is.
func mset(c *command.Ctx) error {
	if len(c.Args)%3 != 1 {
		return wrongArgs(c)
	}
	if err := heavy(c, sizeOfWords(c.Args)); err != nil {
		return err
	}
	s := c.Services.Documents.Scratch()
	defer c.Services.Documents.Release(s)
	m := manyWrites{c: c, s: s, at: make(map[string]int)}
	for i := 1; i < len(c.Args); i += 3 {
		done, err := m.add(c.Args[i], i)
		switch {
		case err != nil:
			return err
		case !done:
			c.Out.Null()
			return nil
		}
	}
	if err := c.Tx.PutDocuments(m.puts...); err != nil {
		return err
	}
	c.Out.OK()
	return nil
}

// manyWrites is the documents that a JSON.MSET is about to write.
type manyWrites struct {
	c    *command.Ctx
	s    *command.DocumentScratch
	puts []engine.DocumentPut
	at   map[string]int // where in puts the document of a key is
}

// add builds the document that the triplet at word i makes. A key that is named
// again goes on from what it has become.
func (m *manyWrites) add(key []byte, i int) (done bool, err error) {
	p, err := pathAt(m.c, i+1)
	if err != nil {
		return false, err
	}
	if p.Computed() {
		return false, command.DocumentError(path.ErrComputed)
	}
	value, err := parse(m.s, nil, m.c.Args[i+2])
	if err != nil {
		return false, err
	}
	at, again := m.at[string(key)]
	var root doc.Value
	if again {
		root = m.puts[at].Value
	} else {
		d, err := m.c.Tx.Document(key)
		if err != nil {
			return false, err
		}
		root = d.Value()
	}
	w := planner{s: m.s, path: p, root: root}
	out, done, err := w.set(m.c, nil, value)
	switch {
	case err != nil || !done:
		return false, err
	case again:
		m.puts[at].Value = out
	default:
		m.at[string(key)] = len(m.puts)
		m.puts = append(m.puts, engine.DocumentPut{Key: key, Value: out, Expire: engine.Keep, Event: "json.mset"})
	}
	return true, nil
}
