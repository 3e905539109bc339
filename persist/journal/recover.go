package journal

import (
	"errors"
	"fmt"
	"os"

	"kvd/persist/codec"
	"kvd/persist/disk"
)

// Cut says what was dropped from the end of the journal: writes that no sync
// had covered when the power went.
type Cut struct {
	File   string
	Offset int64
	Bytes  int64 // 0: nothing was cut
}

// chain is the journal as its files have it.
type chain struct {
	segs  []*segment
	maps  []*disk.Map
	base  uint64 // what is numbered up to here is in the data file
	last  uint64 // the last number that is there
	tail  int    // index of the segment that holds it; later ones are cut
	found bool   // a frame has been seen
}

// scan reads all segments in dir, changing nothing, and finds how far the
// journal can be trusted. Rows up to base are in the data file, and those up to
// floor were on disk. The caller closes the chain.
//
// Frames form one chain by prev. It may end early in two ways. Either the
// system had not written a frame when the power went: then no frame after the
// gap claims that it was synced, and the journal ends before the gap. Or what
// was safe is damaged: that is an error.
func scan(dir string, base, floor uint64) (*chain, error) {
	nums, err := listSegments(dir)
	if err != nil {
		return nil, err
	}
	if len(nums) == 0 {
		// The current segment is never removed, nor left behind before the next.
		return nil, &codec.DamagedError{File: dir, Offset: -1, What: "no journal file is there"}
	}
	c := &chain{base: base, last: base}
	err = disk.Guard(func() error {
		if err := c.read(dir, nums); err != nil {
			return err
		}
		return c.verifyEnd(floor)
	})
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// read maps the segments and follows the chain through them.
func (c *chain) read(dir string, nums []uint64) error {
	for _, num := range nums {
		if err := c.add(segmentPath(dir, num), num); err != nil {
			return err
		}
	}
	for i, num := range nums {
		if i > 0 && num != nums[i-1]+1 {
			// Removing what is in the data file may have been half undone.
			if c.last > c.base {
				return &codec.DamagedError{File: segmentPath(dir, nums[i-1]+1), Offset: -1, What: "the file is missing"}
			}
			c.found = false
		}
		if !c.follow(i) {
			break
		}
	}
	return nil
}

// add maps a segment and checks its header.
func (c *chain) add(path string, num uint64) error {
	m, err := disk.MapFile(path)
	if err != nil {
		return err
	}
	seg, err := readSegment(path, num, m.Bytes())
	if err != nil {
		return errors.Join(err, m.Close())
	}
	c.segs, c.maps = append(c.segs, seg), append(c.maps, m)
	return nil
}

// follow takes the frames of segment i into the chain and reports whether it is
// whole up to here.
func (c *chain) follow(i int) bool {
	seg, data := c.segs[i], c.maps[i].Bytes()
	for {
		h, _, ok := readFrame(data[seg.end:], seg.salt)
		if !ok {
			return true // a later segment may go on from here
		}
		switch {
		case h.prev > max(c.last, c.base), seg.last != 0 && h.prev != c.last:
			return false // a gap below base is no loss
		case c.found && h.prev < c.last:
			c.takeBack(i, h.prev)
		}
		c.found, c.last, c.tail = true, h.last, i
		seg.last = h.last
		seg.end += h.size()
	}
}

// takeBack drops what earlier segments have after the number prev.
func (c *chain) takeBack(i int, prev uint64) {
	for _, seg := range c.segs[:i] {
		seg.limit = min(seg.limit, prev)
	}
}

// verifyEnd refuses a chain that ends before what is known to have been synced.
func (c *chain) verifyEnd(floor uint64) error {
	if floor > max(c.last, c.base) {
		return c.damaged(floor)
	}
	for i := c.tail; i < len(c.segs); i++ {
		seg := c.segs[i]
		synced := latestSynced(c.maps[i].Bytes()[seg.end:], seg.salt)
		if synced > max(c.last, c.base) {
			return c.damaged(synced)
		}
	}
	c.last = max(c.last, c.base)
	return nil
}

// damaged is the error for a chain that ends although synced was on disk.
func (c *chain) damaged(synced uint64) error {
	what := fmt.Sprintf("writes %d to %d can't be read, though they were safe on disk", c.last+1, synced)
	seg := c.segs[c.tail]
	return &codec.DamagedError{File: seg.path, Offset: seg.end, What: what}
}

// cut removes from the files what comes after the chain and makes the rest
// durable: what was read may so far be in memory only.
func (c *chain) cut(dir string) (Cut, error) {
	var cut Cut
	for i, seg := range c.segs {
		data := c.maps[i].Bytes()
		if lost := countUsed(data[seg.end:]); i >= c.tail && lost > 0 {
			if cut.Bytes == 0 {
				cut.File, cut.Offset = seg.path, seg.end
			}
			cut.Bytes += lost
		}
	}
	c.close() // a mapping must not be longer than its file
	keep := c.tail + 1
	for i, seg := range c.segs {
		var err error
		if i < keep {
			err = trimFile(seg.path, seg.end, i == c.tail)
		} else {
			err = os.Remove(seg.path)
		}
		if err != nil {
			return cut, fmt.Errorf("cut journal: %w", err)
		}
	}
	c.segs = c.segs[:keep]
	return cut, disk.SyncDir(dir)
}

// free returns the number of the segment to be begun: without a gap, or the
// same if no segment has a frame, so that its file takes the place of the empty
// one in one step. It is called after cut.
func (c *chain) free() uint64 {
	last := c.segs[c.tail]
	if last.last != 0 {
		return last.num + 1
	}
	c.segs = c.segs[:c.tail]
	return last.num
}

// trimFile syncs a segment, cut at end if it is the last one.
func trimFile(path string, end int64, isLast bool) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if isLast {
		err = f.Truncate(end)
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// countUsed is the length of b without the zeros at its end.
func countUsed(b []byte) int64 {
	n := len(b)
	for n > 0 && b[n-1] == 0 {
		n--
	}
	return int64(n)
}

func (c *chain) close() {
	for _, m := range c.maps {
		_ = m.Close()
	}
	c.maps = nil
}
