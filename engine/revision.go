package engine

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"

	"kvd/internal/change"
)

// revisions numbers the transactions that change documents or record history.
// The numbers only grow, also over restarts, so a client that has seen one can
// tell whether a document is still the one it saw.
type revisions struct {
	last atomic.Uint64
	// reserved is how far storage knows that numbers may have been given out. A
	// start goes on from there: documents that were deleted left no trace of
	// theirs.
	reserved atomic.Uint64
}

const (
	revisionRow = "rev" // the meta row of reserved
	// revisionStep is how many numbers are reserved at once.
	revisionStep = 1 << 16
)

// Rev is the revision of what the Tx changes. One that asks has to change
// something.
func (tx *Tx) Rev() uint64 {
	if tx.rev == 0 {
		tx.rev = tx.nextRev()
	}
	return tx.rev
}

// nextRev returns a revision for each call, for what has to be told apart within a
// transaction: leases, and cached values from their invalidation.
func (tx *Tx) nextRev() uint64 {
	rev := tx.engine.revisions.last.Add(1)
	tx.reserveRevisions(rev)
	return rev
}

// reserveRevisions records how far numbers may be given out, long before they are:
// the change sets of others that use them may be written earlier than this one.
func (tx *Tx) reserveRevisions(rev uint64) {
	r := &tx.engine.revisions
	reserved := r.reserved.Load()
	if rev+revisionStep/2 < reserved {
		return
	}
	next := rev + revisionStep
	if r.reserved.CompareAndSwap(reserved, next) {
		tx.put(change.Row{
			Op: change.Put, Kind: change.Meta, Key: []byte(revisionRow),
			Value: binary.LittleEndian.AppendUint64(nil, next),
		})
	}
}

// Rev is the newest revision that was given out.
func (e *Engine) Rev() uint64 { return e.revisions.last.Load() }

// loadRevisions takes over what storage knows of the numbers given out.
func (e *Engine) loadRevisions(row *change.Row) error {
	if len(row.Value) != 8 {
		return fmt.Errorf("the stored setting %q is damaged", row.Key)
	}
	n := binary.LittleEndian.Uint64(row.Value)
	raise(&e.revisions.last, n)
	raise(&e.revisions.reserved, n)
	return nil
}

// meetRev keeps a number that storage knows from being given out again.
func (e *Engine) meetRev(rev uint64) { raise(&e.revisions.last, rev) }

// raise makes n at least least.
func raise(n *atomic.Uint64, least uint64) {
	for was := n.Load(); was < least; was = n.Load() {
		if n.CompareAndSwap(was, least) {
			return
		}
	}
}
