package bot

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Keys are what turns chats into pseudonyms and signs links. They are kept
// outside the stores: with the stores alone nobody is known.
type Keys struct {
	person, ids, seal []byte
	links             []byte
}

// NewKeys derives all keys from two secrets of at least 16 bytes.
func NewKeys(pseudonym, link []byte) (*Keys, error) {
	if len(pseudonym) < 16 || len(link) < 16 {
		return nil, errors.New("a key is shorter than 16 bytes")
	}
	k := &Keys{}
	for _, d := range []struct {
		to   *[]byte
		from []byte
		info string
	}{
		{&k.person, pseudonym, "person"}, {&k.ids, pseudonym, "ids"},
		{&k.seal, pseudonym, "seal"}, {&k.links, link, "links"},
	} {
		key, err := hkdf.Key(sha256.New, d.from, nil, "fieldbot "+d.info, 32)
		if err != nil {
			return nil, fmt.Errorf("derive key: %w", err)
		}
		*d.to = key
	}
	return k, nil
}

func mac(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(append(strconv.AppendInt(nil, int64(len(p)), 10), ':'))
		io.WriteString(h, p)
	}
	return h.Sum(nil)
}

// Person is the pseudonym of a chat.
func (k *Keys) Person(chatID int64) string {
	return hex.EncodeToString(mac(k.person, strconv.FormatInt(chatID, 10))[:16])
}

// id is a pseudonym of something for one purpose.
func (k *Keys) id(purpose string, parts ...string) string {
	return hex.EncodeToString(mac(k.ids, append([]string{purpose}, parts...)...)[:16])
}

// uuid has the shape of a random UUID.
func (k *Keys) uuid(purpose string, parts ...string) string {
	b := mac(k.ids, append([]string{purpose}, parts...)...)[:16]
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// receipt is the code by which an anonymous submission can be withdrawn. The
// submission's id follows from it, so no store has to tie the two together.
func (k *Keys) receipt(instance string) string {
	s := crockford.EncodeToString(mac(k.ids, "receipt", instance)[:10])
	return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:16]
}

// readReceipt brings a typed code to its one spelling, "" if it is none.
func readReceipt(text string) string {
	s := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(text))
	if raw, err := crockford.DecodeString(s); err != nil || len(raw) != 10 {
		return ""
	}
	return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:16]
}

// Seal encrypts for about: what is sealed for one person cannot be opened as
// another's.
func (k *Keys) Seal(about string, plain []byte) []byte {
	gcm, err := k.gcm()
	if err != nil {
		return nil
	}
	return gcm.Seal(nil, nil, plain, []byte(about))
}

// Open decrypts what Seal gave.
func (k *Keys) Open(about string, sealed []byte) ([]byte, error) {
	gcm, err := k.gcm()
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, nil, sealed, []byte(about))
	if err != nil {
		return nil, errors.New("not sealed with this key")
	}
	return plain, nil
}

func (k *Keys) gcm() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.seal)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func (k *Keys) sealChat(person string, chatID int64) []byte {
	return k.Seal("chat "+person, strconv.AppendInt(nil, chatID, 10))
}

func (k *Keys) openChat(person string, sealed []byte) (int64, error) {
	plain, err := k.Open("chat "+person, sealed)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(plain), 10, 64)
}

// linkVersion begins a signed payload. It is a capital letter, which a form's
// keyword cannot begin with.
const linkVersion = "A"

// Payload is what a deep link carries for a link row: version, key, signature, id.
func (k *Keys) Payload(linkID string) string {
	return linkVersion + k.linkKeyID() + k.linkMAC(linkID) + linkID
}

func (k *Keys) linkKeyID() string {
	return base64.RawURLEncoding.EncodeToString(mac(k.links, "key id"))[:1]
}

func (k *Keys) linkMAC(id string) string {
	return base64.RawURLEncoding.EncodeToString(mac(k.links, "link", id)[:12])
}

// LinkID reads a signed payload. signed is false if it does not look like one;
// ok is false if it was altered, or signed with a key no longer used.
func (k *Keys) LinkID(payload string) (id string, signed, ok bool) {
	const head = 2 + 16
	if !strings.HasPrefix(payload, linkVersion) {
		return "", false, false
	}
	if len(payload) <= head {
		return "", true, false
	}
	id = payload[head:]
	want := k.Payload(id)
	return id, true, hmac.Equal([]byte(want), []byte(payload))
}
