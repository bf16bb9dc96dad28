package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"example.org/fieldbot/flows/xpath"
)

// A clock fixes the time of an evaluation, so that it can be repeated.
type clock struct {
	Now      string `placeholder:"TIME" help:"The time it is, as 2026-06-15T10:00:00Z; the real one if not given."`
	TimeZone string `name:"time-zone" default:"Asia/Vientiane" placeholder:"ZONE" help:"The respondent's time zone."`
}

// read returns the clock and the zone.
func (c clock) read() (func() time.Time, *time.Location, error) {
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return nil, nil, usage("--time-zone: %q is no time zone; write it as Asia/Vientiane", c.TimeZone)
	}
	if c.Now == "" {
		return time.Now, zone, nil
	}
	now, err := time.Parse(time.RFC3339Nano, c.Now)
	if err != nil {
		return nil, nil, usage("--now: %q is no time; write it as 2026-06-15T10:00:00Z", c.Now)
	}
	return func() time.Time { return now }, zone, nil
}

// evalCmd evaluates an expression, or a batch of them.
type evalCmd struct {
	clock
	Batch bool   `help:"Read and write lines of JSON."`
	XML   string `name:"xml" help:"Document that paths walk."`
	Node  string `help:"Path of the node that the expression belongs to."`
	Expr  string `arg:"" optional:"" help:"The expression, as: 1 + count-selected('a b')"`
}

func (c *evalCmd) Run(t *console) error {
	now, zone, err := c.read()
	if err != nil {
		return err
	}
	options := xpath.BatchOptions{Now: now(), Zone: zone}
	if c.Batch {
		if c.Expr != "" {
			return usage("--batch reads expressions from standard input, a line of JSON each; leave %q out", c.Expr)
		}
		return xpath.Batch(t.in, t.out, options)
	}
	if c.Expr == "" {
		return usage("no expression; try: fieldbot eval \"1 + 1\"")
	}
	return c.one(t, options)
}

// one evaluates one expression the way a batch does, and prints what it is to a
// person.
func (c *evalCmd) one(t *console, options xpath.BatchOptions) error {
	line := map[string]string{"id": "1", "expr": c.Expr}
	if c.XML != "" {
		line["xml"] = c.XML
	}
	if c.Node != "" {
		line["node"] = c.Node
	}
	in, err := json.Marshal(line)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := xpath.Batch(bytes.NewReader(append(in, '\n')), &out, options); err != nil {
		return err
	}
	var v struct {
		Type, String, Error string
		Nodes               []string
	}
	if err := json.Unmarshal(out.Bytes(), &v); err != nil {
		return fmt.Errorf("read the result: %w", err)
	}
	switch {
	case v.Error != "":
		return errors.New(v.Error)
	case v.Type == "nodeset":
		for _, n := range v.Nodes {
			t.printf("%s\n", n)
		}
	default:
		t.printf("%s\n", v.String)
	}
	return nil
}
