package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// yesNo is a switch.
var yesNo = codec[bool]{parseYesNo, formatYesNo, "yes, no"}

func parseYesNo(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "yes":
		return true, nil
	case "no":
		return false, nil
	}
	return false, errors.New("argument must be 'yes' or 'no'")
}

func formatYesNo(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}

// only is a switch that cannot be moved; reason says why.
func only(value bool, reason string) codec[bool] {
	parse := func(s string) (bool, error) {
		v, err := parseYesNo(s)
		if err == nil && v != value {
			err = errors.New(reason)
		}
		return v, err
	}
	return codec[bool]{parse, formatYesNo, formatYesNo(value) + " only"}
}

// text is any one word.
var text = codec[string]{
	func(s string) (string, error) { return s, nil },
	func(s string) string { return s },
	"text",
}

// path is a file or directory, shown absolute as redis-server does, which
// changes to its directory.
var path = codec[string]{
	func(s string) (string, error) {
		if s == "" {
			return "", errors.New("argument must be a path")
		}
		return s, nil
	},
	func(s string) string {
		if abs, err := filepath.Abs(s); err == nil {
			return abs
		}
		return s
	},
	"path",
}

// fileName is the name of a file without a directory.
var fileName = codec[string]{
	func(s string) (string, error) {
		if s == "" || s != filepath.Base(s) || s == "." || s == ".." {
			return "", errors.New("argument must be a file name, not a path")
		}
		return s, nil
	},
	text.format,
	"file name",
}

// enum is one of several words, in any case.
func enum[T ~string](values ...T) codec[T] {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = string(v)
	}
	all := strings.Join(names, ", ")
	parse := func(s string) (T, error) {
		for _, v := range values {
			if strings.EqualFold(s, string(v)) {
				return v, nil
			}
		}
		return "", errNotOneOf(all)
	}
	return codec[T]{parse, func(v T) string { return string(v) }, all}
}

// wordsOf is several words out of a set.
func wordsOf(values ...string) keptWords {
	all := strings.Join(values, ", ")
	check := func(words []string) error {
		for _, w := range words {
			if !slices.Contains(values, strings.ToLower(w)) {
				return errNotOneOf(all)
			}
		}
		if len(words) == 0 {
			return errNotOneOf(all)
		}
		return nil
	}
	return keptWords{check, "one or more of " + all}
}

func errNotOneOf(all string) error {
	return fmt.Errorf("argument(s) must be one of the following: %s", all)
}

// integer is a decimal number between lo and hi.
func integer(lo, hi int64) codec[int] {
	parse := func(s string) (int, error) {
		n, err := parseBetween(s, lo, hi)
		return int(n), err
	}
	return codec[int]{parse, strconv.Itoa, rangeText(lo, hi)}
}

// duration is a whole number of units between lo and hi.
func duration(unit time.Duration, lo, hi int64) codec[time.Duration] {
	parse := func(s string) (time.Duration, error) {
		n, err := parseBetween(s, lo, min(hi, int64(1<<63-1)/int64(unit)))
		return time.Duration(n) * unit, err
	}
	format := func(d time.Duration) string { return strconv.FormatInt(int64(d/unit), 10) }
	return codec[time.Duration]{parse, format, rangeText(lo, hi) + " " + unitName(unit)}
}

func unitName(unit time.Duration) string {
	switch unit {
	case time.Second:
		return "seconds"
	case time.Millisecond:
		return "milliseconds"
	}
	return "microseconds"
}

// powerOfTwo is a number between lo and hi that is a power of two.
func powerOfTwo(lo, hi int64) codec[int] {
	parse := func(s string) (int, error) {
		n, err := parseBetween(s, lo, hi)
		if err == nil && n&(n-1) != 0 {
			err = errors.New("argument must be a power of two")
		}
		return int(n), err
	}
	return codec[int]{parse, strconv.Itoa, "a power of two, " + rangeText(lo, hi)}
}

// octal is the permissions of a file.
var octal = codec[fs.FileMode]{
	func(s string) (fs.FileMode, error) {
		n, err := strconv.ParseUint(s, 8, 32)
		if err != nil {
			return 0, errors.New("argument couldn't be parsed as an octal number")
		}
		if n > 0o777 {
			return 0, errors.New("argument must be between 0 and 777 inclusive")
		}
		return fs.FileMode(n), nil
	},
	func(m fs.FileMode) string { return strconv.FormatUint(uint64(m), 8) },
	"0 to 777, octal",
}
