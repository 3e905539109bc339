package acl

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// sanitizing is whether RESTORE looks closely at what a user gives it. The
// setting is kept and shown; kvd always looks.
type sanitizing uint8

const (
	sanitizeUnsaid sanitizing = iota
	sanitizeYes
	sanitizeSkip
)

// digest is a password as it is kept: its SHA-256.
type digest = [sha256.Size]byte

// User is what one user may do. It does not change.
type User struct {
	name      string
	enabled   bool
	noPass    bool
	sanitize  sanitizing
	passwords []digest
	// selectors begins with the user's own rules.
	selectors []*selector
	// free is set where nothing at all is refused.
	free    bool
	catalog *Catalog
}

// newUser returns a user that is off and may do nothing.
func newUser(cat *Catalog, name string, def Channels) *User {
	return &User{name: name, catalog: cat, selectors: []*selector{newSelector(cat, def)}}
}

// newDefault returns the user that a server begins with: everybody may be it and
// it may do everything.
func newDefault(cat *Catalog) *User {
	u, err := newUser(cat, Default, NoChannels).with([]string{"on", "nopass", "~*", "&*", "+@all"}, NoChannels)
	if err != nil {
		panic("acl: the rules of the default user: " + err.Error()) // they are constant
	}
	return u
}

// Name returns the user's name.
func (u *User) Name() string { return u.name }

// Enabled reports whether the user may log in.
func (u *User) Enabled() bool { return u.enabled }

// NoPass reports whether any password will do.
func (u *User) NoPass() bool { return u.noPass }

// Unrestricted reports whether the user may do everything, so that there is
// nothing to check.
func (u *User) Unrestricted() bool { return u.free }

// Check decides on a line: it is allowed if one selector allows all of it. The
// verdict of a refusal is that of the selector that came furthest.
func (u *User) Check(r *Request) Verdict {
	worst := Verdict{Reason: DeniedCommand}
	for _, s := range u.selectors {
		v := s.check(r)
		if !v.Denied() {
			return v
		}
		if v.Reason > worst.Reason || v.Reason == worst.Reason && v.Pos > worst.Pos {
			worst = v
		}
	}
	return worst
}

// ReachesEveryKey reports whether the user may run the line with any key in the
// place of its own: a command that finds keys by itself, such as SORT with BY,
// asks it.
func (u *User) ReachesEveryKey(r *Request, access Access) bool {
	return u.free || slices.ContainsFunc(u.selectors, func(s *selector) bool {
		return s.allowsEveryKey(access) && !s.check(r).Denied()
	})
}

// AllowsChannel reports whether one of the user's selectors lets it subscribe to
// a channel or pattern.
func (u *User) AllowsChannel(name []byte, kind ChannelKind) bool {
	return slices.ContainsFunc(u.selectors, func(s *selector) bool { return s.allowsChannel(name, kind) })
}

// accepts reports whether a password of this digest is right. All passwords are
// compared, in the same time wherever they differ.
func (u *User) accepts(given *digest) bool {
	found := 0
	for i := range u.passwords {
		found |= subtle.ConstantTimeCompare(u.passwords[i][:], given[:])
	}
	return u.enabled && (u.noPass || found == 1)
}

// RuleError says which rule is refused, and why, as redis-server puts it.
type RuleError struct {
	Rule   string
	Reason error
}

// Error implements error.
func (e *RuleError) Error() string { return fmt.Sprintf("%s: %v", e.Rule, e.Reason) }

// Unwrap returns the reason.
func (e *RuleError) Unwrap() error { return e.Reason }

// with returns the user as rules change it; def is for selectors that they add.
// The rules of a selector have been joined to one word. The error is a *RuleError.
func (u *User) with(rules []string, def Channels) (*User, error) {
	c := *u
	c.passwords = slices.Clone(u.passwords)
	c.selectors = slices.Clone(u.selectors)
	c.selectors[0] = u.selectors[0].clone()
	for _, rule := range rules {
		if err := c.apply(rule, def); err != nil {
			return nil, &RuleError{rule, err}
		}
	}
	c.free = slices.ContainsFunc(c.selectors, func(s *selector) bool { return s.unrestricted(c.catalog) })
	return &c, nil
}

// apply changes a user that nobody else sees yet.
func (u *User) apply(rule string, def Channels) error {
	switch strings.ToLower(rule) {
	case "":
	case "on":
		u.enabled = true
	case "off":
		u.enabled = false
	case "nopass":
		u.noPass, u.passwords = true, nil
	case "resetpass":
		u.noPass, u.passwords = false, nil
	case "sanitize-payload":
		u.sanitize = sanitizeYes
	case "skip-sanitize-payload":
		u.sanitize = sanitizeSkip
	case "clearselectors":
		u.selectors = u.selectors[:1]
	case "reset":
		*u = *newUser(u.catalog, u.name, def)
		u.sanitize = sanitizeYes
	default:
		return u.applyPrefixed(rule, def)
	}
	return nil
}

func (u *User) applyPrefixed(rule string, def Channels) error {
	switch rule[0] {
	case '>', '<':
		return u.setPassword(sha256.Sum256([]byte(rule[1:])), rule[0] == '>')
	case '#', '!':
		sum, err := parseDigest(rule[1:])
		if err != nil {
			return err
		}
		return u.setPassword(sum, rule[0] == '#')
	case '(':
		return u.addSelector(rule, def)
	}
	return u.selectors[0].apply(u.catalog, rule)
}

// setPassword adds or removes a password.
func (u *User) setPassword(sum digest, add bool) error {
	at := slices.Index(u.passwords, sum)
	switch {
	case add:
		u.noPass = false
		if at < 0 {
			u.passwords = append(u.passwords, sum)
		}
	case at < 0:
		return errNoPassword
	default:
		u.passwords = slices.Delete(u.passwords, at, at+1)
	}
	return nil
}

func parseDigest(text string) (sum digest, err error) {
	n, err := hex.Decode(sum[:], []byte(text[:min(len(text), 2*len(sum))]))
	if err != nil || n != len(sum) || len(text) != 2*len(sum) || strings.ToLower(text) != text {
		return sum, errHash
	}
	return sum, nil
}

// addSelector adds a selector: rules between parentheses.
func (u *User) addSelector(rule string, def Channels) error {
	text, closed := strings.CutSuffix(rule[1:], ")")
	if !closed {
		return errSyntax
	}
	s := newSelector(u.catalog, def)
	for _, one := range strings.Fields(text) {
		if err := s.apply(u.catalog, one); err != nil {
			return err
		}
	}
	u.selectors = append(u.selectors, s)
	return nil
}
