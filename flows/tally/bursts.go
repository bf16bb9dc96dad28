package tally

import (
	"cmp"
	"slices"
	"time"
)

// What a burst is.
const (
	burstOf     = 10
	burstWithin = 10 * time.Minute
)

// A Burst is a time in which ten or more submissions came within every ten
// minutes by one link, as when somebody answers again and again at a counter. A
// workshop looks the same, so it is told of the link, for a person to look at,
// and flags none of the submissions.
type Burst struct {
	Link        string // its id
	N           int    // submissions
	First, Last time.Time
}

// Bursts finds bursts among submissions that it is given in the order in which
// they were received. The zero one is ready.
type Bursts struct {
	links map[string]*linkRun
	over  []Burst
}

// A linkRun is the newest submissions of a link, at most burstOf, and the burst
// that they go on with.
type linkRun struct {
	times []time.Time
	burst *Burst
}

// Add takes in the next submission; one without a link is passed over.
func (b *Bursts) Add(link string, received time.Time) {
	if link == "" {
		return
	}
	if b.links == nil {
		b.links = map[string]*linkRun{}
	}
	r := b.links[link]
	if r == nil {
		r = new(linkRun)
		b.links[link] = r
	}
	if len(r.times) == burstOf {
		r.times = slices.Delete(r.times, 0, 1)
	}
	r.times = append(r.times, received)
	switch first := r.times[0]; {
	case len(r.times) < burstOf || received.Sub(first) > burstWithin:
		b.end(r)
	case r.burst == nil:
		r.burst = &Burst{link, burstOf, first, received}
	default:
		r.burst.N++
		r.burst.Last = received
	}
}

func (b *Bursts) end(r *linkRun) {
	if r.burst != nil {
		b.over = append(b.over, *r.burst)
		r.burst = nil
		r.times = slices.Delete(r.times, 0, len(r.times)-1) // they are in one burst, not in two
	}
}

// List is what was found so far, the earliest first.
func (b *Bursts) List() []Burst {
	all := slices.Clone(b.over)
	for _, r := range b.links {
		if r.burst != nil {
			all = append(all, *r.burst)
		}
	}
	slices.SortFunc(all, func(x, y Burst) int { return cmp.Or(x.First.Compare(y.First), cmp.Compare(x.Link, y.Link)) })
	return all
}
