package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Load reads the settings of a command line: a configuration file, if the first
// argument is not an option, and then options, `--name value …` or
// `--name=value`, which win over the file. An error names the file and line, or
// the option.
func Load(args []string) (*Config, error) {
	l := newLoader()
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		file, err := filepath.Abs(args[0])
		if err != nil {
			return nil, fmt.Errorf("finding the configuration file: %w", err)
		}
		if err := l.file(file); err != nil {
			return nil, err
		}
		l.config.File = file
		args = args[1:]
	}
	if err := l.options(args); err != nil {
		return nil, err
	}
	if err := l.config.check(); err != nil {
		return nil, err
	}
	return l.config, nil
}

// maxFiles bounds what a chain of includes can make the server read.
const maxFiles = 1000

// loader builds a Config out of lines.
type loader struct {
	config *Config
	seen   map[*Param]bool // additive options that were cleared
	open   map[string]bool // files being read, so that none includes itself
	files  int
}

func newLoader() *loader {
	return &loader{config: Default(), seen: map[*Param]bool{}, open: map[string]bool{}}
}

// file reads a configuration file.
func (l *loader) file(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading the configuration file: %w", err)
	}
	return l.lines(name, string(text))
}

// lines reads the text of the configuration file called name.
func (l *loader) lines(name, text string) error {
	if l.files++; l.files > maxFiles {
		return fmt.Errorf("%s: over %d files are included", name, maxFiles)
	}
	if l.open[name] {
		return fmt.Errorf("%s: the file includes itself", name)
	}
	l.open[name] = true
	defer delete(l.open, name)

	number := 0
	for line := range strings.Lines(text) {
		number++
		words, err := directive(line)
		if err == nil && len(words) > 0 {
			err = l.apply(words[0], words[1:])
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", name, number, err)
		}
	}
	return nil
}

// directive is the words of one line of a file; none for an empty line or a
// comment.
func directive(line string) ([]string, error) {
	line = strings.Trim(line, spaces)
	if strings.HasPrefix(line, "#") {
		return nil, nil
	}
	return splitLine(line)
}

// apply gives the option called name the words of one line.
func (l *loader) apply(name string, words []string) error {
	if strings.EqualFold(name, "include") {
		return l.include(words)
	}
	p := lookup(name)
	if p == nil {
		return unknown("", name)
	}
	if !l.seen[p] {
		l.seen[p] = true
		if err := p.clear(l.config); err != nil {
			return err
		}
	}
	return p.assign(l.config, words)
}

// include reads the files that a path or pattern names. A pattern may name
// none.
func (l *loader) include(words []string) error {
	for _, pattern := range words {
		names := []string{pattern}
		if strings.ContainsAny(pattern, "*?[") {
			found, err := filepath.Glob(pattern)
			if err != nil {
				return fmt.Errorf("include %q: %w", pattern, err)
			}
			names = found
		}
		for _, name := range names {
			if err := l.file(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// options reads `--name value …` and `--name=value`. The values of an option
// end where an argument begins with two dashes.
func (l *loader) options(args []string) error {
	for len(args) > 0 {
		option, ok := strings.CutPrefix(args[0], "--")
		if !ok || option == "" {
			return fmt.Errorf("unexpected argument %q: options begin with --, and a configuration file comes first", args[0])
		}
		args = args[1:]

		name, value, hasValue := strings.Cut(option, "=")
		var words []string
		if hasValue {
			words = append(words, value)
		}
		for len(args) > 0 && !strings.HasPrefix(args[0], "--") {
			words, args = append(words, args[0]), args[1:]
		}
		if err := l.option(name, words); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) option(name string, words []string) error {
	switch p := lookup(name); {
	case p == nil && !strings.EqualFold(name, "include"):
		return unknown("--", name)
	case len(words) == 0:
		return fmt.Errorf("--%s: %w", name, errors.New("the value is missing"))
	}
	if err := l.apply(name, words); err != nil {
		return fmt.Errorf("--%w", err)
	}
	return nil
}
