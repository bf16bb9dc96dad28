// Package charttest compares pictures with those kept in testdata. Somebody
// looked at each of these; a test can only tell that one has changed.
package charttest

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// visible is how far a channel of two colours must lie apart, of 255, to be
// seen. Processors round the edges of letters differently.
const visible = 40

// Decode reads a PNG.
func Decode(t testing.TB, data []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// Golden fails if more than the part allowed (0.002 is one pixel in 500) of img
// differs visibly from the picture in file. With update it writes the file anew.
func Golden(t testing.TB, file string, img image.Image, allowed float64, update bool) {
	t.Helper()
	if update {
		save(t, file, img)
		return
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := Decode(t, data)
	if img.Bounds() != want.Bounds() {
		t.Errorf("%s: the picture is %v, was %v", file, img.Bounds(), want.Bounds())
		return
	}
	b, n := img.Bounds(), 0
	for y := range b.Dy() {
		for x := range b.Dx() {
			if Apart(img.At(x, y), want.At(x, y)) > visible {
				n++
			}
		}
	}
	if d := float64(n) / float64(b.Dx()*b.Dy()); d > allowed {
		t.Errorf("%s: %.2f%% of the picture differs; look at it, then run with -update", file, d*100)
	}
}

// Apart is how far two colours lie apart in the channel in which they differ
// most, from 0 to 255.
func Apart(a, b color.Color) int {
	r, g, bl, _ := a.RGBA()
	r2, g2, b2, _ := b.RGBA()
	d := 0
	for _, p := range [][2]uint32{{r, r2}, {g, g2}, {bl, b2}} {
		x, y := int(p[0]>>8), int(p[1]>>8)
		d = max(d, x-y, y-x)
	}
	return d
}

// save writes a picture in 16 steps a channel, which packs well.
func save(t testing.TB, file string, img image.Image) {
	t.Helper()
	coarse := image.NewNRGBA(img.Bounds())
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			r, g, b, _ := img.At(x, y).RGBA()
			step := func(v uint32) uint8 { return uint8((v>>8+8)/17) * 17 }
			coarse.SetNRGBA(x, y, color.NRGBA{step(r), step(g), step(b), 0xff})
		}
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, coarse); err != nil {
		t.Fatal(err)
	}
}
