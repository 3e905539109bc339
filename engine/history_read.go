package engine

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"kvd/internal/change"
	"kvd/internal/rediserr"
)

// Newest is the number of the newest version; 0: there are none.
func (h *History) Newest() uint64 {
	if h.head == nil {
		return 0
	}
	return h.head.number
}

// Before returns the newest version that is not above number, without its content;
// one that was erased is passed over. It reports false if there is none.
func (h *History) Before(number uint64) (v Version, ok bool, err error) {
	for h.head != nil && number >= h.head.first {
		v, ok, err = h.raw(number)
		if !ok || !v.Forgotten {
			h.annotated(&v)
			return v, ok, err
		}
		number = v.Number - 1
	}
	return Version{}, false, nil
}

// raw is Before as it is stored, with those that were erased.
func (h *History) raw(number uint64) (v Version, ok bool, err error) {
	if h.head == nil || number == 0 {
		return v, false, nil
	}
	row, err := h.find(number, h.tx.engine.opt.History.ReadVersionInfo)
	if err != nil || row.Number == 0 {
		return v, false, corrupt(number, err)
	}
	v, err = readVersion(row)
	return v, err == nil, corrupt(row.Number, err)
}

// find reads the newest version up to number: from the Tx if that has recorded
// it, else from the store.
func (h *History) find(number uint64, read func(uint32, []byte, uint64) (change.Version, error)) (change.Version, error) {
	for number > 0 {
		own := h.own(number)
		switch {
		case own == nil || own.ID < number:
			row, err := read(h.tx.space(), h.key, number)
			if err != nil || own == nil || row.Number > own.ID {
				return row, err
			}
			number = own.ID // it is the newest, or hides what is stored
		case own.Op == change.Delete:
			number--
		default:
			return change.Version{Number: own.ID, Type: own.Type, Value: own.Value, Size: len(own.Value)}, nil
		}
	}
	return change.Version{}, nil
}

// own returns the row of the newest version up to number that the Tx has changed,
// or nil.
func (h *History) own(number uint64) (newest *change.Row) {
	space := h.tx.space()
	for i := range h.tx.set.Rows {
		r := &h.tx.set.Rows[i]
		if r.Kind == change.History && r.ID <= number && r.Space == space && bytes.Equal(r.Key, h.key) &&
			(newest == nil || r.ID >= newest.ID) {
			newest = r
		}
	}
	return newest
}

// annotated adds to a version what was said about it later.
func (h *History) annotated(v *Version) {
	n := h.head.note(v.Number)
	if v.Message == "" {
		v.Message = n.message
	}
	if v.Author == "" {
		v.Author = n.author
	}
}

func corrupt(number uint64, err error) error {
	if err == nil {
		return nil
	}
	return rediserr.Coded("CORRUPT", rediserr.OneLine(fmt.Sprintf("version %d cannot be read: %v", number, err)))
}

// Info returns a version without its content. It fails with NOTFOUND for one that
// there never was, PRUNED for one that is gone, and CORRUPT.
func (h *History) Info(number uint64) (Version, error) {
	v, ok, err := h.Before(number)
	switch {
	case err != nil:
		return v, err
	case ok && v.Number == number:
		return v, nil
	}
	return v, h.missing(number)
}

// missing is the error for a version that is not there.
func (h *History) missing(number uint64) error {
	if number == 0 || number > h.Newest() {
		return rediserr.Coded("NOTFOUND", fmt.Sprintf("no version %d", number))
	}
	return rediserr.Coded("PRUNED", fmt.Sprintf("version %d is gone", number))
}

// Load returns a version with its content, which is what was recorded: its sum is
// looked at. The errors are those of Info.
func (h *History) Load(number uint64) (Version, error) {
	if number == 0 || number > h.Newest() {
		return Version{}, h.missing(number)
	}
	row, err := h.find(number, h.tx.engine.opt.History.ReadVersion)
	switch {
	case err != nil:
		return Version{}, corrupt(number, err)
	case row.Number != number:
		return Version{}, h.missing(number)
	}
	v, err := readVersion(row)
	switch {
	case err != nil:
		return v, corrupt(number, err)
	case v.Forgotten:
		return v, h.missing(number)
	}
	h.annotated(&v)
	return v, corrupt(number, v.check())
}

// check compares the content with its sum.
func (v *Version) check() error {
	if v.Type == change.NoType || v.Forgotten {
		return nil
	}
	sum, err := v.sum()
	if err == nil && (sum != v.Hash || len(v.Content) != v.Size) {
		err = errVersion
	}
	return err
}

// Tags returns the names given to versions, with their numbers.
func (h *History) Tags() map[string]uint64 {
	if h.head == nil {
		return nil
	}
	return maps.Clone(h.head.tags())
}

// TagsOf returns the names of a version, sorted.
func (h *History) TagsOf(number uint64) []string {
	var names []string
	if h.head != nil {
		for name, n := range h.head.tags() {
			if n == number {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// At returns the number of the version that was the newest at a time, in unix
// milliseconds.
func (h *History) At(time int64) (uint64, error) {
	return h.search(func(v *Version) bool { return v.Time <= time })
}

// AtRev returns the number of the version that was the newest at a revision.
func (h *History) AtRev(rev uint64) (uint64, error) {
	return h.search(func(v *Version) bool { return v.Rev <= rev })
}

// search returns the number of the newest version for which holds is true: it is
// true for all before one for which it is. It reads as many as a number has bits.
func (h *History) search(holds func(*Version) bool) (uint64, error) {
	if h.head == nil {
		return 0, h.missing(0)
	}
	best, low, high := uint64(0), h.head.first, h.head.number
	for low <= high {
		middle := low + (high-low)/2
		v, ok, err := h.Before(middle)
		switch {
		case err != nil:
			return 0, err
		case !ok || v.Number < low:
			low = middle + 1
		case holds(&v):
			best, low = v.Number, middle+1
		default:
			high = v.Number - 1
		}
	}
	switch {
	case best != 0:
		return best, nil
	case h.head.first > 1:
		return 0, rediserr.Coded("PRUNED", "the version of that time is gone")
	}
	return 0, rediserr.Coded("NOTFOUND", "no version is as old as that")
}

// WithSum returns the number of the newest of the versions whose hash, in
// hexadecimal, begins with prefix. It fails with NOTFOUND, and if there are several
// values that begin so.
func (h *History) WithSum(prefix []byte) (number uint64, err error) {
	var value Version
	for at := h.Newest(); at > 0; at-- {
		v, ok, err := h.Before(at)
		if err != nil || !ok {
			if err != nil {
				return 0, err
			}
			break
		}
		at = v.Number
		sum := hex.AppendEncode(nil, v.Hash[:])
		switch {
		case v.Tombstone() || !bytes.HasPrefix(sum, bytes.ToLower(prefix)):
		case number == 0:
			number, value = v.Number, v
		case v.Hash != value.Hash:
			return 0, errAmbiguous
		}
	}
	if number == 0 {
		return 0, rediserr.Coded("NOTFOUND", "no version has such a hash")
	}
	return number, nil
}

var errAmbiguous = rediserr.New("several versions have a hash that begins so")

// HistoryState is what is known of a key's versions as a whole.
type HistoryState struct {
	// Newest is the number of the newest version, First that of the oldest that was
	// not pruned with all before it.
	Newest, First uint64
	// Rev and Time are those of the newest version, MadeRev and Created those of the
	// first that there ever was. Times are in unix milliseconds.
	Rev, MadeRev  uint64
	Time, Created int64
	// Type is that of the newest version; NoType: the key was gone.
	Type change.Type
}

// State returns what is known of the versions as a whole, and whether there are
// any.
func (h *History) State() (s HistoryState, ok bool) {
	if h.head == nil {
		return s, false
	}
	n := h.head
	return HistoryState{
		Newest: n.number, First: n.first, Rev: n.rev, MadeRev: n.madeRev, Time: n.time, Created: n.created, Type: n.kind,
	}, true
}
