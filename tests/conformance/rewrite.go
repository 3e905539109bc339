package conformance

import (
	"slices"
	"strings"
)

// rewrite returns the source of a script with the replies that a server gave,
// by protocol, in place of those that do not fit. A line that one protocol only
// has played stays.
func rewrite(s *script, got [4]map[*step]value, failed map[*step]bool) string {
	var steps []*step
	for i := range s.sections {
		for j := range s.sections[i].steps {
			steps = append(steps, &s.sections[i].steps[j])
		}
	}
	out := s.source
	for _, st := range slices.Backward(steps) {
		if !failed[st] || st.action != actionCommand || st.outcome != outcomeReply {
			continue
		}
		text := replies(st, got[2][st], got[3][st])
		if text == "" {
			continue
		}
		indent := strings.Repeat(" ", st.reply[0]-1-strings.LastIndexByte(out[:st.reply[0]], '\n'))
		out = out[:st.reply[0]] + strings.ReplaceAll(text, "\n", "\n"+indent) + out[st.reply[1]:]
	}
	return out
}

// replies writes the replies of both protocols, in one where one says both.
func replies(s *step, two, three value) string {
	switch {
	case s.rules.proto == 2 && two.kind != 0:
		return "=> " + format(two)
	case s.rules.proto == 3 && three.kind != 0:
		return "=> " + format(three)
	case two.kind == 0 || three.kind == 0:
		return ""
	}
	for _, text := range []string{format(three), strings.ReplaceAll(format(three), "(nil)", "(nil array)")} {
		if fits(text, 2, two) && fits(text, 3, three) {
			return "=> " + text
		}
	}
	return "=2> " + format(two) + "\n=3> " + format(three)
}

// fits reports whether a written reply matches a value.
func fits(text string, proto int, v value) bool {
	p := reader{src: text}
	pat, _, err := p.topReply()
	m := matcher{proto: proto, vars: newVariables(nil)}
	return err == nil && m.match(pat, v)
}
