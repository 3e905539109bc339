// Package disk holds the file operations that survive a crash: files appear
// whole or not at all, and what was renamed or removed stays so.
//
// Nothing here retries: an error of the disk is for the caller to act on.
package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// tempSuffix marks files that are not finished; Open of a store removes them.
const tempSuffix = ".tmp"

// SyncDir makes the names in dir durable: a file that was created, renamed or
// removed in it is so after a power cut too.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	err = errors.Join(d.Sync(), d.Close())
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}

// Replace puts data at path in one step: after a crash the file holds what it
// held before or all of data.
func Replace(path string, data []byte) error {
	return Create(path, func(f *os.File) error {
		_, err := f.Write(data)
		return err
	})
}

// Create makes a file at path with what fill writes to it, in one step, taking
// the place of any file there.
func Create(path string, fill func(*os.File) error) error {
	temp := path + tempSuffix
	f, err := os.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("create %s: %w", filepath.Base(path), err)
	}
	err = errors.Join(fill(f), f.Sync(), f.Close())
	if err == nil {
		err = Publish(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
		return fmt.Errorf("create %s: %w", filepath.Base(path), err)
	}
	return nil
}

// Temp is the name under which a file is prepared before it takes its own.
func Temp(path string) string { return path + tempSuffix }

// Publish gives a finished and synced file its name, durably.
func Publish(temp, path string) error {
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// RemoveTemps removes the unfinished files that a crash left in dir.
func RemoveTemps(dir string) error {
	list, err := filepath.Glob(filepath.Join(dir, "*"+tempSuffix))
	if err != nil {
		return fmt.Errorf("remove unfinished files: %w", err)
	}
	for _, path := range list {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove unfinished files: %w", err)
		}
	}
	return nil
}
