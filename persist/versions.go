package persist

import (
	"bytes"

	"go.etcd.io/bbolt"

	"kvd/internal/change"
	"kvd/persist/codec"
	"kvd/persist/history"
)

// versions are the past versions of keys: those of the data file, and in memory
// those that were submitted since.
type versions struct {
	pending history.Pending
	decoder *history.Decoder
}

// What waits for a checkpoint in memory, in bytes: above versionsDue one is made
// early, and above versionsMost writers wait for it.
const (
	versionsDue  = 128 << 20
	versionsMost = 512 << 20
)

func (v *versions) init() (err error) {
	v.decoder, err = history.NewDecoder()
	return err
}

// note remembers the versions of a set that was submitted.
func (v *versions) note(set *change.Set) {
	for i := range set.Rows {
		if set.Rows[i].Kind == change.History {
			v.pending.Add(&set.Rows[i])
		}
	}
}

// ReadVersion returns the newest version of a key that is not above number, or
// none. Its value is as it was submitted and must not be changed. The size of one
// that is not in the data file yet is its whole length. What is damaged is a
// *DamagedError.
func (s *Store) ReadVersion(space uint32, key []byte, number uint64) (change.Version, error) {
	return s.readVersion(space, key, number, s.versions.decoder.Read)
}

// ReadVersionInfo is ReadVersion without the content: it looks at one row.
func (s *Store) ReadVersionInfo(space uint32, key []byte, number uint64) (change.Version, error) {
	return s.readVersion(space, key, number, func(v history.Stored, _ func(uint64) (history.Stored, error)) ([]byte, error) {
		return s.versions.decoder.ReadInfo(v)
	})
}

type versionReader func(v history.Stored, get func(uint64) (history.Stored, error)) ([]byte, error)

func (s *Store) readVersion(space uint32, key []byte, number uint64, read versionReader) (change.Version, error) {
	for number = min(number, codec.MaxVersion); number > 0; {
		recent := s.versions.pending.Floor(space, key, number)
		switch {
		case recent.Number < number:
			found, err := s.foldedVersion(space, key, number, read)
			if err != nil || found.Number > recent.Number {
				return found, err
			}
			number = recent.Number // it is the newest, or hides what is stored
		case recent.Deleted:
			number--
		default:
			return change.Version{Number: number, Type: recent.Kind, Value: recent.Value, Size: len(recent.Value)}, nil
		}
	}
	return change.Version{}, nil
}

// foldedVersion is ReadVersion for the data file.
func (s *Store) foldedVersion(space uint32, key []byte, number uint64, read versionReader) (v change.Version, err error) {
	err = s.view(func(tx *bbolt.Tx) error {
		rows := versionRows{s: s, home: codec.NewBucket(change.History, space), key: key, b: spaceBucket(tx, change.History, space)}
		if rows.b == nil {
			return nil
		}
		at, err := rows.Floor(number)
		if at.Number == 0 || err != nil {
			return err
		}
		value, err := read(at, rows.Get)
		if err != nil {
			return rows.damage(at.Number, err)
		}
		v = change.Version{Number: at.Number, Type: at.Kind, Value: value, Size: len(at.Value)}
		return nil
	})
	return v, err
}

// versionRows are the versions of one key in its bucket. It implements
// history.Versions, for which it needs a folder.
type versionRows struct {
	s    *Store
	f    *folder // nil: only for reading
	home codec.Bucket
	b    *bbolt.Bucket
	key  []byte
	name []byte
}

func (r *versionRows) nameOf(number uint64) []byte {
	r.name = codec.VersionName(r.name[:0], r.key, number)
	return r.name
}

func (r *versionRows) damage(number uint64, err error) error {
	if isDamage(err) {
		return err
	}
	return r.s.rowDamage(-1, r.home, r.nameOf(number), err)
}

// row reads a stored row.
func (r *versionRows) row(name, value []byte) (row change.Row, err error) {
	if err = r.home.ReadValue(name, value, &row); err != nil {
		err = r.s.rowDamage(-1, r.home, name, err)
	}
	return row, err
}

// Get implements history.Versions.
func (r *versionRows) Get(number uint64) (history.Stored, error) {
	name := r.nameOf(number)
	value := r.b.Get(name)
	if value == nil {
		return history.Stored{}, nil
	}
	row, err := r.row(name, value)
	return history.Stored{Number: number, Kind: row.Type, Value: row.Value}, err
}

// Floor implements history.Versions.
func (r *versionRows) Floor(number uint64) (history.Stored, error) {
	c := r.b.Cursor()
	name := r.nameOf(number)
	found, value := c.Seek(name)
	if !bytes.Equal(found, name) {
		if found == nil {
			found, value = c.Last()
		} else {
			found, value = c.Prev()
		}
	}
	return r.mine(found, value)
}

// mine returns a row if it is a version of the key.
func (r *versionRows) mine(name, value []byte) (history.Stored, error) {
	number, _ := r.home.Split(name)
	if name == nil || !bytes.Equal(name, r.nameOf(number)) {
		return history.Stored{}, nil
	}
	row, err := r.row(name, value)
	return history.Stored{Number: number, Kind: row.Type, Value: row.Value}, err
}

// After implements history.Versions.
func (r *versionRows) After(number uint64) (history.Stored, error) {
	if number >= codec.MaxVersion {
		return history.Stored{}, nil
	}
	found, value := r.b.Cursor().Seek(r.nameOf(number + 1))
	return r.mine(found, value)
}

// Put implements history.Versions.
func (r *versionRows) Put(number uint64, kind change.Type, value []byte) error {
	row := change.Row{Op: change.Put, Kind: change.History, Type: kind, Space: r.home.Space, ID: number, Key: r.key, Value: value}
	r.f.name = codec.StoredName(r.f.name[:0], &row)
	return r.b.Put(r.f.name, r.f.encode(r.home, &row))
}

// Delete implements history.Versions.
func (r *versionRows) Delete(number uint64) error { return r.b.Delete(r.nameOf(number)) }
