package config

import (
	"errors"
	"strings"
)

// setting is how the value of one option is read and shown.
type setting interface {
	// parse stores the words of one line in c.
	parse(c *Config, name string, args []string) error
	// show is the value in the spelling of CONFIG GET.
	show(c *Config, name string) string
	// lines are the words of each line that restores the value from a file.
	lines(c *Config, name string) [][]string
	allowed() string
}

var errWordCount = errors.New("wrong number of arguments")

// codec is how a value of type T is written in one word.
type codec[T any] struct {
	parse  func(string) (T, error)
	format func(T) string
	allow  string
}

// field is an option of one word that has a field in Config.
type field[T any] struct {
	codec[T]
	at func(*Config) *T
}

func at[T any](value codec[T], at func(*Config) *T) setting { return field[T]{value, at} }

func (f field[T]) parse(c *Config, _ string, args []string) error {
	if len(args) != 1 {
		return errWordCount
	}
	v, err := f.codec.parse(args[0])
	if err != nil {
		return err
	}
	*f.at(c) = v
	return nil
}

func (f field[T]) show(c *Config, _ string) string         { return f.format(*f.at(c)) }
func (f field[T]) lines(c *Config, name string) [][]string { return [][]string{{f.show(c, name)}} }
func (f field[T]) allowed() string                         { return f.allow }

// list is how a value of type T is written in several words, perhaps on
// several lines. Its parse gets the value so far. Only options that are additive
// or for files alone may extend it in place: no published Config shares theirs.
type list[T any] struct {
	parse  func(old T, words []string) (T, error)
	format func(T) string
	split  func(T) [][]string // lines of a file; nil: one line, the words of format
	allow  string
}

// words is an option of several words that has a field in Config.
type words[T any] struct {
	list[T]
	at func(*Config) *T
}

func many[T any](value list[T], at func(*Config) *T) setting { return words[T]{value, at} }

func (w words[T]) parse(c *Config, _ string, args []string) error {
	v, err := w.list.parse(*w.at(c), splitWords(args))
	if err != nil {
		return err
	}
	*w.at(c) = v
	return nil
}

func (w words[T]) show(c *Config, _ string) string { return w.format(*w.at(c)) }

func (w words[T]) lines(c *Config, name string) [][]string {
	if w.split != nil {
		return w.split(*w.at(c))
	}
	return wordLine(w.show(c, name))
}

func (w words[T]) allowed() string { return w.allow }

// splitWords spreads a list that came as one argument, as in CONFIG SET.
func splitWords(args []string) []string {
	if len(args) == 1 {
		return strings.Fields(args[0])
	}
	return args
}

// wordLine is the file line of a list; an empty list needs a visible value.
func wordLine(text string) [][]string {
	if text == "" {
		return [][]string{{""}}
	}
	return [][]string{strings.Fields(text)}
}

// kept is an option without effect: its value is checked and remembered, so
// that CONFIG GET gives back what CONFIG SET was given.
type kept[T any] struct{ codec[T] }

func (k kept[T]) parse(c *Config, name string, args []string) error {
	if len(args) != 1 {
		return errWordCount
	}
	v, err := k.codec.parse(args[0])
	if err != nil {
		return err
	}
	c.inert[name] = k.format(v)
	return nil
}

func (k kept[T]) show(c *Config, name string) string      { return c.inert[name] }
func (k kept[T]) lines(c *Config, name string) [][]string { return [][]string{{c.inert[name]}} }
func (k kept[T]) allowed() string                         { return k.allow }

// keptWords is kept for an option of several words.
type keptWords struct {
	check func(words []string) error
	allow string
}

func (k keptWords) parse(c *Config, name string, args []string) error {
	args = splitWords(args)
	if err := k.check(args); err != nil {
		return err
	}
	c.inert[name] = strings.Join(args, " ")
	return nil
}

func (k keptWords) show(c *Config, name string) string      { return c.inert[name] }
func (k keptWords) lines(c *Config, name string) [][]string { return wordLine(c.inert[name]) }
func (k keptWords) allowed() string                         { return k.allow }

// inert is the row of an option without effect.
func inert[T any](name, def string, change Change, value codec[T], doc string) Param {
	return Param{Name: name, Default: def, Change: change, Doc: doc, set: kept[T]{value}}
}

// noEffect gives rows without effect their section and their common reason.
func noEffect(section Section, reason string, rows ...Param) []Param {
	for i := range rows {
		rows[i].Section, rows[i].NoEffect = section, reason
	}
	return rows
}

// in gives rows their section.
func in(section Section, rows ...Param) []Param { return noEffect(section, "", rows...) }

// or gives a row an older name that means the same.
func (p Param) or(alias string) Param {
	p.Aliases = append(p.Aliases, alias)
	return p
}
