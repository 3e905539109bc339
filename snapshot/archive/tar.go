package archive

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
)

// blockSize is the unit of a tar file, in bytes.
const blockSize = 512

// The fields of a header block that count here (POSIX.1-1988, "ustar").
const (
	nameEnd   = 100
	sizeAt    = 124
	sizeEnd   = 136
	sumAt     = 148
	sumEnd    = 156
	typeAt    = 156
	linkAt    = 157
	magicAt   = 257
	magicEnd  = 265
	prefixAt  = 345
	prefixEnd = 500
)

const ustar = "ustar\x0000"

// header is the block that a member begins with.
func header(name string, size int64, unixTime int64) []byte {
	b := make([]byte, blockSize)
	copy(b, name)
	copy(b[100:], "0000600\x000000000\x000000000\x00")
	copy(b[sizeAt:], fmt.Sprintf("%011o\x00", size))
	copy(b[136:], fmt.Sprintf("%011o\x00", unixTime))
	b[typeAt] = '0'
	copy(b[magicAt:], ustar)
	copy(b[sumAt:], fmt.Sprintf("%06o\x00 ", headerSum(b)))
	return b
}

// headerSum is the sum of all bytes, with the sum itself as spaces.
func headerSum(b []byte) (sum int64) {
	for i, c := range b {
		if i >= sumAt && i < sumEnd {
			c = ' '
		}
		sum += int64(c)
	}
	return sum
}

// padding is how many bytes follow a member to fill its last block.
func padding(size int64) int { return int(-size & (blockSize - 1)) }

// names is the grammar of members.
var names = regexp.MustCompile(`^(metadata|schemas|collections|migrations|settings|manifest)\.json$|^data/[0-9]{6,7}\.jsonl$`)

// readHeader reads a block that is not empty. It takes plain files only, with
// names of ours.
func readHeader(b []byte) (name string, size int64, err error) {
	if string(b[magicAt:magicEnd]) != ustar {
		return "", 0, unsafe("a header is none of a plain tar file")
	}
	sum, ok := octal(b[sumAt:sumEnd])
	if !ok || sum != headerSum(b) {
		return "", 0, damaged("checksum mismatch in a header")
	}
	raw, rest, _ := bytes.Cut(b[:nameEnd], []byte{0})
	switch {
	case b[typeAt] != '0':
		return "", 0, unsafe("member %.100q is not a regular file", raw)
	case !allZero(rest) || !allZero(b[prefixAt:prefixEnd]) || !allZero(b[linkAt:magicAt]) || !names.Match(raw):
		return "", 0, unsafe("member %.100q has a name that is not allowed", raw)
	}
	size, ok = octal(b[sizeAt:sizeEnd])
	if !ok {
		return "", 0, unsafe("member %.100q has no size", raw)
	}
	return string(raw), size, nil
}

func octal(b []byte) (int64, bool) {
	n, err := strconv.ParseInt(string(bytes.TrimRight(b, "\x00 ")), 8, 64)
	return n, err == nil && n >= 0
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
