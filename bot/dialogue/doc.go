// Package dialogue plays written conversations (package flowtest) through the
// whole bot.
//
// A Stage (stage.go) puts up a Bot API server and the bot on stores that the
// caller gives, over HTTP. Stage.Play (play.go) lets the people of a dialogue
// say their lines, collects what each of them was answered (chat.go), and tells
// where that is not what the file says.
//
// Beside the headers of flowtest there is one of its own, for entry links:
//
//	link: poster form=sufs district=1503
//	link: badge role=officer district=1503
//
// which a person opens as "> /start {poster}"; "> /start {last}" opens the link
// that the bot showed last. A link that is not for as many
// as come says so: uses=1, and days=-1 for one that has expired. Faults: kill,
// redeliver [n], 429 [seconds], 500, reset, block, unblock, and hold … release
// [order], between which updates are kept back, to be let go in another order.
package dialogue
