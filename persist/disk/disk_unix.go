//go:build unix

package disk

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

func mapFile(f *os.File, size int64) (*Map, error) {
	if int64(int(size)) != size {
		return nil, fmt.Errorf("map %s: too big for this system", f.Name())
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, int(size), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", f.Name(), err)
	}
	return &Map{data: data, mapped: true}, nil
}

// Close ends the mapping. The bytes must not be used afterwards.
func (m *Map) Close() error {
	data := m.data
	m.data = nil
	if !m.mapped || data == nil {
		return nil
	}
	return syscall.Munmap(data)
}

// TryLock takes the lock that one process at a time can hold on f; ok is false
// when another has it. The system lets go of it when the process ends, however
// it ends.
func TryLock(f *os.File) (ok bool, err error) {
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
