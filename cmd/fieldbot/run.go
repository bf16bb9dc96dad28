package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/alecthomas/kong"
)

// commands is the table of subcommands, in the order of the help text.
type commands struct {
	Demo       demoCmd       `cmd:"" help:"Simulator, bot and SQLite in one process, with a web chat to try it in."`
	Serve      serveCmd      `cmd:"" help:"Run the bot."`
	Simulator  simulatorCmd  `cmd:"" help:"Run the local Bot API server alone, for any bot."`
	Check      checkCmd      `cmd:"" help:"List all problems of forms."`
	Eval       evalCmd       `cmd:"" help:"Evaluate an expression of the form language."`
	Play       playCmd       `cmd:"" help:"Hold an interview in the terminal."`
	Test       testCmd       `cmd:"" help:"Play written dialogues and print what differs."`
	Preview    previewCmd    `cmd:"" help:"Try a form in the web chat, without Telegram."`
	Convert    convertCmd    `cmd:"" help:"Convert a form between xlsx, csv and markdown."`
	Form       formCmd       `cmd:"" help:"Publish, list, compare and retire forms."`
	Invite     inviteCmd     `cmd:"" help:"Print a link: to a role for whoever opens it first, or to a form."`
	People     peopleCmd     `cmd:"" help:"List the people who were invited, invite a whole roster, read the audit log."`
	Matrix     matrixCmd     `cmd:"" help:"Comments of a consultation, and the responses to them."`
	Assess     assessmentCmd `cmd:"" help:"Figures of assessed offices, beside those of the time before."`
	Export     exportCmd     `cmd:"" help:"Write the submissions of a form."`
	Import     importCmd     `cmd:"" help:"Take in an earlier round of a form, from paper or another program."`
	Digest     digestCmd     `cmd:"" help:"Print the digest."`
	Chart      chartCmd      `cmd:"" help:"Draw figures of a form as a picture, SVG or PNG."`
	Tally      tallyCmd      `cmd:"" help:"Verify, recount and publish what submissions add up to."`
	Report     reportCmd     `cmd:"" help:"Draft the yearly sector report as a Word document or markdown."`
	Poster     posterCmd     `cmd:"" help:"Posters with codes for offices, one for each district."`
	Quarantine quarantineCmd `cmd:"" help:"Look after updates that could not be handled."`
	Broadcast  broadcastCmd  `cmd:"" help:"Send a message to many, see how far it is, pause and cancel it."`
	Migrate    migrateCmd    `cmd:"" help:"Bring the database to the present schema."`
	Config     configCmd     `cmd:"" help:"Print the configuration in force, secrets masked."`
	Bench      benchCmd      `cmd:"" help:"Measure the cost of a turn beside a handler written by hand."`
	Docs       docsCmd       `cmd:"" hidden:"" help:"Write the generated parts of the documentation."`
}

// A console is what a command may use of the process it runs in.
type console struct {
	context.Context
	in       io.Reader
	out, err io.Writer
	lookup   func(string) (string, bool) // an environment variable
}

func (c *console) printf(format string, args ...any) { fmt.Fprintf(c.out, format, args...) }

// Exit codes: what scripts may rely on.
const (
	exitOK      = 0
	exitProblem = 1 // the command did its work and found a problem, or failed
	exitUsage   = 2 // wrong command line or configuration
)

// errFound says that a command has printed what it found and that it is bad.
var errFound = errors.New("problems found")

// A usageError is a wrong setting or argument.
type usageError struct{ error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// run is the program: main is a door to it, and tests open the same door.
func run(ctx context.Context, args []string, lookup func(string) (string, bool), in io.Reader, out, errw io.Writer) int {
	exited, code := false, exitOK
	parser, err := kong.New(new(commands),
		kong.Name("fieldbot"),
		kong.Description("Questionnaires written in XLSForm, as conversations on Telegram."),
		kong.Writers(out, errw),
		kong.Exit(func(c int) { exited, code = true, c }),
		kong.Resolvers(environment(lookup)),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(errw, "fieldbot:", err)
		return exitUsage
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(longFlags(args))
	if exited {
		return code
	}
	if err != nil {
		fmt.Fprintln(errw, "fieldbot:", err)
		return exitUsage
	}
	return report(command.Run(&console{ctx, in, out, errw, lookup}), errw)
}

// longFlags lets the flags of whole words be written with one dash, as those of
// Go's own tools are.
func longFlags(args []string) []string {
	args = slices.Clone(args)
	for i, a := range args {
		if a == "-update" || a == "-engine" || a == "-script" || a == "-json" || a == "-batch" || a == "-repro" {
			args[i] = "-" + a
		}
	}
	return args
}

// report prints an error for the person at the terminal and chooses the exit code.
func report(err error, errw io.Writer) int {
	var wrong usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFound):
		return exitProblem
	case errors.As(err, &wrong):
		fmt.Fprintln(errw, "fieldbot:", err)
		return exitUsage
	}
	fmt.Fprintln(errw, "fieldbot:", err)
	return exitProblem
}
