package acl

import (
	"strings"

	"kvd/internal/glob"
)

// reason says why a rule is refused, in the words of redis-server.
type reason string

// Error implements error.
func (r reason) Error() string { return string(r) }

// The reasons for which a rule is refused.
const (
	errUnknown reason = "Unknown command or category name in ACL"
	errSyntax  reason = "Syntax error"
	errKeys    reason = "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. " +
		"Try 'resetkeys' to start with an empty list of patterns"
	errChannels reason = "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. " +
		"Try 'resetchannels' to start with an empty list of channels"
	errNoPassword reason = "The password you are trying to remove from the user does not exist"
	errHash       reason = "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters"
	errFirstArg   reason = "Allowing first-arg of a subcommand is not supported"
	errDuplicate  reason = "Duplicate user found. A user can only be defined once in config files"
	errPattern    reason = "The pattern is too long"
)

// apply changes the selector by one rule. After an error it is of no use.
func (s *selector) apply(cat *Catalog, rule string) error {
	switch strings.ToLower(rule) {
	case "allkeys", "~*":
		s.allKeys, s.keys = true, nil
	case "resetkeys":
		s.allKeys, s.keys = false, nil
	case "allchannels", "&*":
		s.allChannels, s.channels = true, nil
	case "resetchannels":
		s.allChannels, s.channels = false, nil
	case "allcommands", "+@all":
		s.permitAll(cat, true)
	case "nocommands", "-@all":
		s.permitAll(cat, false)
	default:
		return s.applyPrefixed(cat, rule)
	}
	return nil
}

// applyPrefixed applies a rule whose first byte says what it is about.
func (s *selector) applyPrefixed(cat *Catalog, rule string) error {
	switch {
	case rule == "":
		return errSyntax
	case rule[0] == '~', rule[0] == '%':
		return s.applyKey(rule)
	case rule[0] == '&':
		return s.applyChannel(rule[1:])
	case rule[0] == '+' || rule[0] == '-':
		allow := rule[0] == '+'
		if name, isCategory := strings.CutPrefix(rule[1:], "@"); isCategory {
			return s.applyCategory(cat, name, allow)
		}
		if allow && strings.Contains(rule, "|") {
			return s.applySub(cat, rule[1:])
		}
		id, ok := cat.lookup(rule[1:])
		if !ok {
			return errUnknown
		}
		s.permit(cat, id, allow)
		return nil
	}
	return errSyntax
}

// applyKey applies ~pattern and %RW~pattern.
func (s *selector) applyKey(rule string) error {
	if s.allKeys {
		return errKeys
	}
	access, pattern := readWrite, rule[1:]
	if rule[0] == '%' {
		letters, rest, _ := strings.Cut(rule[1:], "~")
		var err error
		if access, err = parseAccess(letters); err != nil {
			return err
		}
		pattern = rest
	}
	if err := checkPattern(pattern); err != nil {
		return err
	}
	s.addKey(pattern, access)
	return nil
}

// parseAccess reads R, W or both, each once.
func parseAccess(letters string) (access Access, err error) {
	for _, letter := range strings.ToUpper(letters) {
		bit := Access(0)
		switch letter {
		case 'R':
			bit = Read
		case 'W':
			bit = Write
		}
		if bit == 0 || access&bit != 0 {
			return 0, errSyntax
		}
		access |= bit
	}
	if access == 0 {
		return 0, errSyntax
	}
	return access, nil
}

func (s *selector) applyChannel(pattern string) error {
	if s.allChannels {
		return errChannels
	}
	if err := checkPattern(pattern); err != nil {
		return err
	}
	s.addChannel(pattern)
	return nil
}

func checkPattern(pattern string) error {
	switch {
	case hasSpace(pattern):
		return errSyntax
	case glob.TooLong([]byte(pattern)):
		return errPattern
	}
	return nil
}

func (s *selector) applyCategory(cat *Catalog, name string, allow bool) error {
	category, ok := cat.category(name)
	if !ok {
		return errUnknown
	}
	s.permitCategory(cat, category, allow)
	return nil
}

// applySub applies +command|word: a subcommand or, for a command that has none,
// the first of its arguments.
func (s *selector) applySub(cat *Catalog, name string) error {
	end := strings.LastIndexByte(name, '|')
	container, word := name[:end], name[end+1:]
	id, ok := cat.lookup(container)
	switch {
	case !ok:
		return errUnknown
	case cat.parent[id] >= 0:
		return errFirstArg
	case word == "":
		return errSyntax
	case len(cat.subs[id]) == 0:
		s.permitFirst(id, word)
		return nil
	}
	sub, ok := cat.lookup(name)
	if !ok {
		return errUnknown
	}
	s.commands.put(sub, true)
	return nil
}
