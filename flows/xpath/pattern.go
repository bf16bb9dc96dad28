package xpath

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
)

const (
	maxPattern  = 4 << 10 // bytes of a pattern
	maxProgram  = 20_000  // instructions after {n} is written out
	maxPatterns = 256     // kept compiled
)

// patterns keeps compiled patterns. It is emptied when full: a pattern that
// depends on answers must not make it grow for ever.
var patterns = struct {
	sync.RWMutex
	m map[string]*pattern
}{m: map[string]*pattern{}}

// A pattern is a compiled pattern that matches whole texts.
type pattern struct {
	*regexp.Regexp
	size int // instructions, about
}

// escapes finds what a backslash makes of the characters after it. Those by
// number are written as Java and JavaScript do.
var escapes = regexp.MustCompile(`(?s)\\u[0-9A-Fa-f]{4}|\\.`)

func cachedPattern(p string) *pattern {
	patterns.RLock()
	defer patterns.RUnlock()
	return patterns.m[p]
}

// compilePattern returns a pattern from the cache, or compiles it.
func compilePattern(p string) (*pattern, error) {
	if re := cachedPattern(p); re != nil {
		return re, nil
	}
	if len(p) > maxPattern {
		return nil, fmt.Errorf("pattern is longer than %d bytes", maxPattern)
	}
	source := escapes.ReplaceAllStringFunc(p, func(e string) string {
		if len(e) == len(`\u0000`) {
			return `\x{` + e[2:] + `}`
		}
		return e
	})
	tree, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("pattern cannot be used: %w", err)
	}
	size := programSize(tree)
	if size > maxProgram {
		return nil, fmt.Errorf("pattern repeats too much")
	}
	whole, err := regexp.Compile(`\A(?:` + source + `)\z`)
	if err != nil {
		return nil, fmt.Errorf("pattern cannot be used: %w", err)
	}
	re := &pattern{whole, size}
	patterns.Lock()
	defer patterns.Unlock()
	if len(patterns.m) >= maxPatterns {
		clear(patterns.m)
	}
	patterns.m[p] = re
	return re, nil
}

// programSize estimates the instructions a pattern compiles to.
func programSize(re *syntax.Regexp) int {
	n := 1 + len(re.Rune)
	for _, sub := range re.Sub {
		n += programSize(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1)
	}
	return min(n, 1<<30)
}

func patternHint(p string) string {
	switch {
	case strings.Contains(p, "(?=") || strings.Contains(p, "(?!") || strings.Contains(p, "(?<"):
		return "look-ahead and look-behind are not supported; use two conditions with and"
	case strings.ContainsAny(p, "\\") && strings.ContainsAny(p, "123456789"):
		return `references such as \1 are not supported`
	}
	return ""
}
