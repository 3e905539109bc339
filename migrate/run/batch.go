package run

import (
	"errors"

	"kvd/engine"
	"kvd/internal/fail"
	"kvd/internal/rediserr"
	"kvd/migrate"
)

const (
	// groupDocuments and groupBytes are after how much a BATCH job lets others go on.
	groupDocuments = 64
	groupBytes     = 256 << 10
	// mostFailures is how many documents a job may leave or move away.
	mostFailures = 10_000
	// keptFailures is how many of them are listed.
	keptFailures = 1000
)

// The points at which the crash tests end the process.
var (
	failBatch  = fail.New("migrate.batch")
	failCommit = fail.New("migrate.commit")
	failFinish = fail.New("migrate.finish")
)

// batches changes the documents in small groups, each for itself. It goes through
// them until none is left that has not the version that the job leads to: those
// that are written meanwhile keep theirs, and new ones have the new one.
func (j *job) batches() error {
	s := j.r.book().targets[j.row.Target]
	b := &batch{job: j, steps: j.r.stepsOf(s, &j.row, j.cut), failed: make(map[string]bool)}
	for _, f := range j.row.Failures {
		b.failed[string(f.Key)] = true
	}
	if j.row.Down {
		j.enter("checking")
		if err := b.check(); err != nil {
			return err
		}
	}
	j.enter("documents")
	for b.more = true; b.more; {
		b.more = false
		if err := j.r.eachKey(j.ctx, &j.scope, b.keys); err != nil {
			return err
		}
		if err := b.flush(); err != nil {
			return err
		}
	}
	if err := failFinish.Err(); err != nil {
		return err
	}
	tx := j.r.begin()
	defer func() { j.saw(tx.Commit().Seq) }()
	if err := j.r.index(tx, s, &j.row, false); err != nil {
		return err
	}
	j.conclude(tx, Done, nil)
	return nil
}

// batch is the work of a BATCH job.
type batch struct {
	*job
	steps  *steps
	failed map[string]bool // documents that are left as they are
	more   bool            // something was found to do in this pass
	group  []result
	bytes  int
	since  int // documents since the last checkpoint
	pace   pace
}

// check looks, before anything is touched, whether all documents can be taken back.
func (b *batch) check() error {
	if b.row.OnError != Abort {
		return nil
	}
	return b.r.eachKey(b.ctx, &b.scope, func(keys [][]byte) error {
		for _, key := range keys {
			d, err := b.r.read(b.scope.DB, key)
			if err != nil {
				return err
			}
			if !d.there() || !b.steps.pending(&d.info) {
				continue
			}
			if _, err := b.steps.change(&b.env, d.value, &d.info); err != nil {
				return explain(key, err)
			}
		}
		return b.wait()
	})
}

// keys works on some documents.
func (b *batch) keys(keys [][]byte) error {
	for _, key := range keys {
		if b.failed[string(key)] {
			continue
		}
		d, err := b.r.read(b.scope.DB, key)
		if err != nil {
			return err
		}
		if !d.there() || !b.steps.pending(&d.info) {
			continue
		}
		b.more = true
		b.group = append(b.group, b.steps.convert(&b.env, d))
		b.bytes += len(d.value)
		if len(b.group) >= groupDocuments || b.bytes >= groupBytes {
			if err := b.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush writes the group and makes a checkpoint if it is time.
func (b *batch) flush() error {
	if len(b.group) == 0 {
		return nil
	}
	if err := failBatch.Err(); err != nil {
		return err
	}
	err := b.write()
	b.group, b.bytes = b.group[:0], 0
	if err != nil {
		return err
	}
	if b.since >= b.row.BatchSize {
		b.since = 0
		b.checkpoint()
	}
	b.tell(false)
	b.pace.rest(b.ctx)
	return b.wait()
}

// write writes those documents of the group that are still what they were when they
// were read; the others come in the next pass. Each has a transaction of its own, so
// that nobody waits for more than one document.
func (b *batch) write() error {
	for i := range b.group {
		if err := b.writeLocked(&b.group[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) writeLocked(d *result) error {
	e := b.r.opt.Engine
	var lock engine.Lock
	e.AddKey(&lock, d.key)
	if b.row.OnError == Quarantine {
		e.AddKey(&lock, b.refuge(d.key))
	}
	tx := e.Begin(b.scope.DB, b.r.now().UnixMilli(), engine.NoTouch, &lock)
	defer func() { b.saw(tx.Commit().Seq) }()
	now, err := copyOf(tx, d.key)
	switch {
	case errors.Is(err, engine.ErrCold), err == nil && d.unmet(&now):
		return nil
	case err != nil:
		return err
	}
	return b.writeOne(tx, d)
}

func (b *batch) writeOne(tx *engine.Tx, d *result) error {
	err := d.err
	if err == nil {
		err = tx.PutDocuments(b.steps.put(d))
	}
	if err != nil {
		return b.stumble(tx, d.key, err)
	}
	b.done(d)
	b.since++
	return nil
}

// done counts a document.
func (j *job) done(d *result) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.row.Docs++
	if d.changed {
		j.row.Changed++
	}
}

// stumble deals with a document that can't be migrated. It returns the error that
// ends the job.
func (b *batch) stumble(tx *engine.Tx, key []byte, err error) error {
	if b.row.OnError == Abort {
		return explain(key, err)
	}
	f := Failure{Key: append([]byte(nil), key...), Why: reason(err)}
	if len(b.failed) >= mostFailures {
		return rediserr.Coded("LIMIT", "more than 10000 documents can't be migrated; the last one: "+rediserr.OneLine(f.Why))
	}
	b.failed[string(key)] = true
	b.since++
	return b.leave(tx, f)
}

// leave notes a document that is left as it is, and moves it away if the job is to.
func (j *job) leave(tx *engine.Tx, f Failure) error {
	if j.row.OnError == Quarantine {
		f.Moved = j.refuge(f.Key)
		if err := tx.Rename(f.Key, f.Moved); err != nil {
			return err
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.row.Docs++
	j.row.Failed++
	if len(j.row.Failures) < keptFailures {
		j.row.Failures = append(j.row.Failures, f)
	}
	return nil
}

// refuge is where a document goes that can't be migrated, with ONERROR QUARANTINE.
func (j *job) refuge(key []byte) []byte {
	return append([]byte("__kvd__:quarantine:"+j.row.Label()+":"), key...)
}

// saw notes the newest change set of the job.
func (j *job) saw(seq uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq = max(j.seq, seq)
}

// checkpoint stores how far the job is. Where it is follows from the documents
// themselves, each of which says which version it has.
func (b *batch) checkpoint() {
	tx := b.r.begin()
	row := b.stored()
	putJob(tx, &row)
	b.saw(tx.Commit().Seq)
}

// stored is what is to be stored of the job now.
func (j *job) stored() Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	row := j.row
	row.Took = j.r.now().Sub(j.began).Milliseconds()
	return row
}

// explain makes an error for a client of one that a document has caused.
func explain(key []byte, err error) error {
	var irreversible *migrate.IrreversibleError
	text := rediserr.OneLine(string(key) + ": " + err.Error())
	if errors.As(err, &irreversible) {
		return rediserr.Coded("IRREVERSIBLE", text)
	}
	var known *rediserr.Error
	if errors.As(err, &known) {
		return known
	}
	return rediserr.Coded(codeOf(err), text)
}
