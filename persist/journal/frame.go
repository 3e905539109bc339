package journal

import (
	"bytes"
	"encoding/binary"

	"kvd/persist/codec"
)

// A frame is what one Flush writes: the rows of all sets submitted since the
// one before, behind this header (little endian):
//
//	 0  magic       4 bytes
//	 4  header sum  4  CRC32C of bytes 8 to 48, seeded with the segment's salt
//	 8  length      8  bytes of rows that follow the header
//	16  body sum    4  CRC32C of the rows, seeded with the salt
//	20  sets        4  how many sets the rows belong to
//	24  last        8  sequence number of the last of them
//	32  prev        8  last sequence number of the frame before
//	40  synced      8  highest number known to be on the disk when this was written
//
// The salt keeps values that look like frames, and leftovers of other files,
// from being taken for frames. Prev chains frames over segments: a frame whose
// prev is lower than the last of the frame before it takes back what lies
// between. Synced tells a write that the power cut (cut it off) from damage to
// what was safe (refuse to start).
type frame struct {
	length  uint64
	bodySum uint32
	sets    uint32
	last    uint64
	prev    uint64
	synced  uint64
}

const (
	frameSize  = 48
	frameMagic = 0xf76b6466 // no byte order mark, no text
)

// seal writes the header of the frame whose rows are in buf after it.
func (h *frame) seal(buf []byte, salt uint32) {
	h.length = uint64(len(buf) - frameSize)
	h.bodySum = codec.Sum(salt, buf[frameSize:])
	le := binary.LittleEndian
	le.PutUint32(buf, frameMagic)
	le.PutUint64(buf[8:], h.length)
	le.PutUint32(buf[16:], h.bodySum)
	le.PutUint32(buf[20:], h.sets)
	le.PutUint64(buf[24:], h.last)
	le.PutUint64(buf[32:], h.prev)
	le.PutUint64(buf[40:], h.synced)
	le.PutUint32(buf[4:], codec.Sum(salt, buf[8:frameSize]))
}

// readHeader reads the frame header at the start of b.
func readHeader(b []byte, salt uint32) (h frame, ok bool) {
	le := binary.LittleEndian
	if len(b) < frameSize || le.Uint32(b) != frameMagic {
		return frame{}, false
	}
	if codec.Sum(salt, b[8:frameSize]) != le.Uint32(b[4:]) {
		return frame{}, false
	}
	return frame{
		length:  le.Uint64(b[8:]),
		bodySum: le.Uint32(b[16:]),
		sets:    le.Uint32(b[20:]),
		last:    le.Uint64(b[24:]),
		prev:    le.Uint64(b[32:]),
		synced:  le.Uint64(b[40:]),
	}, true
}

// readFrame reads the whole frame at the start of b; ok is false unless both
// sums are right.
func readFrame(b []byte, salt uint32) (h frame, body []byte, ok bool) {
	h, ok = readHeader(b, salt)
	if !ok || h.length > uint64(len(b)-frameSize) {
		return h, nil, false
	}
	body = b[frameSize : frameSize+h.length]
	return h, body, codec.Sum(salt, body) == h.bodySum
}

// size is the length of the frame in the file.
func (h *frame) size() int64 { return frameSize + int64(h.length) }

// latestSynced finds the highest synced among the valid headers anywhere in b.
func latestSynced(b []byte, salt uint32) (synced uint64) {
	magic := binary.LittleEndian.AppendUint32(nil, frameMagic)
	for {
		i := bytes.Index(b, magic)
		if i < 0 {
			return synced
		}
		if h, ok := readHeader(b[i:], salt); ok {
			synced = max(synced, h.synced)
		}
		b = b[i+1:]
	}
}
