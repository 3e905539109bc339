package config

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// userLines is the `user` directive: every line is kept, in order, without its
// first word, for the ACL to read.
var userLines = list[[][]string]{
	parse: func(old [][]string, words []string) ([][]string, error) {
		if len(words) == 0 {
			return nil, errWordCount
		}
		return append(old, slices.Clone(words)), nil
	},
	format: func([][]string) string { return "" },
	split:  func(users [][]string) [][]string { return users },
	allow:  "name and ACL rules",
}

// renames is the rename-command directive: from the old name, in lower case, to
// the new one; "" takes the command away.
var renames = list[map[string]string]{
	parse: func(old map[string]string, words []string) (map[string]string, error) {
		if len(words) != 2 {
			return nil, errWordCount
		}
		if old == nil {
			old = map[string]string{}
		}
		old[strings.ToLower(words[0])] = strings.ToLower(words[1])
		return old, nil
	},
	format: func(map[string]string) string { return "" },
	split: func(m map[string]string) [][]string {
		var lines [][]string
		for _, from := range slices.Sorted(maps.Keys(m)) {
			lines = append(lines, []string{from, m[from]})
		}
		return lines
	},
	allow: `two command names; "" as the second disables`,
}

// never is a directive that this server can't follow.
type never struct{ reason string }

func (n never) parse(*Config, string, []string) error { return errors.New(n.reason) }
func (n never) show(*Config, string) string           { return "" }
func (n never) lines(*Config, string) [][]string      { return nil }
func (n never) allowed() string                       { return "nothing" }

// ignored is a directive that redis-server reads and forgets.
type ignored struct{}

func (ignored) parse(*Config, string, []string) error { return nil }
func (ignored) show(*Config, string) string           { return "" }
func (ignored) lines(*Config, string) [][]string      { return nil }
func (ignored) allowed() string                       { return "anything" }

// included is a directive that the file reader has followed before it gets to
// the table; the row documents it.
type included struct{ never }

func (included) allowed() string { return "path, or a pattern such as conf.d/*.conf" }
