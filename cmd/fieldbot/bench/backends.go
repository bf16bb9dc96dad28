package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

// Backends are what a contender that is not the bot keeps its survey in.
type Backends struct {
	Redis    string
	Postgres string

	redis *redis.Client
	rows  *pgxpool.Pool
}

func (b *Backends) open(ctx context.Context) error {
	options, err := redis.ParseURL(b.Redis)
	if err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	b.redis = redis.NewClient(options)
	if b.rows, err = pgxpool.New(ctx, b.Postgres); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	if _, err := b.rows.Exec(ctx, `create table if not exists bench_answers (id bigserial primary key, chat bigint, data jsonb)`); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	return nil
}

func (b *Backends) close() {
	b.redis.Close()
	b.rows.Close()
}

// keep stores what somebody answered: one row.
func (b *Backends) keep(ctx context.Context, chat int64, answers any) error {
	data, err := json.Marshal(answers)
	if err != nil {
		return err
	}
	_, err = b.rows.Exec(ctx, `insert into bench_answers (chat, data) values ($1, $2)`, chat, string(data))
	return err
}

// listen serves a webhook until ctx ends.
func listen(ctx context.Context, addr string, webhook http.HandlerFunc) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /", webhook)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
