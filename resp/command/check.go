package command

import (
	"math/bits"
	"strings"
)

// check notes everything that is wrong with one command.
func (b *builder) check(c *Command) {
	b.checkTexts(c)
	b.checkHandler(c)
	b.checkArity(c)
	b.checkFlags(c)
	for i := range c.Keys {
		b.checkKeys(c, &c.Keys[i])
	}
}

func (b *builder) checkTexts(c *Command) {
	if !goodName(c.Name) || c.Parent != "" && !goodName(c.Parent) {
		b.fault(c, "a name is small letters, digits, '-', '_' and '.'")
	}
	for _, need := range [][2]string{{"summary", c.Summary}, {"version", c.Since}, {"group", c.Group}} {
		if need[1] == "" {
			b.fault(c, "it has no %s", need[0])
		}
	}
	if c.Complexity == "" && c.Handler != nil {
		b.fault(c, "it has no complexity")
	}
	if strings.ContainsAny(c.Summary+c.Complexity+c.Syntax, "\r\n") {
		b.fault(c, "a text has a line break")
	}
}

func goodName(name string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_."
	return name != "" && strings.Trim(name, allowed) == ""
}

// checkHandler allows a handler beside subcommands only for the line that is
// the bare name: with a second word it would never be reached.
func (b *builder) checkHandler(c *Command) {
	container := c.IsContainer()
	switch {
	case container && c.parent != nil:
		b.fault(c, "a subcommand cannot be a container")
	case container && c.Handler != nil && c.Arity != -1:
		b.fault(c, "a container with a handler has arity -1")
	case container && len(c.Keys) > 0:
		b.fault(c, "a container has no keys")
	case !container && c.Handler == nil:
		b.fault(c, "it has neither a handler nor subcommands")
	}
}

// checkArity compares the arity with what the syntax makes possible.
func (b *builder) checkArity(c *Command) {
	if c.IsContainer() {
		if c.Arity >= 0 {
			b.fault(c, "the arity of a container is negative")
		}
		return
	}
	least, open := words(c.args)
	least++
	if c.Parent != "" {
		least++
	}
	want := least
	if open {
		want = -least
	}
	if c.Arity != want {
		b.fault(c, "its arity is %d, but the syntax %q says %d", c.Arity, c.Syntax, want)
	}
}

func (b *builder) checkFlags(c *Command) {
	f := c.Flags
	for _, rule := range []struct {
		flags Flags
		text  string
	}{
		{Write | ReadOnly, "Write and ReadOnly"}, {NoTx | AllKeys, "NoTx and AllKeys"}, {Fast | Slow, "Fast and Slow"},
	} {
		if f.Has(rule.flags) {
			b.fault(c, "%s exclude each other", rule.text)
		}
	}
	if f.Has(Write) && len(c.Keys) == 0 && f&(AllKeys|NoTx) == 0 {
		b.fault(c, "it writes but names no keys")
	}
	if f.Has(NoTx) && c.HasKeys() {
		b.fault(c, "it has keys but no transaction")
	}
	if len(c.Keys) == 0 && !f.Has(AllKeys) && hasKeyArgument(c.args) {
		b.fault(c, "its syntax names a key but Keys is empty")
	}
	if c.SlowArgs < 0 {
		b.fault(c, "SlowArgs is negative")
	}
}

// checkKeys makes sure that a key of a fixed place is inside every line of the
// right arity, so that only counts and keywords can be wrong at run time.
func (b *builder) checkKeys(c *Command, k *KeySpec) {
	if !k.Flags.Has(NotKey) && bits.OnesCount16(uint16(k.Flags&(RO|RW|OW|RM))) != 1 {
		b.fault(c, "a key has exactly one of RO, RW, OW and RM")
	}
	if (k.Vary != nil) != k.Flags.Has(VariableFlags) {
		b.fault(c, "VariableFlags and Vary go together")
	}
	if (k.Search == SearchUnknown || k.Find == FindUnknown) && c.Keys[0].By == nil {
		b.fault(c, "unknown keys need a function that finds them")
	}
	if k.Search != SearchUnknown && k.Find != FindUnknown && k.Step < 1 {
		b.fault(c, "the step from key to key is at least 1")
	}
	if k.Search != SearchIndex {
		return
	}
	names := 1
	if c.Parent != "" {
		names = 2
	}
	least, at := max(c.Arity, -c.Arity), k.Index
	switch {
	case k.Find == FindKeyNum:
		at += k.CountAt
	case k.Find == FindRange && k.Last > 0:
		at += k.Last
	case k.Find == FindRange && k.Last < 0:
		least++ // the shortest line may end where the range would begin
	}
	if at < names || at >= least {
		b.fault(c, "a key is at argument %d of %d", at, least)
	}
}
