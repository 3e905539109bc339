package snapshot

import (
	"context"
	"errors"

	"kvd/persist"
	"kvd/snapshot/archive"
)

// Depth says how a snapshot is verified.
type Depth uint8

// The depths.
const (
	// Read reads all of it and compares it with its manifest.
	Read Depth = iota
	// Deep restores it on trial, into a scratch file that is compared with it.
	Deep
)

// Report is what a verification found.
type Report struct {
	OK               bool
	Members          int
	Records, Bytes   int64
	Faults           []string
	Missing, Changed int64 // keys that the trial restore has lost or spoilt
}

// Verify reads a snapshot to its end. That it is not good is a fault in the report
// and no error.
func (s *Service) Verify(ctx context.Context, id string, depth Depth) (rep Report, err error) {
	info, err := s.Info(ctx, id)
	if err != nil {
		return rep, err
	}
	err = s.run(ctx, "verify", func(t *task) error {
		t.about(id)
		defer s.use(id)()
		rep, err = s.verify(t, info, depth)
		return err
	})
	return rep, err
}

func (s *Service) verify(t *task, info Info, depth Depth) (Report, error) {
	was := info.SHA256
	err := s.read(t.ctx, &info, archive.Visitor{Record: func(_ *archive.Record, line []byte) error { return t.step(len(line)) }})
	if err == nil && was != "" && was != info.SHA256 {
		err = &archive.DamagedError{What: "the file is not the one that was written"}
	}
	rep := Report{OK: err == nil, Members: info.Members, Records: info.Records, Bytes: info.Bytes}
	if err == nil && depth == Deep {
		err = s.trial(t, &info, &rep)
	}
	if err != nil {
		if t.ctx.Err() != nil || errors.Is(err, errNoIdentity) {
			return rep, err
		}
		rep.OK = false
		rep.Faults = append(rep.Faults, ClientError(err).Error())
		return rep, nil
	}
	if !rep.OK {
		return rep, nil
	}
	info.VerifiedAt, info.State, info.Fault = s.now(), StateOK, ""
	_, target, err := s.target(info.Target)
	if err == nil {
		err = s.writeSidecar(t.ctx, target, &info)
	}
	return rep, err
}

// trial restores a snapshot into a scratch file and compares the two, key by key.
func (s *Service) trial(t *task, info *Info, rep *Report) (err error) {
	if err := s.lock(t.ctx); err != nil {
		return err
	}
	defer s.unlock()
	out, err := persist.NewBuilder(s.dir())
	if err != nil {
		return err
	}
	defer out.Abandon()
	b := builder{out: out}
	if err := s.read(t.ctx, info, archive.Visitor{Record: func(r *archive.Record, _ []byte) error { return b.add(r) }}); err != nil {
		return err
	}
	view, err := out.View()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, view.Close()) }()
	d, err := compare(
		func(emit func(*archive.Record, []byte) error) error {
			return s.read(t.ctx, info, archive.Visitor{Record: emit})
		},
		viewLines(t.ctx, view, scope(nil), 0, s.opt.Engine.Databases()))
	if err != nil {
		return err
	}
	rep.Missing, rep.Changed = d.Removed, d.Changed+d.Added
	if d.Removed+d.Changed+d.Added > 0 {
		rep.OK = false
		rep.Faults = append(rep.Faults, "a restore does not give what the snapshot has")
	}
	return nil
}
