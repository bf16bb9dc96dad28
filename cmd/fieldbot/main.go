// Command fieldbot runs XLSForm questionnaires as conversations on Telegram.
//
// Each subcommand is one file; run.go has the table of them, config.go the
// settings, wire.go puts the stores, the bot and Telegram together. It is the
// only package that sees both the bot and the stores it runs on.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	_ "time/tzdata" // a bare container has no zone files
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
