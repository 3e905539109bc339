package conformance

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// script is a file that has been read.
type script struct {
	name     string // group/command
	source   string
	config   []setting // for all sections
	persist  bool      // the server keeps its data on disk
	sections []section
}

// setting is the name and the value of a parameter.
type setting struct{ name, value string }

// section is what is played on one state of the server.
type section struct {
	title string
	steps []step
}

// action is what a step does.
type action uint8

const (
	actionCommand action = iota // sends args, if any, and reads a reply
	actionAdvance               // moves the clock
	actionRestart               // restarts the server
	actionConfig                // changes a setting
)

// outcome is what a step waits for.
type outcome uint8

const (
	outcomeReply  outcome = iota
	outcomeWaits          // the client is blocked
	outcomeNone           // nothing has come
	outcomeClosed         // the connection is gone
)

// step is one line of a file, with the lines that belong to it.
type step struct {
	line    int
	action  action
	advance time.Duration
	setting setting

	client   int
	args     []string // none: only the reply is read
	rules    rules
	outcome  outcome
	expected [4]*pattern // by protocol: 2 and 3

	// command and reply are where the source has them: the command ends where
	// the blanks before the reply begin.
	command, reply [2]int
}

// rules are the directives that are in force for a step.
type rules struct {
	since     string // a version, or empty
	needs     string // a command that the server must have, or empty
	kvd       bool
	unordered bool
	proto     int // 0: both
	times     int
}

// parseScript reads a file.
func parseScript(name, source string) (*script, error) {
	p := reader{src: source, script: &script{name: name, source: source}}
	p.section("")
	for p.skipBlank() {
		if err := p.line(); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, p.lineAt(p.pos), err)
		}
	}
	return p.script, nil
}

// reader reads a file from the left.
type reader struct {
	src    string
	pos    int
	script *script
	// file and local are the directives of the file and of the section.
	file, local rules
	// settings are those that the head changes.
	settings []setting
}

func (p *reader) section(title string) {
	if p.inHead() {
		p.endHead()
		p.script.sections = nil
	}
	p.local = p.file
	p.script.sections = append(p.script.sections, section{title: title})
}

// inHead reports whether no command and no section has come yet.
func (p *reader) inHead() bool {
	s := p.script.sections
	return len(s) == 1 && len(s[0].steps) == 0 && s[0].title == ""
}

// endHead makes what the head says good for the whole file.
func (p *reader) endHead() {
	p.file = p.local
	p.script.config, p.settings = p.settings, nil
}

func (p *reader) add(s step) {
	if p.inHead() {
		p.endHead()
	}
	last := &p.script.sections[len(p.script.sections)-1]
	last.steps = append(last.steps, s)
}

func (p *reader) lineAt(pos int) int { return 1 + strings.Count(p.src[:pos], "\n") }

// rest is what is left of the line.
func (p *reader) rest() string {
	line, _, _ := strings.Cut(p.src[p.pos:], "\n")
	return line
}

func (p *reader) endLine() { p.pos = min(len(p.src), p.pos+len(p.rest())+1) }

func (p *reader) spaces() {
	for p.pos < len(p.src) && (p.src[p.pos] == ' ' || p.src[p.pos] == '\t' || p.src[p.pos] == '\r') {
		p.pos++
	}
}

// skipBlank goes to the next line that says something.
func (p *reader) skipBlank() bool {
	for p.pos < len(p.src) {
		p.spaces()
		if line := p.rest(); strings.TrimSpace(line) != "" && line[0] != '#' {
			return true
		}
		p.endLine()
	}
	return false
}

func (p *reader) line() error {
	if title, ok := strings.CutPrefix(p.rest(), "== "); ok {
		p.section(strings.TrimSpace(title))
		p.endLine()
		return nil
	}
	r := p.local
	r.times = 1
	s := step{line: p.lineAt(p.pos), client: 1}
	for p.pos < len(p.src) && p.src[p.pos] == '@' {
		if done, err := p.directive(&r, &s); done || err != nil {
			return err
		}
	}
	s.rules = r
	if strings.TrimSpace(p.rest()) == "" {
		if r.times != 1 {
			return fmt.Errorf("@times is for one line")
		}
		p.local = r
		return nil
	}
	return p.step(&s)
}

// step reads a command and its replies.
func (p *reader) step(s *step) error {
	start := p.pos
	if err := p.clientNumber(s); err != nil {
		return err
	}
	for !p.atArrow() {
		if p.pos >= len(p.src) || p.src[p.pos] == '\n' {
			if !p.nextLineIsArrow() {
				return fmt.Errorf("a line without =>")
			}
			break
		}
		word, err := p.word()
		if err != nil {
			return err
		}
		s.args = append(s.args, word)
		s.command = [2]int{start, p.pos}
		p.spaces()
	}
	if len(s.args) == 0 {
		s.command = [2]int{start, p.pos}
	}
	s.reply[0] = p.pos
	if err := p.replies(s); err != nil {
		return err
	}
	p.add(*s)
	return nil
}

// clientNumber reads "[2] ".
func (p *reader) clientNumber(s *step) error {
	if p.src[p.pos] != '[' {
		return nil
	}
	text, _, ok := strings.Cut(p.rest()[1:], "]")
	n, err := strconv.Atoi(text)
	if !ok || err != nil || n < 1 {
		return fmt.Errorf("[%s] is no client", text)
	}
	s.client = n
	p.pos += len(text) + 2
	p.spaces()
	return nil
}

func (p *reader) atArrow() bool {
	rest := p.src[p.pos:]
	return strings.HasPrefix(rest, "=> ") || strings.HasPrefix(rest, "=2> ") || strings.HasPrefix(rest, "=3> ")
}

// nextLineIsArrow goes to the arrow in the next line, if there is one.
func (p *reader) nextLineIsArrow() bool {
	was := p.pos
	p.spaces()
	if p.pos < len(p.src) && p.src[p.pos] == '\n' {
		p.pos++
		p.spaces()
		if p.atArrow() {
			return true
		}
	}
	p.pos = was
	return false
}

func (p *reader) replies(s *step) error {
	for {
		arrow := p.bare()
		p.spaces()
		pat, out, err := p.topReply()
		if err != nil {
			return err
		}
		s.reply[1] = p.pos
		s.outcome = out
		for proto := 2; proto <= 3; proto++ {
			if arrow == "=>" || arrow == fmt.Sprintf("=%d>", proto) {
				s.expected[proto] = pat
			}
		}
		p.spaces()
		switch {
		case p.atArrow() || p.nextLineIsArrow():
			continue
		case p.pos < len(p.src) && p.src[p.pos] != '\n':
			return fmt.Errorf("%q after the reply", p.rest())
		}
		break
	}
	for proto := 2; proto <= 3; proto++ {
		if s.rules.proto != 5-proto && s.expected[proto] == nil {
			return fmt.Errorf("no reply for protocol %d", proto)
		}
	}
	return nil
}

// words of the reply column that are no replies.
var outcomes = map[string]outcome{
	"(waits)": outcomeWaits, "(none)": outcomeNone, "(closed)": outcomeClosed,
}
