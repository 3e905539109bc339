package rdb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
)

// ErrVersion says that a value can't be written in the version of the format that
// was asked for: a hash whose fields expire needs VersionFieldTTL.
var ErrVersion = errors.New("a hash whose fields expire needs version 12 of the RDB format, which redis-server reads from 7.4 on")

// FileWriter writes a file, record by record, in the order of the calls. The first
// error ends it; Close returns it too.
type FileWriter struct {
	to      io.Writer
	version int
	buf     []byte
	sum     uint64
	size    int64
	newest  uint16 // version that any value has needed
	err     error
}

// flushAt is how many bytes a FileWriter gathers.
const flushAt = 256 << 10

// NewFileWriter begins a file of a version: Version or VersionFieldTTL. Facts are
// names and texts in turn, such as "redis-ver" and "7.2.5".
func NewFileWriter(to io.Writer, version int, facts ...string) *FileWriter {
	w := &FileWriter{to: to, version: version, sum: ^uint64(0), newest: Version}
	w.buf = fmt.Appendf(w.buf, "%s%04d", magicRedis, version)
	for i := 0; i+1 < len(facts); i += 2 {
		w.op(opAux)
		w.text(facts[i])
		w.text(facts[i+1])
	}
	return w
}

// Size is how many bytes the file has so far.
func (w *FileWriter) Size() int64 { return w.size + int64(len(w.buf)) }

// Newest is the version that the values need which were written.
func (w *FileWriter) Newest() int { return int(w.newest) }

// Function writes the code of a function library. It comes before the first key.
func (w *FileWriter) Function(code []byte) error {
	w.op(opFunction)
	w.text(string(code))
	return w.flush(flushAt)
}

// Select says which database the keys that follow are in, how many they are about,
// and how many of them expire. A database is named once.
func (w *FileWriter) Select(db, keys, expires int) error {
	w.op(opSelectDB)
	w.length(uint64(db))
	w.op(opResizeDB)
	w.length(uint64(keys))
	w.length(uint64(expires))
	return w.flush(flushAt)
}

// Key writes a key of the database that was selected. Payload is what DUMP returns
// for it, and expire when it does, as a unix time in milliseconds; 0 is never. The
// errors are ErrVersion, ErrChecksum and those of writing.
func (w *FileWriter) Key(key, payload []byte, expire int64) error {
	if w.err != nil {
		return w.err
	}
	if len(payload) <= footerSize {
		return ErrChecksum
	}
	version := binary.LittleEndian.Uint16(payload[len(payload)-footerSize:])
	if int(version) > w.version {
		return ErrVersion
	}
	w.newest = max(w.newest, version)
	if expire != 0 {
		w.op(opExpireMS)
		w.buf = binary.LittleEndian.AppendUint64(w.buf, uint64(expire))
	}
	w.op(payload[0])
	w.text(string(key))
	w.buf = append(w.buf, payload[1:len(payload)-footerSize]...)
	return w.flush(flushAt)
}

// Close ends the file with its checksum. It does not close what it writes to.
func (w *FileWriter) Close() error {
	w.op(opEOF)
	if err := w.flush(0); err != nil {
		return err
	}
	sum := ^w.sum
	w.buf = binary.LittleEndian.AppendUint64(w.buf, sum)
	return w.flush(0)
}

func (w *FileWriter) op(b byte) { w.buf = append(w.buf, b) }

func (w *FileWriter) length(n uint64) {
	out := writer{dst: w.buf}
	out.length(n)
	w.buf = out.dst
}

// text writes a string as it is: the keys of a file are too short to be worth the
// time to compress them.
func (w *FileWriter) text(s string) {
	w.length(uint64(len(s)))
	w.buf = append(w.buf, s...)
}

// flush writes what was gathered if that is more than most.
func (w *FileWriter) flush(most int) error {
	if w.err != nil || len(w.buf) <= most {
		return w.err
	}
	w.sum = crc64.Update(w.sum, jones, w.buf)
	n, err := w.to.Write(w.buf)
	w.size += int64(n)
	w.buf = w.buf[:0]
	if err != nil {
		w.err = fmt.Errorf("writing an RDB file: %w", err)
	}
	return w.err
}
