package persist

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"kvd/internal/fail"
	"kvd/persist/codec"
	"kvd/persist/disk"
	"kvd/persist/journal"
)

// FormatVersion is the version of the directory's layout that this release
// writes. A newer one is refused before anything is changed; the steps from an
// older one belong to package migrate/disk.
const FormatVersion = 1

// layout is the names in a data directory.
type layout struct{ dir string }

func (l layout) manifest() string { return filepath.Join(l.dir, "MANIFEST") }
func (l layout) data() string     { return filepath.Join(l.dir, "data.db") }
func (l layout) journal() string  { return filepath.Join(l.dir, "journal") }
func (l layout) lock() string     { return filepath.Join(l.dir, "kvd.lock") }

// manifest says what the directory must hold, so that a lost file, or a data
// file that has gone back in time, is noticed. It is a text file of a few
// lines, the last of which is the checksum of the others.
type manifest struct {
	Format      int
	State       string // stateNew until all files are there
	Sequence    uint64 // writes up to this number were safe on disk
	Folded      uint64 // and up to this one in the data file
	Transaction uint64 // of the data file, at least
}

const (
	stateNew   = "new"
	stateReady = "ready"
	manifestV  = "kvd data directory\nformat %d\nstate %s\nsequence %d\nfolded %d\ntransaction %d\n"
)

var pointManifest = fail.New("manifest.write")

func (m manifest) encode() []byte {
	text := fmt.Appendf(nil, manifestV, m.Format, m.State, m.Sequence, m.Folded, m.Transaction)
	return fmt.Appendf(text, "sum %08x\n", codec.Sum(0, text))
}

// write replaces the manifest in dir.
func (m manifest) write(l layout) error {
	err := pointManifest.Err()
	if err == nil {
		err = disk.Replace(l.manifest(), m.encode())
	}
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	return nil
}

// readManifest reads and verifies the manifest. A missing one is fs.ErrNotExist.
func readManifest(l layout) (m manifest, err error) {
	text, err := os.ReadFile(l.manifest())
	if err != nil {
		return m, err
	}
	damaged := &DamagedError{File: l.manifest(), Offset: -1, What: "it does not match its checksum"}
	at := bytes.LastIndex(text, []byte("sum "))
	if at < 0 || string(text[at:]) != fmt.Sprintf("sum %08x\n", codec.Sum(0, text[:at])) {
		return m, damaged
	}
	if n, _ := fmt.Sscanf(string(text), "kvd data directory\nformat %d\n", &m.Format); n != 1 {
		return m, damaged
	}
	if m.Format > FormatVersion {
		return m, fmt.Errorf("%s: the directory has format %d; this release reads up to %d: start a newer release", l.manifest(), m.Format, FormatVersion)
	}
	if m.Format < FormatVersion {
		return m, fmt.Errorf("%s: format %d is not known", l.manifest(), m.Format)
	}
	_, err = fmt.Sscanf(string(text), manifestV, &m.Format, &m.State, &m.Sequence, &m.Folded, &m.Transaction)
	if err != nil || m.State != stateNew && m.State != stateReady {
		return m, damaged
	}
	return m, nil
}

// prepare reads the manifest, and makes the files of a directory that has none.
// No write can have been acknowledged before the manifest says ready.
func (l layout) prepare() (manifest, error) {
	m, err := readManifest(l)
	if errors.Is(err, fs.ErrNotExist) {
		m, err = l.begin()
	}
	if err != nil {
		return m, err
	}
	if err := errors.Join(disk.RemoveTemps(l.dir), disk.RemoveTemps(l.journal())); err != nil {
		return m, err
	}
	if m.State == stateReady {
		if _, err := os.Stat(l.journal()); errors.Is(err, fs.ErrNotExist) {
			return m, &DamagedError{File: l.journal(), Offset: -1, What: "the directory is missing"}
		}
		return m, nil
	}
	err = os.MkdirAll(l.journal(), 0o700)
	if err == nil {
		err = journal.Create(l.journal())
	}
	if err != nil {
		return m, fmt.Errorf("create journal: %w", err)
	}
	if err := createData(l.data()); err != nil {
		return m, err
	}
	m.State = stateReady
	return m, m.write(l)
}

// begin writes the manifest of a new directory, unless there are data in it.
func (l layout) begin() (manifest, error) {
	m := manifest{Format: FormatVersion, State: stateNew}
	for _, path := range []string{l.data(), l.journal()} {
		if _, err := os.Lstat(path); err == nil {
			return m, &DamagedError{File: l.manifest(), Offset: -1, What: "the file is missing, though there are data"}
		}
	}
	return m, m.write(l)
}

// writeManifest records how far the directory has got; writes up to sequence
// are safe on disk.
func (s *Store) writeManifest(sequence uint64) error {
	txid, err := s.transaction()
	if err != nil {
		return err
	}
	m := manifest{Format: FormatVersion, State: stateReady, Sequence: sequence, Folded: s.foldedSeq.Load(), Transaction: txid}
	return m.write(s.layout)
}

// fileSize is the size of the file at path, or 0.
func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// LockedError says that another process has the directory.
type LockedError struct {
	Dir string
	PID string // as its lock file says; may be empty
}

// Error implements error.
func (e *LockedError) Error() string {
	return fmt.Sprintf("%s is in use by the process with pid %s", e.Dir, e.PID)
}

// lockFile keeps other processes out of the directory. The system unlocks it
// when the process ends, so a stale file does not matter.
type lockFile struct{ f *os.File }

func acquire(l layout) (*lockFile, error) {
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return nil, fmt.Errorf("create data directory: %w", err)
	}
	f, err := os.OpenFile(l.lock(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	ok, err := disk.TryLock(f)
	if err == nil && !ok {
		pid, _ := os.ReadFile(l.lock())
		err = &LockedError{Dir: l.dir, PID: strings.TrimSpace(string(pid))}
	}
	if err == nil {
		err = errors.Join(f.Truncate(0), writePID(f))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &lockFile{f: f}, nil
}

func writePID(f *os.File) error {
	_, err := fmt.Fprintln(f, os.Getpid())
	return err
}

func (l *lockFile) release() { _ = l.f.Close() }
