package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary be the program: scripts run it as "fieldbot",
// and tests that kill it start it as a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"fieldbot": main})
}

// TestScripts runs the command line as a person would; each file is a rule.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			root, err := os.Getwd()
			if err != nil {
				return err
			}
			env.Setenv("LIBRARY", root+"/../../flows/library")
			return nil
		},
	})
}
