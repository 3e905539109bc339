package migrate

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/klauspost/compress/zstd"

	"kvd/engine/doc"
)

// Undo is what restores a document that was migrated: one record for each
// migration, the oldest first. It is valid for exactly the document that came out
// of the last one; whoever writes the document otherwise drops it.
//
// A record is its own length, the version and the one before it, each with its
// length, the unix time in seconds, the form of the rest in one byte, and the rest:
// a delta from the document after the migration to that before.
type Undo []byte

// The forms of a record's rest.
const (
	undoSame    = 0 // the migration did not change the document
	undoDelta   = 1
	undoPressed = 2 // a delta in a zstd frame
)

// pressFrom is the size of a delta from which it is compressed, in bytes.
const pressFrom = 256

// Record restores a document that one migration changed.
type Record struct {
	// Version is the migration's, Before the version that the document had.
	Version, Before Version
	Time            time.Time

	form byte
	rest []byte
}

// push adds a record for a migration that made after of before.
func (u Undo) push(version, from Version, now time.Time, before, after doc.Value) Undo {
	body := appendShort(nil, string(version))
	body = appendShort(body, string(from))
	body = binary.AppendUvarint(body, uint64(max(0, now.Unix())))
	if bytes.Equal(before, after) {
		body = append(body, undoSame)
	} else {
		body = appendRest(body, appendDelta(nil, after, before))
	}
	out := binary.AppendUvarint(append(make(Undo, 0, len(u)+len(body)+4), u...), uint64(len(body)))
	return append(out, body...)
}

// appendRest adds a delta, compressed if that makes it smaller.
func appendRest(dst, delta []byte) []byte {
	if len(delta) >= pressFrom {
		if pressed := zstd.EncodeTo(nil, delta); len(pressed) < len(delta) {
			return append(append(dst, undoPressed), pressed...)
		}
	}
	return append(append(dst, undoDelta), delta...)
}

func appendShort(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

// Records returns the records, the oldest first. What is damaged is left out, with
// all that follows.
func (u Undo) Records() (list []Record) {
	for rest := []byte(u); len(rest) > 0; {
		body, next, ok := short(rest)
		if !ok {
			break
		}
		r, ok := readRecord(body)
		if !ok {
			break
		}
		list, rest = append(list, r), next
	}
	return list
}

// pop returns the newest record and what lies below it.
func (u Undo) pop() (top Record, below Undo, ok bool) {
	for at := 0; at < len(u); {
		body, next, good := short(u[at:])
		if !good {
			return Record{}, nil, false
		}
		below = u[:at]
		top, ok = readRecord(body)
		at = len(u) - len(next)
	}
	return top, below, ok
}

// Since drops records that are older than a time, and with one all that are older
// than it.
func (u Undo) Since(cutoff time.Time) Undo {
	for len(u) > 0 {
		body, next, ok := short(u)
		if !ok {
			return nil
		}
		r, ok := readRecord(body)
		if ok && !r.Time.Before(cutoff) {
			break
		}
		u = next
	}
	return u
}

// short takes a piece with its length before it off b.
func short(b []byte) (piece, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return nil, nil, false
	}
	b = b[size:]
	return b[:n], b[n:], true
}

func readRecord(body []byte) (r Record, ok bool) {
	version, rest, ok := short(body)
	if !ok {
		return r, false
	}
	before, rest, ok := short(rest)
	if !ok {
		return r, false
	}
	seconds, n := binary.Uvarint(rest)
	if n <= 0 || n >= len(rest) {
		return r, false
	}
	r.Version, r.Before, r.Time = Version(version), Version(before), time.Unix(int64(seconds), 0).UTC()
	r.form, r.rest = rest[n], rest[n+1:]
	return r, r.form <= undoPressed
}

// Restore returns the document that was there before the migration, given the one
// that came out of it. It fails for any other.
func (r *Record) Restore(after doc.Value) (doc.Value, error) {
	delta := r.rest
	switch r.form {
	case undoSame:
		return after, nil
	case undoPressed:
		var err error
		if delta, err = expand(r.rest); err != nil {
			return nil, fmt.Errorf("read the undo record of %s: %w", r.Version, err)
		}
	}
	return applyDelta(after, delta)
}

// expand decompresses a delta. It takes no more memory than one needs.
func expand(pressed []byte) ([]byte, error) {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(2*maxRestored))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.DecodeAll(pressed, nil)
}
