package persist

import (
	"bytes"

	"go.etcd.io/bbolt"

	"kvd/internal/change"
	"kvd/persist/codec"
)

// batchBytes ends a transaction of a fold, as Options.BatchRows does, so that it
// holds little memory and a power cut costs little work.
const batchBytes = 8 << 20

// batch is what one transaction has done.
type batch struct {
	home        codec.Bucket
	b           *bbolt.Bucket // of home
	rows, bytes int
}

// full reports that the transaction is large enough.
func (t *batch) full(limit int) bool { return t.rows >= limit || t.bytes >= batchBytes }

// enter makes b the bucket of row.
func (t *batch) enter(tx *bbolt.Tx, row *change.Row) (err error) {
	if t.b == nil || t.home.Kind != row.Kind || t.home.Space != row.Space {
		t.home = codec.NewBucket(row.Kind, row.Space)
		t.b, err = bucketOf(tx, t.home)
	}
	return err
}

// gone is the collection whose Drop was written last: rows before that place are
// not written.
type gone struct {
	space uint32
	id    uint64
	place uint64
}

func (g gone) takes(place uint64, r *change.Row) bool {
	return place < g.place && r.Kind == change.Element && r.Space == g.space && r.ID == g.id
}

// batch writes rows from the front of list and returns how many are done with.
// That may be none, where a collection is dropped that has more elements than a
// transaction takes.
func (f *folder) batch(tx *bbolt.Tx, list []slot) (n int, err error) {
	f.arena = f.arena[:0]
	var (
		t   batch
		row change.Row
	)
	for n < len(list) {
		place := list[n].place
		f.w.row(place, &row)
		// Settings come last and are written together: SWAPDB has two that make
		// sense only so.
		if t.full(f.s.opts.BatchRows) && (row.Kind != change.Meta || t.home.Kind != change.Meta) {
			break
		}
		if err := t.enter(tx, &row); err != nil {
			return n, err
		}
		switch {
		case row.Kind == change.History:
			done, err := f.putVersions(&t, list[n:])
			if n += done; err != nil {
				return n, err
			}
			continue
		case f.gone.takes(place, &row):
		case row.Op == change.Drop:
			f.gone = gone{space: row.Space, id: row.ID, place: place}
			if all, err := f.drop(&t, row.ID); !all || err != nil {
				return n, err
			}
		default:
			if err := f.put(t.b, t.home, place, &row); err != nil {
				return n, err
			}
			t.rows++
			t.bytes += len(row.Key) + len(row.Value)
			f.rows++
		}
		n++
	}
	return n, nil
}

// drop removes stored elements of a collection until the transaction is full,
// and reports whether that was all of them.
func (f *folder) drop(t *batch, id uint64) (all bool, err error) {
	prefix := codec.StoredPrefix(nil, id)
	var names [][]byte
	cursor := t.b.Cursor()
	name, _ := cursor.Seek(prefix)
	for ; bytes.HasPrefix(name, prefix); name, _ = cursor.Next() {
		if t.full(f.s.opts.BatchRows) {
			break
		}
		names = append(names, bytes.Clone(name))
		t.rows++
		t.bytes += len(name)
	}
	for _, name := range names {
		if err := t.b.Delete(name); err != nil {
			return false, err
		}
	}
	f.rows += len(names)
	return !t.full(f.s.opts.BatchRows), nil
}

// bucketOf returns the bbolt bucket of rows, and makes it if need be.
func bucketOf(tx *bbolt.Tx, home codec.Bucket) (b *bbolt.Bucket, err error) {
	if home.Kind == change.Meta {
		b = tx.Bucket(bucketMeta)
	} else {
		var top *bbolt.Bucket
		if top, err = tx.CreateBucketIfNotExists(topOf(home.Kind)); err == nil {
			b, err = top.CreateBucketIfNotExists(spaceName(home.Space))
		}
	}
	if b != nil {
		b.FillPercent = fillPercent
	}
	return b, err
}

// put does to the bucket what the row says, and the changes after it.
func (f *folder) put(b *bbolt.Bucket, home codec.Bucket, place uint64, row *change.Row) error {
	f.name = codec.StoredName(f.name[:0], row)
	if row.Op == change.Delete {
		return b.Delete(f.name)
	}
	places := f.placesOf(place, row)
	if row.Op != change.Put {
		if found, err := f.base(b, home, row); !found || err != nil {
			return err
		}
	}
	if expire, ok := f.w.expiry[place]; ok {
		row.Expire = expire
	}
	if len(places) > 0 && row.Type == change.String {
		row.Value = f.edited(row.Value, places)
	}
	return b.Put(f.name, f.encode(home, row))
}

// base puts the stored row in the place of one that changes it, with the expiry
// that an Expire says, and reports whether there is one.
func (f *folder) base(b *bbolt.Bucket, home codec.Bucket, row *change.Row) (found bool, err error) {
	old := b.Get(f.name)
	if old == nil {
		return false, nil
	}
	op, expire := row.Op, row.Expire
	f.old = append(f.old[:0], old...) // it moves while the bucket is changed
	if err := home.ReadValue(f.name, f.old, row); err != nil {
		return false, f.s.rowDamage(-1, home, f.name, err)
	}
	if op == change.Expire {
		row.Expire = expire
	}
	return true, nil
}

// encode returns the stored value of row. bbolt holds on to it until the
// transaction ends, so it stays where it is.
func (f *folder) encode(home codec.Bucket, row *change.Row) []byte {
	const chunk = 1 << 20 // the first
	need := len(row.Key) + len(row.Value) + codec.MaxStoredOverhead
	if cap(f.arena)-len(f.arena) < need {
		f.arena = make([]byte, 0, max(need, chunk, min(2*cap(f.arena), batchBytes)))
	}
	start := len(f.arena)
	f.arena = home.AppendValue(f.arena, f.name, row)
	return f.arena[start:len(f.arena):len(f.arena)]
}
