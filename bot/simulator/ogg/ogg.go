// Package ogg puts voice notes into the container that Telegram's apps use. A
// browser of the Chromium family records Opus, as they do, but only into WebM.
// The sound itself is not touched.
package ogg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// IsWebM reports whether data begins as WebM (and all of Matroska) does.
func IsWebM(data []byte) bool { return bytes.HasPrefix(data, []byte{0x1A, 0x45, 0xDF, 0xA3}) }

// The elements that are looked at, by the identifiers of RFC 9559. All else is
// passed over.
const (
	segment      = 0x18538067
	cluster      = 0x1F43B675
	blockGroup   = 0xA0
	block        = 0xA1
	simpleBlock  = 0xA3
	tracks       = 0x1654AE6B
	trackEntry   = 0xAE
	codecID      = 0x86
	codecPrivate = 0x63A2
)

var errShort = errors.New("the recording breaks off")

// FromWebM turns a WebM recording of one track of Opus into OGG (RFC 7845).
func FromWebM(data []byte) ([]byte, error) {
	var head []byte
	var packets [][]byte
	for len(data) > 0 {
		id, rest, err := number(data, true)
		if err != nil {
			return nil, err
		}
		size, rest, err := number(rest, false)
		if err != nil {
			return nil, err
		}
		switch id {
		case segment, cluster, blockGroup, tracks, trackEntry: // what is inside comes next; a live recording does not know their sizes
			data = rest
			continue
		}
		if size > uint64(len(rest)) {
			return nil, errShort
		}
		body := rest[:size]
		data = rest[size:]
		switch id {
		case codecID:
			if string(body) != "A_OPUS" {
				return nil, fmt.Errorf("the recording is %q, not Opus", body)
			}
		case codecPrivate:
			head = body
		case block, simpleBlock:
			_, frame, err := number(body, false) // after the track: two bytes of time, one of flags
			if err != nil || len(frame) < 4 {
				return nil, errShort
			}
			if frame[2]&0x06 != 0 {
				return nil, errors.New("the recording has laced blocks, which browsers do not write")
			}
			packets = append(packets, frame[3:])
		}
	}
	if len(head) < 19 || !bytes.HasPrefix(head, []byte("OpusHead")) {
		return nil, errors.New("the recording has no header of Opus")
	}
	return write(head, packets), nil
}

// number reads a number of EBML (RFC 8794, section 4), an identifier with its
// marker.
func number(b []byte, marker bool) (n uint64, rest []byte, err error) {
	if len(b) == 0 || b[0] == 0 {
		return 0, nil, errShort
	}
	length := 1
	for b[0]<<(length-1)&0x80 == 0 {
		length++
	}
	if len(b) < length {
		return 0, nil, errShort
	}
	for _, c := range b[:length] {
		n = n<<8 | uint64(c)
	}
	if !marker {
		n &= 1<<(7*length) - 1
	}
	return n, b[length:], nil
}

// perPage is how many packets go on a page: a second of sound, usually.
const perPage = 50

func write(head []byte, packets [][]byte) []byte {
	var w writer
	w.page(2, 0, head)
	w.page(0, 0, []byte("OpusTags\x08\x00\x00\x00fieldbot\x00\x00\x00\x00"))
	granule := uint64(binary.LittleEndian.Uint16(head[10:])) // what a player skips at the start
	for len(packets) > 0 {
		n, lacing := 0, 0
		for n < min(perPage, len(packets)) && lacing+len(packets[n])/255+1 <= 255 {
			lacing += len(packets[n])/255 + 1
			granule += samples(packets[n])
			n++
		}
		if n == 0 { // more than a page holds, and than Opus writes
			packets = packets[1:]
			continue
		}
		flags := byte(0)
		if n == len(packets) {
			flags = 4
		}
		w.page(flags, granule, packets[:n]...)
		packets = packets[n:]
	}
	return w.out
}

// samples is how long a packet sounds, in samples of 48 kHz (RFC 6716, section 3.1).
func samples(packet []byte) uint64 {
	if len(packet) == 0 {
		return 0
	}
	config := packet[0] >> 3
	var frame uint64
	switch {
	case config < 12:
		frame = []uint64{480, 960, 1920, 2880}[config&3]
	case config < 16:
		frame = []uint64{480, 960}[config&1]
	default:
		frame = 120 << (config & 3)
	}
	switch packet[0] & 3 {
	case 0:
		return frame
	case 1, 2:
		return 2 * frame
	}
	if len(packet) < 2 {
		return 0
	}
	return frame * uint64(packet[1]&0x3F)
}

type writer struct {
	out  []byte
	next uint32
}

// page adds a page (RFC 3533, section 6) of whole packets.
func (w *writer) page(flags byte, granule uint64, packets ...[]byte) {
	var lacing, body []byte
	for _, p := range packets {
		for n := len(p); ; n -= 255 {
			lacing = append(lacing, byte(min(n, 255)))
			if n < 255 {
				break
			}
		}
		body = append(body, p...)
	}
	page := append([]byte("OggS\x00"), flags)
	page = binary.LittleEndian.AppendUint64(page, granule)
	page = binary.LittleEndian.AppendUint32(page, 1)
	page = binary.LittleEndian.AppendUint32(page, w.next)
	page = append(page, 0, 0, 0, 0, byte(len(lacing)))
	page = append(append(page, lacing...), body...)
	binary.LittleEndian.PutUint32(page[22:], sum(page))
	w.out = append(w.out, page...)
	w.next++
}

// sum is Ogg's checksum: CRC-32 of the usual polynomial, but from the other end
// than hash/crc32 has it.
func sum(b []byte) (crc uint32) {
	for _, c := range b {
		crc ^= uint32(c) << 24
		for range 8 {
			if crc&(1<<31) != 0 {
				crc = crc<<1 ^ 0x04C11DB7
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}
