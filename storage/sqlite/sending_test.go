package sqlite_test

import (
	"testing"

	"example.org/fieldbot/storage"
	"example.org/fieldbot/storage/storagetest"
)

func TestLeases(t *testing.T) {
	storagetest.Leases(t, func(t *testing.T) storage.Leases { return open(t) })
}

func TestBroadcasts(t *testing.T) {
	storagetest.Broadcasts(t, func(t *testing.T) storage.Broadcasts { return open(t) })
}
