package simulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"example.org/fieldbot/bot/simulator"
)

// A bot that is a handler, and a person who talks to it: no socket, no sleep.
func Example() {
	bot := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var update struct {
			Message struct {
				Text string `json:"text"`
				Chat struct {
					ID int64 `json:"id"`
				} `json:"chat"`
			} `json:"message"`
		}
		json.NewDecoder(r.Body).Decode(&update)
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{
			"method": "sendMessage", "chat_id": update.Message.Chat.ID, "text": "You said: " + update.Message.Text,
		})
	})
	srv := simulator.New(simulator.Options{WebhookTransport: simulator.HandlerTransport(bot)})
	defer srv.Close()
	srv.Client().Get("http://telegram/bot" + simulator.DefaultToken + "/setWebhook?url=http://bot/hook")

	noy := srv.User(simulator.UserOptions{First: "Noy", Language: "lo"})
	noy.Say("ສະບາຍດີ")
	if err := srv.Quiet(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Println(noy.Last().Text)
	// Output: You said: ສະບາຍດີ
}
