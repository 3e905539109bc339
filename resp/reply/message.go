package reply

// NoReply stands for the reply of a command that has answered with messages
// instead: it writes nothing.
func (w *Writer) NoReply() { w.check.item(0) }

// Message writes a message that is head and then body. It must stand between
// two replies.
func (w *Writer) Message(head string, body []byte) {
	w.buf = append(append(w.buf, head...), body...)
}

// LargeMessage is Message without a copy of the body: it takes over the caller's
// hold on it.
func (w *Writer) LargeMessage(head string, body Shared) {
	w.buf = append(w.buf, head...)
	w.large = append(w.large, insert{len(w.buf), body})
	w.size += len(body.Bytes())
}
