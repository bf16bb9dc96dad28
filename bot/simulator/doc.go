// Package simulator is a Bot API server on this machine.
//
// It stands in for Telegram in demos, in previews of a form and in tests: a
// bot that talks to it cannot tell it from the real server, as far as the
// methods go that a survey bot calls. It answers with the real server's codes,
// descriptions, limits and order of delivery; what it does not simulate it
// refuses, and never answers with ok.
//
// People are simulated too. A test writes
//
//	srv := simulator.New(simulator.Options{})
//	noy := srv.User(simulator.UserOptions{First: "Noy", Language: "lo"})
//	noy.Start("sufs")
//	srv.Quiet(ctx)
//	noy.Tap("ລາວ")
//
// and nothing in it sleeps: Quiet returns when the bot has taken every update
// and no call is under way, and the clock moves by Advance.
//
// The same is to be had over HTTP beneath /simulator/ (control.go), and a web
// page at / is a chat client for it (page/).
//
// Beside the tests of this package, "make clients" holds conversations through
// client libraries by other authors, checks replies against a TypeScript
// description of the Bot API and the page with axe-core; it needs npm.
// FIELDBOT_SHOTS names a folder for pictures of the page. What is simulated and
// what is not, for those who use it: docs/simulator.md.
//
// Read server.go first, then queue.go and updates.go for how updates travel,
// call.go for how a call is answered, and people.go for who causes them.
// Everything the server knows lies under one lock, Server.mu; names that end
// in Locked are called with it held.
package simulator
