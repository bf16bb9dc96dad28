// Package flowtest reads written dialogues and plays them against a form. A
// dialogue is a text that a surveyor can read: a form, and a conversation.
//
//	# a number out of range is asked again with the author's message
//	-- form.md --
//	| survey | type    | name | label               | constraint | constraint_message |
//	|        | integer | beds | How many beds here? | . <= 500   | 0 to 500, please.  |
//	-- chat --
//	> /start
//	< How many beds here?
//	> 900
//	< 0 to 500, please.
//	> 12
//	= /beds 12
//	-- submission.json --
//	{"beds": "12"}
//
// The file is a txtar archive. Its comment may hold headers, one a line: "form:
// sufs" names bundled forms, "language: lo" the language to begin with, "clock:
// 2026-03-05 09:00" the time. The files: form.md, form.csv or form.xlsx is the
// form, chat the conversation, submission.json what must come of it (further
// submissions are submission2.json, …); others are attached to the form.
//
// Lines of a conversation:
//
//	> text                     the person writes; \n is a line break
//	> [Label]                  taps a button; > [Label] @3 one of the third message back
//	> /start payload           a command
//	> {photo file.jpg "words"} sends a picture; likewise document, video, audio
//	> {voice 3s}               records a voice note
//	> {location 15.12 106.85}  sends a place, with metres of accuracy if a third number follows
//	> {contact}                shares the own phone number
//	> {edit 2} text            edits the own message before the last
//	> {reply 1} text           replies to the bot's last message
//	> {forward 1}              forwards the own last message
//	> {album a.jpg b.jpg "x"}  sends pictures together
//	< text                     the bot says, line by line; blanks are folded, {*} stands for anything
//	< [A] [B] / [C]            buttons, by row
//	= ref value                a value of the instance, by /path or name
//	~ +2d                      the clock moves: s, m, h, d, w; or to a time: ~ 2026-03-09 08:00
//	! kill                     a fault, with its words: redeliver, 429 7, block
//	@noy > text                whose line it is, where there are several persons
//	@noy lo                    the language of a person
//	# words                    a remark
//
// Parse and Format read and write the file, Exchange.Diff compares what a bot
// said with what is written, and Rewrite replaces it, for whoever plays
// dialogues: Play here against the engine alone, package bot/dialogue through
// the whole bot.
package flowtest
