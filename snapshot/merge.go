package snapshot

import (
	"bytes"
	"errors"
	"slices"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/snapshot/archive"
)

const (
	// mergeBytes is the most that is restored in one transaction, in bytes of
	// records. All of it is in memory meanwhile.
	mergeBytes = 64 << 20
	// stretchBytes is how much each transaction of a larger restore has.
	stretchBytes = 4 << 20
)

// entry is a key with its whole value.
type entry struct {
	archive.Record
}

// merger writes keys of a snapshot beside those that there are.
type merger struct {
	s     *Service
	t     *task
	o     *RestoreOptions
	limit int
	now   int64
	batch []entry
	size  int
	skip  bool // the key under way is not restored
	begun bool
	first bool // nothing has been written
	out   Restored
}

// merge restores some keys, or all into a server that has others.
func (s *Service) merge(t *task, info *Info, o *RestoreOptions, found *survey) (Restored, error) {
	m := &merger{s: s, t: t, o: o, limit: stretchBytes, now: s.now().UnixMilli(), first: true}
	if found.bytes <= mergeBytes {
		m.limit = mergeBytes
	}
	if err := s.restoreSettings(found, o); err != nil {
		return m.out, err
	}
	err := s.read(t.ctx, info, archive.Visitor{Record: func(r *archive.Record, line []byte) error {
		if err := t.step(len(line)); err != nil {
			return err
		}
		return m.add(r, len(line))
	}})
	if err == nil {
		err = m.write()
	}
	if err != nil {
		return m.out, err
	}
	// After this it is on disk, whatever appendfsync says.
	return m.out, s.opt.Store.Checkpoint(t.ctx)
}

// restoreSettings brings back the definitions that a snapshot of collections has,
// and of a whole one those that there are none of now.
func (s *Service) restoreSettings(found *survey, o *RestoreOptions) error {
	if len(found.settings) == 0 || !o.whole() {
		return nil
	}
	tx := s.opt.Engine.Begin(0, s.now().UnixMilli(), 0, s.allShards())
	defer tx.Commit()
	now, _ := s.opt.Engine.Settings("")
	definitions := make(map[string]string)
	for name, value := range found.settings {
		if is, there := now[name]; there && (o.Conflict != Replace || is == value) {
			continue
		}
		if engine.IsDefinition(name) {
			definitions[name] = value
			continue
		}
		tx.PutSetting(name, value)
	}
	if len(definitions) == 0 {
		return nil
	}
	return tx.RestoreDefinitions(definitions)
}

func (s *Service) allShards() *engine.Lock {
	var all engine.Lock
	s.opt.Engine.AddAll(&all)
	return &all
}

// add takes a record.
func (m *merger) add(r *archive.Record, size int) error {
	first := !m.begun
	m.begun = r.More
	if first {
		name, ok := m.o.chooses(r.Key)
		m.skip = !ok || r.Expire != 0 && r.Expire <= m.now
		if m.skip {
			return nil
		}
		if m.size >= m.limit {
			if err := m.write(); err != nil {
				return err
			}
		}
		e := entry{Record: *r}
		e.Key, e.Value, e.Items, e.Rows = bytes.Clone(name), nil, nil, nil
		e.Doc, e.Info.Meta = doc.Value(bytes.Clone(r.Doc)), doc.Value(bytes.Clone(r.Info.Meta))
		m.batch = append(m.batch, e)
	}
	if m.skip {
		return nil
	}
	m.size += size
	m.batch[len(m.batch)-1].extend(r, m.now)
	return nil
}

// extend adds the value of a record, which is valid for a moment only.
func (e *entry) extend(r *archive.Record, now int64) {
	e.Value = append(e.Value, r.Value...)
	for _, it := range r.Items {
		if it.Expire != 0 && it.Expire <= now {
			continue
		}
		it.Name, it.Value = bytes.Clone(it.Name), bytes.Clone(it.Value)
		e.Items = append(e.Items, it)
	}
	for _, row := range r.Rows {
		row.Group, row.Consumer, row.Fields = bytes.Clone(row.Group), bytes.Clone(row.Consumer), slices.Clone(row.Fields)
		for i := range row.Fields {
			row.Fields[i] = bytes.Clone(row.Fields[i])
		}
		e.Rows = append(e.Rows, row)
	}
}

// write writes the batch in one transaction, which is made or not as a whole.
func (m *merger) write() error {
	if len(m.batch) == 0 && (!m.first || !m.o.Flush) {
		return nil
	}
	if err := pointMerge.Err(); err != nil {
		return err
	}
	e := m.s.opt.Engine
	var lock engine.Lock
	if m.first && m.o.Flush {
		e.AddAll(&lock)
	}
	for i := range m.batch {
		e.AddKey(&lock, m.batch[i].Key)
	}
	tx := e.Begin(0, m.s.now().UnixMilli(), engine.NoTouch, &lock)
	err := m.apply(tx)
	tx.Commit()
	m.s.opt.Store.Flush() //nolint:errcheck // a failure is told through OnFail, and by the checkpoint that follows
	m.batch, m.size, m.first = m.batch[:0], 0, false
	return err
}

// apply checks the batch, and then writes it.
func (m *merger) apply(tx *engine.Tx) error {
	keep := m.batch[:0]
	replaced := int64(0)
	for _, en := range m.batch {
		tx.Select(en.DB)
		taken := tx.Peek(en.Key) && (!m.first || !m.o.Flush)
		if c := m.s.opt.Engine.CollectionOf(en.DB, en.Key); c != nil && en.Type != archive.JSON {
			return codedf("WRONGTYPE", "key belongs to collection '%s'", c.Name)
		}
		switch {
		case !taken:
		case m.o.Conflict == Abort:
			return errExists(en.Key)
		case m.o.Conflict == Skip:
			m.out.Skipped++
			continue
		default:
			replaced++
		}
		keep = append(keep, en)
	}
	if err := m.documents(tx, keep); err != nil {
		return err
	}
	if m.first && m.o.Flush {
		m.flush(tx, keep)
	}
	for i := range keep {
		if en := &keep[i]; en.Type != archive.JSON {
			tx.Select(en.DB)
			tx.Restore(en.Key, engine.Expiry(en.Expire), func() { m.s.fill(tx, en) })
		}
	}
	m.out.Replaced += replaced
	m.out.Restored += int64(len(keep))
	return nil
}

// flush removes the keys that the restore takes the place of and does not bring
// back.
func (m *merger) flush(tx *engine.Tx, keep []entry) {
	type place struct {
		db  int
		key string
	}
	stays := make(map[place]bool, len(keep))
	for i := range keep {
		stays[place{keep[i].DB, string(keep[i].Key)}] = true
	}
	for db := range m.s.opt.Engine.Databases() {
		tx.Select(db)
		var gone [][]byte
		tx.Each(func(it engine.Item) {
			if m.o.covers(it.Key) && !stays[place{db, string(it.Key)}] {
				gone = append(gone, bytes.Clone(it.Key))
			}
		})
		for _, key := range gone {
			tx.Delete(key)
		}
	}
}

// documents writes the documents of a batch, those of a database at once, so that
// a document that its collection refuses stops all of them. They get revisions of
// their own.
func (m *merger) documents(tx *engine.Tx, keep []entry) error {
	for db := range m.s.opt.Engine.Databases() {
		var puts []engine.DocumentPut
		for i := range keep {
			if en := &keep[i]; en.Type == archive.JSON && en.DB == db {
				puts = append(puts, engine.DocumentPut{
					Key: en.Key, Value: en.Doc, Expire: engine.Expiry(en.Expire), Event: "snap.restore",
					Author: &en.Info.Author, Meta: en.Info.Meta,
				})
			}
		}
		if len(puts) == 0 {
			continue
		}
		tx.Select(db)
		for i := range puts {
			if err := makeRoom(tx, puts[i].Key); err != nil {
				return err
			}
		}
		if err := tx.PutDocuments(puts...); err != nil {
			return err
		}
	}
	return nil
}

// makeRoom removes a key that is no document, and has a document in memory.
func makeRoom(tx *engine.Tx, key []byte) error {
	_, err := tx.PeekDocument(key)
	switch {
	case errors.Is(err, engine.ErrCold):
		return tx.Fetch()
	case err != nil:
		tx.Delete(key)
	}
	return nil
}
