package app

import (
	"context"
	"time"

	"kvd/persist"
	"kvd/resp"
	"kvd/resp/command"
)

// disk shows the store to replies (resp.Barrier) and to commands
// (command.Disk). Without a store everything is as durable as it will ever be.
type disk struct {
	app    *App
	loaded persist.LoadStats
}

var (
	_ resp.Barrier = (*disk)(nil)
	_ command.Disk = (*disk)(nil)
)

func (d *disk) store() *persist.Store { return d.app.store }

// Flush implements resp.Barrier. A failure is reported through OnFail.
func (d *disk) Flush() {
	if s := d.store(); s != nil {
		_ = s.Flush()
	}
}

// Durable implements resp.Barrier.
func (d *disk) Durable() uint64 {
	if s := d.store(); s != nil {
		return s.Durable()
	}
	return 0
}

// Refused implements resp.Barrier.
func (d *disk) Refused(seq uint64) bool { return d.store() != nil && d.store().Lost(seq) }

// Err implements resp.Barrier.
func (d *disk) Err() error {
	if s := d.store(); s != nil {
		return s.Err()
	}
	return nil
}

// Backlog implements resp.Barrier.
func (d *disk) Backlog() bool { return d.store() != nil && d.store().Backlog() }

// backlogPoll is how often a writer that waits for the disk looks again.
const backlogPoll = 10 * time.Millisecond

// WaitBacklog implements resp.Barrier.
func (d *disk) WaitBacklog(ctx context.Context) {
	for d.Backlog() && d.Err() == nil && ctx.Err() == nil {
		wake := make(chan struct{})
		timer := d.app.opt.Clock.AfterFunc(backlogPoll, func() { close(wake) })
		select {
		case <-wake:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// Persistent implements command.Disk.
func (d *disk) Persistent() bool { return d.store() != nil }

// Checkpoint implements command.Disk.
func (d *disk) Checkpoint(ctx context.Context) error {
	if s := d.store(); s != nil {
		return s.Checkpoint(ctx)
	}
	return nil
}

// Compact implements command.Disk.
func (d *disk) Compact(ctx context.Context) (before, after int64, err error) {
	s := d.store()
	if s == nil {
		return 0, 0, nil
	}
	if err := s.Checkpoint(ctx); err != nil {
		return 0, 0, err
	}
	done, err := s.Compact(ctx)
	return done.Before, done.After, err
}

// Reload implements command.Disk.
func (d *disk) Reload() error {
	s := d.store()
	if s == nil {
		return nil
	}
	if err := s.Flush(); err != nil {
		return err
	}
	return d.app.reload()
}

// Synced implements command.Disk.
func (d *disk) Synced() uint64 {
	if s := d.store(); s != nil {
		return s.Synced()
	}
	return 0
}

// Written implements command.Disk.
func (d *disk) Written() uint64 {
	if s := d.store(); s != nil {
		return s.Written()
	}
	return 0
}

// Status implements command.Disk.
func (d *disk) Status() command.DiskStatus {
	s := d.store()
	if s == nil {
		return command.DiskStatus{LastSave: d.app.services.About.Started}
	}
	st := s.Stats()
	out := command.DiskStatus{
		LastSave:         d.app.services.About.Started,
		LastDuration:     st.Checkpoint.Duration,
		LastSaveFailed:   st.Checkpoint.Err != nil,
		Saving:           st.Checkpoint.Running,
		ChangesSinceSave: int64(st.Submitted - min(st.Submitted, st.FoldedSequence)),
		JournalBytes:     st.JournalBytes,
		JournalSegments:  st.Segments,
		FileBytes:        st.DataBytes,
		Syncs:            int64(st.Syncs),
		Checkpoints:      int64(st.Checkpoint.Count),
		LastSeq:          st.Submitted,
		FoldedSeq:        st.FoldedSequence,
		LoadedKeys:       d.loaded.Rows,
		LoadDuration:     d.loaded.Duration,
	}
	if err := s.Err(); err != nil {
		out.WriteError = err.Error()
	}
	if c := st.Checkpoint; c.Err == nil && !c.Start.IsZero() {
		out.LastSave = c.Start.Add(c.Duration)
	}
	return out
}
