package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"slices"
	"time"
)

// Metadata is what the first member says.
type Metadata struct {
	FormatVersion int       `json:"format_version"`
	SnapshotID    string    `json:"snapshot_id"`
	Name          string    `json:"name"`
	Description   string    `json:"description,omitempty"`
	Tags          []string  `json:"tags,omitempty"`
	CreatedAt     time.Time `json:"created_at"`
	// Rev is the revision that the data is of, and Sequence the number of the last
	// change set.
	Rev           uint64 `json:"rev"`
	Sequence      uint64 `json:"sequence"`
	ServerVersion string `json:"server_version"`
	// Scope says which keys were taken; empty: all.
	Scope []Scope `json:"scope,omitempty"`
	// Base is the snapshot that this one builds on; there are none of that kind.
	Base        string   `json:"base,omitempty"`
	Schemas     []string `json:"schemas,omitempty"`
	Collections []string `json:"collections,omitempty"`
	Encryption  string   `json:"encryption,omitempty"` // "age" or nothing
}

// Scope is a rule that chooses keys.
type Scope struct {
	Kind  string `json:"kind"` // prefix, match or collection
	Value Text   `json:"value"`
}

// Text is any bytes, spelt in JSON as in a record.
type Text []byte

// MarshalJSON implements json.Marshaler.
func (t Text) MarshalJSON() ([]byte, error) { return appendBytes(nil, t), nil }

// UnmarshalJSON implements json.Unmarshaler.
func (t *Text) UnmarshalJSON(b []byte) error {
	s := scanner{b: b}
	out := s.bytes()
	if s.bad {
		return errRecord
	}
	*t = append(Text(nil), out...)
	return nil
}

// Manifest is what the last member says.
type Manifest struct {
	FormatVersion int      `json:"format_version"`
	SnapshotID    string   `json:"snapshot_id"`
	Members       []Member `json:"members"`
	Keys          int64    `json:"keys"`
	Records       int64    `json:"records"`
	Bytes         int64    `json:"bytes"` // of all members but this one
	// Root is the SHA-256 of the members' names, sizes and sums.
	Root string `json:"root"`
}

// Member is one member of an archive, as it must be.
type Member struct {
	Name    string `json:"name"`
	Bytes   int64  `json:"bytes"`
	Records int64  `json:"records,omitempty"`
	SHA256  string `json:"sha256"`
	// Offset is where its zstd frame begins in the compressed file.
	Offset int64 `json:"offset"`
	// First and Last are keys.
	First Text `json:"first,omitempty"`
	Last  Text `json:"last,omitempty"`
}

// root returns the hash over a list of members.
func root(members []Member) string {
	h := sha256.New()
	for _, m := range members {
		fmt.Fprintf(h, "%s %d %s\n", m.Name, m.Bytes, m.SHA256)
	}
	return hexSum(h)
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// add counts a member in.
func (m *Manifest) add(member Member) {
	m.Members = append(m.Members, member)
	m.Records += member.Records
	m.Bytes += member.Bytes
}

// compare returns how an archive differs from its manifest, if it does.
func (m *Manifest) compare(found *Manifest) error {
	if m.FormatVersion != FormatVersion {
		return unsafe("unknown format_version %d", m.FormatVersion)
	}
	for i, is := range found.Members {
		if i >= len(m.Members) || m.Members[i].Name != is.Name {
			return unsafe("member %q is not in the manifest", is.Name)
		}
		switch want := m.Members[i]; {
		case is.Bytes > want.Bytes:
			return unsafe("member %q is longer than declared", is.Name)
		case is.Bytes != want.Bytes || is.SHA256 != want.SHA256:
			return damaged("checksum mismatch in member %q", is.Name)
		case is.Records != want.Records:
			return damaged("member %q has %d records instead of %d", is.Name, is.Records, want.Records)
		}
	}
	switch {
	case len(m.Members) != len(found.Members):
		return damaged("member %q is missing", m.Members[len(found.Members)].Name)
	case m.Root != root(found.Members):
		return damaged("the root hash of the manifest is not that of its members")
	case m.Keys != found.Keys || m.Records != found.Records || m.Bytes != found.Bytes:
		return damaged("the totals of the manifest are not those of its members")
	case m.SnapshotID != found.SnapshotID:
		return damaged("manifest and metadata are of different snapshots")
	}
	return nil
}

// Settings are the stored values of one of the text members, by name.
type Settings map[string]string

// encode spells settings as a list: names and values may be any bytes.
func (s Settings) encode() ([]byte, error) {
	type pair struct {
		Name  Text `json:"name"`
		Value Text `json:"value"`
	}
	list := make([]pair, 0, len(s))
	for _, name := range slices.Sorted(maps.Keys(s)) {
		list = append(list, pair{Text(name), Text(s[name])})
	}
	return json.MarshalIndent(list, "", " ")
}

func decodeSettings(text []byte) (Settings, error) {
	var list []struct{ Name, Value Text }
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	s := make(Settings, len(list))
	for _, p := range list {
		s[string(p.Name)] = string(p.Value)
	}
	return s, nil
}
