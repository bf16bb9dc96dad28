package ogg

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

// element writes an element whose size is known; live writes one whose is not.
func element(id []byte, body ...[]byte) []byte {
	b := slices.Concat(body...)
	return slices.Concat(id, []byte{0x40 | byte(len(b)>>8), byte(len(b))}, b)
}

func live(id []byte, body ...[]byte) []byte {
	return slices.Concat(append([][]byte{id, {0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}}, body...)...)
}

var head = []byte("OpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00")

// recording is as MediaRecorder writes: segment and clusters of unknown size.
func recording(codec string, flags byte, packets ...[]byte) []byte {
	var blocks [][]byte
	for _, p := range packets {
		blocks = append(blocks, element([]byte{0xA3}, []byte{0x81, 0, 0, flags}, p))
	}
	return slices.Concat(
		element([]byte{0x1A, 0x45, 0xDF, 0xA3}, element([]byte{0x42, 0x82}, []byte("webm"))),
		live([]byte{0x18, 0x53, 0x80, 0x67},
			element([]byte{0x16, 0x54, 0xAE, 0x6B}, element([]byte{0xAE},
				element([]byte{0x86}, []byte(codec)), element([]byte{0x63, 0xA2}, head))),
			live([]byte{0x1F, 0x43, 0xB6, 0x75}, blocks...)))
}

func TestFromWebM(t *testing.T) {
	long := bytes.Repeat([]byte{0xF8}, 600)            // 20 ms in one frame, laced as 255, 255, 90
	full := append([]byte{0xF8}, make([]byte, 254)...) // 255 bytes need a lacing value of 0 after them
	packets := [][]byte{long, full}
	for range 60 {
		packets = append(packets, []byte{0xFB, 0x03, 1, 2, 3}) // three frames of 20 ms
	}
	out, err := FromWebM(recording("A_OPUS", 0, packets...))
	if err != nil {
		t.Fatal(err)
	}
	// Read back by the book.
	var got [][]byte
	var part []byte
	var granule uint64
	for page := uint32(0); len(out) > 0; page++ {
		if string(out[:5]) != "OggS\x00" || binary.LittleEndian.Uint32(out[18:]) != page {
			t.Fatalf("page %d begins with %x", page, out[:27])
		}
		granule = binary.LittleEndian.Uint64(out[6:])
		lacing := out[27 : 27+int(out[26])]
		body := out[27+len(lacing):]
		n := 0
		for _, l := range lacing {
			part = append(part, body[n:n+int(l)]...)
			n += int(l)
			if l < 255 {
				got, part = append(got, part), nil
			}
		}
		if last := len(body) == n; last != (out[5]&4 != 0) || (page == 0) != (out[5]&2 != 0) {
			t.Errorf("page %d of flags %d", page, out[5])
		}
		out = body[n:]
	}
	if len(got) != 2+len(packets) || !bytes.Equal(got[0], head) || !bytes.HasPrefix(got[1], []byte("OpusTags")) {
		t.Fatalf("%d packets, of which the first are %.20q and %.20q", len(got), got[0], got[1])
	}
	for i, p := range packets {
		if !bytes.Equal(got[i+2], p) {
			t.Errorf("packet %d is %x, want %x", i, got[i+2], p)
		}
	}
	if want := uint64(312 + 2*960 + 60*3*960); granule != want {
		t.Errorf("it ends at sample %d, want %d", granule, want)
	}
}

// The value is that which CRC catalogues have for this polynomial, not reflected,
// from 0.
func TestChecksum(t *testing.T) {
	if got := sum([]byte("123456789")); got != 0x89A1897F {
		t.Errorf("%08x", got)
	}
}

func TestNotARecording(t *testing.T) {
	good := recording("A_OPUS", 0, []byte{0xF8, 1})
	for n := range bytes.Index(good, head) + len(head) {
		if _, err := FromWebM(good[:n]); err == nil {
			t.Errorf("its first %d bytes are one", n)
		}
	}
	for what, data := range map[string][]byte{
		"vorbis":              recording("A_VORBIS", 0, []byte{1}),
		"laced":               recording("A_OPUS", 2, []byte{1}),
		"zeros":               make([]byte, 100),
		"a size over the end": append(slices.Clone(good), 0xA3, 0x7F, 0xFF),
	} {
		if _, err := FromWebM(data); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
