package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"example.org/fieldbot/bot"
	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/postgres"
	"example.org/fieldbot/storage/redis"
	"example.org/fieldbot/storage/sqlite"
)

// stores are the two kinds of store that the bot runs on. On SQLite both are
// the same file.
type stores struct {
	storage.Sessions
	storage.Results
	close func()

	copied *storage.Checkpointed // Sessions, if they are copied beside the results; else nil
}

// reachable reports whether both can be reached now, by reading from each.
func (s *stores) reachable(ctx context.Context) error {
	_, err := s.Load(ctx, "ready")
	if err == nil {
		_, err = s.Current(ctx)
	}
	return err
}

// open opens the stores that the configuration asks for, and brings their
// schema up to date.
func (c *config) open(ctx context.Context) (*stores, error) {
	if err := c.checkStores(); err != nil {
		return nil, err
	}
	if c.DatabaseURL == "" {
		return openSQLite(ctx, c.DataDir)
	}
	return openServers(ctx, c.DatabaseURL, c.RedisURL)
}

func openSQLite(ctx context.Context, dir string) (*stores, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("DATA_DIR: %w", err)
	}
	db, err := sqlite.Open(ctx, filepath.Join(dir, "fieldbot.db"))
	if err != nil {
		return nil, fmt.Errorf("open SQLite file in DATA_DIR: %w", err)
	}
	return &stores{Sessions: db, Results: db, close: func() { db.Close() }}, nil
}

func openServers(ctx context.Context, databaseURL, redisURL string) (*stores, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	results, err := postgres.Open(ctx, databaseURL)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	sessions, err := redis.Open(ctx, redis.Options{URL: redisURL, Keep: bot.SessionDays * 24 * time.Hour})
	if err != nil {
		results.Close()
		return nil, fmt.Errorf("REDIS_URL: %w", err)
	}
	copied := &storage.Checkpointed{Sessions: sessions, Copies: results}
	return &stores{Sessions: copied, Results: results, copied: copied, close: func() { sessions.Close(); results.Close() }}, nil
}

// connectTime bounds connecting and migrating at start.
const connectTime = time.Minute
