package session

import (
	"strconv"
	"time"
)

// AppendLine appends the line of a client in CLIENT LIST: the fields of
// redis-server 7.2 in its order. Those that do not exist here (replies in a list)
// have the value of a client without them.
func (s *Snapshot) AppendLine(b []byte, now time.Time) []byte {
	text := func(name, value string) {
		b = append(append(append(append(b, name...), '='), value...), ' ')
	}
	num := func(name string, n int64) {
		b = append(append(b, name...), '=')
		b = append(strconv.AppendInt(b, n, 10), ' ')
	}
	num("id", s.ID)
	text("addr", s.Address)
	text("laddr", s.LocalAddress)
	num("fd", int64(s.FD))
	text("name", s.Name)
	num("age", seconds(now.Sub(s.Created)))
	num("idle", seconds(now.Sub(s.LastActive)))
	text("flags", s.flags())
	num("db", int64(s.DB))
	for kind, name := range [...]string{"sub", "psub", "ssub"} {
		num(name, int64(s.Subscribed[kind]))
	}
	num("multi", int64(s.Queued))
	num("qbuf", int64(s.InputBytes))
	num("qbuf-free", 0) // what is read into belongs to the loop
	num("argv-mem", int64(s.WordBytes))
	num("multi-mem", int64(s.QueuedBytes))
	num("rbs", int64(s.OutputMemory))
	num("rbp", int64(s.OutputMemory))
	num("obl", int64(s.OutputBytes))
	num("oll", 0)
	num("omem", int64(s.OutputBytes))
	num("tot-mem", int64(s.TotalMemory))
	text("events", s.events())
	text("cmd", s.LastCommand)
	text("user", s.User)
	num("redir", s.Tracking.Target())
	num("resp", int64(s.Protocol))
	text("lib-name", s.LibName)
	text("lib-ver", s.LibVersion)
	b[len(b)-1] = '\n'
	return b
}

// seconds is d in whole seconds, and never negative: a session may have been
// active after the command began.
func seconds(d time.Duration) int64 { return max(0, int64(d/time.Second)) }

// flags returns the letters of a client's state, or N.
func (s *Snapshot) flags() string {
	var flags []byte
	for _, f := range [...]struct {
		set    bool
		letter byte
	}{
		{s.Monitors, 'O'},
		{s.Subscribed != [ChannelKinds]int{}, 'P'},
		{s.Queued >= 0, 'x'},
		{s.Blocked, 'b'},
		{s.Tracking != nil, 't'},
		{s.Tracking != nil && s.Tracking.Broken(), 'R'},
		{s.Tracking != nil && s.Tracking.Broadcast, 'B'},
		{s.Closing, 'c'},
		{s.UnixSocket, 'U'},
		{s.NoEvict, 'e'},
		{s.NoTouch, 'T'},
	} {
		if f.set {
			flags = append(flags, f.letter)
		}
	}
	if len(flags) == 0 {
		return "N"
	}
	return string(flags)
}

// events says what is waited for at the socket.
func (s *Snapshot) events() string {
	if s.OutputBytes > 0 {
		return "rw"
	}
	return "r"
}

// Target returns the client that is told of changes, 0 if it is the one that
// tracks, and -1 if none tracks: t may be nil.
func (t *Tracking) Target() int64 {
	if t == nil {
		return -1
	}
	return t.Redirect
}
