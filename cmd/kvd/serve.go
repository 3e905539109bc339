package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/rs/zerolog"

	"kvd/internal/app"
	"kvd/internal/clock"
	"kvd/internal/config"
	"kvd/internal/logging"
	"kvd/persist"
)

// serve runs the server until SIGTERM, SIGINT or SHUTDOWN.
func serve(args []string) int {
	cfg, err := config.Load(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "kvd:", err)
		return exitUsage
	}
	log, out, err := logging.New(string(cfg.LogLevel), cfg.LogFile)
	if err != nil {
		return failure(err)
	}
	defer func() { _ = out.Close() }() // nobody is left to be told

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP) // from here on it does not end the process
	defer signal.Stop(hangups)

	a, err := app.Open(app.Options{Config: cfg, Clock: &clock.System{}, Log: log, SetLogLevel: out.SetLevel})
	if err != nil {
		return openFailure(log, err)
	}
	go onHangup(ctx, hangups, func() {
		if err := out.Reopen(); err != nil {
			log.Error().Err(err).Msg("the log file stays as it was")
		}
		a.ReloadTLS()
	})
	if err := a.Run(ctx); err != nil {
		log.Error().Err(err).Msg("the end was not clean")
		return exitFailure
	}
	return exitOK
}

// openFailure says why the server can't start.
func openFailure(log zerolog.Logger, err error) int {
	log.Error().Err(err).Msg("can't start")
	if damaged := (*persist.DamagedError)(nil); errors.As(err, &damaged) {
		return exitDamaged
	}
	return exitFailure
}

// onHangup calls do at each SIGHUP: the log file is opened anew, after it was
// rotated, and the certificates are read again.
func onHangup(ctx context.Context, hangups <-chan os.Signal, do func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			do()
		}
	}
}
