package flows

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The encoding of an instance: this byte, then fields in a fixed order, numbers
// as varints, answers by the distance of their node's ID from the one before.
const encodingVersion = 1

// Encode writes the instance down: some 20 bytes, and about 6 more than its text
// for each answer. Form.Resume reads it.
func (in *Instance) Encode() []byte {
	b := make([]byte, 0, max(256, in.size+64))
	b = append(b, encodingVersion)
	b = binary.LittleEndian.AppendUint32(b, in.form.layout)
	b = appendID(b, in.id)
	b = binary.AppendVarint(b, in.started.UnixMilli())
	b = binary.LittleEndian.AppendUint64(b, in.seed)
	b = binary.AppendUvarint(b, in.drawn)
	b = binary.AppendUvarint(b, uint64(in.lang))
	b = appendText(b, in.position(in.cursor.n, in.cursor.c).String())
	if in.touched {
		b = appendText(append(b, 1), in.pending)
	} else {
		b = append(b, 0)
	}
	b = in.root.encode(b)
	in.size, in.added = len(b), 0
	return b
}

func (c *container) encode(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(c.cells)))
	last := int32(0)
	for _, x := range c.cells {
		b = binary.AppendUvarint(b, uint64(x.id-last)<<2|uint64(x.flags))
		b = appendText(b, x.text)
		last = x.id
	}
	// most questions of a form are relevant or not in long runs
	b = appendRuns(b, c.hidden[:(len(c.scope.nodes)+7)/8])
	for i := range c.reps {
		r := &c.reps[i]
		b = binary.AppendUvarint(b, uint64(len(r.all)))
		b = binary.AppendUvarint(b, uint64(r.live))
		for _, k := range r.all {
			b = k.encode(b)
		}
	}
	return b
}

// appendRuns writes bytes as runs of zeros, ones (0xff) and others.
func appendRuns(b, bits []byte) []byte {
	for i := 0; i < len(bits); {
		j := i
		if bits[i] == 0 || bits[i] == 0xff {
			for same := uint64(int64(int8(bits[i]))); j+8 <= len(bits) && binary.LittleEndian.Uint64(bits[j:]) == same; {
				j += 8
			}
			for j < len(bits) && bits[j] == bits[i] {
				j++
			}
			b = binary.AppendUvarint(b, uint64(j-i)<<2|uint64(bits[i]&1))
		} else {
			for j+8 <= len(bits) && allMixed(binary.LittleEndian.Uint64(bits[j:])) {
				j += 8
			}
			for j < len(bits) && bits[j] != 0 && bits[j] != 0xff {
				j++
			}
			b = binary.AppendUvarint(b, uint64(j-i)<<2|2)
			b = append(b, bits[i:j]...)
		}
		i = j
	}
	return b
}

// allMixed reports whether no byte of a word is zero or 0xff: subtracting one
// from each byte borrows into the high bit of those that are zero, and of no byte
// below them.
func allMixed(v uint64) bool {
	const low, high = 0x0101010101010101, 0x8080808080808080
	return (v-low)&^v&high == 0 && (^v-low)&v&high == 0
}

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// appendID writes a UUID in 16 bytes, anything else as text.
func appendID(b []byte, id string) []byte {
	if raw, err := hex.DecodeString(strings.ReplaceAll(id, "-", "")); err == nil && len(raw) == 16 && formatUUID(raw) == id {
		return append(append(b, 1), raw...)
	}
	return appendText(append(b, 0), id)
}

func formatUUID(b []byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Resume reads what Encode wrote. The form must be the one of the same Hash; if
// this program lays it out otherwise, what is relevant is worked out anew. The
// error says that the data is damaged.
func (f *Form) Resume(w World, data []byte) (*Instance, error) {
	if len(data) == 0 || len(data) > MaxEncoded {
		return nil, errors.New("resume: no encoded instance")
	}
	if data[0] != encodingVersion {
		return nil, fmt.Errorf("resume: encoding version %d is unknown", data[0])
	}
	r := &decoder{s: string(data), at: 1}
	in := f.instance(w)
	in.size = len(data)
	layout := r.uint32()
	if r.byte() == 1 {
		in.id = formatUUID([]byte(r.bytes(16)))
	} else {
		in.id = r.text()
	}
	in.started = time.UnixMilli(r.varint()).In(in.world.Zone)
	in.seed = uint64(r.uint32()) | uint64(r.uint32())<<32
	in.drawn = r.uvarint()
	in.lang = int(min(r.uvarint(), uint64(len(f.Languages)-1)))
	at := r.text()
	if r.byte() == 1 {
		in.pending, in.touched = r.text(), true
	}
	in.root = r.container(in, f.Root.inner, nil, 0)
	if r.err != nil {
		return nil, r.err
	}
	in.cursor = cursor{nil, in.root}
	if p, ok := ParsePosition(at); ok && p.Node != 0 {
		in.cursor = in.at(p)
	}
	if layout != f.layout {
		in.enqueueAll(in.root)
		in.recalculate()
	}
	if in.cursor.c == nil || layout != f.layout {
		in.settle()
	}
	return in, nil
}

// A decoder reads an encoded instance. After an error it returns zeros.
type decoder struct {
	s   string
	at  int
	err error
}

func (r *decoder) fail() {
	if r.err == nil {
		r.err = fmt.Errorf("resume: damaged at byte %d of %d", r.at, len(r.s))
	}
}

func (r *decoder) bytes(n int) string {
	if r.err != nil || n < 0 || n > len(r.s)-r.at {
		r.fail()
		return strings.Repeat("\x00", min(max(n, 0), 16))
	}
	r.at += n
	return r.s[r.at-n : r.at]
}

func (r *decoder) byte() byte { return r.bytes(1)[0] }

func (r *decoder) uint32() uint32 {
	b := r.bytes(4)
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

func (r *decoder) uvarint() uint64 {
	var x uint64
	for shift := 0; shift < 64; shift += 7 {
		if r.err != nil || r.at >= len(r.s) {
			break
		}
		b := r.s[r.at]
		r.at++
		x |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return x
		}
	}
	r.fail()
	return 0
}

func (r *decoder) varint() int64 {
	x := r.uvarint()
	return int64(x>>1) ^ -int64(x&1)
}

func (r *decoder) text() string {
	n := r.uvarint()
	if n == 0 {
		return ""
	}
	if n > uint64(len(r.s)) {
		r.fail()
		return ""
	}
	return r.bytes(int(n))
}

func (r *decoder) container(in *Instance, s *scope, parent *container, pos int) *container {
	c := newContainer(s, parent, pos)
	if in.held++; in.held > MaxContainers+1 {
		r.fail()
	}
	n := r.uvarint()
	if n > uint64(len(r.s)) {
		r.fail()
	}
	if r.err != nil {
		return c
	}
	c.cells = make([]cell, 0, n+2)
	last := int32(0)
	for range n {
		head := r.uvarint()
		last += int32(head >> 2)
		x := cell{id: last, flags: uint8(head & 3), text: r.text()}
		if r.err != nil {
			return c
		}
		if node := in.form.byID[int(x.id)]; node != nil && node.scope == s && node.local >= 0 { // the root keeps no answer
			c.cells = append(c.cells, x)
			c.note(node, x.flags, true)
		}
	}
	r.runs(c.hidden[:(len(s.nodes)+7)/8])
	for i := range c.reps {
		all, live := r.uvarint(), r.uvarint()
		if all > MaxInstances || live > all {
			r.fail()
		}
		if r.err != nil {
			return c
		}
		for k := range int(all) {
			c.reps[i].all = append(c.reps[i].all, r.container(in, s.repeats[i].inner, c, k))
			if r.err != nil {
				return c
			}
		}
		c.reps[i].live = int(live)
	}
	return c
}

func (r *decoder) runs(bits []byte) {
	for i := 0; i < len(bits) && r.err == nil; {
		head := r.uvarint()
		n := int(head >> 2)
		if n <= 0 || n > len(bits)-i {
			r.fail()
			return
		}
		switch head & 3 {
		case 0:
		case 1:
			for k := i; k < i+n; k++ {
				bits[k] = 0xff
			}
		default:
			copy(bits[i:], r.bytes(n))
		}
		i += n
	}
}
