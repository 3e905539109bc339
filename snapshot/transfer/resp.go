package transfer

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"kvd/internal/link"
)

// maxWord is the longest word of a command in a file, in bytes.
const maxWord = 512 << 20

// errCommands says that a file is not one of commands.
var errCommands = errors.New("there is no command (like *1\\r\\n$4\\r\\nPING\\r\\n)")

// importCommands sends the commands of a file, after it has looked at all of them.
// An error that the server answers ends it at the end of its batch: what came
// before has been done.
func importCommands(path string, conn *link.Conn, rules *Rules) (Counts, error) {
	if rules.Match != nil || rules.DB != AnyDB || rules.Clash != Abort {
		return Counts{}, errors.New("a file of commands is sent as it is: keys can't be chosen")
	}
	info, err := os.Stat(path)
	if err != nil {
		return Counts{}, err
	}
	if err := eachCommand(path, func([][]byte, int64) error { return nil }); err != nil {
		return Counts{}, err
	}
	done := Counts{Total: info.Size()}
	queued, size := 0, 0
	flush := func() error {
		err := drain(conn, queued, done.Keys)
		done.Keys += int64(queued)
		queued, size = 0, 0
		if rules.Progress != nil {
			rules.Progress(done)
		}
		return err
	}
	err = eachCommand(path, func(words [][]byte, at int64) error {
		queued++
		done.Bytes = at
		for _, w := range words {
			size += len(w)
		}
		if err := conn.Send(words...); err != nil {
			return fmt.Errorf("write to the target: %w", err)
		}
		if queued >= batchKeys || size >= batchBytes {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	return done, err
}

// drain reads the replies of n commands, the first of which has the number after
// before.
func drain(conn *link.Conn, n int, before int64) error {
	if err := conn.Flush(); err != nil {
		return fmt.Errorf("write to the target: %w", err)
	}
	var first error
	for i := range n {
		reply, err := conn.Receive()
		if err != nil {
			return fmt.Errorf("read from the target: %w", err)
		}
		if err := reply.Err(); err != nil && first == nil {
			first = fmt.Errorf("command %d: %w", before+int64(i)+1, err)
		}
	}
	return first
}

// eachCommand calls fn with the words of every command of a file, and with how
// many bytes of it have been read.
func eachCommand(path string, fn func(words [][]byte, at int64) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	in := &commandReader{in: bufio.NewReaderSize(f, batchBytes)}
	for {
		start := in.at
		words, err := in.next()
		switch {
		case errors.Is(err, io.EOF) && in.at == start:
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w at offset %d", path, err, start)
		}
		if err := fn(words, in.at); err != nil {
			return err
		}
	}
}

type commandReader struct {
	in *bufio.Reader
	at int64
}

// next reads a command.
func (r *commandReader) next() ([][]byte, error) {
	n, err := r.head('*', 1<<20)
	if err != nil {
		return nil, err
	}
	const growth = 1 << 10
	words := make([][]byte, 0, min(n, growth))
	for range n {
		size, err := r.head('$', maxWord)
		if err != nil {
			return nil, noEnd(err)
		}
		// No length is believed before the bytes are there.
		word, err := io.ReadAll(io.LimitReader(r.in, int64(size)+2))
		r.at += int64(len(word))
		switch {
		case err != nil:
			return nil, err
		case len(word) < size+2:
			return nil, io.ErrUnexpectedEOF
		case string(word[size:]) != "\r\n":
			return nil, errCommands
		}
		words = append(words, word[:size:size])
	}
	if n == 0 {
		return nil, errCommands
	}
	return words, nil
}

// head reads a line that is a byte and a number up to most.
func (r *commandReader) head(kind byte, most int) (int, error) {
	line, err := r.in.ReadSlice('\n')
	r.at += int64(len(line))
	if err != nil {
		if errors.Is(err, bufio.ErrBufferFull) {
			err = errCommands
		}
		if len(line) > 0 {
			err = noEnd(err)
		}
		return 0, err
	}
	if len(line) < 4 || line[0] != kind || line[len(line)-2] != '\r' {
		return 0, errCommands
	}
	n, err := strconv.ParseUint(string(line[1:len(line)-2]), 10, 31)
	if err != nil || n > uint64(most) {
		return 0, errCommands
	}
	return int(n), nil
}

// noEnd is the error for an end where there should be more.
func noEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
