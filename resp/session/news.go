package session

import "strconv"

// The beginnings of what clients are told of their caches: a push in RESP3, and
// in RESP2, for clients to which another one has redirected it, a message on a
// channel.
const (
	newsPush    = ">2\r\n$10\r\ninvalidate\r\n"
	newsChannel = "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n"
)

// news is what is told of changed keys: to the client that tracks them, which
// cannot be told in RESP2, or to another one.
type news struct{ own, redirected *Message }

// everything says that all keys have changed.
var everything = news{
	own:        NewMessage("", newsPush+"_\r\n", nil),
	redirected: NewMessage(newsChannel+"$-1\r\n", newsPush+"_\r\n", nil),
}

func newsOf(keys [][]byte) news {
	body := strconv.AppendInt([]byte{'*'}, int64(len(keys)), 10)
	body = append(body, '\r', '\n')
	for _, key := range keys {
		body = append(body, '$')
		body = strconv.AppendInt(body, int64(len(key)), 10)
		body = append(body, '\r', '\n')
		body = append(body, key...)
		body = append(body, '\r', '\n')
	}
	return news{own: NewMessage("", newsPush, body), redirected: NewMessage(newsChannel, newsPush, body)}
}

// tell sends news to a client that tracks, or to where it wants them.
func (c *Caches) tell(s *Session, t *Tracking, n news) {
	if t.Redirect == 0 {
		s.Push(n.own)
		return
	}
	if to := c.registry.Get(t.Redirect); to != nil {
		to.Push(n.redirected)
		return
	}
	t.broken.Store(true)
	gone := ">2\r\n$21\r\ntracking-redir-broken\r\n:" + strconv.FormatInt(t.Redirect, 10) + "\r\n"
	s.Push(NewMessage("", gone, nil))
}
