package engine

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"strings"

	"kvd/engine/doc"
	"kvd/engine/ds/list"
	"kvd/internal/change"
)

// The functions of this file and of stored_stream.go spell the stored rows of
// keys and elements for those who read or write storage without an engine, such
// as snapshots.

var errStoredID = errors.New("the stored key has no ID")

// AppendElementsID appends the value of a collection's key row: the number that
// its elements are stored under, which is not 0.
func AppendElementsID(dst []byte, id uint64) []byte { return binary.AppendUvarint(dst, id) }

// ReadElementsID is the inverse of AppendElementsID.
func ReadElementsID(value []byte) (uint64, error) {
	id, n := binary.Uvarint(value)
	if n <= 0 || n != len(value) || id == 0 {
		return 0, errStoredID
	}
	return id, nil
}

// AppendListName appends the name of the row of element i of a list whose
// elements are stored for the first time, counted from 0.
func AppendListName(dst []byte, i int) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(int64(i)*list.Stride)^1<<63)
}

// AppendScore appends the value of the row of a sorted set's member.
func AppendScore(dst []byte, score float64) []byte {
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(score))
}

// ReadScore is the inverse of AppendScore.
func ReadScore(value []byte) (float64, error) {
	if len(value) != zsetValue {
		return 0, errZSetRow
	}
	score := math.Float64frombits(binary.LittleEndian.Uint64(value))
	if math.IsNaN(score) {
		return 0, errZSetRow
	}
	return score, nil
}

// ReadStoredDocument divides the value of a document's key row. What it returns
// lies in the same bytes; ok is false for anything else.
func ReadStoredDocument(value []byte) (v doc.Value, info DocumentInfo, ok bool) {
	v, trailer, ok := splitDocument(value)
	if !ok {
		return nil, DocumentInfo{}, false
	}
	info, ok = readInfo(trailer)
	return v, info, ok
}

// AppendStoredDocument is the inverse of ReadStoredDocument.
func AppendStoredDocument(dst []byte, v doc.Value, info *DocumentInfo) []byte {
	return info.appendTrailer(append(dst, v...))
}

// ReadStoredSpace reads the row of kind Meta that says in which key space the keys
// of a database are; ok is false for every other row. A database without such a
// row has the space of its own number.
func ReadStoredSpace(row *change.Row) (db int, space uint32, ok bool) {
	name, ok := strings.CutPrefix(string(row.Key), spaceRow)
	if !ok || len(row.Value) != 4 {
		return 0, 0, false
	}
	db, err := strconv.Atoi(name)
	return db, binary.LittleEndian.Uint32(row.Value), err == nil && db >= 0
}

// IsStoredSetting reports whether a row of kind Meta is one that PutSetting has
// written.
func IsStoredSetting(row *change.Row) bool {
	name := string(row.Key)
	return name != revisionRow && !strings.HasPrefix(name, spaceRow) && !strings.HasPrefix(name, cacheRow)
}

// RevisionRow returns the row of kind Meta with which storage knows all revisions
// that have been given out so far, for who replaces all that is stored.
func (e *Engine) RevisionRow() change.Row {
	n := max(e.revisions.reserved.Load(), e.revisions.last.Load()+revisionStep)
	return change.Row{
		Op: change.Put, Kind: change.Meta, Key: []byte(revisionRow), Value: binary.LittleEndian.AppendUint64(nil, n),
	}
}

// RestoreDefinitions stores definitions of types and collections again, as settings
// had them under these names. It fails, and changes nothing, if they do not fit
// together or the documents that are there. The Tx must hold all shards.
func (tx *Tx) RestoreDefinitions(settings map[string]string) error { return tx.define(settings) }

// IsDefinition reports whether a setting defines a type or a collection.
func IsDefinition(name string) bool { return strings.HasPrefix(name, definitions) }
