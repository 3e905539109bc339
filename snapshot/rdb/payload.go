package rdb

import (
	"encoding/binary"
	"hash/crc64"
)

// footerSize is the length of version and checksum.
const footerSize = 2 + 8

// jones is the polynomial 0xad93d23594c935a9 of Jones, bits reversed.
var jones = crc64.MakeTable(0x95ac9329ac4bc9b5)

// checksum is the CRC64 of data as redis-server has it: from zero, and without
// the complements of the standard ones.
func checksum(data []byte) uint64 { return ^crc64.Update(^uint64(0), jones, data) }

// seal appends version and checksum to what dst has from start on.
func seal(dst []byte, start int, version uint16) []byte {
	dst = binary.LittleEndian.AppendUint16(dst, version)
	return binary.LittleEndian.AppendUint64(dst, checksum(dst[start:]))
}

// unseal returns the payload without its footer, if that is right.
func unseal(payload []byte) ([]byte, error) {
	if len(payload) < footerSize {
		return nil, ErrChecksum
	}
	body, footer := payload[:len(payload)-footerSize], payload[len(payload)-footerSize:]
	if binary.LittleEndian.Uint16(footer) > MaxVersion {
		return nil, ErrChecksum
	}
	if checksum(payload[:len(payload)-8]) != binary.LittleEndian.Uint64(footer[2:]) {
		return nil, ErrChecksum
	}
	return body, nil
}

// PayloadVersion is the version of the format that a payload says it has; 0 for
// what is too short to be one.
func PayloadVersion(payload []byte) int {
	if len(payload) < footerSize {
		return 0
	}
	return int(binary.LittleEndian.Uint16(payload[len(payload)-footerSize:]))
}
