package config

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"kvd/internal/glob"
	"kvd/internal/rediserr"
)

// Live is the settings of a running server. Get is safe and free from any
// goroutine; the other methods may be called from any, one at a time.
type Live struct {
	current atomic.Pointer[Config]

	mu     sync.Mutex // held by Set, Rewrite and the registration of hooks
	checks []func(old, new *Config) error
	hooks  []func(old, new *Config)
	// rewrites fill in what is not a setting when it changes.
	rewrites []func(*Config)
}

// NewLive publishes c, which must not be changed any more.
func NewLive(c *Config) *Live {
	l := &Live{}
	l.current.Store(c)
	return l
}

// Get returns the settings of this moment. They never change: whoever needs
// several that agree calls it once.
func (l *Live) Get() *Config { return l.current.Load() }

// OnCheck registers a veto: Set calls check before it publishes, and an error
// leaves everything as it was. Check must not call Set.
func (l *Live) OnCheck(check func(old, new *Config) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.checks = append(l.checks, check)
}

// OnChange registers a hook that Set calls after it published, in the order of
// registration. Hook must not call Set.
func (l *Live) OnChange(hook func(old, new *Config)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hooks = append(l.hooks, hook)
}

// OnRewrite registers a hook that Rewrite calls with a copy of the settings: it
// sets what the file is to have that commands have changed otherwise, such as
// Users.
func (l *Live) OnRewrite(hook func(*Config)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rewrites = append(l.rewrites, hook)
}

// Set changes options, all or none, on behalf of a client from there. Each pair
// is a name and a value, as in CONFIG SET; the errors are the replies of that
// command.
func (l *Live) Set(pairs [][2]string, from Origin) error {
	l.mu.Lock()
	defer l.mu.Unlock()

	old := l.current.Load()
	targets, err := admit(old, pairs, from)
	if err != nil {
		return err
	}
	changed := old.clone()
	for i, p := range targets {
		if err := change(changed, p, pairs[i]); err != nil {
			return err
		}
	}
	if err := l.approve(old, changed); err != nil {
		return setFailed(pairs, err)
	}

	l.current.Store(changed)
	for _, hook := range l.hooks {
		hook(old, changed)
	}
	return nil
}

// admit finds the options of the pairs and refuses those that may not be set.
func admit(c *Config, pairs [][2]string, from Origin) ([]*Param, error) {
	targets := make([]*Param, 0, len(pairs))
	for _, pair := range pairs {
		name := pair[0]
		p := lookup(name)
		if p == nil || p.fileOnly {
			return nil, rediserr.Newf("Unknown option or number of arguments for CONFIG SET - '%s'", name)
		}
		if reason := refusal(c, p, from); reason != "" {
			return nil, setError(name, reason)
		}
		for _, earlier := range targets {
			if earlier == p {
				return nil, setError(name, "duplicate parameter")
			}
		}
		targets = append(targets, p)
	}
	return targets, nil
}

// refusal says why p may not be set by a client from there; "" if it may.
func refusal(c *Config, p *Param, from Origin) string {
	switch {
	case p.Change == Fixed:
		return "can't set immutable config"
	case p.Change == Locked, p.Change == Protected && !c.EnableProtectedConfigs.Allows(from):
		return "can't set protected config"
	}
	return ""
}

// change gives one option its new value.
func change(c *Config, p *Param, pair [2]string) error {
	before := p.set.show(c, p.Name)
	err := p.clear(c)
	if err == nil {
		err = p.assign(c, []string{pair[1]})
	}
	if invalid := (*ValueError)(nil); errors.As(err, &invalid) {
		return setError(pair[0], invalid.Reason)
	}
	if p.Change == Restart && p.set.show(c, p.Name) != before {
		return setError(pair[0], "can't be changed while the server runs: set it in the configuration file and restart")
	}
	return nil
}

// approve asks the rules between options and then every veto.
func (l *Live) approve(old, changed *Config) error {
	if err := changed.check(); err != nil {
		return err
	}
	for _, check := range l.checks {
		if err := check(old, changed); err != nil {
			return err
		}
	}
	return nil
}

// setFailed words a refusal of the whole. It names the option if that is clear.
func setFailed(pairs [][2]string, err error) error {
	if len(pairs) == 1 {
		return setError(pairs[0][0], err.Error())
	}
	return rediserr.Newf("CONFIG SET failed - %v", err)
}

func setError(name, reason string) error {
	return rediserr.New(rediserr.OneLine(fmt.Sprintf("CONFIG SET failed (possibly related to argument '%s') - %s", name, reason)))
}

// hidden stands for the value of a secret.
const hidden = "(hidden)"

// Match returns name and value of every option that fits one of the patterns,
// as CONFIG GET does: without case, each name once, old names as entries of
// their own. Secrets are not shown, only whether there is one.
func (l *Live) Match(patterns []string) [][2]string {
	c := l.Get()
	var found [][2]string
	for i := range params {
		p := &params[i]
		if p.fileOnly {
			continue
		}
		for _, name := range append([]string{p.Name}, p.Aliases...) {
			if fitsOne(patterns, name) {
				found = append(found, [2]string{name, p.public(c)})
			}
		}
	}
	return found
}

func fitsOne(patterns []string, name string) bool {
	for _, pattern := range patterns {
		if p := []byte(pattern); !glob.TooLong(p) && glob.MatchFold(p, []byte(name)) {
			return true
		}
	}
	return false
}

// public is the value as anybody may see it.
func (p *Param) public(c *Config) string {
	value := p.set.show(c, p.Name)
	if p.Secret && value != "" {
		return hidden
	}
	return value
}
