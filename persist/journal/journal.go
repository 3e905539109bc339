// Package journal is the append-only log that every change passes through on
// its way to the disk.
//
// Submit queues a set in memory, under the caller's locks and without I/O;
// Flush writes all that is queued as one frame with one write; a goroutine
// syncs it as the mode asks. The invariants:
//
//   - Sets are numbered in the order of Submit, each is one higher than the one
//     before, and no number is used again while the process lives.
//   - A frame is there whole or not at all after a crash, and frames are lost
//     only from the end.
//   - After a failed write or sync nothing is written until Resume: what was
//     not yet durable is lost for good, and Lost says so.
//   - Lock order: syncMu, io, mu. Submit takes mu only, and no I/O is done
//     while mu is held.
package journal

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"kvd/internal/change"
	"kvd/internal/fail"
	"kvd/persist/codec"
)

// Mode says when the journal is synced.
type Mode uint32

const (
	// Always syncs as soon as something is written.
	Always Mode = iota
	// OnRequest syncs when RequestSync is called.
	OnRequest
	// Never leaves it to the system, but for segments that are complete.
	Never
)

// Options are what Open needs.
type Options struct {
	Dir          string
	Mode         Mode
	SegmentBytes int64  // a new segment is begun above this size
	Base         uint64 // numbers up to this one are in the data file
	Floor        uint64 // the journal reaches at least to here, or is damaged
	// Now tells how long syncs take.
	Now func() time.Time
	// OnSync is called after Synced has risen. It must be quick.
	OnSync func()
	// SyncTook, if not nil, is told how long each sync took. It must be quick.
	SyncTook func(time.Duration)
	// OnFail is called once in its own goroutine when a write or sync failed.
	OnFail func(error)
}

const (
	maxSpare   = 4 << 20  // a write buffer above this size is not kept
	maxPending = 64 << 20 // more than this waiting for Flush is a backlog
)

var (
	pointWrite = fail.New("journal.write")
	pointShort = fail.New("journal.short") // half the frame is written, then it fails
	errClosed  = errors.New("journal is closed")
)

// Journal is the open log. It is safe for use by several goroutines.
type Journal struct {
	opts    Options
	mode    atomic.Uint32
	seq     atomic.Uint64 // last number given out; written under mu
	written atomic.Uint64 // last number written; under io
	synced  atomic.Uint64 // last number synced; under io
	floor   atomic.Uint64 // promised durable before the mode became Always
	epoch   atomic.Uint32 // written under mu
	bytes   atomic.Int64  // of the frames in all segments
	syncs   atomic.Uint64
	// syncTime is how long syncs have taken lately, in nanoseconds; written under
	// syncMu.
	syncTime atomic.Int64
	backlog  atomic.Bool
	failed   atomic.Pointer[failure]

	mu   sync.Mutex // what Submit touches
	pend []byte     // room for a header, then rows
	sets uint32     // in pend
	lost []span     // numbers that failures took
	top  atomic.Uint64

	io     sync.Mutex // the files
	spare  []byte     // the other buffer
	cur    *segment
	next   *segment // made ready in the background
	old    []*segment
	closed []*segment // of old: still to be synced and closed
	zeroed int64      // cur is filled with zeros up to here

	syncMu sync.Mutex // one sync at a time; making segments
	want   atomic.Bool
	kick   chan struct{}
	stop   chan struct{}
	done   chan struct{}
}

type failure struct {
	err  error
	good uint64 // the last number that outlives it
}

// span is the numbers after from, up to to.
type span struct{ from, to uint64 }

// Create makes the first segment of a journal in the directory dir, durably. It
// has a segment at any time from then on.
func Create(dir string) error {
	seg, err := createSegment(dir, 1, empty)
	if err != nil {
		return err
	}
	return seg.file.Close()
}

// Open reads the journal that was made by Create, cuts off what a power cut left
// half written, and begins a new segment.
func Open(opts Options) (*Journal, Cut, error) {
	c, err := scan(opts.Dir, opts.Base, opts.Floor)
	if err != nil {
		return nil, Cut{}, err
	}
	cut, err := c.cut(opts.Dir)
	if err != nil {
		return nil, cut, err
	}
	cur, err := createSegment(opts.Dir, c.free(), empty)
	if err != nil {
		return nil, cut, err
	}
	j := &Journal{
		opts: opts, cur: cur, old: c.segs, pend: make([]byte, frameSize),
		kick: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	j.mode.Store(uint32(opts.Mode))
	j.epoch.Store(1)
	j.seq.Store(c.last)
	j.written.Store(c.last)
	j.synced.Store(c.last)
	j.syncTime.Store(2 * int64(quickSync)) // until some have shown better
	for _, seg := range j.old {
		j.bytes.Add(seg.size())
	}
	go j.syncer()
	return j, cut, nil
}

// Submit queues set and returns its number. It copies what it needs and does
// no I/O. While the journal has failed the set is dropped, and its number is
// Lost.
func (j *Journal) Submit(set *change.Set) uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	seq := j.seq.Load() + 1
	j.seq.Store(seq)
	if j.failed.Load() != nil {
		return seq
	}
	buf := j.pend
	for i := range set.Rows {
		r := &set.Rows[i]
		buf = reserve(buf, len(r.Key)+len(r.Value)+codec.MaxRowOverhead)
		buf = codec.AppendRow(buf, r)
	}
	j.pend = buf
	j.sets++
	if len(buf) > maxPending {
		j.backlog.Store(true)
	}
	return seq
}

// reserve makes room for n more bytes. A large value gets exactly its room, so
// that it is copied once and its memory is not doubled.
func reserve(buf []byte, n int) []byte {
	if cap(buf)-len(buf) >= n {
		return buf
	}
	room := max(2*cap(buf), 4096)
	if n > 64<<10 || room < len(buf)+n {
		room = max(len(buf)+n, cap(buf))
	}
	grown := make([]byte, len(buf), room)
	copy(grown, buf)
	return grown
}

// Flush writes what is queued. When it returns nil, all sets that were
// submitted before the call are with the system. In mode Always it syncs them
// too, or has them synced soon where syncs take too long to wait for.
func (j *Journal) Flush() error {
	if j.written.Load() >= j.seq.Load() {
		return j.Err()
	}
	j.io.Lock()
	err := j.flush(0)
	j.io.Unlock()
	switch {
	case err != nil || Mode(j.mode.Load()) != Always:
		return err
	case j.syncsAreQuick():
		return j.Sync()
	}
	j.RequestSync()
	return nil
}

// flush is Flush, and steps the epoch between what is written and what comes
// later. The caller holds io.
func (j *Journal) flush(epochs uint32) error {
	if err := j.Err(); err != nil {
		return err
	}
	buf, sets, last := j.take(epochs)
	if sets == 0 {
		j.spare = buf[:frameSize]
		return nil
	}
	h := frame{sets: sets, last: last, prev: j.written.Load(), synced: j.synced.Load()}
	h.seal(buf, j.cur.salt)
	if err := j.write(buf); err != nil {
		err = fmt.Errorf("write journal: %w", err)
		j.fail(err)
		return err
	}
	j.cur.last = last
	j.written.Store(last)
	j.keep(buf)
	j.turn()
	return nil
}

// take exchanges the queue for an empty one.
func (j *Journal) take(epochs uint32) (buf []byte, sets uint32, last uint64) {
	if j.spare == nil {
		j.spare = make([]byte, frameSize)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	buf, sets, last = j.pend, j.sets, j.seq.Load()
	j.pend, j.sets, j.spare = j.spare, 0, nil
	j.epoch.Add(epochs)
	if len(buf) > maxPending {
		j.backlog.Store(false)
	}
	return buf, sets, last
}

// keep makes buf the next spare buffer, unless it has grown big.
func (j *Journal) keep(buf []byte) {
	if cap(buf) <= maxSpare {
		j.spare = buf[:frameSize]
	}
}

// write appends a sealed frame to the current segment.
func (j *Journal) write(buf []byte) error {
	if err := pointWrite.Err(); err != nil {
		return err
	}
	if err := pointShort.Err(); err != nil {
		_, _ = j.cur.file.WriteAt(buf[:len(buf)/2], j.cur.end)
		return err
	}
	if _, err := j.cur.file.WriteAt(buf, j.cur.end); err != nil {
		return err
	}
	j.cur.end += int64(len(buf))
	j.bytes.Add(int64(len(buf)))
	return nil
}

// turn goes on to the next segment if this one is full, and has one made ready
// in time. A segment grows beyond its size while none is.
func (j *Journal) turn() {
	switch {
	case j.next != nil && j.cur.end >= j.opts.SegmentBytes:
		j.advance()
		j.signal()
	case j.next == nil && j.cur.end >= j.opts.SegmentBytes/2:
		j.signal()
	}
}

// advance makes the next segment the current one.
func (j *Journal) advance() {
	j.closed = append(j.closed, j.cur)
	j.old = append(j.old, j.cur)
	j.cur, j.next, j.zeroed = j.next, nil, 0
}

// Err is why nothing can be written, or nil.
func (j *Journal) Err() error {
	if f := j.failed.Load(); f != nil {
		return f.err
	}
	return nil
}

// Submitted is the last number given out.
func (j *Journal) Submitted() uint64 { return j.seq.Load() }

// Written is the last number that is with the system.
func (j *Journal) Written() uint64 { return j.written.Load() }

// Synced is the last number that is on the disk.
func (j *Journal) Synced() uint64 { return j.synced.Load() }

// Durable is the last number for which the mode's promise holds: synced if it
// is Always, else written.
func (j *Journal) Durable() uint64 {
	if Mode(j.mode.Load()) == Always {
		return max(j.floor.Load(), j.synced.Load())
	}
	return j.written.Load()
}

// Epoch numbers the parts into which Rotate divides the journal.
func (j *Journal) Epoch() uint32 { return j.epoch.Load() }

// Bytes is the size of all frames in all segments.
func (j *Journal) Bytes() int64 { return j.bytes.Load() }

// Syncs counts the syncs so far.
func (j *Journal) Syncs() uint64 { return j.syncs.Load() }

// Backlog reports that much is queued and not written.
func (j *Journal) Backlog() bool { return j.backlog.Load() }

// SetMode changes when the journal is synced. What was promised before stays
// promised.
func (j *Journal) SetMode(m Mode) {
	j.io.Lock()
	defer j.io.Unlock()
	j.floor.Store(max(j.floor.Load(), j.Durable()))
	j.mode.Store(uint32(m))
	if m == Always {
		j.RequestSync()
	}
}

// Segments lists the files from the oldest to the current one, each to be read
// as far as it is good now.
func (j *Journal) Segments() []Segment {
	j.io.Lock()
	defer j.io.Unlock()
	limit := uint64(unlimited)
	if f := j.failed.Load(); f != nil {
		limit = f.good
	}
	var list []Segment
	for _, s := range append(j.old[:len(j.old):len(j.old)], j.cur) {
		list = append(list, Segment{
			Number: s.num, Path: s.path, Last: min(s.last, s.limit, limit),
			end: s.end, limit: min(s.limit, limit), salt: s.salt,
		})
	}
	return list
}

// Close writes and syncs what is queued and ends the journal.
func (j *Journal) Close() error {
	err := j.Flush()
	close(j.stop)
	<-j.done
	if err == nil {
		err = j.Sync()
	}
	j.io.Lock()
	defer j.io.Unlock()
	if j.failed.Load() == nil {
		j.failed.Store(&failure{err: errClosed, good: j.synced.Load()})
	}
	for _, s := range append(j.closed, j.cur) {
		err = errors.Join(err, s.file.Close())
	}
	if j.next != nil {
		err = errors.Join(err, j.next.file.Close(), os.Remove(j.next.path))
	}
	return err
}
