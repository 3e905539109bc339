package journal

import (
	"fmt"

	"kvd/internal/change"
	"kvd/persist/disk"
)

// Checked says what Check went through.
type Checked struct {
	Segments, Frames, Rows int
	Last                   uint64 // the last sequence number
	Unsynced               int64  // bytes at the end that Open will cut off
}

// Check reads the journal in dir, changing nothing, and gives every fault to
// report. Base and floor are as in Options.
func Check(dir string, base, floor uint64, report func(error)) (n Checked) {
	c, err := scan(dir, base, floor)
	if err != nil {
		report(err)
		return n
	}
	defer c.close()
	n.Segments, n.Last = len(c.segs), c.last
	for i, seg := range c.segs {
		m := &Mapped{Segment: Segment{Path: seg.path, Last: seg.last, end: seg.end, limit: seg.limit, salt: seg.salt}, m: c.maps[i]}
		err := disk.Guard(func() error { return checkSegment(m, report, &n) })
		if err != nil {
			report(fmt.Errorf("%s: %w", seg.path, err))
		}
		if i >= c.tail {
			n.Unsynced += countUsed(m.Bytes()[seg.end:])
		}
	}
	return n
}

func checkSegment(m *Mapped, report func(error), n *Checked) error {
	return m.Frames(0, func(f Frame) error {
		n.Frames++
		err := f.EachRow(func(int64, *change.Row) error {
			n.Rows++
			return nil
		})
		if err != nil {
			report(err)
		}
		return nil
	})
}
