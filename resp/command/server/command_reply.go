package server

import (
	"kvd/resp/command"
	"kvd/resp/reply"
)

// writeInfo writes one command as COMMAND INFO does.
func writeInfo(out *reply.Writer, c *command.Command) {
	first, last, step := c.FirstLastStep()
	out.Array(10)
	out.Text(c.FullName)
	out.Int(int64(c.Arity))
	writeStatusSet(out, c.Flags.Names(), "")
	for _, n := range []int{first, last, step} {
		out.Int(int64(n))
	}
	writeStatusSet(out, c.Categories.Names(), "@")
	out.Set(len(c.Tips))
	for _, tip := range c.Tips {
		out.Text(tip)
	}
	out.Set(len(c.Keys))
	for i := range c.Keys {
		writeKeySpec(out, &c.Keys[i])
	}
	writeSubcommands(out, c)
}

// writeSubcommands writes a list, or where there are none, as redis-server
// does, an empty set.
func writeSubcommands(out *reply.Writer, c *command.Command) {
	subs := c.Subcommands()
	if len(subs) == 0 {
		out.Set(0)
		return
	}
	out.Array(len(subs))
	for _, sub := range subs {
		writeInfo(out, sub)
	}
}

func writeKeySpec(out *reply.Writer, k *command.KeySpec) {
	fields := 3
	if k.Notes != "" {
		fields++
	}
	out.Map(fields)
	if k.Notes != "" {
		out.Text("notes")
		out.Text(k.Notes)
	}
	out.Text("flags")
	writeStatusSet(out, k.Flags.Names(), "")

	out.Text("begin_search")
	switch k.Search {
	case command.SearchIndex:
		writeStep(out, "index", pair{"index", k.Index})
	case command.SearchKeyword:
		writeStepHead(out, "keyword", 2)
		out.Text("keyword")
		out.Text(k.Keyword)
		writePair(out, pair{"startfrom", k.From})
	default:
		writeStep(out, "unknown")
	}

	out.Text("find_keys")
	switch k.Find {
	case command.FindRange:
		writeStep(out, "range", pair{"lastkey", k.Last}, pair{"keystep", k.Step}, pair{"limit", k.Limit})
	case command.FindKeyNum:
		writeStep(out, "keynum", pair{"keynumidx", k.CountAt}, pair{"firstkey", k.FirstAt}, pair{"keystep", k.Step})
	default:
		writeStep(out, "unknown")
	}
}

// pair is a named number.
type pair struct {
	name  string
	value int
}

func writePair(out *reply.Writer, p pair) {
	out.Text(p.name)
	out.Int(int64(p.value))
}

// writeStep writes one of the two steps of a key spec.
func writeStep(out *reply.Writer, kind string, numbers ...pair) {
	writeStepHead(out, kind, len(numbers))
	for _, p := range numbers {
		writePair(out, p)
	}
}

// writeStepHead writes a step up to its n pairs, which the caller writes.
func writeStepHead(out *reply.Writer, kind string, n int) {
	out.Map(2)
	out.Text("type")
	out.Text(kind)
	out.Text("spec")
	out.Map(n)
}

// docFlags are the flags of a command's documentation.
func docFlags(c *command.Command) (flags []string) {
	if c.Deprecated != nil {
		flags = append(flags, "deprecated")
	}
	if c.Flags.Has(command.SystemDoc) {
		flags = append(flags, "syscmd")
	}
	return flags
}

// writeDocs writes one command as COMMAND DOCS does, without its name.
func writeDocs(out *reply.Writer, c *command.Command) {
	var f fields
	f.text("summary", c.Summary)
	f.text("since", c.Since)
	f.text("group", c.Group)
	f.text("complexity", c.Complexity)
	if flags := docFlags(c); len(flags) > 0 {
		f.add("doc_flags", func() { writeStatusSet(out, flags, "") })
	}
	if d := c.Deprecated; d != nil {
		f.text("deprecated_since", d.Since)
		f.text("replaced_by", d.ReplacedBy)
	}
	if len(c.History) > 0 {
		f.add("history", func() { writeHistory(out, c.History) })
	}
	if args := c.Arguments(); len(args) > 0 {
		f.add("arguments", func() { writeArguments(out, args) })
	}
	if subs := c.Subcommands(); len(subs) > 0 {
		f.add("subcommands", func() {
			out.Map(len(subs))
			for _, sub := range subs {
				out.Text(sub.FullName)
				writeDocs(out, sub)
			}
		})
	}
	f.write(out)
}

func writeHistory(out *reply.Writer, history []command.Change) {
	out.Set(len(history))
	for _, h := range history {
		out.Array(2)
		out.Text(h.Version)
		out.Text(h.Text)
	}
}

func writeArguments(out *reply.Writer, args []command.Argument) {
	out.Array(len(args))
	for i := range args {
		writeArgument(out, &args[i])
	}
}

func writeArgument(out *reply.Writer, a *command.Argument) {
	var f fields
	f.text("name", a.Name)
	f.text("type", string(a.Type))
	if a.KeySpec >= 0 {
		f.add("key_spec_index", func() { out.Int(int64(a.KeySpec)) })
	}
	if a.Type == command.TypePureToken {
		f.add("token", func() { out.Text(a.Token) })
	} else {
		f.text("token", a.Token)
	}
	f.text("since", a.Since)
	if flags := a.Flags(); len(flags) > 0 {
		f.add("flags", func() { writeStatusSet(out, flags, "") })
	}
	if len(a.Args) > 0 {
		f.add("arguments", func() { writeArguments(out, a.Args) })
	}
	f.write(out)
}

// fields gathers the pairs of a map whose length depends on what there is.
type fields []field

type field struct {
	name  string
	text  string
	value func() // writes the value, where it is not text
}

// text adds a pair, unless text is empty.
func (f *fields) text(name, text string) {
	if text != "" {
		*f = append(*f, field{name: name, text: text})
	}
}

func (f *fields) add(name string, value func()) { *f = append(*f, field{name: name, value: value}) }

func (f fields) write(out *reply.Writer) {
	out.Map(len(f))
	for _, field := range f {
		out.Text(field.name)
		if field.value == nil {
			out.Text(field.text)
			continue
		}
		field.value()
	}
}

// writeStatusSet writes names as a set of simple strings.
func writeStatusSet(out *reply.Writer, names []string, prefix string) {
	out.Set(len(names))
	for _, name := range names {
		out.Status(prefix + name)
	}
}
