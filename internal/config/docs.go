package config

import (
	"fmt"
	"io"
	"strings"
)

const docsHead = `# Configuration

kvd reads files in redis.conf's syntax and takes the same options on its
command line:

    kvd [config-file] [--option value …] [--option=value]

A line is a name and its values; ` + "`#`" + ` begins a comment line, quotes keep
spaces together, a later line wins over an earlier one, and the command line
over the file. Sizes take the units k, m, g (thousands) and kb, mb, gb (1024).
An option that does not exist is an error that names the nearest one which
does.

Every option of Redis 7.0 and 7.2 is known. Those that change nothing here say
so, and why.

The column "Run time" tells what CONFIG SET does: *yes*, it takes effect at
once; *no*, it is refused; *same*, only the value it already has is accepted;
*protected*, enable-protected-configs decides; *file*, the line is for files and
the command line and CONFIG does not know it. CONFIG GET never shows a password.
`

var sections = []Section{
	SectionNetwork, SectionTLS, SectionSecurity, SectionMemory, SectionDurability, SectionClients,
	SectionMonitoring, SectionEncoding, SectionDocuments, SectionProcess, SectionReplication, SectionCluster,
}

// WriteDocs writes the reference page of all options, in Markdown. The same
// table gives the same bytes.
func WriteDocs(w io.Writer) error {
	var b strings.Builder
	b.WriteString(docsHead)
	for _, section := range sections {
		fmt.Fprintf(&b, "\n## %s\n\n", section)
		b.WriteString("| Option | Default | Run time | Values | What it does |\n|---|---|---|---|---|\n")
		for i := range params {
			if params[i].Section == section {
				params[i].writeRow(&b)
			}
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the reference of options: %w", err)
	}
	return nil
}

func (p *Param) writeRow(b *strings.Builder) {
	name := "`" + p.Name + "`"
	for _, alias := range p.Aliases {
		name += ", `" + alias + "`"
	}
	def := p.Default
	switch {
	case p.fileOnly:
		def = ""
	case def == "":
		def = `""`
	}
	if def != "" {
		def = "`" + def + "`"
	}
	doc := p.Doc
	if p.NoEffect != "" {
		doc += " *No effect*: " + p.NoEffect
	}
	fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", name, def, p.runTime(), cell(p.Allowed()), cell(doc))
}

func (p *Param) runTime() string {
	switch {
	case p.fileOnly:
		return "file"
	case p.Change == AnyTime:
		return "yes"
	case p.Change == Restart:
		return "same"
	case p.Change == Protected:
		return "protected"
	}
	return "no"
}

// cell keeps a text inside its column.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
