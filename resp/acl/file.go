package acl

import (
	"errors"
	"fmt"
	"strings"
)

// JoinSelectors joins the words of rules that came as several words because of
// their spaces: `(~a`, `+get)` becomes `(~a +get)`. The word at which a
// parenthesis was opened that nobody closes is the error's.
func JoinSelectors(words []string) ([]string, error) {
	var rules []string
	open := -1
	for i, word := range words {
		switch {
		case open >= 0:
			rules[len(rules)-1] += " " + word
		default:
			rules = append(rules, word)
			if strings.HasPrefix(word, "(") {
				open = i
			}
		}
		if open >= 0 && strings.HasSuffix(word, ")") {
			open = -1
		}
	}
	if open >= 0 {
		return nil, &UnmatchedError{words[open]}
	}
	return rules, nil
}

// UnmatchedError says where a parenthesis was opened that nobody closes.
type UnmatchedError struct{ Word string }

// Error implements error.
func (e *UnmatchedError) Error() string {
	return fmt.Sprintf("Unmatched parenthesis in acl selector starting at '%s'.", e.Word)
}

// Define makes the users of a configuration: each line is a name and rules. def
// is what new users get.
func (u *Users) Define(lines [][]string, def Channels) error {
	defined := map[string]bool{}
	for _, line := range lines {
		if err := u.define(line[0], line[1:], defined, def); err != nil {
			return err
		}
	}
	return nil
}

func (u *Users) define(name string, words []string, defined map[string]bool, def Channels) error {
	if !NamedRight(name) {
		return fmt.Errorf("user %q: a name has no spaces", name)
	}
	if defined[name] {
		return fmt.Errorf("user %q: %w", name, errDuplicate)
	}
	defined[name] = true
	rules, err := JoinSelectors(words)
	if err != nil {
		return fmt.Errorf("user %q: %w", name, err)
	}
	if name == Default {
		rules = append([]string{"reset"}, rules...)
	}
	_, _, err = u.Change(name, rules, def)
	if refused := (*RuleError)(nil); errors.As(err, &refused) {
		return fmt.Errorf("user %q: rule %q: %w", name, shown(refused), refused.Reason)
	}
	return err
}

// shown is a rule for an error or a log, without what might be a password.
func shown(e *RuleError) string {
	if errors.Is(e.Reason, errUnknown) {
		return e.Rule
	}
	return "(redacted)"
}

// Load makes the users of a file all that there are: its text has a line
// `user name rules...` for each. If there is any mistake, nothing changes and the
// error lists all of them; file is its name for the error. A default user that
// the file does not define is as in NewUsers.
func (u *Users) Load(file, text string, def Channels) error {
	users := map[string]*User{}
	var list []*User
	var faults strings.Builder
	number := 0
	for line := range strings.Lines(text) {
		number++
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
			continue
		case words[0] != "user" || len(words) < 2:
			fmt.Fprintf(&faults, "%s:%d should start with user keyword followed by the username. ", file, number)
			continue
		case users[words[1]] != nil:
			fmt.Fprintf(&faults, "WARNING: Duplicate user '%s' found on line %d. ", words[1], number)
			continue
		}
		user, err := u.readUser(words[1], words[2:], def)
		if err != nil {
			fmt.Fprintf(&faults, "%s:%d: %s. ", file, number, strings.TrimSuffix(err.Error(), "."))
			user = newUser(u.catalog, words[1], def)
		}
		users[words[1]] = user
		list = append(list, user)
	}
	if faults.Len() > 0 {
		return errors.New(faults.String() + "WARNING: ACL errors detected, no change to the previously active ACL rules was performed")
	}
	u.replace(list)
	return nil
}

// readUser makes the user of one line.
func (u *Users) readUser(name string, words []string, def Channels) (*User, error) {
	if !NamedRight(name) {
		return nil, fmt.Errorf("username '%s' contains invalid characters", name)
	}
	rules, err := JoinSelectors(words)
	if err != nil {
		return nil, err
	}
	user, err := newUser(u.catalog, name, def).with(rules, def)
	if refused := (*RuleError)(nil); errors.As(err, &refused) {
		err = refused.Reason
		if errors.Is(err, errUnknown) {
			err = reason("Error in applying operation '" + refused.Rule + "': " + err.Error())
		}
	}
	return user, err
}

// Text is the file that Load reads these users from.
func (u *Users) Text() string {
	var b strings.Builder
	for _, user := range u.All() {
		b.WriteString(user.String() + "\n")
	}
	return b.String()
}

// Lines are the users as lines of a configuration, a name and rules each. The
// default user is among them only if it is more than what requirepass, with this
// password, makes of it.
func (u *Users) Lines(requirePass string) [][]string {
	plain := NewUsers(u.catalog)
	usual := ""
	if plain.RequirePass(requirePass) == nil {
		usual = plain.def.User().String()
	}
	var lines [][]string
	for _, user := range u.All() {
		if user.name == Default && user.String() == usual {
			continue
		}
		lines = append(lines, append([]string{user.name}, strings.Fields(strings.Join(user.Rules(), " "))...))
	}
	return lines
}
