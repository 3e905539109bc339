package link

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// markSize is the length of the mark that ends a payload of unknown length, in
// bytes.
const markSize = 40

// maxLine is the longest line that may stand before a payload, in bytes.
const maxLine = 1 << 10

// Payload reads what a server sends after SYNC, or after the answer to PSYNC, and
// writes it to to: an RDB file. Its length comes first, or a mark of 40 bytes that
// stands after it too; what comes behind stays to be read. The server may take its
// time and show by empty lines that it is alive.
func (c *Conn) Payload(to io.Writer) (size int64, err error) {
	line, err := c.firstLine()
	if err != nil {
		return 0, err
	}
	if mark, ok := strings.CutPrefix(line, "$EOF:"); ok {
		if len(mark) != markSize {
			return 0, errProtocol
		}
		return c.untilMark(to, []byte(mark))
	}
	digits, ok := strings.CutPrefix(line, "$")
	size, parseErr := strconv.ParseInt(digits, 10, 64)
	if !ok || parseErr != nil || size < 0 {
		return 0, errProtocol
	}
	return io.CopyN(to, c, size)
}

// firstLine reads the first line that is not empty. An error that the server answers
// is an *Error.
func (c *Conn) firstLine() (string, error) {
	for {
		line, err := c.Line()
		switch {
		case err != nil:
			return "", err
		case line == "":
		case line[0] == '-':
			return "", &Error{Text: line[1:]}
		case len(line) > maxLine:
			return "", errProtocol
		default:
			return line, nil
		}
	}
}

// untilMark copies up to a mark, which it takes away.
func (c *Conn) untilMark(to io.Writer, mark []byte) (size int64, err error) {
	for {
		c.expectRead()
		if _, err := c.in.Peek(markSize); err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return size, err
		}
		there, _ := c.in.Peek(c.in.Buffered())
		at := bytes.Index(there, mark)
		n := len(there) - markSize + 1 // the mark may begin in the last bytes
		if at >= 0 {
			n = at
		}
		if _, err := to.Write(there[:n]); err != nil {
			return size, fmt.Errorf("keep the data: %w", err)
		}
		size += int64(n)
		_, _ = c.in.Discard(n) // it is buffered
		if at >= 0 {
			_, _ = c.in.Discard(markSize)
			return size, nil
		}
	}
}
