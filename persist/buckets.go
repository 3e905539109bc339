package persist

import (
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"kvd/internal/change"
	"kvd/persist/codec"
	"kvd/persist/disk"
)

// The buckets of the data file: in spaces and in elements one bucket for each
// key space, named by its number in four bytes, big endian, with its keys and
// with the elements of its collections; in history and heads the same with the
// versions of its keys, once there are any; in meta the rows of kind Meta; in info
// what the store knows of itself.
var (
	bucketSpaces   = []byte("spaces")
	bucketElements = []byte("elements")
	bucketHistory  = []byte("history")
	bucketHeads    = []byte("heads")
	bucketMeta     = []byte("meta")
	bucketInfo     = []byte("info")
	keyFolded      = []byte("folded") // the last write in the file, and a checksum
)

// topBuckets lists the buckets that every data file has.
func topBuckets() [][]byte { return [][]byte{bucketSpaces, bucketElements, bucketMeta, bucketInfo} }

// topOf is the bucket that has the buckets of a kind, one for each key space.
func topOf(kind change.Kind) []byte {
	switch kind {
	case change.Element:
		return bucketElements
	case change.History:
		return bucketHistory
	case change.Head:
		return bucketHeads
	}
	return bucketSpaces
}

// spaceBucket is the bucket of a kind and key space, or nil.
func spaceBucket(tx *bbolt.Tx, kind change.Kind, space uint32) *bbolt.Bucket {
	top := tx.Bucket(topOf(kind))
	if top == nil {
		return nil
	}
	return top.Bucket(spaceName(space))
}

func spaceName(space uint32) []byte { return binary.BigEndian.AppendUint32(nil, space) }

// createData makes an empty data file, in one step.
func createData(path string) error {
	temp := disk.Temp(path)
	db, err := bbolt.Open(temp, 0o600, dataOptions(0))
	if err != nil {
		return fmt.Errorf("create data file: %w", err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range topBuckets() {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return putFolded(tx, 0)
	})
	err = errors.Join(err, db.Close())
	if err == nil {
		err = disk.Publish(temp, path)
	}
	if err != nil {
		return fmt.Errorf("create data file: %w", err)
	}
	return nil
}

// putFolded records that writes up to seq are in the file.
func putFolded(tx *bbolt.Tx, seq uint64) error {
	value := binary.BigEndian.AppendUint64(nil, seq)
	value = binary.BigEndian.AppendUint32(value, codec.Sum(0, value))
	return tx.Bucket(bucketInfo).Put(keyFolded, value)
}

// readFolded reads what putFolded wrote. It is called before others use s.
func (s *Store) readFolded() (seq uint64, err error) {
	read := func(tx *bbolt.Tx) error {
		for _, name := range topBuckets() {
			if tx.Bucket(name) == nil {
				return &DamagedError{File: s.layout.data(), Offset: -1, What: fmt.Sprintf("it has no bucket %q", name)}
			}
		}
		value := tx.Bucket(bucketInfo).Get(keyFolded)
		if len(value) != 12 || binary.BigEndian.Uint32(value[8:]) != codec.Sum(0, value[:8]) {
			return &DamagedError{File: s.layout.data(), Offset: -1, What: "it does not say how far it goes"}
		}
		seq = binary.BigEndian.Uint64(value)
		return nil
	}
	_, err = s.refuse(disk.Guard(func() error { return s.db.View(read) }))
	return seq, err
}
