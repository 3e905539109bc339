// Package history spells past versions of keys for the data file: most of them
// as what differs from an earlier one.
//
// A version is a row of kind change.History. Its value is what the engine knows
// of it (the info, which this package does not look into) and its content; see
// change.AppendVersion. So it is submitted to the journal and kept until it is
// folded. In the data file the content is whole (a keyframe) or the difference from the
// keyframe before it; see form. The next keyframe comes when that takes less room
// than larger and larger differences, at the latest after keyframeMost versions.
//
// Invariant: the keyframe that a difference counts on is in the same bucket, so
// any version is read with two rows at most.
package history

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/klauspost/compress/zstd"

	"kvd/internal/change"
)

// keyframeMost is how far a difference may be from its keyframe, in versions: so
// many at most are written anew when the keyframe goes.
const keyframeMost = 512

// form is how a content is stored.
type form byte

const (
	whole      form = 0 // as it is
	packed     form = 1 // compressed
	difference form = 2 // a delta from a keyframe
	packedDiff form = 3 // a compressed delta
)

func (f form) isDiff() bool { return f == difference || f == packedDiff }

// ErrVersion says that a stored version makes no sense.
var ErrVersion = errors.New("a stored version is damaged")

// stored is a version as the data file has it:
//
//	form             1 byte
//	distance         varint, of a difference: how many versions before it its
//	                 keyframe is
//	length of info   varint
//	info
//	body             to the end
type stored struct {
	form     form
	distance uint64
	info     []byte
	body     []byte
}

func (s *stored) append(dst []byte) []byte {
	dst = append(dst, byte(s.form))
	if s.form.isDiff() {
		dst = binary.AppendUvarint(dst, s.distance)
	}
	return change.AppendVersion(dst, s.info, s.body)
}

// parse reads what append wrote; it points into value.
func parse(number uint64, value []byte) (s stored, err error) {
	if len(value) == 0 || form(value[0]) > packedDiff {
		return s, ErrVersion
	}
	s.form, value = form(value[0]), value[1:]
	if s.form.isDiff() {
		n, size := binary.Uvarint(value)
		if size <= 0 || n == 0 || n >= number {
			return s, ErrVersion
		}
		s.distance, value = n, value[size:]
	}
	var ok bool
	if s.info, s.body, ok = change.SplitVersion(value); !ok {
		return s, ErrVersion
	}
	return s, nil
}

// maxContent is the longest content that is read, in bytes: that of the largest
// value, with some room for the spelling of its elements.
const maxContent = math.MaxUint32

// Decoder reads contents. It is safe for concurrent use.
type Decoder struct{ zstd *zstd.Decoder }

// NewDecoder returns a decoder.
func NewDecoder() (*Decoder, error) {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxContent), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	return &Decoder{z}, nil
}

// unpack returns the body of a stored version without compression. It may be the
// stored bytes themselves.
func (d *Decoder) unpack(s *stored) ([]byte, error) {
	if s.form != packed && s.form != packedDiff {
		return s.body, nil
	}
	b, err := d.zstd.DecodeAll(s.body, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrVersion, err)
	}
	return b, nil
}

// Read returns the value of a stored version as it was submitted, in new memory.
// get returns another version of the key.
func (d *Decoder) Read(v Stored, get func(number uint64) (Stored, error)) ([]byte, error) {
	s, err := parse(v.Number, v.Value)
	if err != nil {
		return nil, err
	}
	content, err := d.content(v.Number, &s, get)
	if err != nil {
		return nil, err
	}
	dst := make([]byte, 0, len(s.info)+len(content)+binary.MaxVarintLen64)
	return change.AppendVersion(dst, s.info, content), nil
}

// ReadInfo is Read without the content.
func (d *Decoder) ReadInfo(v Stored) ([]byte, error) {
	s, err := parse(v.Number, v.Value)
	if err != nil {
		return nil, err
	}
	return change.AppendVersion(nil, s.info, nil), nil
}

// content returns the content of a stored version. It may be the stored bytes
// themselves.
func (d *Decoder) content(number uint64, s *stored, get func(number uint64) (Stored, error)) ([]byte, error) {
	body, err := d.unpack(s)
	if err != nil || !s.form.isDiff() {
		return body, err
	}
	v, err := get(number - s.distance)
	if err != nil {
		return nil, err
	}
	key, err := parse(number-s.distance, v.Value)
	if err != nil || key.form.isDiff() {
		return nil, ErrVersion
	}
	from, err := d.unpack(&key)
	if err != nil {
		return nil, err
	}
	return apply(nil, from, body)
}
