package snapshot

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/oklog/ulid/v2"

	"kvd/internal/fail"
	"kvd/internal/rediserr"
	"kvd/persist"
	"kvd/persist/disk"
	"kvd/snapshot/archive"
)

var (
	pointWrite   = fail.New("snapshot.write")
	pointVerify  = fail.New("snapshot.verify")
	pointPublish = fail.New("snapshot.publish")
	pointSidecar = fail.New("snapshot.sidecar")
)

// Points returns the places in this package at which a test can have something
// fail.
func Points() []*fail.Point {
	return []*fail.Point{
		pointWrite, pointVerify, pointPublish, pointSidecar, pointSafety, pointStage, pointSwitch, pointMerge, pointRemove,
	}
}

// Choice is yes, no, or what the settings say.
type Choice uint8

// The choices.
const (
	ByDefault Choice = iota
	Yes
	No
)

// CreateOptions say what a new snapshot is to be.
type CreateOptions struct {
	// Name is its name; empty: snap.
	Name, Description string
	Tags              []string
	// Scopes choose the keys; none: all.
	Scopes []archive.Scope
	Target string
	// Level is from 1, the fastest, to 4; 0 is 2.
	Level int
	// Encrypt by default where recipients are configured.
	Encrypt Choice
	Format  Format // empty: KVD
}

// Check reports what is wrong with options.
func (o *CreateOptions) Check() error {
	switch {
	case o.Name != "" && !namePattern.MatchString(o.Name):
		return errName
	case o.Level < 0 || o.Level > 4:
		return rediserr.New("LEVEL is from 1 to 4")
	}
	return nil
}

// Create makes a snapshot and returns it.
func (s *Service) Create(ctx context.Context, o CreateOptions) (info Info, err error) {
	if err := o.Check(); err != nil {
		return info, err
	}
	err = s.run(ctx, "create", func(t *task) error {
		info, err = s.create(t, o)
		return err
	})
	return info, err
}

// CreateAsync starts to make a snapshot and returns the ID of the job.
func (s *Service) CreateAsync(o CreateOptions) (job string, err error) {
	if err := o.Check(); err != nil {
		return "", err
	}
	return s.background("create", func(t *task) error {
		_, err := s.create(t, o)
		return err
	})
}

func (s *Service) create(t *task, o CreateOptions) (Info, error) {
	if err := s.lock(t.ctx); err != nil {
		return Info{}, err
	}
	defer s.unlock()
	return s.createLocked(t, o)
}

// createLocked is create for who has the lock.
func (s *Service) createLocked(t *task, o CreateOptions) (Info, error) {
	name, target, err := s.target(o.Target)
	if err != nil {
		return Info{}, err
	}
	info, err := s.newInfo(o)
	if err != nil {
		return Info{}, err
	}
	info.Target, info.file = name, fileOf(&info)
	t.about(info.ID)
	if err := os.MkdirAll(s.dir(), 0o700); err != nil {
		return Info{}, fmt.Errorf("snapshot directory: %w", err)
	}
	temp := disk.Temp(filepath.Join(s.dir(), info.file))
	err = s.write(t, temp, &info, o)
	if err == nil {
		err = s.prove(t.ctx, temp, &info)
	}
	if err == nil {
		err = s.publish(t.ctx, target, temp, &info)
	}
	if err != nil {
		return Info{}, errors.Join(err, removeIfThere(temp))
	}
	s.event("snap.create", info.ID)
	return info, nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// newInfo is what is known of a snapshot before it is written.
func (s *Service) newInfo(o CreateOptions) (Info, error) {
	now := s.now()
	unique, err := ulid.New(ulid.Timestamp(now), rand.Reader)
	if err != nil {
		return Info{}, err
	}
	set := s.opt.Settings()
	info := Info{
		Name: o.Name, Description: o.Description, Tags: slices.Clone(o.Tags), Time: now, Format: o.Format,
		Version: s.opt.Version, State: StateOK, Encrypted: o.Encrypt == Yes || o.Encrypt == ByDefault && len(set.Recipients) > 0,
	}
	if info.Name == "" {
		info.Name = "snap"
	}
	if info.Format == "" {
		info.Format = KVD
	}
	if info.Format == Seed && o.Encrypt == Yes {
		return Info{}, rediserr.New("FORMAT SEED can't be encrypted")
	}
	info.Encrypted = info.Encrypted && info.Format == KVD
	info.ID = fmt.Sprintf("%s_%s_%s", info.Name, now.Format("20060102T150405Z"), unique)
	return info, nil
}

// write writes the file of a snapshot and fills in what it has become.
func (s *Service) write(t *task, path string, info *Info, o CreateOptions) (err error) {
	view, err := s.opt.Store.View(t.ctx, persist.Spool{Above: s.opt.Settings().Spool, Dir: s.dir()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, view.Close()) }()
	info.Rev = s.opt.Engine.Rev()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	if info.Format == Seed {
		err = s.writeSeed(t, io.MultiWriter(f, sum), view, info, o)
	} else {
		err = s.writeArchive(t, io.MultiWriter(f, sum), view, info, o)
	}
	if stat, statErr := f.Stat(); statErr == nil {
		info.Size = stat.Size()
	}
	info.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return errors.Join(err, pointWrite.Err(), f.Sync(), f.Close())
}

// writeArchive writes an archive of our own format.
func (s *Service) writeArchive(t *task, out io.Writer, view *persist.View, info *Info, o CreateOptions) (err error) {
	if info.Encrypted {
		sealed, err := encrypt(out, s.opt.Settings().Recipients)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, sealed.Close()) }()
		return s.writePlain(t, sealed, view, info, o)
	}
	return s.writePlain(t, out, view, info, o)
}

func (s *Service) writePlain(t *task, out io.Writer, view *persist.View, info *Info, o CreateOptions) error {
	settings, spaces, err := settingsOf(view, s.opt.Engine.Databases())
	if err != nil {
		return err
	}
	scopes, chosen, err := resolve(o.Scopes, settings)
	if err != nil {
		return err
	}
	meta := archive.Metadata{
		FormatVersion: archive.FormatVersion, SnapshotID: info.ID, Name: info.Name, Description: info.Description,
		Tags: info.Tags, CreatedAt: info.Time, Rev: info.Rev, Sequence: view.Seq(), ServerVersion: info.Version,
		Scope: o.Scopes, Schemas: settingNames(chosen, "schemas"), Collections: settingNames(chosen, "collections"),
	}
	if info.Encrypted {
		meta.Encryption = "age"
	}
	w, err := archive.NewWriter(out, max(o.Level, 1), &meta)
	if err != nil {
		return err
	}
	for _, group := range groups {
		if err := w.Settings(group, chosen[group]); err != nil {
			return err
		}
	}
	src := source{view: view, now: info.Time.UnixMilli(), scope: scopes, emit: func(r *archive.Record) error {
		if err := w.Record(r); err != nil {
			return err
		}
		return t.step(len(r.Key) + len(r.Value))
	}}
	if err := src.run(spaces); err != nil {
		return err
	}
	manifest, err := w.Close()
	if err == nil {
		info.learn(&meta, manifest)
	}
	return err
}

// prove reads a file that was written and compares. Without the private key of an
// encrypted one, only its bytes can be.
func (s *Service) prove(ctx context.Context, path string, info *Info) error {
	if err := pointVerify.Err(); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	found := *info
	err = s.inspect(ctx, f, &found, archive.Visitor{})
	switch {
	case info.Encrypted && errors.Is(err, errNoIdentity):
		return nil // it counts as not verified
	case err != nil:
		return fmt.Errorf("the new snapshot is not good: %w", err)
	case found.SHA256 != info.SHA256:
		return fmt.Errorf("the new snapshot is not good: %w", &archive.DamagedError{What: "checksum mismatch"})
	}
	info.VerifiedAt = s.now()
	return nil
}

// publish puts a snapshot into its target.
func (s *Service) publish(ctx context.Context, target Target, temp string, info *Info) error {
	if err := pointPublish.Err(); err != nil {
		return err
	}
	if err := target.Put(ctx, info.file, temp); err != nil {
		return fmt.Errorf("put the snapshot into target %s: %w", info.Target, err)
	}
	if err := pointSidecar.Err(); err != nil {
		return err
	}
	if err := s.writeSidecar(ctx, target, info); err != nil {
		// It is made anew when it is missed.
		s.opt.Log.Warn().Err(err).Str("snapshot", info.ID).Msg("the sidecar of a snapshot was not written")
	}
	return removeIfThere(temp)
}

// clean removes what a crash has left half done.
func (s *Service) clean() error {
	if s.opt.Store == nil {
		return nil
	}
	if err := disk.RemoveTemps(s.dir()); err != nil {
		return fmt.Errorf("snapshot directory: %w", err)
	}
	return nil
}
