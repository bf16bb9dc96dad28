package xpath

import (
	"strings"
	"testing"
	"time"
)

func TestBatch(t *testing.T) {
	in := strings.Join([]string{
		`{"id":"a","expr":"1 + 1"}`,
		`{"id":2,"expr":"0 div 0"}`,
		`{"id":"z","expr":"-0"}`,
		``,
		`{"id":"b","expr":"1 +"}`,
		`{"id":"c","expr":"nonsense()"}`,
		`{"id":"d","expr":"b","xml":"<a><b>1</b><b>2</b></a>","node":"/a"}`,
		`{"id":"e","expr":"today()"}`,
		`{"id":"f","expr":"now()","time_zone":"Asia/Vientiane"}`,
		`{"id":"g","expr":"now()","time_zone":"Nowhere/At_All"}`,
		`{"id":"h","expr":".","xml":"<a","node":"/a"}`,
		`{"id":"i","expr":".","xml":"<a/>","node":"/b"}`,
		`{"id":"j","expr":"x","xml":"<h xmlns='http://www.w3.org/1999/xhtml'><b><x/></b></h>","node":"/h/b"}`,
		`{"id":"k","expr":"'<&>'"}`,
		`{"id":"l","expr":"/ | node()","xml":"<!DOCTYPE a><a>x</a>"}`,
		`{"id":"m","expr":"instance('b')/root/item[2]","xml":"<h:html xmlns:h='http://www.w3.org/1999/xhtml'><h:head><model><instance id='a'/><instance id='b'><root><item>1</item><item>2</item></root></instance></model></h:head></h:html>"}`,
		`{"id":"n","expr":"count(instance('b'))","xml":"<model><x><instance id='b'/></x></model>"}`,
		`{"id":"o","expr":"/p:b | /q:*","xml":"<p:b xmlns:p='u'/>"}`,
		`{"id":"p","expr":"count(/p:* | //@xml:lang | /jr:a)","xml":"<p:b xmlns:p='u'/>"}`,
		`{"id":"q","expr":"a[/q:a = 1]"}`,
		`nonsense`,
	}, "\n")
	want := []string{
		`{"id":"a","type":"number","string":"2","number":2,"boolean":true}`,
		`{"id":2,"type":"number","string":"NaN","number":"NaN","boolean":false}`,
		`{"id":"z","type":"number","string":"0","number":"-0","boolean":false}`,
		`{"id":"b","error":"at character 4: expression ends where a value is expected"}`,
		`{"id":"c","error":"unknown function nonsense()"}`,
		`{"id":"d","type":"nodeset","string":"1","number":1,"boolean":true,"nodes":["1","2"]}`,
		`{"id":"e","type":"date","string":"2026-06-15","number":20619,"boolean":true}`,
		`{"id":"f","type":"date","string":"2026-06-15T19:00:00.000+07:00","number":20619.791666666668,"boolean":true}`,
		`{"id":"g","error":"time zone`,
		`{"id":"h","error":"read XML:`,
		`{"id":"i","error":"context node: there is none"}`,
		`{"id":"j","type":"nodeset","string":"","number":"NaN","boolean":false,"nodes":[]}`,
		`{"id":"k","type":"string","string":"<&>","number":"NaN","boolean":true}`,
		`{"id":"l","type":"nodeset","string":"x","number":"NaN","boolean":true,"nodes":[null,null,"x"]}`,
		`{"id":"m","type":"nodeset","string":"2","number":2,"boolean":true,"nodes":["2"]}`,
		`{"id":"n","error":"there is no instance \"b\""}`,
		`{"id":"o","error":"namespace prefix \"q\" is not declared"}`,
		`{"id":"p","type":"number","string":"1","number":1,"boolean":true}`,
		`{"id":"q","error":"namespace prefix \"q\" is not declared"}`,
		`{"error":"not a line of JSON`,
	}
	var out strings.Builder
	if err := Batch(strings.NewReader(in), &out, BatchOptions{Now: noon, Zone: time.UTC}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), len(want), out.String())
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, want[i]) {
			t.Errorf("line %d = %s\nwant %s", i+1, line, want[i])
		}
	}
}
