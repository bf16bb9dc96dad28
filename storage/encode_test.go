package storage

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sample is a respondent in the middle of a survey, with a second interview
// parked and two replies to send.
func sample() Session {
	at := time.Date(2026, 11, 24, 3, 4, 5, 678e6, time.UTC)
	s := Session{
		Person:   "k7q2v9",
		Revision: 41,
		Language: "lo",
		Epoch:    3,
		Contact:  []byte("sealed chat"),
		Awaiting: "name",
		Kept:     `{"village":"ບ້ານ"}`,
		NextID:   19,
		Wake:     at.Add(20 * time.Hour),
		Changed:  at,
		Open: []Interview{
			{
				FormID: "sufs", Hash: strings.Repeat("0af9", 16), Instance: []byte("ຄຳຕອບ"),
				Nonce: "x9Qa", State: Reviewing, Revision: 27, Message: 8812, Link: "L1",
				Enumerator: "not hex", Started: at.Add(-time.Hour), Changed: at, Reminded: 2, Kind: Correction, Base: 300,
				Consent: "lo", Consented: at, Typed: []Typed{{8801, "12"}, {8807, "16.2"}},
			},
			{FormID: "odsc", State: Finishing, Message: -1},
		},
		Outbox: []Reply{
			{ID: 17, Method: "sendMessage", Payload: []byte(`{"text":"ສະບາຍດີ"}`), Asks: true, Sending: true},
			{ID: 18, Method: "editMessageText", Edit: true},
		},
	}
	for id := range int64(40) {
		s.MarkHandled(716_000_000 + 13*id - id%3*40)
	}
	return s
}

func TestEncode(t *testing.T) {
	for name, s := range map[string]Session{
		"nothing": {},
		"sample":  sample(),
		"extremes": {
			Epoch: math.MaxUint64, NextID: math.MaxUint64,
			Handled: []int64{math.MinInt64, math.MaxInt64, 0, -1},
			Changed: time.UnixMilli(-1).UTC(),
			Open:    []Interview{{Hash: "ABCD", Enumerator: "ab", Message: math.MinInt64, Revision: math.MaxUint32}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := DecodeSession(s.Person, s.Revision, s.Encode())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(s, got); diff != "" {
				t.Errorf("decoded session differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeRefusesDamage(t *testing.T) {
	s := sample()
	whole := s.Encode()
	for n := range whole {
		if _, err := DecodeSession("p", 1, whole[:n]); err == nil {
			t.Errorf("the first %d of %d bytes were accepted", n, len(whole))
		}
	}
	for bit := range 8 * len(whole) {
		b := append([]byte(nil), whole...)
		b[bit/8] ^= 1 << (bit % 8)
		if _, err := DecodeSession("p", 1, b); err == nil {
			t.Errorf("flipped bit %d was accepted", bit)
		}
	}
	newer := append([]byte{sessionFormat + 1}, whole[1:]...)
	if _, err := DecodeSession("p", 1, newer); err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("a newer format gave %v, want an error that says so", err)
	}
}

// TestEncodedSize holds the session's share of the 1 KiB that an interview may
// take in Redis: what is around the instance.
func TestEncodedSize(t *testing.T) {
	s := Session{Language: "lo", Epoch: 1, Contact: make([]byte, 40), Changed: time.Now(), NextID: 60}
	r := rand.New(rand.NewPCG(1, 2))
	for id := int64(716_000_000); len(s.Handled) < MaxHandled; id += r.Int64N(4000) {
		s.MarkHandled(id)
	}
	s.Open = []Interview{{
		FormID: "sufs", Hash: strings.Repeat("0af9", 16), Nonce: "x9Qa", Revision: 27,
		Message: 8812, Link: "q7Yw2K", Started: time.Now(), Changed: time.Now(),
	}}
	if n := len(s.Encode()); n > 220 {
		t.Errorf("a session around its instance takes %d bytes, want at most 220", n)
	}
}

// FuzzDecodeSession looks for bytes that make the decoder panic or take much
// memory, with a right checksum, since otherwise nothing is decoded.
func FuzzDecodeSession(f *testing.F) {
	s := sample()
	b := s.Encode()
	f.Add(b[:len(b)-4])
	f.Add([]byte{sessionFormat})
	f.Add([]byte{sessionFormat, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, body []byte) {
		sum := crc32.Checksum(body, castagnoli)
		s, err := DecodeSession("p", 7, binary.BigEndian.AppendUint32(body[:len(body):len(body)], sum))
		if err != nil {
			return
		}
		again, err := DecodeSession("p", 7, s.Encode())
		if err != nil {
			t.Fatalf("what was decoded does not encode: %v", err)
		}
		if diff := cmp.Diff(s, again); diff != "" {
			t.Errorf("differs after encoding again:\n%s", diff)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	s := sample()
	b.ReportAllocs()
	for b.Loop() {
		s.Encode()
	}
}

func BenchmarkDecode(b *testing.B) {
	s := sample()
	data := s.Encode()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeSession("p", 1, data); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleSession_Encode() {
	s := Session{Language: "lo"}
	s.MarkHandled(101)
	back, err := DecodeSession("somebody", 1, s.Encode())
	fmt.Println(back.Language, back.HandledBefore(101), err)
	// Output: lo true <nil>
}

// TestDecodeOld reads a session that an older program wrote.
func TestDecodeOld(t *testing.T) {
	s := Session{Language: "lo", Changed: time.UnixMilli(1_800_000_000_000).UTC()}
	b := s.Encode()
	b = append([]byte{1}, b[1:len(b)-6]...) // without Kept and Wake, both empty, and the checksum
	got, err := DecodeSession("p", 1, binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli)))
	if err != nil {
		t.Fatal(err)
	}
	s.Person, s.Revision = "p", 1
	if diff := cmp.Diff(s, got); diff != "" {
		t.Errorf("decoded session differs (-want +got):\n%s", diff)
	}
}
