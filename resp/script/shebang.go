package script

import (
	"strings"

	"kvd/internal/rediserr"
)

// Flags are what a script or function promises or asks for.
type Flags uint8

// The flags, as the first line of a script names them.
const (
	NoWrites Flags = 1 << iota
	AllowOOM
	AllowStale
	NoCluster
	AllowCrossSlot
	// Undeclared marks a script without a first line of this kind: it is taken to
	// write, but only when it does.
	Undeclared
)

var flagNames = []string{"no-writes", "allow-oom", "allow-stale", "no-cluster", "allow-cross-slot-keys"}

// flagByName returns the flag with this name.
func flagByName(name string) (Flags, bool) {
	for i, known := range flagNames {
		if name == known {
			return 1 << i, true
		}
	}
	return 0, false
}

// Names returns the names of the flags that are set.
func (f Flags) Names() []string {
	var names []string
	for i, name := range flagNames {
		if f&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

var errShebang = rediserr.New("Invalid script shebang")

// parseShebang reads the first line of a script, "#!lua flags=no-writes". The
// rest is returned with an empty line in its place, so that lines keep their
// numbers.
func parseShebang(source string) (flags Flags, body string, err error) {
	if !strings.HasPrefix(source, "#!") {
		return Undeclared, source, nil
	}
	line, body, ok := strings.Cut(source, "\n")
	if !ok {
		return 0, "", errShebang
	}
	words := strings.Fields(line)
	if words[0] != "#!lua" {
		return 0, "", rediserr.Newf("Unexpected engine in script shebang: %s", words[0])
	}
	for _, word := range words[1:] {
		list, ok := strings.CutPrefix(word, "flags=")
		if !ok {
			return 0, "", rediserr.Newf("Unknown lua shebang option: %s", word)
		}
		for name := range strings.SplitSeq(list, ",") {
			if name == "" {
				continue
			}
			flag, ok := flagByName(name)
			if !ok {
				return 0, "", rediserr.Newf("Unexpected flag in script shebang: %s", name)
			}
			flags |= flag
		}
	}
	return flags, "\n" + body, nil
}
