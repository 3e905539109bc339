package app

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"kvd/internal/config"
	"kvd/resp/wire"
)

// listen opens all sockets of the settings and serves them.
func (a *App) listen() error {
	if a.opt.Listeners != nil {
		for _, l := range a.opt.Listeners {
			a.serve(l)
		}
		return nil
	}
	cfg := a.opt.Config
	if cfg.Port != 0 {
		err := listenTCP(cfg.Bind, cfg.Port, a.serve)
		if err != nil {
			return err
		}
	}
	if cfg.TLSPort != 0 {
		if err := a.listenTLS(cfg); err != nil {
			return err
		}
	}
	if cfg.UnixSocket != "" {
		l, err := wire.ListenUnix(cfg.UnixSocket, cfg.UnixSocketPerm)
		if err != nil {
			return err
		}
		a.serve(l)
	}
	return nil
}

// listenTCP listens at a port of each address; an address with a leading minus
// may be missing on this machine.
func listenTCP(addresses []string, port int, use func(net.Listener)) error {
	for _, address := range addresses {
		host, optional := strings.CutPrefix(address, "-")
		switch host {
		case "*":
			host = "0.0.0.0"
		case "::*":
			host = "::"
		}
		l, err := wire.ListenTCP(host, port)
		if err != nil && optional {
			continue
		}
		if err != nil {
			return fmt.Errorf("listen at %s: %w", net.JoinHostPort(host, strconv.Itoa(port)), err)
		}
		use(l)
	}
	return nil
}

// serve accepts clients at a listener until the server is shut down.
func (a *App) serve(l net.Listener) {
	a.served = append(a.served, l)
	a.serving.Add(1)
	go func() {
		defer a.serving.Done()
		if err := a.server.Wire().Serve(l); err != nil {
			a.log.Error().Err(err).Str("address", l.Addr().String()).Msg("listening ended")
		}
	}()
}

// listenTLS listens for encrypted connections.
func (a *App) listenTLS(cfg *config.Config) error {
	if err := a.startTLS(cfg); err != nil {
		return err
	}
	return listenTCP(cfg.Bind, cfg.TLSPort, func(l net.Listener) {
		a.served = append(a.served, l)
		a.serving.Add(1)
		go func() {
			defer a.serving.Done()
			err := a.server.Wire().ServeTLS(l, a.tls.current.Load)
			if err != nil {
				a.log.Error().Err(err).Str("address", l.Addr().String()).Msg("listening ended")
			}
		}()
	})
}

// Addresses returns where the server listens.
func (a *App) Addresses() []string {
	list := make([]string, len(a.served))
	for i, l := range a.served {
		list[i] = l.Addr().String()
	}
	return list
}

// writePIDFile writes the process id where the settings ask for it.
func (a *App) writePIDFile() error {
	path := a.opt.Config.PIDFile
	if path == "" {
		return nil
	}
	if err := os.WriteFile(path, fmt.Appendln(nil, os.Getpid()), 0o644); err != nil { //nolint:gosec // others may read it
		return fmt.Errorf("option pidfile: %w", err)
	}
	a.pidFile = path
	return nil
}
