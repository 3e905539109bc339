package persist

import (
	"bytes"
	"errors"

	"go.etcd.io/bbolt"

	"kvd/internal/change"
	"kvd/internal/fail"
	"kvd/persist/codec"
	"kvd/persist/disk"
	"kvd/persist/journal"
)

// batchBytes ends a transaction of a fold, as Options.BatchRows does, so that it
// holds little memory and a power cut costs little work.
const batchBytes = 8 << 20

var pointCommit = fail.New("checkpoint.commit")

// folder writes a stretch of the journal into the data file.
//
// The rows of a window are written in several transactions, and only the last
// one says that the window is in the file. A crash in between leaves rows of a
// state that the journal goes past: replaying it from the start of the window
// gives the right one, since rows are absolute.
type folder struct {
	s     *Store
	w     *window
	rows  int    // written so far
	arena []byte // values of the current transaction
	name  []byte
}

// fold writes the rows of segs with numbers above the last folded one.
func (s *Store) fold(segs []journal.Segment, last uint64) (rows int, err error) {
	f := &folder{s: s, w: newWindow()}
	err = disk.Guard(func() error { return f.read(segs, last) })
	return f.rows, errors.Join(s.judge(err), f.w.close())
}

// read goes through the segments and writes a window whenever it is full.
func (f *folder) read(segs []journal.Segment, last uint64) error {
	after := f.s.foldedSeq.Load()
	done := after
	for _, seg := range segs {
		if seg.Last <= after {
			continue
		}
		m, err := seg.Map()
		if err != nil {
			return err
		}
		f.w.maps = append(f.w.maps, m)
		err = m.Frames(after, func(frame journal.Frame) error {
			if f.w.used >= f.s.opts.WindowRows {
				if err := f.write(done); err != nil {
					return err
				}
			}
			done = frame.Last
			return frame.EachRow(func(offset int64, r *change.Row) error {
				f.w.add(offset, r)
				return nil
			})
		})
		if err != nil {
			return err
		}
	}
	return f.write(last)
}

// write puts the window into the data file, which then has all up to seq.
func (f *folder) write(seq uint64) error {
	list := f.w.sorted()
	if err := f.dropSpaces(); err != nil {
		return err
	}
	for {
		if err := f.s.j.Err(); err != nil {
			return err // Load is waiting
		}
		n := 0
		err := f.s.update(func(tx *bbolt.Tx) error {
			var err error
			if n, err = f.batch(tx, list); err != nil {
				return err
			}
			if n == len(list) {
				if err := putFolded(tx, seq); err != nil {
					return err
				}
			}
			return pointCommit.Err()
		})
		if err != nil {
			return err
		}
		if list = list[n:]; len(list) == 0 {
			break
		}
	}
	f.s.foldedSeq.Store(seq)
	f.w.reset()
	return nil
}

// dropSpaces removes the key spaces that were dropped in the window. Rows that
// were written after the Drop come later.
func (f *folder) dropSpaces() error {
	if len(f.w.drops) == 0 {
		return nil
	}
	return f.s.update(func(tx *bbolt.Tx) error {
		spaces := tx.Bucket(bucketSpaces)
		for space := range f.w.drops {
			name := spaceName(space)
			if spaces.Bucket(name) == nil {
				continue
			}
			if err := spaces.DeleteBucket(name); err != nil {
				return err
			}
		}
		return pointCommit.Err()
	})
}

// batch writes rows from the front of list and returns how many.
func (f *folder) batch(tx *bbolt.Tx, list []slot) (n int, err error) {
	f.arena = f.arena[:0]
	var (
		row  change.Row
		home codec.Bucket
		b    *bbolt.Bucket
		size int
	)
	for n < len(list) && n < f.s.opts.BatchRows && size < batchBytes {
		f.w.row(list[n].place, &row)
		if b == nil || home.Kind != row.Kind || home.Space != row.Space {
			home = codec.NewBucket(row.Kind, row.Space)
			if b, err = bucketOf(tx, home); err != nil {
				return n, err
			}
		}
		if err := f.put(b, home, list[n].place, &row); err != nil {
			return n, err
		}
		size += len(row.Key) + len(row.Value)
		n++
	}
	f.rows += n
	return n, nil
}

// bucketOf returns the bbolt bucket of rows, and makes it if need be.
func bucketOf(tx *bbolt.Tx, home codec.Bucket) (b *bbolt.Bucket, err error) {
	if home.Kind == change.Meta {
		b = tx.Bucket(bucketMeta)
	} else {
		b, err = tx.Bucket(bucketSpaces).CreateBucketIfNotExists(spaceName(home.Space))
	}
	if b != nil {
		b.FillPercent = fillPercent
	}
	return b, err
}

// put does to the bucket what the row says.
func (f *folder) put(b *bbolt.Bucket, home codec.Bucket, place uint64, row *change.Row) error {
	f.name = codec.StoredKey(f.name[:0], row.Key)
	switch row.Op {
	case change.Delete:
		return b.Delete(f.name)
	case change.Expire:
		expire := row.Expire
		old := b.Get(f.name)
		if old == nil {
			return nil
		}
		// The value moves while the bucket is changed, so it is copied.
		if err := home.ReadValue(f.name, bytes.Clone(old), row); err != nil {
			return f.s.rowDamage(-1, row.Key, err)
		}
		row.Expire = expire
	default:
		if expire, ok := f.w.expiry[place]; ok {
			row.Expire = expire
		}
	}
	return b.Put(f.name, f.encode(home, row))
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
