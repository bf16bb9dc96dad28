package poster_test

import (
	"bytes"
	"fmt"

	"example.org/fieldbot/bot/poster"
)

func ExampleWrite() {
	var pdf bytes.Buffer
	err := poster.Write(&pdf, poster.Sheet{
		Size: poster.A5, Bot: "@example_bot",
		Title: map[string]string{"lo": "ການບໍລິການມື້ນີ້ເປັນແນວໃດ?", "en": "How was the service today?"},
	}, []poster.Office{{
		Name: map[string]string{"lo": "ເມືອງໄຊ", "en": "Xay District"},
		Link: "https://t.me/example_bot?start=A1b2C3",
	}})
	fmt.Printf("%s %v\n", pdf.Bytes()[:8], err)
	// Output: %PDF-1.4 <nil>
}
