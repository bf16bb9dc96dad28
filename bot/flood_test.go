package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Somebody who floods the bot is told so once; nobody else notices.
func TestFlood(t *testing.T) {
	w := open(t, household)
	flooder, other := w.person("en"), w.person("en")
	flooder.says("/household")
	flooder.says("[Yes]")
	for i := range 200 {
		flooder.Say(fmt.Sprint("message ", i))
	}
	has(t, other.says("/household"), "Do you agree?")
	w.quiet()
	w.sim.Advance(10 * time.Second) // what did not fit into the queue is swept
	if err := w.bot.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	n := 0
	for _, m := range flooder.Heard() {
		n += strings.Count(m.Text, "faster than I can follow")
	}
	if n != 1 {
		t.Errorf("the flooder was told %d times", n)
	}
	time.Sleep(1100 * time.Millisecond)
	if got := flooder.says("/help"); !strings.Contains(got, "/language") {
		t.Errorf("after a pause: %q", got)
	}
}
