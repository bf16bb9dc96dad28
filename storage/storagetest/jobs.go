package storagetest

import (
	"testing"

	"example.org/fieldbot/storage"
)

// Jobs exercises an implementation of storage.Jobs.
func Jobs(t *testing.T, open func(t *testing.T) storage.Jobs) {}
