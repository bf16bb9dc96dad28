package xpath_test

import (
	"fmt"
	"strings"

	"example.org/fieldbot/flows/xpath"
)

func ExampleParse() {
	e, err := xpath.Parse("selected('maize rice', 'rice') and 3 > 2")
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := e.Eval(&xpath.Context{Env: &xpath.StaticEnv{}})
	fmt.Println(v, err)
	// Output: true <nil>
}

func ExampleParse_error() {
	_, err := xpath.Parse("${age} => 18")
	fmt.Println(err)
	// Output: at character 8: "=>" is not an operator (write ">=")
}

func ExampleExpr_Check() {
	e, _ := xpath.Parse("slected(${crops}, 'rice')")
	for _, problem := range e.Check(nil) {
		fmt.Println(problem)
	}
	// Output: at character 1: there is no function slected() (did you mean "selected"?)
}

func ExampleParseXML() {
	doc, err := xpath.ParseXML(strings.NewReader("<root><item><name>a</name></item><item><name>b</name></item></root>"))
	if err != nil {
		fmt.Println(err)
		return
	}
	e, _ := xpath.Parse("join(', ', /root/item/name)")
	v, err := e.Eval(&xpath.Context{Env: &xpath.StaticEnv{Document: doc}, Node: doc})
	fmt.Println(v, err)
	// Output: a, b <nil>
}
