package conformance

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// variables are what {{…}} stands for.
type variables struct {
	captured map[string]string
	now      func() time.Time
}

func newVariables(now func() time.Time) *variables {
	return &variables{captured: map[string]string{}, now: now}
}

var (
	bracedText   = regexp.MustCompile(`\{\{[^{}]+\}\}`)
	repeatedText = regexp.MustCompile(`^\{\{(\d{1,9})\*(.+)\}\}$`)
	timeText     = regexp.MustCompile(`^\{\{(now|nowms)([+-]\d+)?\}\}$`)
)

// expand replaces {{…}} by what it stands for, and leaves it where it stands
// for nothing.
func (x *variables) expand(s string) string {
	if !strings.Contains(s, "{{") {
		return s
	}
	return bracedText.ReplaceAllStringFunc(s, func(text string) string {
		if m := repeatedText.FindStringSubmatch(text); m != nil {
			n, _ := strconv.Atoi(m[1]) // nine digits are a number
			return strings.Repeat(m[2], n)
		}
		if m := timeText.FindStringSubmatch(text); m != nil {
			return x.time(m[1], m[2])
		}
		if v, ok := x.captured[text[2:len(text)-2]]; ok {
			return v
		}
		return text
	})
}

func (x *variables) time(unit, plus string) string {
	at := x.now().Unix()
	if unit == "nowms" {
		at = x.now().UnixMilli()
	}
	delta, _ := strconv.ParseInt(plus, 10, 64) // empty is none
	return strconv.FormatInt(at+delta, 10)
}
