package journal

import (
	"errors"
	"fmt"

	"kvd/internal/change"
	"kvd/persist/codec"
	"kvd/persist/disk"
)

// Segment is a file of the journal, to be read up to where it was whole when
// the value was made.
type Segment struct {
	Number uint64
	Path   string
	Last   uint64 // the last sequence number in it; 0: none
	end    int64
	limit  uint64
	salt   uint32
}

// Frame is what one Flush wrote: whole sets, in order.
type Frame struct {
	Last   uint64 // sequence number of its last set
	Sets   int
	File   string
	Offset int64 // of Rows in the file
	Rows   []byte
}

// Mapped is a segment in memory. Its bytes are valid until Close, and are read
// under disk.Guard.
type Mapped struct {
	Segment
	m *disk.Map
}

// Map makes the bytes of the segment readable.
func (s Segment) Map() (*Mapped, error) {
	m, err := disk.MapFile(s.Path)
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	if int64(len(m.Bytes())) < s.end {
		size := int64(len(m.Bytes()))
		return nil, errors.Join(m.Close(), &codec.DamagedError{File: s.Path, Offset: size, What: "the file was cut short"})
	}
	return &Mapped{Segment: s, m: m}, nil
}

// Bytes are the contents of the file.
func (m *Mapped) Bytes() []byte { return m.m.Bytes() }

// Close ends the mapping.
func (m *Mapped) Close() error { return m.m.Close() }

// Frames calls fn for each frame with numbers above after, in order, with its
// checksums verified.
func (m *Mapped) Frames(after uint64, fn func(Frame) error) error {
	data := m.Bytes()[:m.end]
	for off := int64(headerSize); off < m.end; {
		h, body, ok := readFrame(data[off:], m.salt)
		if !ok {
			return &codec.DamagedError{File: m.Path, Offset: off, What: "a record does not match its checksum"}
		}
		if h.last > m.limit {
			return nil
		}
		if h.last > after && h.sets > 0 {
			err := fn(Frame{Last: h.last, Sets: int(h.sets), File: m.Path, Offset: off + frameSize, Rows: body})
			if err != nil {
				return err
			}
		}
		off += h.size()
	}
	return nil
}

// EachRow calls fn for every row of a frame with its offset in the segment. The row is
// valid during the call.
func (f Frame) EachRow(fn func(offset int64, r *change.Row) error) error {
	var row change.Row
	for rest := f.Rows; len(rest) > 0; {
		offset := f.Offset + int64(len(f.Rows)-len(rest))
		var err error
		if rest, err = codec.ReadRow(rest, &row); err != nil {
			return &codec.DamagedError{File: f.File, Offset: offset, What: "a record has the right checksum and is no row"}
		}
		if err = fn(offset, &row); err != nil {
			return err
		}
	}
	return nil
}

// Replayed counts what Replay went through.
type Replayed struct {
	Rows, Sets int
	Bytes      int64
}

// Replay calls fn for every row numbered above after, in the order of the
// numbers. It may be called while the journal is written to; it ends where the
// journal ended when it began.
func (j *Journal) Replay(after uint64, fn func(*change.Row) error) (n Replayed, err error) {
	for _, seg := range j.Segments() {
		if seg.Last <= after {
			continue
		}
		err := disk.Guard(func() error { return replaySegment(seg, after, fn, &n) })
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func replaySegment(seg Segment, after uint64, fn func(*change.Row) error, n *Replayed) error {
	m, err := seg.Map()
	if err != nil {
		return err
	}
	defer m.Close()
	return m.Frames(after, func(f Frame) error {
		n.Sets += f.Sets
		n.Bytes += int64(len(f.Rows))
		return f.EachRow(func(_ int64, r *change.Row) error {
			n.Rows++
			return fn(r)
		})
	})
}
