package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"example.org/fieldbot/bot/simulator"
)

// simulatorCmd runs the Bot API server alone.
type simulatorCmd struct {
	Addr   string   `default:"127.0.0.1:8081" placeholder:"ADDR" help:"Where to listen. It has no password: keep it on this machine."`
	Tokens []string `name:"token" sep:"none" placeholder:"TOKEN" help:"Tokens of bots that it knows; one is made if none is given."`
}

func (c *simulatorCmd) Run(t *console) error {
	for _, token := range c.Tokens {
		if !tokenShape.MatchString(token) {
			return usage("--token: a token looks like 123456:ABC…, with at least ten characters behind the colon")
		}
	}
	server := simulator.New(simulator.Options{Tokens: c.Tokens, Seats: seats})
	run, err := server.Start(c.Addr)
	if err != nil {
		return usage("--addr: %w", err)
	}
	defer run.Close()
	t.printf("web chat       %s\nTELEGRAM_API_URL=%s\nTELEGRAM_BOT_TOKEN=%s\n", run.URL, run.URL, server.Bot("").Token())
	<-t.Done()
	return nil
}

// seats are the three people whom the page shows side by side.
var seats = []simulator.UserOptions{
	{ID: 101, First: "Noy", Language: "lo", Seat: "citizen"},
	{ID: 102, First: "Kham", Language: "lo", Seat: "officer"},
	{ID: 103, First: "Vilay", Language: "lo", Seat: "secretariat"},
}

// listenNear listens at an address, or at any free port beside it if that one is
// taken: a demo should not fail because another one runs.
func listenNear(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err == nil {
		return l, nil
	}
	host, _, splitErr := net.SplitHostPort(addr)
	if splitErr != nil {
		return nil, err
	}
	return net.Listen("tcp", net.JoinHostPort(host, "0"))
}

// serveHTTP serves on l until ctx ends.
func serveHTTP(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
