package bot

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
)

// Who sees an album sees which button each picture belongs to.
func TestPicturesOfChoicesBearTheirNumber(t *testing.T) {
	field := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for i := range field.Pix {
		field.Pix[i] = 0xc0
	}
	var data bytes.Buffer
	if err := jpeg.Encode(&data, field, nil); err != nil {
		t.Fatal(err)
	}
	out := numbered(data.Bytes(), "12")
	drawn, err := jpeg.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	dark, light := 0, 0
	for x := range 100 {
		for y := range 100 {
			switch g := color.GrayModel.Convert(drawn.At(x, y)).(color.Gray).Y; {
			case g < 60:
				dark++
			case g > 240:
				light++
			}
		}
	}
	if dark < 1500 || light < 300 {
		t.Errorf("%d dark and %d light pixels in the corner", dark, light)
	}
	for _, other := range [][]byte{nil, []byte("GIF89a"), data.Bytes()[:40]} {
		if !bytes.Equal(numbered(other, "1"), other) {
			t.Errorf("%q was changed", other)
		}
	}
}
