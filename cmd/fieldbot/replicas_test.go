package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"example.org/fieldbot/bot/simulator"
	"example.org/fieldbot/storage/storagetest/servers"
)

// TestAnotherReplicaTakesOver kills the replica that polls. The other one takes
// over within seconds, and its metrics say so.
func TestAnotherReplicaTakesOver(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	s := &storm{t: t, redisURL: servers.StartRedis(t).URL, postgres: servers.StartPostgres(t), sim: simulator.New(simulator.Options{})}
	api, err := s.sim.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	s.prepare(api.URL)
	var alive []*os.Process
	for _, p := range s.replicas {
		cmd := p.command()
		cmd.Stderr = p.log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			cmd.Process.Kill()
			cmd.Wait()
		}()
		alive = append(alive, cmd.Process)
		if err := waitReady(ctx, "http://"+p.address+"/readyz", 30*time.Second); err != nil {
			t.Fatalf("%v\n%s", err, p.log)
		}
	}
	leads := func(i int) bool {
		res, err := http.Get("http://" + s.replicas[i].address + "/metrics")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		return strings.Contains(string(b), `fieldbot_leading{lease="poll"} 1`)
	}
	leader := -1
	for leader < 0 && ctx.Err() == nil {
		for i := range s.replicas {
			if leads(i) {
				leader = i
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	u := s.sim.User(simulator.UserOptions{ID: 1001, First: "Noy", Language: "en"})
	u.Start("bench")
	if _, err := u.Expect(ctx, "Do you agree"); err != nil {
		t.Fatal(err)
	}
	if leads(1 - leader) {
		t.Error("both replicas poll")
	}
	alive[leader].Kill()
	killed := time.Now()
	u.Say("Yes")
	if _, err := u.Expect(ctx, "Which office"); err != nil {
		t.Fatalf("%v\n%s", err, s.replicas[1-leader].log)
	}
	took := time.Since(killed)
	t.Logf("another replica answers after %v", took.Round(10*time.Millisecond))
	if took > 9*time.Second {
		t.Errorf("took %v", took)
	}
	if !leads(1 - leader) {
		t.Error("the metrics do not say who polls")
	}
}
