package flowtest_test

import (
	"fmt"

	"example.org/fieldbot/flows/flowtest"
)

func ExamplePlay() {
	d, err := flowtest.Parse([]byte(`
-- form.md --
| survey |
| | type    | name | label               | constraint | constraint_message |
| | integer | beds | How many beds here? | . <= 500   | 0 to 500, please.  |
-- chat --
> /start
< How many beds?
> 900
< 0 to 500, please.
> ໑໒
= beds 12
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := flowtest.Play(d, flowtest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(r.Diff)
	// Output:
	// chat:2:
	//   > /start
	// - < How many beds?
	// + < How many beds here?
	// + < [skip]
	// chat:5:
	//   > ໑໒
	// + < (complete)
}
