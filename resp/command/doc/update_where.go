package doc

import (
	"errors"

	"kvd/engine"
	"kvd/engine/doc/path"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// maxUpdates is how many documents one DOC.UPDATE may change: they are locked
// together.
const maxUpdates = 10_000

var (
	errManyUpdates = rediserr.Coded("LIMIT", "more than 10000 documents to change at a time: use LIMIT")
	errOneDocument = rediserr.New("UPSERT, IFREV and IFVER are for the update of one document")
)

// updateWhere implements DOC.UPDATE coll WHERE. The documents are searched for as
// FIND does it, then all that were found are locked, tested again, and changed in
// one change: all of them or none.
func updateWhere(c *command.Ctx) error {
	o, err := parseUpdate(c, 4)
	if err != nil {
		return err
	}
	if o.upsert != nil || o.cond.Any() {
		return errOneDocument
	}
	s, err := o.search(c)
	if err != nil {
		return err
	}
	defer s.release()
	ids, err := o.targets(s)
	if err != nil {
		return err
	}
	var matched, changed int
	err = c.Within(s.keysOf(ids), func(tx *engine.Tx) (err error) {
		matched, changed, err = o.changeAll(tx, s, ids)
		return err
	})
	if err != nil {
		return err
	}
	c.Out.Map(2)
	c.Out.Text("matched")
	c.Out.Int(int64(matched))
	c.Out.Text("changed")
	c.Out.Int(int64(changed))
	return nil
}

// search returns the search for the documents to change.
func (o *updateOptions) search(c *command.Ctx) (*search, error) {
	l, err := newSearch(c, len(c.Args))
	if err != nil {
		return nil, err
	}
	where, err := c.Services.Queries.Expression(c.Args[3])
	if err != nil {
		return nil, command.DocumentError(err)
	}
	s := &l.s
	s.most = int(min(max(o.scanLimit, 0), maxCount))
	if s.q.Where, err = o.bound(where); err != nil {
		return nil, err
	}
	if o.timeout < 0 {
		o.timeout = c.Config().QueryTimeout.Milliseconds()
	}
	s.limitTime(o.timeout)
	return s, s.choose()
}

// targets returns the ids of the documents to change. Their values are in memory,
// or were a moment ago.
func (o *updateOptions) targets(s *search) (ids []string, err error) {
	if o.limit == 0 {
		return nil, nil
	}
	err = s.each(func(id string, _ *path.Document, _ *engine.Visited) (more bool, err error) {
		if len(ids) == maxUpdates {
			return false, errManyUpdates
		}
		ids = append(ids, id)
		return o.limit < 0 || int64(len(ids)) < o.limit, nil
	})
	if err != nil || s.c.Tx != nil {
		return ids, err
	}
	for _, key := range s.keysOf(ids) {
		if err := s.c.Services.Engine.Fetch(s.c.DB(), key); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// changeAll changes documents that are locked, those of them that are still to be
// changed. matched is how many those are.
func (o *updateOptions) changeAll(tx *engine.Tx, s *search, ids []string) (matched, changed int, err error) {
	var puts []engine.DocumentPut
	for i, key := range s.keys {
		d, err := tx.PeekDocument(key)
		if errors.Is(err, rediserr.WrongType) || err == nil && !d.Exists() {
			continue
		}
		if err != nil {
			return 0, 0, err
		}
		s.describe(ids[i], &engine.Visited{Document: d})
		ok, err := s.m.Match(&s.q, &s.doc)
		if err != nil {
			return 0, 0, searchError(err)
		}
		if !ok {
			continue
		}
		matched++
		v, _, err := o.apply(s.c, s.coll, key, &d)
		if err != nil {
			return 0, 0, err
		}
		if v != nil {
			puts = append(puts, o.put(key, v, true))
		}
	}
	defer tx.Note(tx.Note(o.note.change()))
	return matched, len(puts), tx.PutDocuments(puts...)
}
