// Command kvd-docs writes the pages of docs that come from the code: the manual
// of all commands from the command table, and the reference of all options from
// the table of settings. The same code always gives the same pages, and its test
// fails when the pages in the repository are others.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"kvd/internal/app"
	"kvd/internal/config"
	"kvd/resp/command"
)

// pages are the generated files and what writes them.
var pages = map[string]func(io.Writer) error{
	"commands.md": writeCommands,
	"config.md":   config.WriteDocs,
}

func writeCommands(w io.Writer) error {
	table, err := command.NewTable(app.Families()...)
	if err != nil {
		return err
	}
	return command.WriteDocs(w, table)
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: kvd-docs DIR")
		os.Exit(2)
	}
	if err := writePages(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "kvd-docs:", err)
		os.Exit(1)
	}
}

// writePages writes all pages into a directory.
func writePages(dir string) error {
	for name, write := range pages {
		var page bytes.Buffer
		if err := write(&page); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), page.Bytes(), 0o644); err != nil {
			return fmt.Errorf("write page: %w", err)
		}
	}
	return nil
}
