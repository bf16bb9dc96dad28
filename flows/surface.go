//go:build !engine

package flows

import (
	"time"
)

type (
	expr     struct{}
	prop     struct{}
	scope    struct{}
	table    struct{}
	template struct{ raw string }
)

func (t Text) In(lang int) string                                { return "" }
func (t Text) Has(lang int) bool                                 { return false }
func (t Text) Empty() bool                                       { return true }
func NewText(s string) Text                                      { return Text{} }
func Compile(d *Definition) (*Form, error)                       { return nil, Problems{} }
func Hash(d *Definition) string                                  { return "" }
func (f *Form) MissingTranslations() Problems                    { return nil }
func (f *Form) Start(w World, o StartOptions) (*Instance, error) { return nil, nil }
func (f *Form) Resume(w World, data []byte) (*Instance, error)   { return nil, nil }
func (f *Form) Open(w World, s *Submission) (*Instance, error)   { return nil, nil }

type Instance struct{}

func (in *Instance) Encode() []byte                       { return nil }
func (in *Instance) Form() *Form                          { return nil }
func (in *Instance) ID() string                           { return "" }
func (in *Instance) Started() time.Time                   { return time.Time{} }
func (in *Instance) Language() int                        { return 0 }
func (in *Instance) SetLanguage(lang int)                 {}
func (in *Instance) Prompt() *Prompt                      { return nil }
func (in *Instance) Answer(at Position, x Input) error    { return nil }
func (in *Instance) Toggle(at Position, choice int) error { return nil }
func (in *Instance) Back() bool                           { return false }
func (in *Instance) Goto(at Position) bool                { return false }
func (in *Instance) Answers() []Answered                  { return nil }
func (in *Instance) AddRepeat(ref string) error           { return nil }
func (in *Instance) RemoveRepeat(ref string) error        { return nil }
func (in *Instance) Check() (Position, *AnswerError)      { return Position{}, nil }
func (in *Instance) Finish() (*Submission, error)         { return nil, nil }
func (in *Instance) Value(ref string) (string, bool)      { return "", false }
func (in *Instance) Find(ref string) (Position, bool)     { return Position{}, false }
func (in *Instance) Set(ref, value string) error          { return nil }
func (in *Instance) State() *State                        { return nil }
func (e *Expression) Number(in *Instance) float64         { return 0 }
func (e *Expression) Text(in *Instance) string            { return "" }
func (e *Expression) Bool(in *Instance) bool              { return false }

type Expression struct{ Source string }
