package engine

import (
	"bytes"
	"fmt"

	"kvd/engine/doc"
	"kvd/internal/change"
	"kvd/internal/rediserr"
)

// Document is the JSON document at a key, or the place for one.
type Document struct {
	value   doc.Value
	trailer []byte
}

// Document returns the document at key; a missing key gives the zero Document. It
// fails with WRONGTYPE for a key of another type, and with ErrCold.
func (tx *Tx) Document(key []byte) (Document, error) {
	f, ok := tx.read(key)
	return tx.documentOf(f, ok, key)
}

// PeekDocument is Document without noting an access.
func (tx *Tx) PeekDocument(key []byte) (Document, error) {
	f, ok := tx.find(key)
	return tx.documentOf(f, ok, key)
}

func (tx *Tx) documentOf(f found, ok bool, key []byte) (Document, error) {
	switch {
	case !ok:
		return Document{}, nil
	case f.kind() != change.JSON:
		return Document{}, rediserr.WrongType
	case f.has(flagCold):
		return Document{}, tx.needs(key)
	}
	v, trailer, ok := splitDocument(f.shard.value(f.entry).bytes)
	if !ok {
		return Document{}, fmt.Errorf("the document at a key of %d bytes is damaged", len(key))
	}
	return Document{v, trailer}, nil
}

// Exists reports whether there is such a key.
func (d *Document) Exists() bool { return len(d.value) > 0 }

// Value returns the document. It is valid until the key is written.
func (d *Document) Value() doc.Value { return d.value }

// Info returns what is stored beside the value. Its Meta is valid as the value is.
func (d *Document) Info() DocumentInfo {
	if !d.Exists() {
		return DocumentInfo{}
	}
	i, _ := readInfo(d.trailer)
	return i
}

// DocumentPut is one document to be written.
type DocumentPut struct {
	Key []byte
	// Value is the new document in the form of package doc. It may be written
	// behind its end, and the memory of a large one is kept: the caller must not
	// use it again.
	Value []byte
	// Expire is when the key expires; Keep leaves that as it is.
	Expire Expiry
	// Event names what was done, such as "json.set"; empty: nobody is told.
	Event string
	// Author says who made the change; nil: nobody says.
	Author *string
	// Meta is the client's metadata; absent: what there is stays.
	Meta     doc.Value
	admitted bool   // its collection, if it has one, knows of it
	schema   uint32 // the version of the type that it was checked against

	// Shape is set by a migration; nil: the version of the document stays, and one
	// that is new gets that of its keys. Where only the shape differs from what there
	// is, the revision data stay.
	Shape *DocumentShape
}

// documentRoom is how much memory a Tx keeps for building documents, in bytes.
const documentRoom = 4 << 10

// DocumentBuffer returns an empty slice to which a new document is appended. The
// next call returns other memory only after PutDocuments has taken that of the
// last.
func (tx *Tx) DocumentBuffer() []byte {
	if tx.documents.all == nil {
		tx.documents.all = make([]byte, documentRoom)
	}
	return tx.documents.all[tx.documents.used:][:0]
}

// documentBuffer is memory in which the documents of one Tx are built.
type documentBuffer struct {
	all  []byte
	used int // by documents that were put
}

// take keeps what was built in the buffer from being written over before the
// commit.
func (b *documentBuffer) take(stored []byte) {
	if b.used < len(b.all) && sameMemory(b.all[b.used:], stored) {
		b.used += len(stored)
	}
}

// PutDocuments writes documents, over whatever documents their keys hold, in
// turn. It checks all of them first: if it fails, nothing is changed. It fails
// with WRONGTYPE, ErrCold, and where a key belongs to a collection, with what that
// has against it. Events: new, and those that are named.
func (tx *Tx) PutDocuments(puts ...DocumentPut) error {
	for i := range puts {
		if _, err := tx.PeekDocument(puts[i].Key); err != nil {
			return err
		}
	}
	if err := tx.admit(puts); err != nil {
		return err
	}
	for i := range puts {
		tx.putDocument(&puts[i])
	}
	return nil
}

// putDocument writes one document that may be written.
func (tx *Tx) putDocument(p *DocumentPut) {
	f, ok := tx.find(p.Key)
	old, _ := tx.documentOf(f, ok, p.Key)
	info := tx.nextInfo(&old, p)
	at := int64(p.Expire)
	if p.Expire == Keep {
		at = 0
		if ok {
			at = f.shard.deadlineOf(f.entry)
		}
	}
	stored := info.appendTrailer(p.Value)
	tx.documents.take(stored)
	tx.put(change.Row{
		Op: change.Put, Kind: change.Key, Type: change.JSON,
		Space: tx.space(), Expire: at, Key: p.Key, Value: stored,
	})
	stamp := tx.stampOf(f, ok)
	resized := f.shard.write(tx.db, f.hash, f.ref, p.Key, content{
		kind: change.JSON, value: stored, at: at, stamp: stamp, epoch: tx.epoch,
	})
	tx.resized = tx.resized || resized
	if !p.admitted {
		tx.engine.documentWritten(tx.db, p.Key, stored[:len(p.Value)], &info)
	}
	if !ok {
		tx.event(change.EventNew, "new", p.Key)
		tx.wake(f.shard, p.Key)
	}
	if p.Event != "" {
		tx.event(change.EventModule, p.Event, p.Key)
	}
}

// nextInfo is what is stored beside a document after a change.
func (tx *Tx) nextInfo(old *Document, p *DocumentPut) DocumentInfo {
	was := old.Info()
	now := was
	if p.Shape != nil {
		now.Migration, now.Undo = p.Shape.Version, p.Shape.Undo
		if bytes.Equal(old.value, p.Value) {
			now.Schema = p.schema
			return now
		}
	} else {
		now.Undo = nil
	}
	now.Rev, now.Version, now.Changed, now.Author = tx.Rev(), was.Version+1, max(tx.now, was.Changed), ""
	now.Schema = p.schema
	if !old.Exists() {
		now.CreatedRev, now.Created = now.Rev, now.Changed
		if p.Shape == nil {
			tx.shapeMade(p.Key, &now)
		}
	}
	if p.Author != nil {
		now.Author = *p.Author
	}
	if len(p.Meta) > 0 {
		now.Meta = p.Meta
	}
	return now
}

// RemoveDocument deletes the document at key, which exists; event names what was
// done. Events: del, and the one that is named.
func (tx *Tx) RemoveDocument(key []byte, event string) {
	if tx.Delete(key) {
		tx.event(change.EventModule, event, key)
	}
}

// renewDocument gives a document that came under another name, or from elsewhere,
// revision data of its own.
func (tx *Tx) renewDocument(key, stored []byte) []byte {
	v, trailer, ok := splitDocument(stored)
	if !ok {
		return stored
	}
	info, _ := readInfo(trailer)
	rev := tx.Rev()
	info.Rev, info.CreatedRev, info.Version = rev, rev, 1
	info.Created, info.Changed = tx.now, max(tx.now, info.Changed)
	tx.shapeArrived(key, &info)
	return info.appendTrailer(append(make([]byte, 0, len(stored)+8), v...))
}

// announce says that a stored document has come to a key of the database in use.
func (tx *Tx) announce(key, stored []byte) {
	if v, trailer, ok := splitDocument(stored); ok {
		info, _ := readInfo(trailer)
		tx.engine.documentWritten(tx.db, key, v, &info)
	}
}

// loadDocument takes note of a stored document.
func (e *Engine) loadDocument(db int, row *change.Row) error {
	v, trailer, ok := splitDocument(row.Value)
	info, good := readInfo(trailer)
	if !ok || !good {
		return fmt.Errorf("the stored document %.64q is damaged", row.Key)
	}
	e.meetRev(info.Rev)
	e.documentWritten(db, row.Key, v, &info)
	return nil
}
