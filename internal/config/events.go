package config

import (
	"errors"
	"strings"
)

// Events is the set of keyspace events that notify-keyspace-events asks for.
type Events uint16

// The events and channels, with the letter that selects each.
const (
	EventKeyspace Events = 1 << iota // K: to __keyspace@db__ channels
	EventKeyevent                    // E: to __keyevent@db__ channels
	EventGeneric                     // g
	EventString                      // $
	EventList                        // l
	EventSet                         // s
	EventHash                        // h
	EventZset                        // z
	EventExpired                     // x
	EventEvicted                     // e
	EventStream                      // t
	EventModule                      // d
	EventMissed                      // m
	EventNew                         // n
)

// EventsAll is what the letter A stands for: all but the misses and the new
// keys, which come too often to be meant by "all".
const EventsAll = EventGeneric | EventString | EventList | EventSet | EventHash | EventZset |
	EventExpired | EventEvicted | EventStream | EventModule

// eventLetters is in the order of the bits.
const eventLetters = "KEg$lshzxetdmn"

// Has reports whether all of want is in e.
func (e Events) Has(want Events) bool { return e&want == want }

// String spells the set as CONFIG GET shows it: classes, channels, misses.
// Unlike redis-server 7.0 it does not lose the n that comes with an A.
func (e Events) String() string {
	var b strings.Builder
	if e.Has(EventsAll) {
		b.WriteByte('A')
		e &^= EventsAll
	}
	e.spell(&b, EventsAll|EventNew)
	e.spell(&b, EventKeyspace|EventKeyevent)
	e.spell(&b, EventMissed)
	return b.String()
}

func (e Events) spell(b *strings.Builder, among Events) {
	for i := range len(eventLetters) {
		if bit := Events(1 << i); e&among&bit != 0 {
			b.WriteByte(eventLetters[i])
		}
	}
}

var events = codec[Events]{parseEvents, Events.String, "letters of KEg$lshzxetdmnA, or empty"}

func parseEvents(s string) (Events, error) {
	var e Events
	for _, letter := range []byte(s) {
		i := strings.IndexByte(eventLetters, letter)
		switch {
		case letter == 'A':
			e |= EventsAll
		case i >= 0:
			e |= 1 << i
		default:
			return 0, errors.New("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.") //nolint:staticcheck,revive // the text of redis-server
		}
	}
	return e, nil
}
