package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Idle lets the crowd answer a form, each up to its last question, and tells how
// many bytes each of them then takes in Redis, and how many questions that were.
// The load's Start begins the form.
func Idle(ctx context.Context, l *Load, url string) (sizes []int64, questions int, err error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, 0, fmt.Errorf("redis: %w", err)
	}
	c := redis.NewClient(options)
	defer c.Close()
	before, err := keys(ctx, c)
	if err != nil {
		return nil, 0, err
	}
	l.client = &http.Client{Timeout: 30 * time.Second}
	var wg sync.WaitGroup
	answered := make([]int, l.Crowd)
	failed := make([]error, l.Crowd)
	for i := range l.Crowd {
		wg.Go(func() { answered[i], failed[i] = (&respondent{load: l}).almost(ctx) })
	}
	wg.Wait()
	if err := errors.Join(failed...); err != nil {
		return nil, 0, err
	}
	time.Sleep(settled)
	after, err := keys(ctx, c)
	if err != nil {
		return nil, 0, err
	}
	for key := range after {
		if before[key] {
			continue
		}
		if kind, err := c.Type(ctx, key).Result(); err != nil || kind != "string" {
			continue // what lists the sessions of a shard that wait
		}
		n, err := c.MemoryUsage(ctx, key).Result()
		if err != nil {
			return nil, 0, fmt.Errorf("redis: %w", err)
		}
		sizes = append(sizes, n)
	}
	if len(sizes) == 0 {
		return nil, 0, errors.New("no interview is in Redis")
	}
	return sizes, answered[0], nil
}

// settled is when the bot has struck off what was sent.
const settled = 3 * time.Second

func keys(ctx context.Context, c *redis.Client) (map[string]bool, error) {
	all := map[string]bool{}
	scan := c.Scan(ctx, 0, "*", 1000).Iterator()
	for scan.Next(ctx) {
		all[scan.Val()] = true
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	return all, nil
}

// progress is how the bot heads a question: 3/12.
var progress = regexp.MustCompile(`^(\d+)/(\d+)`)

// almost answers up to the last question: with the first choice, or a number
// that is as good for an age as for a text.
func (p *respondent) almost(ctx context.Context) (answered int, err error) {
	chat := 1_000_000 + p.load.IDs.Add(1)
	p.settle(ctx, chat, p.load.Start)
	at, total := -1, 0
	for range 200 {
		last := at
		for _, text := range []string{"1", "25"} {
			if now, of := p.settle(ctx, chat, text); now > last {
				at, total = now, of
				break
			}
		}
		if at == last || total > 0 && at >= total-1 {
			break
		}
	}
	if total == 0 || at < total*3/4 {
		return at, fmt.Errorf("a respondent is stuck at question %d of %d", at, total)
	}
	return at, nil
}

// settle says something and waits until the bot has said all it has to say. It
// tells at which question that leaves the respondent.
func (p *respondent) settle(ctx context.Context, chat int64, text string) (at, of int) {
	req, err := p.request(p.message(chat, text))
	if err != nil || p.acknowledged(req) != nil {
		return -1, 0
	}
	at = -1
	for {
		select {
		case asked := <-p.load.API.Chat(chat):
			if m := progress.FindStringSubmatch(asked.Text); m != nil {
				at, _ = strconv.Atoi(m[1])
				of, _ = strconv.Atoi(m[2])
			}
		case <-time.After(300 * time.Millisecond):
			return at, of
		case <-ctx.Done():
			return -1, 0
		}
	}
}
