package bot

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"sync"
	"time"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/storage"
)

// formCache holds compiled forms: the versions that were asked for, since
// interviews keep theirs, and for a few seconds which ones are current.
type formCache struct {
	store   storage.Forms
	compile func(storage.FormVersion) (*flows.Form, error)
	now     func() time.Time

	mu       sync.Mutex
	compiled map[string]*flows.Form // by form id and hash
	unread   map[string]*Unread     // likewise
	current  []storage.FormVersion
	looked   time.Time
}

const (
	currentFor  = 3 * time.Second
	maxCompiled = 256 // of large forms some hundred megabytes
)

func (c *formCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.looked = time.Time{}
}

// version returns a compiled version.
func (c *formCache) version(ctx context.Context, id, hash string) (*flows.Form, error) {
	key := id + "\x00" + hash
	c.mu.Lock()
	f, u := c.compiled[key], c.unread[key]
	c.mu.Unlock()
	switch {
	case f != nil:
		return f, nil
	case u != nil:
		return nil, u
	}
	v, err := c.store.Version(ctx, id, hash)
	if err != nil {
		return nil, fmt.Errorf("load form: %w", err)
	}
	f, err = c.compile(v)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		if u = unreadIn(err); u != nil {
			if c.unread == nil {
				c.unread = map[string]*Unread{}
			}
			u.Version.Source, u.Version.Files = nil, nil
			c.unread[key] = u
		}
		return nil, fmt.Errorf("compile form %s: %w", id, err)
	}
	if c.compiled == nil {
		c.compiled = map[string]*flows.Form{}
	}
	for other := range c.compiled {
		if len(c.compiled) < maxCompiled {
			break
		}
		delete(c.compiled, other) // any: the ones in use are soon back
	}
	c.compiled[key] = f
	return f, nil
}

// published returns the current version of each form that is not retired.
func (c *formCache) published(ctx context.Context) ([]storage.FormVersion, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); c.looked.IsZero() || now.Sub(c.looked) > currentFor || now.Before(c.looked) {
		vs, err := c.store.Current(ctx)
		if err != nil {
			return nil, fmt.Errorf("list forms: %w", err)
		}
		c.current, c.looked = vs, now
	}
	return c.current, nil
}

// all returns the current forms, compiled. One that does not compile is left out.
func (c *formCache) all(ctx context.Context) ([]*flows.Form, error) {
	return c.each(ctx, func(*Unread) (*flows.Form, error) { return nil, nil })
}

// exported returns the current forms, with forms in the place of those that do not
// compile: they have what names a form, and nothing else.
func (c *formCache) exported(ctx context.Context) ([]*flows.Form, error) {
	return c.each(ctx, func(u *Unread) (*flows.Form, error) {
		f, _, err := standIn(ctx, &u.Version, nil)
		return f, err
	})
}

// each returns the current forms, compiled, with what instead gives for one that
// does not compile, if it is not nil.
func (c *formCache) each(ctx context.Context, instead func(*Unread) (*flows.Form, error)) ([]*flows.Form, error) {
	vs, err := c.published(ctx)
	if err != nil {
		return nil, err
	}
	var out []*flows.Form
	for _, v := range vs {
		f, err := c.version(ctx, v.FormID, v.Hash)
		if u := unreadIn(err); u != nil {
			f, err = instead(u)
		}
		if errors.Is(err, storage.ErrUnavailable) {
			return nil, err
		}
		if err == nil && f != nil {
			out = append(out, f)
		}
	}
	return out, nil
}

// find returns the current form that fits; nil if there is none.
func (c *formCache) find(ctx context.Context, fits func(storage.FormVersion) bool) (*flows.Form, error) {
	vs, err := c.published(ctx)
	if err != nil {
		return nil, err
	}
	for _, v := range vs {
		if fits(v) {
			return c.version(ctx, v.FormID, v.Hash)
		}
	}
	return nil, nil
}

// formKey is a short name of a form for callback_data.
func formKey(id string) string {
	h := fnv.New64a()
	h.Write([]byte(id))
	return strconv.FormatUint(h.Sum64(), 36)
}

// peopleCache remembers for some seconds who a person is, so that a turn need
// not ask the database. A suspension takes effect when it is forgotten.
type peopleCache struct {
	store storage.People
	now   func() time.Time

	mu    sync.Mutex
	known map[string]knownPerson
}

type knownPerson struct {
	person storage.Person
	until  time.Time
}

const knownFor = 10 * time.Second

// get returns a person; a citizen if there is no record, or a suspended one.
func (c *peopleCache) get(ctx context.Context, id string) (storage.Person, error) {
	now := c.now()
	c.mu.Lock()
	k, ok := c.known[id]
	c.mu.Unlock()
	if ok && now.Before(k.until) {
		return k.person, nil
	}
	p, err := c.store.Person(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		p, err = storage.Person{ID: id, Role: storage.Citizen}, nil
	}
	if err != nil {
		return p, fmt.Errorf("look up person: %w", err)
	}
	c.put(p)
	return p, nil
}

func (c *peopleCache) put(p storage.Person) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) > 20_000 {
		c.known = map[string]knownPerson{}
	}
	c.known[p.ID] = knownPerson{p, c.now().Add(knownFor)}
}
