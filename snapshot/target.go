package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kvd/persist/disk"
	"kvd/snapshot/s3"
)

// Target is a place for snapshots. Names are those of files, without directories.
type Target interface {
	// List returns what there is, in no order.
	List(ctx context.Context) ([]Object, error)
	// Put makes the file at path an object, whole or not at all. The file may be
	// gone after it.
	Put(ctx context.Context, name, path string) error
	// Open reads an object from the beginning. A missing one is os.ErrNotExist.
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	// Delete removes an object; one that is not there is no fault.
	Delete(ctx context.Context, name string) error
}

// Object is a file in a target.
type Object struct {
	Name    string
	Size    int64 // bytes
	Changed time.Time
}

// TargetSpec is how a target is configured.
type TargetSpec struct {
	// Kind is dir or s3.
	Kind string
	// Path is the directory of a dir.
	Path string
	// S3 is the bucket of an s3.
	S3 s3.Options
}

// target returns the target with this name; "" is the default one.
func (s *Service) target(name string) (string, Target, error) {
	if name == "" || name == DefaultTarget {
		return DefaultTarget, dirTarget(s.dir()), nil
	}
	spec, ok := s.opt.Settings().Targets[name]
	if !ok {
		return "", nil, errNoTarget(name)
	}
	if spec.Kind == "s3" {
		spec.S3.Now = s.opt.Clock.Now
		client, err := s3.New(spec.S3)
		return name, s3Target{client}, err
	}
	return name, dirTarget(spec.Path), nil
}

// targetNames are all targets, the default one first.
func (s *Service) targetNames() []string {
	list := []string{DefaultTarget}
	for name := range s.opt.Settings().Targets {
		list = append(list, name)
	}
	return list
}

// dirTarget is a directory.
type dirTarget string

// List implements Target.
func (d dirTarget) List(context.Context) ([]Object, error) {
	entries, err := os.ReadDir(string(d))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var list []Object
	for _, e := range entries {
		info, infoErr := e.Info()
		if infoErr == nil && info.Mode().IsRegular() {
			list = append(list, Object{Name: e.Name(), Size: info.Size(), Changed: info.ModTime()})
		}
	}
	return list, err
}

// Put implements Target.
func (d dirTarget) Put(_ context.Context, name, path string) error {
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	to := filepath.Join(string(d), name)
	if filepath.Dir(path) == filepath.Clean(string(d)) {
		return disk.Publish(path, to)
	}
	// It comes from another directory, perhaps of another file system.
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	return disk.Create(to, func(f *os.File) error {
		_, err := io.Copy(f, in)
		return err
	})
}

// Open implements Target.
func (d dirTarget) Open(_ context.Context, name string) (io.ReadCloser, error) {
	path := filepath.Join(string(d), name)
	// A link could name any file of the system.
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, fmt.Errorf("%s: %w", name, os.ErrNotExist))
	}
	return os.Open(path)
}

// Delete implements Target.
func (d dirTarget) Delete(_ context.Context, name string) error {
	err := os.Remove(filepath.Join(string(d), name))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return errors.Join(err, disk.SyncDir(string(d)))
}

// s3Target is a bucket.
type s3Target struct{ *s3.Client }

// List implements Target.
func (t s3Target) List(ctx context.Context) ([]Object, error) {
	objects, err := t.Client.List(ctx)
	list := make([]Object, 0, len(objects))
	for _, o := range objects {
		if !strings.Contains(o.Name, "/") {
			list = append(list, Object(o))
		}
	}
	return list, err
}
