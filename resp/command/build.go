package command

import (
	"errors"
	"fmt"
	"slices"
)

// builder makes a Table and gathers what is wrong with the specs.
type builder struct {
	table  *Table
	byName map[string]*Command
	faults []error
}

func (b *builder) fault(c *Command, format string, args ...any) {
	b.faults = append(b.faults, fmt.Errorf("%q: %s", c.FullName, fmt.Sprintf(format, args...)))
}

func (b *builder) err() error { return errors.Join(b.faults...) }

// addFamily makes the commands of one family, with their final categories.
func (b *builder) addFamily(f *Family) {
	for _, spec := range f.Commands {
		c := &Command{Spec: spec, FullName: spec.Name, Group: f.Group}
		if spec.Parent != "" {
			c.FullName = spec.Parent + "|" + spec.Name
		}
		own := spec.Categories
		// A container that cannot be called is only a name.
		if !own.Has(NoFamilyCategories) && spec.Handler != nil {
			own |= f.Categories
		}
		c.Categories = own&AllCategories | implied(spec.Flags, own)
		if f.Categories&(CatJSON|CatDoc|CatVer|CatMig) != 0 {
			c.Flags |= Documents
		}

		if b.byName[c.FullName] != nil {
			b.fault(c, "there are two of it")
			continue
		}
		b.byName[c.FullName] = c
		c.id = len(b.table.byID)
		b.table.byID = append(b.table.byID, c)
	}
}

// link joins containers and subcommands and makes the lookup tables.
func (b *builder) link() {
	var top []*Command
	subs := map[*Command][]*Command{}
	for _, c := range b.table.byID {
		if c.Parent == "" {
			top = append(top, c)
			continue
		}
		c.parent = b.byName[c.Parent]
		if c.parent == nil {
			b.fault(c, "its container %q is missing", c.Parent)
			continue
		}
		subs[c.parent] = append(subs[c.parent], c)
	}
	b.table.commands = newNames(top)
	for container, list := range subs {
		container.subs = newNames(list)
	}
}

// complete fills what follows from the spec.
func (b *builder) complete(c *Command) {
	args, err := parseSyntax(c.Syntax)
	if err != nil {
		b.fault(c, "syntax: %v", err)
	}
	numberKeys(args, len(c.Keys))
	c.args = args
	c.keywords = slices.Compact(slices.Sorted(slices.Values(tokens(args, nil))))

	c.legacy = legacyRange(c.Keys)
	if len(c.Keys) == 1 && c.Keys[0].single() {
		c.oneKey = c.Keys[0].Index
	}
	for i := range c.Keys {
		if !c.Keys[i].fixed() {
			c.Flags |= MovableKeys
		}
	}
}

// single reports whether the spec is one key at a fixed argument.
func (k *KeySpec) single() bool {
	return k.fixed() && k.Last == 0 && k.By == nil && !k.Flags.Has(NotKey)
}
