package flowtest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// parseLine reads one line of a conversation.
func parseLine(text string) (Line, error) {
	text = strings.TrimSpace(text)
	var l Line
	if strings.HasPrefix(text, "@") {
		name, rest, _ := strings.Cut(text[1:], " ")
		if name == "" {
			return l, fmt.Errorf("@ needs a name")
		}
		l.Person, text = name, strings.TrimSpace(rest)
		if text == "" {
			return l, fmt.Errorf("@%s does nothing", name)
		}
		if !strings.ContainsRune("><=~!#", rune(text[0])) {
			l.Step = Speaks{text}
			return l, nil
		}
	}
	if text == "" {
		l.Step = Remark{}
		return l, nil
	}
	rest := strings.TrimSpace(text[1:])
	var err error
	switch text[0] {
	case '#':
		l.Step = Remark{rest}
	case '>':
		l.Step, err = parseAct(rest)
	case '<':
		l.Step = parseSaid(rest)
	case '=':
		ref, value, _ := strings.Cut(rest, " ")
		if ref == "" {
			return l, fmt.Errorf("= needs a question")
		}
		l.Step = Value{ref, unescape(strings.TrimSpace(value))}
	case '~':
		l.Step, err = parseClock(rest)
	case '!':
		words := strings.Fields(rest)
		if len(words) == 0 {
			return l, fmt.Errorf("! needs a fault")
		}
		l.Step = Fault{words[0], words[1:]}
	default:
		return l, fmt.Errorf("a line begins with one of > < = ~ ! @ #, not %q", text)
	}
	return l, err
}

var tap = regexp.MustCompile(`^\[(.*)\](?:\s*@(\d+))?$`)

func parseAct(text string) (Step, error) {
	if text == "/start" || strings.HasPrefix(text, "/start ") {
		return Start{strings.TrimSpace(strings.TrimPrefix(text, "/start"))}, nil
	}
	if m := tap.FindStringSubmatch(text); m != nil {
		back := 0
		if m[2] != "" {
			back, _ = strconv.Atoi(m[2]) // the pattern lets only digits through
		}
		return Tap{strings.TrimSpace(m[1]), back}, nil
	}
	if strings.HasPrefix(text, "{") {
		return parseBraces(text)
	}
	return Say{unescape(text)}, nil
}

var quoted = regexp.MustCompile(`\s*"(.*)"\s*$`)

func parseBraces(text string) (Step, error) {
	inside, after, ok := strings.Cut(text[1:], "}")
	if !ok {
		return nil, fmt.Errorf("%s lacks }", text)
	}
	caption := ""
	if m := quoted.FindStringSubmatchIndex(inside); m != nil {
		caption = unescape(inside[m[2]:m[3]])
		inside = inside[:m[0]]
	}
	words := strings.Fields(inside)
	if len(words) == 0 {
		return nil, fmt.Errorf("{} is empty")
	}
	name, args := words[0], words[1:]
	after = strings.TrimSpace(after)
	if after != "" && name != "edit" && name != "reply" {
		return nil, fmt.Errorf("{%s} takes nothing behind it", name)
	}
	switch name {
	case "photo":
		return Photo{strings.Join(args, " "), caption}, nil
	case "document", "video", "audio", "sticker", "animation":
		return Document{name, strings.Join(args, " "), caption}, nil
	case "contact":
		return Contact{}, nil
	case "voice":
		length := time.Second
		if len(args) > 0 {
			var err error
			if length, err = time.ParseDuration(args[0]); err != nil {
				return nil, fmt.Errorf("write {voice 3s}, not %s", text)
			}
		}
		return Voice{length}, nil
	case "location":
		var v [3]float64
		for i, a := range args[:min(len(args), 3)] {
			x, err := strconv.ParseFloat(strings.TrimSuffix(a, ","), 64)
			if err != nil {
				return nil, fmt.Errorf("write {location 15.12 106.85}, not %s", text)
			}
			v[i] = x
		}
		if len(args) < 2 || len(args) > 3 {
			return nil, fmt.Errorf("write {location 15.12 106.85}, not %s", text)
		}
		return Location{v[0], v[1], v[2]}, nil
	case "album":
		return Album{args, caption}, nil
	case "edit", "reply", "forward":
		back := 1
		if len(args) > 0 {
			var err error
			if back, err = strconv.Atoi(args[0]); err != nil || back < 1 {
				return nil, fmt.Errorf("write {%s 1}, not %s", name, text)
			}
		}
		switch name {
		case "reply":
			return Reply{back, unescape(after)}, nil
		case "forward":
			return Forward{back}, nil
		}
		return Edit{back, unescape(after)}, nil
	}
	return nil, fmt.Errorf("nothing is called {%s}", name)
}

// parseSaid reads what the bot says: buttons if the whole line is buttons.
func parseSaid(text string) Step {
	if rows, ok := parseButtons(text); ok {
		return BotButtons{rows}
	}
	return BotText{strings.TrimSpace(strings.TrimPrefix(text, `\`))}
}

// parseButtons reads "[A] [B] / [C]". A label may hold balanced brackets.
func parseButtons(text string) ([][]string, bool) {
	if !strings.HasPrefix(text, "[") {
		return nil, false
	}
	rows := [][]string{nil}
	for text != "" {
		switch {
		case text[0] == ' ' || text[0] == '\t':
			text = text[1:]
		case text[0] == '/':
			rows = append(rows, nil)
			text = text[1:]
		case text[0] == '[':
			n := closing(text)
			if n < 0 {
				return nil, false
			}
			last := &rows[len(rows)-1]
			*last = append(*last, strings.TrimSpace(text[1:n]))
			text = text[n+1:]
		case strings.HasPrefix(text, "…"):
			last := &rows[len(rows)-1]
			*last = append(*last, "…")
			text = text[len("…"):]
		default:
			return nil, false
		}
	}
	return rows, true
}

// closing finds the bracket that closes the one at the beginning.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

var units = map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}

func parseClock(text string) (Step, error) {
	if s, ok := strings.CutPrefix(text, "+"); ok {
		var sum time.Duration
		for s != "" {
			i := strings.IndexAny(s, "smhdw")
			if i < 1 {
				return nil, fmt.Errorf("write ~ +2d or ~ +1h30m, not ~ %s", text)
			}
			n, err := strconv.Atoi(s[:i])
			if err != nil {
				return nil, fmt.Errorf("write ~ +2d or ~ +1h30m, not ~ %s", text)
			}
			sum += time.Duration(n) * units[s[i]]
			s = s[i+1:]
		}
		return Clock{Add: sum}, nil
	}
	if _, err := time.Parse(clockLayout, text); err != nil {
		return nil, fmt.Errorf("write ~ +2d or ~ %s, not ~ %s", clockLayout, text)
	}
	return Clock{To: text}, nil
}

func unescape(s string) string { return strings.ReplaceAll(s, `\n`, "\n") }

func escape(s string) string { return strings.ReplaceAll(s, "\n", `\n`) }

// String writes the line as it stands in a file.
func (l Line) String() string {
	s := written(l.Step)
	if l.Person == "" {
		return s
	}
	if s == "" {
		s = "#" // an empty remark, which alone is an empty line
	}
	return "@" + l.Person + " " + s
}

func written(s Step) string {
	switch s := s.(type) {
	case Say:
		return "> " + escape(s.Text)
	case Start:
		return strings.TrimSpace("> /start " + s.Payload)
	case Tap:
		if s.Back > 0 {
			return fmt.Sprintf("> [%s] @%d", s.Label, s.Back)
		}
		return "> [" + s.Label + "]"
	case Photo:
		return media("photo", s.File, s.Caption)
	case Document:
		return media(s.Kind, s.File, s.Caption)
	case Voice:
		return "> {voice " + s.Length.String() + "}"
	case Location:
		text := fmt.Sprintf("> {location %v %v", s.Lat, s.Lon)
		if s.Accuracy != 0 {
			text += fmt.Sprintf(" %v", s.Accuracy)
		}
		return text + "}"
	case Contact:
		return "> {contact}"
	case Edit:
		return fmt.Sprintf("> {edit %d} %s", s.Back, escape(s.Text))
	case Reply:
		return fmt.Sprintf("> {reply %d} %s", s.Back, escape(s.Text))
	case Forward:
		return fmt.Sprintf("> {forward %d}", s.Back)
	case Album:
		return media("album", strings.Join(s.Files, " "), s.Caption)
	case BotText:
		if _, buttons := parseButtons(s.Text); buttons || strings.HasPrefix(s.Text, `\`) {
			return `< \` + s.Text
		}
		return "< " + s.Text
	case BotButtons:
		return "< " + writeButtons(s.Rows)
	case Value:
		return strings.TrimSpace("= " + s.Ref + " " + escape(s.Value))
	case Clock:
		if s.To != "" {
			return "~ " + s.To
		}
		return "~ +" + writeDuration(s.Add)
	case Fault:
		return strings.Join(append([]string{"!", s.Name}, s.Args...), " ")
	case Speaks:
		return s.Language
	case Remark:
		if s.Text == "" {
			return ""
		}
		return "# " + s.Text
	case verbatim:
		return s.text
	}
	return ""
}

func media(kind, file, caption string) string {
	s := "> {" + strings.TrimSpace(kind+" "+file)
	if caption != "" {
		s += ` "` + escape(caption) + `"`
	}
	return s + "}"
}

func writeButtons(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		if i > 0 {
			b.WriteString(" / ")
		}
		for j, label := range row {
			if j > 0 {
				b.WriteByte(' ')
			}
			if label == "…" {
				b.WriteString(label)
				continue
			}
			b.WriteString("[" + label + "]")
		}
	}
	return b.String()
}

func writeDuration(d time.Duration) string {
	if d == 0 {
		return "0s"
	}
	var b strings.Builder
	for _, u := range "wdhms" {
		unit := units[byte(u)]
		if n := d / unit; n > 0 {
			fmt.Fprintf(&b, "%d%c", n, u)
			d -= n * unit
		}
	}
	return b.String()
}
