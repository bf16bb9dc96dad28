package xpath

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

func otherFunctions() []*function {
	return []*function{
		{Function{Name: "uuid", Args: "[length]", Max: 1,
			Doc: "A new random identifier; use it inside once()."}, false, fnUUID},
		{Function{Name: "digest", Args: `text, algorithm[, "base64" or "hex"]`, Min: 2, Max: 3,
			Doc: "The checksum of a text by MD5, SHA-1, SHA-256, SHA-384 or SHA-512."}, false, fnDigest},
		{Function{Name: "base64-decode", Args: "text", Min: 1, Max: 1,
			Doc: "The text that base64 stands for; blank if it is not base64."}, false, fnBase64Decode},
	}
}

// formFunctions are answered by the Env; they are here to be known.
func formFunctions() []*function {
	form := func(name, args string, low, high int, doc string) *function {
		return &function{Function: Function{Name: name, Args: args, Min: low, Max: high, Doc: doc, Form: true}}
	}
	return []*function{
		form("jr:choice-name", "value, '${question}'", 2, 2,
			"The label of a choice in the current language."),
		form("pulldata", "file, column, key column, key", 4, 4,
			"The cell of an attached table in the row where the key column has the key."),
		form("jr:itext", "id", 1, 1, "A text of the form in the current language."),
		form("version", "", 0, 0, "The version of the form."),
		form("property", "name", 1, 1, "A property of the device or respondent, as username."),
	}
}

func fnUUID(c *Context, args []Term) (Value, error) {
	if len(args) == 0 {
		return StringValue(c.Env.NewID()), nil
	}
	f, err := evalNumber(c, args[0])
	if err != nil || f != f {
		return Value{}, err
	}
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	b := make([]byte, int(max(0, min(f, 1024))))
	if err := c.spend(len(b)); err != nil {
		return Value{}, err
	}
	for i := range b {
		b[i] = letters[int(c.Env.Random()*float64(len(letters)))%len(letters)]
	}
	return StringValue(string(b)), nil
}

func fnDigest(c *Context, args []Term) (Value, error) {
	s, algorithm, err := evalTwoStrings(c, args)
	if err != nil {
		return Value{}, err
	}
	encoding := "base64"
	if len(args) > 2 {
		if encoding, err = evalString(c, args[2]); err != nil {
			return Value{}, err
		}
	}
	var sum []byte
	switch strings.ToUpper(algorithm) {
	case "MD5":
		h := md5.Sum([]byte(s))
		sum = h[:]
	case "SHA-1":
		h := sha1.Sum([]byte(s))
		sum = h[:]
	case "SHA-256":
		h := sha256.Sum256([]byte(s))
		sum = h[:]
	case "SHA-384":
		h := sha512.Sum384([]byte(s))
		sum = h[:]
	case "SHA-512":
		h := sha512.Sum512([]byte(s))
		sum = h[:]
	default:
		return Value{}, fmt.Errorf("digest() knows no algorithm %q", algorithm)
	}
	switch strings.ToLower(encoding) {
	case "base64":
		return StringValue(base64.StdEncoding.EncodeToString(sum)), nil
	case "hex":
		return StringValue(hex.EncodeToString(sum)), nil
	}
	return Value{}, fmt.Errorf("digest() knows no encoding %q", encoding)
}

func fnBase64Decode(c *Context, args []Term) (Value, error) {
	s, err := evalString(c, args[0])
	if err != nil {
		return Value{}, err
	}
	s = strings.TrimRight(strings.Join(strings.Fields(s), ""), "=")
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil || !utf8.Valid(b) {
		return Value{}, nil
	}
	return limited(c, string(b))
}
