package migrate

import (
	"errors"
	"slices"

	"github.com/Masterminds/semver/v3"
)

// Version is the version of a shape of documents: a semantic version (SemVer
// 2.0.0) in its one spelling, without a build part, so that two versions are
// equal if their texts are.
type Version string

// Zero is the version before the first migration.
const Zero Version = "0.0.0"

var errBuild = errors.New("a version has no build part (+...), which says nothing about order")

// ParseVersion reads a version: three numbers, and possibly a pre-release part.
func ParseVersion(text string) (Version, error) {
	v, err := semver.StrictNewVersion(text)
	switch {
	case err != nil:
		return "", errors.New("'" + text + "' is no semantic version such as 1.4.0")
	case v.Metadata() != "":
		return "", errBuild
	}
	return Version(v.String()), nil
}

// Compare returns -1, 0 or 1 as a is below, equal to or above b in the order of
// SemVer: 1.9.0 is below 1.10.0, and 2.0.0-rc.1 below 2.0.0.
func Compare(a, b Version) int {
	if a == b {
		return 0
	}
	x, errX := semver.StrictNewVersion(string(a))
	y, errY := semver.StrictNewVersion(string(b))
	if errX != nil || errY != nil {
		return slices.Compare([]byte(a), []byte(b))
	}
	return x.Compare(y)
}

// Less reports whether v is below other.
func (v Version) Less(other Version) bool { return Compare(v, other) < 0 }

// Higher returns the higher of two versions.
func Higher(a, b Version) Version {
	if a.Less(b) {
		return b
	}
	return a
}
