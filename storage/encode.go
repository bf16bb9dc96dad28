package storage

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"time"
)

// sessionFormat is the first byte of an encoded session. A change of the layout
// raises it; DecodeSession goes on reading the old ones.
const sessionFormat = 3 // 2 had no Wake, Consent and Typed; 1 no Kept, Kind and Base

// errSession says that bytes are not an encoded session. It does not quote
// them: they hold answers.
var errSession = errors.New("not an encoded session, or a damaged one")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Encode writes the session down for a store, without Person and Revision,
// which stores keep beside it. Times are kept to the millisecond. The last four
// bytes are a checksum, so that damage is noticed and not taken for answers.
func (s *Session) Encode() []byte {
	b := make([]byte, 0, s.sizeHint())
	b = append(b, sessionFormat)
	b = putString(b, s.Language)
	b = binary.AppendUvarint(b, s.Epoch)
	b = putBytes(b, s.Contact)
	b = putHandled(b, s.Handled)
	b = putString(b, s.Awaiting)
	b = binary.AppendUvarint(b, uint64(len(s.Open)))
	for i := range s.Open {
		b = s.Open[i].put(b)
	}
	b = binary.AppendUvarint(b, uint64(len(s.Outbox)))
	for i := range s.Outbox {
		b = s.Outbox[i].put(b)
	}
	b = binary.AppendUvarint(b, s.NextID)
	b = putTime(b, s.Changed)
	b = putString(b, s.Kept)
	b = putTime(b, s.Wake)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// DecodeSession reads what Encode wrote, by this program or an older one. The
// session may share memory with data.
func DecodeSession(person string, revision uint64, data []byte) (Session, error) {
	if len(data) < 5 || data[0] == 0 {
		return Session{}, errSession
	}
	if data[0] > sessionFormat {
		return Session{}, fmt.Errorf("session format %d is newer than this program", data[0])
	}
	body, sum := data[:len(data)-4], data[len(data)-4:]
	if crc32.Checksum(body, castagnoli) != binary.BigEndian.Uint32(sum) {
		return Session{}, errSession
	}
	return decodeSession(person, revision, body)
}

func decodeSession(person string, revision uint64, body []byte) (Session, error) {
	d := decoder{b: body[1:], text: string(body[1:]), format: body[0]}
	s := Session{Person: person, Revision: revision}
	s.Language = d.string()
	s.Epoch = d.uvarint()
	s.Contact = d.bytes()
	s.Handled = d.handled()
	s.Awaiting = d.string()
	if n := d.count(); n > 0 {
		s.Open = make([]Interview, n)
		for i := range s.Open {
			s.Open[i].get(&d)
		}
	}
	if n := d.count(); n > 0 {
		s.Outbox = make([]Reply, n)
		for i := range s.Outbox {
			s.Outbox[i].get(&d)
		}
	}
	s.NextID = d.uvarint()
	s.Changed = d.time()
	if d.format > 1 {
		s.Kept = d.string()
	}
	if d.format > 2 {
		s.Wake = d.time()
	}
	if d.bad || len(d.b) > 0 {
		return Session{}, errSession
	}
	return s, nil
}

// sizeHint is a little more than an encoded session needs, so that Encode
// allocates once.
func (s *Session) sizeHint() int {
	n := 64 + len(s.Contact) + 4*len(s.Handled)
	for i := range s.Open {
		n += 160 + len(s.Open[i].Instance)
	}
	for i := range s.Outbox {
		n += 48 + len(s.Outbox[i].Payload)
	}
	return n
}

func (v *Interview) put(b []byte) []byte {
	b = putString(b, v.FormID)
	b = putHex(b, v.Hash)
	b = putBytes(b, v.Instance)
	b = putString(b, v.Nonce)
	b = append(b, byte(v.State))
	b = binary.AppendUvarint(b, uint64(v.Revision))
	b = binary.AppendVarint(b, int64(v.Message))
	b = putString(b, v.Link)
	b = putHex(b, v.Enumerator)
	b = putTime(b, v.Started)
	b = putTime(b, v.Changed)
	b = append(b, v.Reminded, byte(v.Kind))
	b = binary.AppendUvarint(b, uint64(v.Base))
	b = putString(b, v.Consent)
	b = putTime(b, v.Consented)
	b = binary.AppendUvarint(b, uint64(len(v.Typed)))
	last := 0
	for _, k := range v.Typed {
		b = binary.AppendVarint(b, int64(k.Message-last))
		b = putString(b, k.At)
		last = k.Message
	}
	return b
}

func (v *Interview) get(d *decoder) {
	v.FormID = d.string()
	v.Hash = d.hex()
	v.Instance = d.bytes()
	v.Nonce = d.string()
	v.State = InterviewState(d.byte())
	v.Revision = uint32(d.uvarint())
	v.Message = int(d.varint())
	v.Link = d.string()
	v.Enumerator = d.hex()
	v.Started = d.time()
	v.Changed = d.time()
	v.Reminded = d.byte()
	if d.format > 1 {
		v.Kind = InterviewKind(d.byte())
		v.Base = uint32(d.uvarint())
	}
	if d.format > 2 {
		v.Consent = d.string()
		v.Consented = d.time()
		v.Typed = d.typed()
	}
}

const (
	replyEdit = 1 << iota
	replyAsks
	replySending
)

func (r *Reply) put(b []byte) []byte {
	var flags byte
	if r.Edit {
		flags |= replyEdit
	}
	if r.Asks {
		flags |= replyAsks
	}
	if r.Sending {
		flags |= replySending
	}
	b = binary.AppendUvarint(b, r.ID)
	b = append(b, flags)
	b = putString(b, r.Method)
	return putBytes(b, r.Payload)
}

func (r *Reply) get(d *decoder) {
	r.ID = d.uvarint()
	flags := d.byte()
	r.Edit = flags&replyEdit != 0
	r.Asks = flags&replyAsks != 0
	r.Sending = flags&replySending != 0
	r.Method = d.string()
	r.Payload = d.bytes()
}

func putString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func putBytes(b, v []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

// putHex writes a string at half its length if it is lower-case hexadecimal, as
// hashes are. The lowest bit of the length tells which.
func putHex(b []byte, s string) []byte {
	raw, err := hex.DecodeString(s)
	if err != nil || hex.EncodeToString(raw) != s {
		b = binary.AppendUvarint(b, uint64(len(s))<<1)
		return append(b, s...)
	}
	b = binary.AppendUvarint(b, uint64(len(raw))<<1|1)
	return append(b, raw...)
}

// putHandled writes update_ids as differences: a person's are near each other.
func putHandled(b []byte, ids []int64) []byte {
	b = binary.AppendUvarint(b, uint64(len(ids)))
	var last int64
	for _, id := range ids {
		b = binary.AppendVarint(b, id-last)
		last = id
	}
	return b
}

func putTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, 0)
	}
	ms := t.UnixMilli()
	return binary.AppendUvarint(b, uint64(ms<<1^ms>>63)+1)
}

// A decoder reads what the put functions wrote. After the first fault it is bad
// and yields zero values.
type decoder struct {
	b    []byte
	text string // the same bytes: strings are cut from it without a copy each
	bad  bool

	format byte // of what is read
}

func (d *decoder) fail() {
	d.bad = true
	d.b = nil
	d.text = ""
}

func (d *decoder) skip(n int) {
	d.b = d.b[n:]
	d.text = d.text[n:]
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.skip(n)
	return v
}

func (d *decoder) varint() int64 {
	v := d.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// count reads how many elements follow. Each has at least one byte, so that a
// damaged count cannot ask for more memory than the data had.
func (d *decoder) count() int {
	n := d.uvarint()
	if n > uint64(len(d.b)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.fail()
		return 0
	}
	v := d.b[0]
	d.skip(1)
	return v
}

func (d *decoder) string() string {
	n := d.count()
	v := d.text[:n]
	d.skip(n)
	return v
}

// bytes returns nil for none.
func (d *decoder) bytes() []byte {
	n := d.count()
	if n == 0 {
		return nil
	}
	v := d.b[:n:n]
	d.skip(n)
	return v
}

func (d *decoder) hex() string {
	head := d.uvarint()
	n := head >> 1
	if n > uint64(len(d.b)) {
		d.fail()
		return ""
	}
	v := d.text[:n]
	raw := d.b[:n]
	d.skip(int(n))
	if head&1 == 0 {
		return v
	}
	return hex.EncodeToString(raw)
}

func (d *decoder) handled() []int64 {
	n := d.count()
	if n == 0 {
		return nil
	}
	ids := make([]int64, n)
	var last int64
	for i := range ids {
		last += d.varint()
		ids[i] = last
	}
	return ids
}

func (d *decoder) typed() []Typed {
	n := d.count()
	if n == 0 {
		return nil
	}
	out := make([]Typed, n)
	last := 0
	for i := range out {
		last += int(d.varint())
		out[i] = Typed{last, d.string()}
	}
	return out
}

func (d *decoder) time() time.Time {
	v := d.uvarint()
	if v == 0 {
		return time.Time{}
	}
	v--
	return time.UnixMilli(int64(v>>1) ^ -int64(v&1)).UTC()
}
