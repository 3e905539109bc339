package history

import (
	"bytes"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"kvd/internal/change"
)

// Stored is a version in the data file. A Number of 0 stands for none. The value
// is valid until the next change.
type Stored struct {
	Number uint64
	Kind   change.Type
	Value  []byte
}

// Versions are the stored versions of one key.
type Versions interface {
	Get(number uint64) (Stored, error)
	// Floor returns the newest version that is not above number, After the oldest
	// above it.
	Floor(number uint64) (Stored, error)
	After(number uint64) (Stored, error)
	// Put stores a version, whatever was there. The value is copied.
	Put(number uint64, kind change.Type, value []byte) error
	// Delete removes a version; none there is no fault.
	Delete(number uint64) error
}

// Writer puts versions into the data file. It belongs to one goroutine.
type Writer struct {
	decoder *Decoder
	zstd    *zstd.Encoder
	to      Versions
	buf     []byte
	delta   []byte

	// The keyframe that was used last.
	key    base
	number uint64 // of it; 0: none
	kind   change.Type
	size   int    // of its body as it is stored
	last   uint64 // the version that was put last, and counts on it or is it; 0: none
}

// NewWriter returns a writer.
func NewWriter(d *Decoder) (*Writer, error) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true))
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	return &Writer{decoder: d, zstd: z}, nil
}

// Begin is called before the versions of another key are written.
func (w *Writer) Begin(to Versions) {
	w.to = to
	w.forget()
}

// forget forgets the keyframe.
func (w *Writer) forget() { w.number, w.last = 0, 0 }

// Put stores a version; value is as it was submitted. Versions are put oldest
// first. Putting one again, with the same or another content, is no fault.
func (w *Writer) Put(number uint64, kind change.Type, value []byte) error {
	info, content, ok := change.SplitVersion(value)
	if !ok {
		return ErrVersion
	}
	at, err := w.to.Floor(number)
	if err != nil {
		return err
	}
	if at.Number == number {
		again, err := w.replaces(at, content)
		if err != nil {
			return err
		}
		if again {
			return w.putKeyframe(number, kind, info, content)
		}
		if at, err = w.to.Floor(number - 1); err != nil {
			return err
		}
	}
	if len(content) > 0 {
		done, err := w.putDifference(at, number, kind, info, content)
		if done || err != nil {
			return err
		}
	}
	return w.putKeyframe(number, kind, info, content)
}

// replaces looks at what is stored as the version that is put. If that is a
// keyframe of the same content it stays one, since others may count on it; with
// another content it is first made dispensable.
func (w *Writer) replaces(old Stored, content []byte) (same bool, err error) {
	s, err := parse(old.Number, old.Value)
	if err != nil || s.form.isDiff() {
		return false, err
	}
	was, err := w.decoder.unpack(&s)
	if err != nil || bytes.Equal(was, content) {
		return err == nil, err
	}
	return false, w.release(old.Number, bytes.Clone(was))
}

// putDifference stores a version as what differs from the keyframe before it, if
// there is one and that is worth while. before is the version before it.
func (w *Writer) putDifference(before Stored, number uint64, kind change.Type, info, content []byte) (done bool, err error) {
	if err := w.findKeyframe(before, number); err != nil {
		return false, err
	}
	distance := number - w.number
	if w.number == 0 || distance >= keyframeMost || w.kind != kind {
		return false, nil
	}
	w.delta = appendDelta(w.delta[:0], &w.key, content)
	s := stored{form: difference, distance: distance, info: info, body: w.delta}
	const small = 256 // what compressing is not worth while for
	if len(s.body) > small {
		if z := w.zstd.EncodeAll(s.body, nil); len(z) < len(s.body) {
			s.form, s.body = packedDiff, z
		}
	}
	// Differences tend to grow with the distance. Those since the keyframe take about
	// half of their number times the last one; beyond what a keyframe takes, another
	// one pays.
	if 2*len(s.body) > max(w.size, small) || distance*uint64(len(s.body)) > 2*uint64(max(w.size, small)) {
		return false, nil
	}
	return true, w.put(number, kind, &s)
}

func (w *Writer) putKeyframe(number uint64, kind change.Type, info, content []byte) error {
	s := stored{form: whole, info: info, body: content}
	const small = 64
	if len(content) > small {
		if z := w.zstd.EncodeAll(content, nil); len(z) < len(content) {
			s.form, s.body = packed, z
		}
	}
	if len(content) > 0 {
		w.use(number, kind, content, len(s.body))
	}
	return w.put(number, kind, &s)
}

func (w *Writer) put(number uint64, kind change.Type, s *stored) error {
	w.buf = s.append(w.buf[:0])
	w.last = number
	return w.to.Put(number, kind, w.buf)
}

// use makes a content the keyframe of what comes next. It is copied.
func (w *Writer) use(number uint64, kind change.Type, content []byte, size int) {
	w.key = base{content: append(w.key.content[:0], content...)}
	w.number, w.kind, w.size = number, kind, size
}

// findKeyframe finds the keyframe for a version that comes behind another: the
// nearest. So those that count on a keyframe stand together behind it.
func (w *Writer) findKeyframe(before Stored, number uint64) (err error) {
	if w.number != 0 && before.Number != 0 && before.Number == w.last {
		return nil
	}
	w.forget()
	for before.Number != 0 && number-before.Number < keyframeMost {
		s, err := parse(before.Number, before.Value)
		switch {
		case err != nil:
			return err
		case s.form.isDiff():
			return w.readKeyframe(before.Number - s.distance)
		case len(s.body) > 0:
			return w.readKeyframe(before.Number)
		}
		if before, err = w.to.Floor(before.Number - 1); err != nil { // a deletion is no base
			return err
		}
	}
	return nil
}

func (w *Writer) readKeyframe(number uint64) error {
	v, err := w.to.Get(number)
	if err != nil {
		return err
	}
	s, err := parse(number, v.Value)
	if err != nil || s.form.isDiff() {
		return ErrVersion
	}
	content, err := w.decoder.unpack(&s)
	if err != nil {
		return err
	}
	w.use(number, v.Kind, content, len(s.body))
	return nil
}

// Delete removes a version. Several are removed newest first: what counts on a
// keyframe has to be written anew when the keyframe goes.
func (w *Writer) Delete(number uint64) error {
	v, err := w.to.Get(number)
	if v.Number == 0 || err != nil {
		return err
	}
	w.forget()
	s, err := parse(number, v.Value)
	if err != nil {
		return err
	}
	if !s.form.isDiff() && len(s.body) > 0 {
		content, err := w.decoder.unpack(&s)
		if err != nil {
			return err
		}
		if err := w.release(number, bytes.Clone(content)); err != nil {
			return err
		}
	}
	return w.to.Delete(number)
}

// release writes the versions that count on a keyframe with this content anew,
// so that it can go: the oldest of them becomes their keyframe.
func (w *Writer) release(number uint64, content []byte) error {
	w.forget()
	defer w.forget()
	for before := (Stored{Number: number}); ; {
		next, err := w.to.After(before.Number)
		if err != nil || next.Number == 0 {
			return err
		}
		s, err := parse(next.Number, next.Value)
		if err != nil {
			return err
		}
		switch {
		case s.form.isDiff() && next.Number-s.distance != number, !s.form.isDiff() && len(s.body) > 0:
			return nil // from here on they count on another
		case s.form.isDiff():
			if err := w.rewrite(before, next, &s, content); err != nil {
				return err
			}
		default:
			w.last = next.Number // a deletion counts on nothing
		}
		before = Stored{Number: next.Number}
	}
}

// rewrite stores a difference from a content anew. It becomes the keyframe if the
// writer has none.
func (w *Writer) rewrite(before, v Stored, s *stored, from []byte) error {
	delta, err := w.decoder.unpack(s)
	if err != nil {
		return err
	}
	content, err := apply(nil, from, delta)
	if err != nil {
		return err
	}
	info := bytes.Clone(s.info)
	if w.number != 0 {
		done, err := w.putDifference(before, v.Number, v.Kind, info, content)
		if done || err != nil {
			return err
		}
	}
	return w.putKeyframe(v.Number, v.Kind, info, content)
}
