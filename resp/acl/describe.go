package acl

import (
	"encoding/hex"
	"slices"
	"strings"
)

// Description is a user in the words of rules, for ACL GETUSER.
type Description struct {
	Flags     []string
	Passwords []string // SHA-256 in hexadecimal
	// Selectors begins with the user's own rules.
	Selectors []SelectorDescription
}

// SelectorDescription is a selector in the words of rules.
type SelectorDescription struct{ Commands, Keys, Channels string }

// Describe returns the user in the words of rules.
func (u *User) Describe() Description {
	d := Description{Flags: []string{"off"}}
	if u.enabled {
		d.Flags[0] = "on"
	}
	if u.noPass {
		d.Flags = append(d.Flags, "nopass")
	}
	switch u.sanitize {
	case sanitizeYes:
		d.Flags = append(d.Flags, "sanitize-payload")
	case sanitizeSkip:
		d.Flags = append(d.Flags, "skip-sanitize-payload")
	}
	for _, sum := range u.passwords {
		d.Passwords = append(d.Passwords, hex.EncodeToString(sum[:]))
	}
	for _, s := range u.selectors {
		d.Selectors = append(d.Selectors, SelectorDescription{
			strings.Join(s.commandRules(u.catalog), " "), strings.Join(s.keyRules(), " "), strings.Join(s.channelRules(), " "),
		})
	}
	return d
}

// Rules returns the rules that make this user out of a new one.
func (u *User) Rules() []string {
	d := u.Describe()
	rules := slices.Clone(d.Flags)
	for _, sum := range d.Passwords {
		rules = append(rules, "#"+sum)
	}
	rules = append(rules, u.selectors[0].rules(u.catalog)...)
	for _, s := range u.selectors[1:] {
		rules = append(rules, "("+strings.Join(s.rules(u.catalog), " ")+")")
	}
	return rules
}

// String is the user as a line of a file of users.
func (u *User) String() string { return "user " + u.name + " " + strings.Join(u.Rules(), " ") }

// rules returns the rules that make this selector out of a new one.
func (s *selector) rules(cat *Catalog) []string {
	rules := s.keyRules()
	if !s.allChannels {
		rules = append(rules, "resetchannels")
	}
	rules = append(rules, s.channelRules()...)
	return append(rules, s.commandRules(cat)...)
}

func (s *selector) keyRules() (rules []string) {
	if s.allKeys {
		return []string{"~*"}
	}
	for _, k := range s.keys {
		prefix := map[Access]string{Read: "%R~", Write: "%W~", readWrite: "~"}[k.access]
		rules = append(rules, prefix+string(k.pattern))
	}
	return rules
}

func (s *selector) channelRules() (rules []string) {
	if s.allChannels {
		return []string{"&*"}
	}
	for _, pattern := range s.channels {
		rules = append(rules, "&"+string(pattern))
	}
	return rules
}

// commandRules describes the set of commands shortly: all or none, then the
// categories that fit it best, as long as they have more in common with it than
// not, then what is left, by name. Like redis-server 7.0, it does not remember
// which rules the set came from.
func (s *selector) commandRules(cat *Catalog) []string {
	rules, made := []string{"-@all"}, newSelector(cat, NoChannels)
	sign := "+@"
	if s.future {
		rules[0], sign = "+@all", "-@"
		made.permitAll(cat, true)
	}
	rest := s.clone()
	for used := uint32(0); ; {
		best := rest.bestCategory(cat, !s.future, used)
		if best < 0 {
			break
		}
		rules = append(rules, sign+cat.categories[best])
		made.permitCategory(cat, best, !s.future)
		rest.permitCategory(cat, best, s.future)
		used |= 1 << best
	}
	for _, id := range cat.top {
		rules = s.describeCommand(cat, id, made, rules)
		for _, sub := range cat.subs[id] {
			rules = s.describeCommand(cat, sub, made, rules)
		}
	}
	return rules
}

// bestCategory returns the category whose commands differ in the fewest places
// from being allowed (or forbidden) all, of several the one with most commands;
// -1 if none has more of them than of the others.
func (s *selector) bestCategory(cat *Catalog, allow bool, used uint32) int {
	best, fewest, most := -1, len(cat.commands)+1, 0
	for at := range cat.categories {
		if used>>at&1 != 0 {
			continue
		}
		same, different := 0, 0
		for id := range cat.commands {
			switch {
			case !cat.in(id, at):
			case s.commands.has(id) == allow:
				same++
			default:
				different++
			}
		}
		if same > different && (different < fewest || different == fewest && same > most) {
			best, fewest, most = at, different, same
		}
	}
	return best
}

// describeCommand adds the rule by which a command differs from what the rules
// so far have made.
func (s *selector) describeCommand(cat *Catalog, id int, made *selector, rules []string) []string {
	name, allow := cat.commands[id].Name, s.commands.has(id)
	if made.commands.has(id) != allow {
		sign := "-"
		if allow {
			sign = "+"
		}
		rules = append(rules, sign+name)
		made.permit(cat, id, allow)
	}
	if !allow {
		for _, word := range s.first[id] {
			rules = append(rules, "+"+name+"|"+word)
		}
	}
	return rules
}
