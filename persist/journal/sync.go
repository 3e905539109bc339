package journal

import (
	"errors"
	"fmt"
	"os"
	"time"

	"kvd/internal/fail"
	"kvd/persist/disk"
)

// In mode Always the segment is filled with zeros ahead of the frames, a step
// at a time: a sync of bytes that lie where the file already has some takes
// about two thirds of the time of one that must record a new length.
const zeroStep = 256 << 10

var (
	pointSync   = fail.New("journal.sync")
	pointSynced = fail.New("journal.synced") // the sync is done and not yet told
	pointRemove = fail.New("journal.remove")
)

// Points returns the failpoints of this package.
func Points() []*fail.Point {
	return []*fail.Point{pointCreate, pointWrite, pointShort, pointSync, pointSynced, pointRemove}
}

// quickSync is what the caller of Flush may wait for a sync: an event loop has
// others to serve. Below it, waiting costs all of them less than handing the
// sync to another thread and being woken by it.
const quickSync = time.Millisecond

// syncsAreQuick reports whether the last syncs took less than quickSync, on
// average.
func (j *Journal) syncsAreQuick() bool { return j.syncTime.Load() < int64(quickSync) }

// noteSync takes the time of a sync into the average, and passes it on.
func (j *Journal) noteSync(took time.Duration) {
	const weight = 8
	j.syncTime.Store((j.syncTime.Load()*(weight-1) + int64(took)) / weight)
	if j.opts.SyncTook != nil {
		j.opts.SyncTook(took)
	}
}

// RequestSync has what is written synced soon, off the caller's goroutine. All
// requests made during one sync are served by the next.
func (j *Journal) RequestSync() {
	j.want.Store(true)
	j.signal()
}

func (j *Journal) signal() {
	select {
	case j.kick <- struct{}{}:
	default:
	}
}

// syncer serves signals until Close.
func (j *Journal) syncer() {
	defer close(j.done)
	for {
		select {
		case <-j.stop:
			return
		case <-j.kick:
		}
		j.serve()
	}
}

// serve does what was asked for. Its errors are kept by the failure they cause.
func (j *Journal) serve() {
	if j.want.Swap(false) || j.hasClosed() {
		_ = j.Sync()
	}
	if j.isHalfFull() {
		_ = j.prepare(nothing) // tried again at the next write; Rotate reports it
	}
}

func (j *Journal) hasClosed() bool {
	j.io.Lock()
	defer j.io.Unlock()
	return len(j.closed) > 0
}

func (j *Journal) isHalfFull() bool {
	j.io.Lock()
	defer j.io.Unlock()
	return j.next == nil && j.cur.end >= j.opts.SegmentBytes/2 && j.failed.Load() == nil
}

// Sync makes all that is written durable, and returns when it is.
func (j *Journal) Sync() error {
	j.syncMu.Lock()
	defer j.syncMu.Unlock()
	target, files, err := j.collect()
	if err != nil || len(files) == 0 {
		return err
	}
	for _, f := range files {
		err = errors.Join(err, j.datasync(f))
	}
	for _, f := range files[:len(files)-1] {
		err = errors.Join(err, f.Close())
	}
	return j.conclude(target, err)
}

// collect takes the files that wait for a sync, the current one last.
func (j *Journal) collect() (target uint64, files []*os.File, err error) {
	j.io.Lock()
	defer j.io.Unlock()
	if err := j.Err(); err != nil {
		return 0, nil, err
	}
	target = j.written.Load()
	if target == j.synced.Load() && len(j.closed) == 0 {
		return target, nil, nil
	}
	if Mode(j.mode.Load()) == Always {
		j.zeroAhead()
	}
	for _, s := range j.closed {
		files = append(files, s.file)
	}
	j.closed = nil
	return target, append(files, j.cur.file), nil
}

func (j *Journal) datasync(f *os.File) error {
	began := j.opts.Now()
	defer func() { j.noteSync(j.opts.Now().Sub(began)) }()
	err := pointSync.Err()
	if err == nil {
		err = disk.Datasync(f)
	}
	if err == nil {
		err = pointSynced.Err()
	}
	j.syncs.Add(1)
	return err
}

// conclude records the outcome of a sync.
func (j *Journal) conclude(target uint64, err error) error {
	j.io.Lock()
	switch {
	case err != nil:
		err = fmt.Errorf("sync journal: %w", err)
		j.fail(err)
	case j.failed.Load() != nil:
		// A write failed meanwhile, and what is good has been settled.
		err = j.Err()
	default:
		j.synced.Store(target)
	}
	j.io.Unlock()
	if err == nil {
		j.opts.OnSync()
	}
	return err
}

// zeroAhead keeps zeros in front of the frames. That it can't is no fault: the
// next write will tell.
func (j *Journal) zeroAhead() {
	j.zeroed = max(j.zeroed, j.cur.end)
	if j.zeroed-j.cur.end >= zeroStep/2 {
		return
	}
	if _, err := j.cur.file.WriteAt(zeros[:], j.zeroed); err == nil {
		j.zeroed += zeroStep
	}
}

var zeros [zeroStep]byte // never written to

// prepare makes the next segment ready and calls then, with io held, before a
// write can begin it. Its file is on disk before a frame goes into it.
func (j *Journal) prepare(then func() error) error {
	j.syncMu.Lock()
	defer j.syncMu.Unlock()
	j.io.Lock()
	defer j.io.Unlock()
	if j.next == nil {
		seg, err := j.createNext()
		if err != nil {
			return err
		}
		j.next = seg
	}
	return then()
}

// createNext makes the file of the segment after the current one. Writes go on
// meanwhile, and can't turn to another segment: there is none. The caller holds
// syncMu and io; io is released for the time that the disk takes.
func (j *Journal) createNext() (*segment, error) {
	num := j.cur.num + 1
	j.io.Unlock()
	defer j.io.Lock()
	return createSegment(j.opts.Dir, num, empty)
}

func nothing() error { return nil }

// Rotate closes the current segment and steps the epoch: all that was
// submitted in epochs before the one that is current when it returns is
// written and synced, in segments up to number upto, with numbers up to last.
func (j *Journal) Rotate() (upto, last uint64, err error) {
	err = j.prepare(func() error {
		upto, last, err = j.divide()
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	return upto, last, j.Sync()
}

// divide has the rows of the epoch that ends and those of the next in different
// segments. For that the next one must be ready: a write that took it since it
// was prepared would leave rows of both in one. The caller holds io.
func (j *Journal) divide() (upto, last uint64, err error) {
	if err := j.flush(1); err != nil {
		return 0, 0, err
	}
	if j.cur.last != 0 { // else flush has gone on to the next one, or nothing is there
		j.advance()
	}
	return j.cur.num - 1, j.written.Load(), nil
}

// Remove deletes the segments up to number upto.
func (j *Journal) Remove(upto uint64) error {
	j.io.Lock()
	var gone []*segment
	for len(j.old) > 0 && j.old[0].num <= upto {
		gone, j.old = append(gone, j.old[0]), j.old[1:]
		j.bytes.Add(-gone[len(gone)-1].size())
	}
	j.io.Unlock()
	for _, s := range gone {
		err := pointRemove.Err()
		if err == nil {
			err = os.Remove(s.path)
		}
		if err != nil {
			return fmt.Errorf("remove journal segment: %w", err)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return disk.SyncDir(j.opts.Dir)
}
