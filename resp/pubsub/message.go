package pubsub

import (
	"strconv"

	"kvd/resp/session"
)

// encode spells a message: an array in RESP2, a push in RESP3, of its kind and
// the other items as strings.
func encode(kind string, items ...[]byte) *session.Message {
	const prefix = 1 + 20 + 2 + 2 // a mark, a length and two line breaks
	size := prefix + len(kind)
	for _, item := range items {
		size += prefix + len(item)
	}
	body := make([]byte, 0, size)
	body = strconv.AppendInt(body, int64(1+len(items)), 10)
	body = append(body, "\r\n"...)
	body = appendString(body, []byte(kind))
	for _, item := range items {
		body = appendString(body, item)
	}
	return session.NewMessage("*", ">", body)
}

func appendString(b, s []byte) []byte {
	b = append(b, '$')
	b = strconv.AppendInt(b, int64(len(s)), 10)
	b = append(b, '\r', '\n')
	b = append(b, s...)
	return append(b, '\r', '\n')
}
