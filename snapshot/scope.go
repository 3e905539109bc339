package snapshot

import (
	"bytes"

	"kvd/internal/glob"
	"kvd/snapshot/archive"
)

// Kinds of archive.Scope.
const (
	ScopePrefix     = "prefix"
	ScopeMatch      = "match"
	ScopeCollection = "collection"
)

// scope chooses keys: those that any of its rules chooses, and all if it has none.
type scope []archive.Scope

func (s scope) has(key []byte) bool {
	if len(s) == 0 {
		return true
	}
	for _, rule := range s {
		switch rule.Kind {
		case ScopePrefix:
			if bytes.HasPrefix(key, rule.Value) {
				return true
			}
		case ScopeMatch:
			if glob.Match(rule.Value, key) {
				return true
			}
		}
	}
	return false
}
