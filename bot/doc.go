// Package bot is the conversation: one update in, some messages out. It knows
// the stores by their contracts only and Telegram by package telegram.
//
// The life of an update: Take (turn.go) finds the chat's lane, in which one turn
// at a time runs, and loads the session. The turn is routed (route.go) to a
// command (commands.go), a tap (tap.go) or an answer (interview.go); render
// turns both ways between messages and what a form understands. Session,
// update_id and replies are committed in one step, and only then does Take
// return, so that Telegram forgets the update. The lane sends the replies at
// once (lane.go); what a crash leaves unsent, Sweep finds. A finished interview
// is frozen, stored and closed (finish.go).
package bot
