package command

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"kvd/engine"
	"kvd/internal/rediserr"
)

// minSum and maxSum bound the length of the beginning of a hash that names a
// version, in hexadecimal digits.
const minSum, maxSum = 6, 64

// VersionNumber returns the number of the version of a key that a client's
// reference names: its number, -n for the n-th before the newest, HEAD, tag:name,
// time:t for what was the newest then, rev:n or sha:prefix. There may be no version
// with the number.
func VersionNumber(h *engine.History, ref []byte) (uint64, error) {
	if bytes.EqualFold(ref, []byte("HEAD")) {
		return h.Newest(), nil
	}
	if n, err := ParseInt(ref); err == nil {
		if n < 0 {
			return uint64(max(int64(h.Newest())+n, 0)), nil
		}
		return uint64(n), nil
	}
	kind, name, ok := bytes.Cut(ref, []byte(":"))
	if !ok {
		return 0, errReference(ref)
	}
	switch string(kind) {
	case "tag":
		n, ok := h.Tags()[string(name)]
		if !ok {
			return 0, rediserr.Coded("NOTFOUND", rediserr.OneLine(fmt.Sprintf("no tag '%.64s'", name)))
		}
		return n, nil
	case "time":
		at, err := ParseMoment(name)
		if err != nil {
			return 0, err
		}
		return h.At(at)
	case "rev":
		rev, err := ParseUint(name)
		if err != nil {
			return 0, errReference(ref)
		}
		return h.AtRev(rev)
	case "sha":
		if !isSum(name) {
			return 0, errReference(ref)
		}
		return h.WithSum(name)
	}
	return 0, errReference(ref)
}

func isSum(name []byte) bool {
	if len(name) < minSum || len(name) > maxSum {
		return false
	}
	_, err := hex.AppendDecode(nil, name[:len(name)&^1])
	_, last := hex.AppendDecode(nil, []byte{'0', name[len(name)-1]})
	return err == nil && last == nil
}

func errReference(ref []byte) error { return rediserr.Newf("invalid version '%.64s'", ref) }

// ParseMoment reads a time as RFC 3339 or unix milliseconds, and returns the latter.
func ParseMoment(text []byte) (int64, error) {
	if ms, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return ms, nil
	}
	t, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return 0, rediserr.Newf("invalid time '%.64s': RFC 3339 or unix milliseconds", text)
	}
	return t.UnixMilli(), nil
}

// LoadVersion returns the versions of a key, and the one that a reference names with
// its value. It reads the disk: it is for workers.
func LoadVersion(tx *engine.Tx, key, ref []byte) (engine.History, engine.Version, error) {
	h, err := tx.History(key)
	if err != nil {
		return h, engine.Version{}, err
	}
	number, err := VersionNumber(&h, ref)
	if err != nil {
		return h, engine.Version{}, err
	}
	v, err := h.Load(number)
	return h, v, err
}

// MaxNote is how long a message, an author or a tag may be, in bytes.
const MaxNote = 1024

// Note reads the option's argument as what a client says of a change; what names
// it in the error for one that is too long.
func (s *Options) Note(what string) string {
	arg := s.Arg()
	if len(arg) > MaxNote {
		s.Fail(rediserr.Coded("LIMIT", fmt.Sprintf("%s is longer than %d bytes", what, MaxNote)))
		return ""
	}
	return string(arg)
}
