package wire

// inline parses the command line at pos, as typed into telnet, into args. An
// empty line gives no arguments. It reports false if the line is incomplete or
// wrong.
func (in *Input) inline() bool {
	length := in.line('\n')
	if length < 0 {
		if in.end-in.pos > in.limits.Inline {
			in.err = errLongInline
		}
		return false
	}
	line := in.buf[in.pos : in.pos+length]
	if length > 0 && line[length-1] == '\r' {
		line = line[:length-1]
	}
	in.scan = 0
	in.pos += length + 1
	var ok bool
	if in.args, ok = splitLine(in.args[:0], line); !ok {
		in.err = errQuotes
	}
	return ok
}

// splitLine appends the words of line to args. Words are separated by blanks; a
// quote, also in the middle of a word, starts a part that ends with the word.
// Between double quotes \xHH, \n, \r, \t, \b, \a and a backslash before any
// other byte are understood, between single quotes only \'. It reports false if
// a quote is not closed, or closed before the end of its word.
//
// Words are decoded in place, since a word is never longer than its source.
func splitLine(args [][]byte, line []byte) ([][]byte, bool) {
	for i := 0; ; {
		for i < len(line) && isBlank(line[i]) {
			i++
		}
		if i == len(line) {
			return args, true
		}
		start := i
		for i < len(line) && !endsWord(line[i]) && line[i] != '"' && line[i] != '\'' {
			i++
		}
		end := i
		if i < len(line) && !endsWord(line[i]) {
			var ok bool
			if i, end, ok = unquote(line, i); !ok {
				return args, false
			}
		}
		args = append(args, line[start:end:end])
	}
}

// unquote decodes the quoted part that opens at line[i], moving it one byte to
// the left. It returns where the source and where the decoded bytes end.
func unquote(line []byte, i int) (next, end int, ok bool) {
	quote := line[i]
	end = i
	for i++; i < len(line); end++ {
		c := line[i]
		switch {
		case c == quote:
			i++
			return i, end, i == len(line) || isBlank(line[i])
		case c == '\\' && quote == '"' && i+1 < len(line):
			line[end], i = escape(line, i+1)
		case c == '\\' && quote == '\'' && i+1 < len(line) && line[i+1] == '\'':
			line[end], i = '\'', i+2
		default:
			line[end], i = c, i+1
		}
	}
	return i, end, false
}

// escape decodes what follows a backslash at line[i], and returns the byte and
// where its source ends.
func escape(line []byte, i int) (c byte, next int) {
	switch c = line[i]; c {
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'b':
		c = '\b'
	case 'a':
		c = '\a'
	case 'x':
		if i+2 < len(line) && unhex(line[i+1]) < 16 && unhex(line[i+2]) < 16 {
			return unhex(line[i+1])<<4 | unhex(line[i+2]), i + 3
		}
	}
	return c, i + 1
}

// unhex is the value of a hexadecimal digit, and 16 for other bytes.
func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 16
}

// isBlank says whether c separates words.
func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// endsWord says whether c ends a word without quotes. Vertical tab and form feed
// separate words and yet do not end them, as with redis-server.
func endsWord(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
