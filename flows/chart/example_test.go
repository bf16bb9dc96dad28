package chart_test

import (
	"bytes"
	"fmt"
	"image/png"

	"example.org/fieldbot/flows/chart"
)

func ExamplePNG() {
	c := &chart.Chart{
		Title: "ຄວາມພໍໃຈ", Lang: "lo",
		Rows: []chart.Row{{Label: "ນ້ຳປະປາ", Figures: []chart.Figure{{Value: 0.68, Low: 0.6, High: 0.75, N: 120}}}},
	}
	var b bytes.Buffer
	if err := chart.PNG(&b, c); err != nil {
		fmt.Println(err)
	}
	size, err := png.DecodeConfig(&b)
	fmt.Println(size.Width, err)
	// Output: 1080 <nil>
}
