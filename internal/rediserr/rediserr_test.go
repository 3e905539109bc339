package rediserr

import (
	"bytes"
	"strings"
	"testing"
)

func TestTexts(t *testing.T) {
	words := func(s ...string) (list [][]byte) {
		for _, w := range s {
			list = append(list, []byte(w))
		}
		return list
	}
	tests := []struct {
		err  *Error
		want string
	}{
		{WrongArgs("client|kill"), "ERR wrong number of arguments for 'client|kill' command"},
		{InvalidExpire("set"), "ERR invalid expire time in 'set' command"},
		{UnknownSubcommand("client", []byte("NOSUCH")), "ERR unknown subcommand 'NOSUCH'. Try CLIENT HELP."},
		{UnknownCommand(words("nosuch", "a", "b")), "ERR unknown command 'nosuch', with args beginning with: 'a' 'b' "},
		{UnknownCommand(words("nosuch")), "ERR unknown command 'nosuch', with args beginning with: "},
		{UnknownCommand(words("a\r\nb", "c\nd")), "ERR unknown command 'a  b', with args beginning with: 'c d' "},
		{Misconf("no space\nleft"), "MISCONF Errors writing to the journal: no space left"},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got  %q\nwant %q", got, tt.want)
		}
	}
}

// TestUnknownCommandIsShort: a client can't make the server echo megabytes.
func TestUnknownCommandIsShort(t *testing.T) {
	long := bytes.Repeat([]byte("x"), 1<<20)
	text := UnknownCommand([][]byte{long, long, long}).Error()
	if n := strings.Count(text, "x"); n > 300 {
		t.Errorf("%d bytes of the command are quoted", n)
	}
}
