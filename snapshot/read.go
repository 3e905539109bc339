package snapshot

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"kvd/snapshot/archive"
)

// inspect reads the file of a snapshot to its end, checks it, and notes what it
// was found to be.
func (s *Service) inspect(ctx context.Context, in io.Reader, info *Info, v archive.Visitor) error {
	sum := sha256.New()
	tee := io.TeeReader(&cancellable{ctx, in}, sum)
	plain := io.Reader(bufio.NewReaderSize(tee, 256<<10))
	set := s.opt.Settings()
	if info.Encrypted {
		var err error
		if plain, err = decrypt(plain, set.IdentityFile); err != nil {
			return err
		}
	}
	if info.Format == Seed {
		if err := s.readSeed(plain, info, set.MaxBytes, v); err != nil {
			return err
		}
	} else {
		found, err := archive.Read(plain, set.MaxBytes, v)
		if err != nil {
			return err
		}
		info.learn(&found.Metadata, &found.Manifest)
		if found.Metadata.SnapshotID != info.ID {
			return &archive.DamagedError{What: "the file has the name of another snapshot"}
		}
	}
	if _, err := io.Copy(io.Discard, tee); err != nil {
		return err
	}
	info.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return nil
}

// cancellable ends with its context.
type cancellable struct {
	ctx context.Context
	in  io.Reader
}

func (c *cancellable) Read(b []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, errCancelled
	}
	return c.in.Read(b)
}

// read opens a snapshot and inspects it.
func (s *Service) read(ctx context.Context, info *Info, v archive.Visitor) error {
	_, target, err := s.target(info.Target)
	if err != nil {
		return err
	}
	in, err := target.Open(ctx, info.file)
	if errors.Is(err, os.ErrNotExist) {
		return errNotFound(info.ID)
	}
	if err != nil {
		return fmt.Errorf("open the snapshot: %w", err)
	}
	defer in.Close()
	return s.inspect(ctx, in, info, v)
}

// Filter chooses snapshots; the zero value all.
type Filter struct{ Name, Tag, Target string }

// List returns the snapshots that a filter chooses, the newest first. What is
// wrong with one is its State, and no error.
func (s *Service) List(ctx context.Context, f Filter) ([]Info, error) {
	if s.opt.Store == nil {
		return nil, errMemory
	}
	names := s.targetNames()
	if f.Target != "" {
		names = []string{f.Target}
	}
	var list []Info
	for _, name := range names {
		part, err := s.listTarget(ctx, name)
		if err != nil {
			return nil, err
		}
		list = append(list, part...)
	}
	list = slices.DeleteFunc(list, func(i Info) bool {
		return f.Name != "" && i.Name != f.Name || f.Tag != "" && !slices.Contains(i.Tags, f.Tag)
	})
	slices.SortFunc(list, func(a, b Info) int {
		if c := b.Time.Compare(a.Time); c != 0 {
			return c
		}
		return strings.Compare(b.ID, a.ID)
	})
	return list, nil
}

func (s *Service) listTarget(ctx context.Context, name string) ([]Info, error) {
	name, target, err := s.target(name)
	if err != nil {
		return nil, err
	}
	objects, err := target.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list target %s: %w", name, err)
	}
	var list []Info
	for _, o := range objects {
		if _, ok := idOf(o.Name); ok {
			list = append(list, s.know(ctx, name, target, o))
		}
	}
	return list, nil
}

// know returns what is known of an object: from its sidecar or, if that is lost,
// from all of it.
func (s *Service) know(ctx context.Context, name string, target Target, o Object) Info {
	if i, err := readSidecar(ctx, target, o); err == nil {
		i.Target, i.file = name, o.Name
		return i
	}
	memo := fmt.Sprintf("%s/%s/%d/%d", name, o.Name, o.Size, o.Changed.UnixNano())
	s.mu.Lock()
	known, ok := s.broken[memo]
	s.mu.Unlock()
	if ok {
		return known
	}
	i := s.learnAnew(ctx, name, target, o)
	if i.State == StateBroken {
		s.mu.Lock()
		s.broken[memo] = i
		s.mu.Unlock()
	}
	return i
}

// guess is what the name of an object says.
func guess(target string, o Object) Info {
	id, _ := idOf(o.Name)
	i := Info{
		ID: id, Name: id, Time: o.Changed.UTC(), Size: o.Size, Format: KVD, State: StateOK,
		Encrypted: strings.HasSuffix(o.Name, endAge), Target: target, file: o.Name,
	}
	if strings.HasSuffix(o.Name, endSeed) {
		i.Format = Seed
	}
	if parts := strings.Split(id, "_"); len(parts) > 2 {
		i.Name = strings.Join(parts[:len(parts)-2], "_")
	}
	return i
}

func (s *Service) learnAnew(ctx context.Context, name string, target Target, o Object) Info {
	i := guess(name, o)
	err := s.read(ctx, &i, archive.Visitor{})
	switch {
	case errors.Is(err, errNoIdentity):
		return i
	case err != nil:
		i.State, i.Fault = StateBroken, ClientError(err).Error()
		return i
	}
	i.VerifiedAt = s.now()
	if err := s.writeSidecar(ctx, target, &i); err != nil {
		s.opt.Log.Warn().Err(err).Str("snapshot", i.ID).Msg("the sidecar of a snapshot was not written")
	}
	return i
}

// Info returns what is known of a snapshot.
func (s *Service) Info(ctx context.Context, id string) (Info, error) {
	if s.opt.Store == nil {
		return Info{}, errMemory
	}
	if _, ok := idOf(id + endKVD); !ok || strings.ContainsAny(id, "/\\\x00") {
		return Info{}, errNotFound(id)
	}
	for _, name := range s.targetNames() {
		_, target, err := s.target(name)
		if err != nil {
			return Info{}, err
		}
		objects, err := target.List(ctx)
		if err != nil {
			return Info{}, fmt.Errorf("list target %s: %w", name, err)
		}
		for _, o := range objects {
			if found, ok := idOf(o.Name); ok && found == id {
				return s.know(ctx, name, target, o), nil
			}
		}
	}
	return Info{}, errNotFound(id)
}
