package conformance

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// directive reads one directive; done says that it was the whole line.
func (p *reader) directive(r *rules, s *step) (done bool, err error) {
	name := p.bare()
	switch name {
	case "@kvd":
		r.kvd = true
	case "@unordered":
		r.unordered = true
	case "@resp2":
		r.proto = 2
	case "@resp3":
		r.proto = 3
	case "@since":
		r.since = p.bare()
		_, err = parseVersion(r.since)
	case "@needs":
		r.needs = p.bare()
	case "@times":
		r.times, err = strconv.Atoi(p.bare())
	case "@persist":
		p.script.persist = true
	case "@config":
		return true, p.config(s)
	case "@advance":
		s.action = actionAdvance
		if s.advance, err = time.ParseDuration(p.bare()); err != nil {
			return true, err
		}
		s.rules = *r
		p.add(*s)
		return true, nil
	case "@restart":
		s.action, s.rules = actionRestart, *r
		p.script.persist = true
		p.add(*s)
		return true, nil
	default:
		err = fmt.Errorf("unknown directive %s", name)
	}
	p.spaces()
	return false, err
}

func (p *reader) config(s *step) error {
	name := p.bare()
	p.spaces()
	missing := strings.TrimSpace(p.rest()) == ""
	value, err := p.word()
	if err != nil || missing {
		return fmt.Errorf("@config takes a name and a value")
	}
	s.action, s.setting, s.rules = actionConfig, setting{name, value}, p.local
	if p.inHead() {
		p.settings = append(p.settings, s.setting)
		return nil
	}
	p.add(*s)
	return nil
}
