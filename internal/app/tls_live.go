package app

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kvd/internal/clock"
	"kvd/internal/config"
)

// watchEvery is how often the files of certificates are looked at.
const watchEvery = 5 * time.Second

// encryption is what new TLS connections are made with. It is replaced while the
// server runs; a bad certificate leaves it as it was.
type encryption struct {
	current atomic.Pointer[tls.Config]

	mu    sync.Mutex // guards what follows
	seen  string     // the files that were read last, whatever came of it
	timer clock.Timer
	ended bool
}

// startTLS reads the certificates and watches their files.
func (a *App) startTLS(cfg *config.Config) error {
	settings, err := tlsSettings(cfg)
	if err != nil {
		return err
	}
	a.tls.current.Store(settings)
	a.tls.seen = filesOf(cfg)
	a.watchTLS()
	return nil
}

// watchTLS reads the certificates again when their files have changed, now and
// then from now on.
func (a *App) watchTLS() {
	e := &a.tls
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ended {
		return
	}
	if cfg := a.live.Get(); filesOf(cfg) != e.seen {
		a.replaceTLS(cfg)
	}
	e.timer = a.opt.Clock.AfterFunc(watchEvery, a.watchTLS)
}

// stopTLS ends watchTLS.
func (a *App) stopTLS() {
	e := &a.tls
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = true
	if e.timer != nil {
		e.timer.Stop()
	}
}

// ReloadTLS reads the certificates again, for new connections. If they are bad,
// that is logged and the old ones stay.
func (a *App) ReloadTLS() {
	a.tls.mu.Lock()
	defer a.tls.mu.Unlock()
	if a.tls.current.Load() != nil {
		a.replaceTLS(a.live.Get())
	}
}

// replaceTLS is ReloadTLS with the lock held.
func (a *App) replaceTLS(cfg *config.Config) {
	a.tls.seen = filesOf(cfg) // before they are read: what changes meanwhile is read again
	settings, err := tlsSettings(cfg)
	if err != nil {
		a.log.Error().Err(err).Msg("the TLS certificates stay as they were")
		return
	}
	a.tls.current.Store(settings)
	a.log.Info().Str("certificate", cfg.TLSCertFile).Msg("the TLS certificates were read again")
}

// errTLSUpdate is the reply to a CONFIG SET with bad TLS settings. What is wrong
// with them is in the log, since it may name files.
var errTLSUpdate = errors.New("Unable to update TLS configuration. Check server logs.") //nolint:staticcheck,revive // the text of redis-server

// checkTLS refuses settings with which no connection could be made.
func (a *App) checkTLS(old, changed *config.Config) error {
	if a.tls.current.Load() == nil || reflect.DeepEqual(old.TLS, changed.TLS) {
		return nil
	}
	if _, err := tlsSettings(changed); err != nil {
		a.log.Error().Err(err).Msg("CONFIG SET: the TLS settings stay as they were")
		return errTLSUpdate
	}
	return nil
}

// applyTLS is called after CONFIG SET. To set a file to the name that it has
// reads it again too.
func (a *App) applyTLS(old, changed *config.Config) {
	a.tls.mu.Lock()
	defer a.tls.mu.Unlock()
	if a.tls.current.Load() == nil {
		return
	}
	if !reflect.DeepEqual(old.TLS, changed.TLS) || filesOf(changed) != a.tls.seen {
		a.replaceTLS(changed)
	}
}

// filesOf describes the files that the settings name, so that a change of them
// is a change of the description.
func filesOf(cfg *config.Config) string {
	names, _ := authorityFiles(cfg) // a bad pattern is an error when they are read
	var b strings.Builder
	for _, name := range append([]string{cfg.TLSCertFile, cfg.TLSKeyFile}, names...) {
		info, err := os.Stat(name)
		if err != nil {
			fmt.Fprintf(&b, "%s is missing\n", name)
			continue
		}
		fmt.Fprintf(&b, "%s %d %d\n", name, info.Size(), info.ModTime().UnixNano())
	}
	return b.String()
}
