package journal

import (
	"errors"
	"fmt"

	"kvd/persist/codec"
	"kvd/persist/disk"
)

// maxLost is how many failures are told apart. Before the oldest of them every
// number counts as lost, which is the safe side.
const maxLost = 64

// fail stops the journal. What is durable by the mode's promise outlives the
// failure; whatever else was submitted is lost, even if its bytes are in the
// file. The caller holds io.
func (j *Journal) fail(err error) {
	if j.failed.Load() != nil {
		return
	}
	j.mu.Lock()
	j.failed.Store(&failure{err: err, good: j.Durable()})
	j.pend, j.sets = j.pend[:min(len(j.pend), frameSize)], 0
	j.backlog.Store(false)
	j.mu.Unlock()
	go j.opts.OnFail(err)
}

// Lost reports that the set with this number is not in the journal and never
// will be, although Durable may be above it. It is final for numbers up to
// Durable.
func (j *Journal) Lost(seq uint64) bool {
	if f := j.failed.Load(); f != nil && seq > f.good {
		return true
	}
	if seq > j.top.Load() {
		return false
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, s := range j.lost {
		if seq > s.from && seq <= s.to {
			return true
		}
	}
	return false
}

// Resume takes the journal into use again after a failure, if a new segment
// can be written and synced. The segment begins with the frames whose sync is
// in doubt and takes back those that were refused.
func (j *Journal) Resume() error {
	j.syncMu.Lock()
	defer j.syncMu.Unlock()
	f := j.failed.Load()
	if f == nil || errors.Is(f.err, errClosed) {
		return j.Err()
	}
	j.dropNext()
	base := min(j.synced.Load(), f.good)
	seg, err := createSegment(j.opts.Dir, j.cur.num+1, func(seg *segment) error {
		if err := j.rescue(seg, base, f.good); err != nil {
			return err
		}
		return pointSync.Err()
	})
	if err != nil {
		return fmt.Errorf("resume journal: %w", err)
	}
	j.install(seg, base, f.good)
	return nil
}

// dropNext gives up a segment that was made ready: its number is needed, and
// its file is about to be replaced.
func (j *Journal) dropNext() {
	j.io.Lock()
	defer j.io.Unlock()
	if j.next != nil {
		_ = j.next.file.Close()
		j.next = nil
	}
}

// rescue fills seg with the frames after base, the last sync, up to good, and
// with one without rows that ends the chain at good.
func (j *Journal) rescue(seg *segment, base, good uint64) error {
	prev := base
	for _, old := range j.Segments() {
		if old.Last <= base {
			continue
		}
		err := disk.Guard(func() error { return copyFrames(seg, old, base, &prev) })
		// What a failed sync took can't be read back. It had been answered for
		// no longer than the mode allows to lose.
		if damage := (*codec.DamagedError)(nil); err != nil && !errors.As(err, &damage) {
			return err
		}
	}
	return seg.append(frame{last: good, prev: prev, synced: base}, nil)
}

// copyFrames appends to seg the frames of old with numbers above base. prev is
// the last number in the chain.
func copyFrames(seg *segment, old Segment, base uint64, prev *uint64) error {
	m, err := old.Map()
	if err != nil {
		return err
	}
	defer m.Close()
	return m.Frames(base, func(f Frame) error {
		err := seg.append(frame{sets: uint32(f.Sets), last: f.Last, prev: *prev, synced: base}, f.Rows)
		*prev = f.Last
		return err
	})
}

// install makes seg the current segment and ends the failure.
func (j *Journal) install(seg *segment, base, good uint64) {
	j.io.Lock()
	defer j.io.Unlock()
	for _, s := range j.closed {
		_ = s.file.Close()
	}
	_ = j.cur.file.Close()
	j.old, j.closed = append(j.old, j.cur), nil
	for _, s := range j.old {
		s.limit = min(s.limit, base)
	}
	j.cur, j.zeroed = seg, 0
	j.bytes.Add(seg.size())

	j.mu.Lock()
	defer j.mu.Unlock()
	j.written.Store(good)
	j.synced.Store(good)
	j.remember(span{good, j.seq.Load()})
	j.failed.Store(nil)
}

// remember adds a span of lost numbers.
func (j *Journal) remember(s span) {
	if s.from == s.to {
		return
	}
	if len(j.lost) == maxLost {
		j.lost[1].from = 0
		j.lost = j.lost[1:]
	}
	j.lost = append(j.lost, s)
	j.top.Store(s.to)
}
