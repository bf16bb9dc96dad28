package postgres_test

import (
	"testing"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/storagetest"
	"example.org/fieldbot/storage/storagetest/servers"
)

func TestLeases(t *testing.T) {
	storagetest.Leases(t, func(t *testing.T) storage.Leases {
		return open(t, servers.Database(t, "fieldbot", migrated))
	})
}

func TestBroadcasts(t *testing.T) {
	storagetest.Broadcasts(t, func(t *testing.T) storage.Broadcasts {
		return open(t, servers.Database(t, "fieldbot", migrated))
	})
}
