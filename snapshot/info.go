package snapshot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"kvd/persist/disk"
	"kvd/snapshot/archive"
)

// States of a snapshot.
const (
	StateOK     = "ok"
	StateBroken = "broken"
)

// Format is how a snapshot is written.
type Format string

// The formats.
const (
	KVD  Format = "kvd"
	Seed Format = "seed" // a tar.gz with data.json and metadata.json
)

// Info is what is known of a snapshot: the contents of its sidecar.
type Info struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	Tags        []string  `json:"tags,omitempty"`
	Time        time.Time `json:"time"`
	Rev         uint64    `json:"rev"`
	Keys        int64     `json:"keys"`
	Records     int64     `json:"records"`
	Bytes       int64     `json:"bytes"` // uncompressed
	Size        int64     `json:"size"`  // of the file
	Members     int       `json:"members"`
	Base        string    `json:"base,omitempty"`
	Encrypted   bool      `json:"encrypted,omitempty"`
	Format      Format    `json:"format"`
	Version     string    `json:"server_version,omitempty"`
	SHA256      string    `json:"sha256"` // of the file
	// VerifiedAt is when all of it was last read and found good; zero: never.
	VerifiedAt time.Time `json:"verified_at,omitzero"`
	State      string    `json:"state"`
	// Fault is what is wrong with a broken one.
	Fault  string `json:"fault,omitempty"`
	Target string `json:"-"`
	file   string // in its target
}

// The endings of files.
const (
	endKVD     = ".tar.zst"
	endAge     = ".tar.zst.age"
	endSeed    = ".tar.gz"
	endSidecar = ".meta.json"
)

// namePattern is the grammar of names, and of IDs, which are longer.
var namePattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// idOf returns the ID of the snapshot in a file, if it is one.
func idOf(file string) (id string, ok bool) {
	for _, end := range []string{endAge, endKVD, endSeed} {
		if id, ok = strings.CutSuffix(file, end); ok {
			return id, id != ""
		}
	}
	return "", false
}

// fileOf returns the file of a new snapshot.
func fileOf(i *Info) string {
	switch {
	case i.Format == Seed:
		return i.ID + endSeed
	case i.Encrypted:
		return i.ID + endAge
	}
	return i.ID + endKVD
}

// learn takes over what an archive says of itself.
func (i *Info) learn(m *archive.Metadata, found *archive.Manifest) {
	i.Name, i.Description, i.Tags, i.Time = m.Name, m.Description, m.Tags, m.CreatedAt
	i.Rev, i.Base, i.Version = m.Rev, m.Base, m.ServerVersion
	i.Keys, i.Records, i.Bytes, i.Members = found.Keys, found.Records, found.Bytes, len(found.Members)+1
}

// maxSidecar is the size of the largest sidecar that is read, in bytes.
const maxSidecar = 1 << 20

// readSidecar reads what is kept beside a snapshot.
func readSidecar(ctx context.Context, t Target, o Object) (Info, error) {
	in, err := t.Open(ctx, o.Name+endSidecar)
	if err != nil {
		return Info{}, err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, maxSidecar))
	if err != nil {
		return Info{}, err
	}
	var i Info
	if err := json.Unmarshal(text, &i); err != nil {
		return Info{}, err
	}
	if id, _ := idOf(o.Name); i.ID != id || i.Size != o.Size || i.State != StateOK {
		return Info{}, errors.New("the sidecar is of another file")
	}
	return i, nil
}

// writeSidecar keeps what is known of a snapshot beside it.
func (s *Service) writeSidecar(ctx context.Context, t Target, i *Info) error {
	text, err := json.MarshalIndent(i, "", " ")
	if err != nil {
		return err
	}
	name := i.file + endSidecar
	temp := disk.Temp(filepath.Join(s.dir(), name))
	if err := writeSynced(temp, bytes.NewReader(append(text, '\n'))); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	defer func() { _ = os.Remove(temp) }() // it has its own name by now, or is of no use
	return t.Put(ctx, name, temp)
}

// writeSynced makes a file of what in gives.
func writeSynced(path string, in io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, in)
	return errors.Join(err, f.Sync(), f.Close())
}
