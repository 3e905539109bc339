package conformance

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// target is a server that scripts are played against.
type target interface {
	addr() string
	now() time.Time
	advance(d time.Duration)
	// version is that of a redis-server; empty for our own, which plays every
	// line.
	version() string
	// restart reports whether the server can be restarted, and has been.
	restart() bool
}

// mismatch is a line whose reply is not the one that is written.
type mismatch struct {
	step *step
	line int
	err  error
	got  value // the reply, if there was one
}

func (m *mismatch) Error() string { return fmt.Sprintf("line %d: %v", m.line, m.err) }

// player plays a script for one protocol.
type player struct {
	target  target
	script  *script
	proto   int
	control *client
	clients map[int]*client
	vars    *variables
	// settings are those that were changed, with the values they had.
	settings []setting
	// known are the commands that the server was asked about.
	known map[string]bool
	// got has the last reply of each step that has one.
	got map[*step]value
}

// play plays all sections and returns the lines that failed. A section ends at
// a line that leaves its clients in doubt.
func play(t target, s *script, proto int) (*player, []*mismatch, error) {
	p := &player{target: t, script: s, proto: proto, known: map[string]bool{}, got: map[*step]value{}}
	var failed []*mismatch
	for i := range s.sections {
		f, err := p.section(&s.sections[i])
		failed = append(failed, f...)
		if err != nil {
			return p, failed, err
		}
	}
	return p, failed, nil
}

func (p *player) section(s *section) (failed []*mismatch, err error) {
	if err := p.begin(); err != nil {
		return nil, fmt.Errorf("begin %q: %w", s.title, err)
	}
	defer func() { err = errors.Join(err, p.end()) }()
	for i := range s.steps {
		step := &s.steps[i]
		if p.skips(step) {
			continue
		}
		if done, err := p.direct(step); done || err != nil {
			return failed, err
		}
		if step.action != actionCommand {
			continue
		}
		m := p.step(step)
		if m == nil {
			continue
		}
		failed = append(failed, m)
		if errors.Is(m.err, errNoReply) || errors.Is(m.err, errClosed) {
			return failed, nil
		}
	}
	return failed, nil
}

// skips reports whether a step is not for this server or protocol.
func (p *player) skips(s *step) bool {
	if s.rules.proto != 0 && s.rules.proto != p.proto {
		return true
	}
	version := p.target.version()
	if version != "" && (s.rules.kvd || older(version, s.rules.since)) {
		return true
	}
	return s.rules.needs != "" && !p.has(s.rules.needs)
}

// has reports whether the server has a command.
func (p *player) has(command string) bool {
	known, asked := p.known[command]
	if !asked {
		info, err := p.control.must("COMMAND", "INFO", command)
		known = err == nil && len(info.items) == 1 && len(info.items[0].items) > 0
		p.known[command] = known
	}
	return known
}

// begin brings the server into its first state.
func (p *player) begin() error {
	p.vars = newVariables(p.target.now)
	if err := p.reconnect(); err != nil {
		return err
	}
	if _, err := p.control.must("FLUSHALL"); err != nil {
		return err
	}
	if err := p.undefine(); err != nil {
		return err
	}
	p.settings = p.settings[:0]
	for _, set := range p.script.config {
		if err := p.set(set); err != nil {
			return err
		}
	}
	return nil
}

// undefine drops the collections of the first database and the types, which outlive
// FLUSHALL.
func (p *player) undefine() error {
	if !p.has("DOC.COLLS") {
		return nil
	}
	colls, err := p.control.must("DOC.COLLS")
	if err != nil {
		return err
	}
	for _, coll := range colls.items {
		if _, err := p.control.must("DOC.DROP", coll.text); err != nil {
			return err
		}
	}
	for range maxTypes {
		list, err := p.control.must("SCHEMA.LIST")
		if err != nil || len(list.items[1].items) == 0 {
			return err
		}
		for _, row := range list.items[1].items {
			_, _ = p.control.do("SCHEMA.DEL", row.items[1].text) // others may refer to it yet
		}
	}
	return nil
}

// maxTypes is how many types of a section may refer to each other.
const maxTypes = 10

// set changes a setting and remembers what it was.
func (p *player) set(new setting) error {
	old, err := p.control.must("CONFIG", "GET", new.name)
	if err != nil || len(old.items) != 2 {
		return fmt.Errorf("there is no setting %s", new.name)
	}
	if _, err := p.control.must("CONFIG", "SET", new.name, p.vars.expand(new.value)); err != nil {
		return err
	}
	p.settings = append(p.settings, setting{new.name, old.items[1].text})
	return nil
}

// end takes settings back and closes the connections.
func (p *player) end() error {
	var errs []error
	for _, old := range slices.Backward(p.settings) {
		_, err := p.control.must("CONFIG", "SET", old.name, old.value)
		errs = append(errs, err)
	}
	p.disconnect()
	return errors.Join(errs...)
}

func (p *player) reconnect() (err error) {
	p.disconnect()
	p.clients = map[int]*client{}
	p.control, err = connect(p.target.addr(), 2)
	return err
}

func (p *player) disconnect() {
	for _, c := range p.clients {
		c.close()
	}
	if p.control != nil {
		p.control.close()
	}
	p.clients, p.control = nil, nil
}

// direct does what a directive says; done ends the section.
func (p *player) direct(s *step) (done bool, err error) {
	switch s.action {
	case actionAdvance:
		p.target.advance(s.advance)
	case actionConfig:
		return false, p.set(s.setting)
	case actionRestart:
		if !p.target.restart() {
			return true, nil
		}
		return false, p.reconnect()
	}
	return false, nil
}

// step plays a command, as often as it says.
func (p *player) step(s *step) *mismatch {
	for range s.rules.times {
		if err := p.once(s); err != nil {
			return &mismatch{step: s, line: s.line, err: err, got: p.got[s]}
		}
	}
	return nil
}

func (p *player) once(s *step) error {
	c, err := p.client(s.client)
	if err != nil {
		return err
	}
	if len(s.args) > 0 {
		args := make([]string, len(s.args))
		for i, a := range s.args {
			args[i] = p.vars.expand(a)
		}
		if err := c.send(args); err != nil {
			return err
		}
	}
	switch s.outcome {
	case outcomeWaits:
		return p.control.blocked(c)
	case outcomeNone:
		if len(s.args) > 0 {
			return nil // a reply that comes all the same is read in place of the next one
		}
		return c.quiet()
	case outcomeClosed:
		return c.ended()
	}
	v, err := c.receive()
	if err != nil {
		return err
	}
	p.got[s] = v
	m := matcher{proto: p.proto, unordered: s.rules.unordered, vars: p.vars}
	if m.match(s.expected[p.proto], v) {
		return nil
	}
	return fmt.Errorf("got %s", short(format(v)))
}

// short cuts a text that nobody would read.
func short(text string) string {
	const most = 1000
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}

func (p *player) client(n int) (*client, error) {
	if c := p.clients[n]; c != nil {
		return c, nil
	}
	c, err := connect(p.target.addr(), p.proto)
	if err == nil {
		p.clients[n] = c
	}
	return c, err
}
