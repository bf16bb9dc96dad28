package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"example.org/fieldbot/storage/storagetest/servers"
)

// packages are what Debian calls the servers.
var packages = []string{"redis-server", "postgresql"}

// errInstall tells a person what to do where this program may not.
var errInstall = errors.New("Redis and Postgres are needed and not installed. Run:\n\n" +
	"\tsudo apt-get update && sudo apt-get install -y " + strings.Join(packages, " ") + "\n\n" +
	"or put redis-server, postgres and initdb into PATH by other means, or name running servers in " +
	servers.RedisVar + " and " + servers.PostgresVar)

// install gets the servers: as root by installing packages, otherwise by
// unpacking them into the user's cache folder.
func install(ctx context.Context, log io.Writer) error {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return errInstall
	}
	fmt.Fprintln(log, "testenv: installing", strings.Join(packages, ", "))
	get := unpack
	if os.Getuid() == 0 {
		get = apt
	}
	if err := get(ctx, log); err != nil {
		return fmt.Errorf("%w\n\n(tried it: %w)", errInstall, err)
	}
	return nil
}

func apt(ctx context.Context, log io.Writer) error {
	if err := command(ctx, log, "apt-get", "update", "-q"); err != nil {
		return err
	}
	return command(ctx, log, "apt-get", append([]string{"install", "-y", "-q", "--no-install-recommends"}, packages...)...)
}

// unpack downloads the packages and what they lack, and puts their programs
// into PATH and their libraries where the loader looks.
func unpack(ctx context.Context, log io.Writer) error {
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	dir := filepath.Join(cache, "fieldbot-testenv")
	debs, root := filepath.Join(dir, "debs"), filepath.Join(dir, "root")
	if err := os.MkdirAll(filepath.Join(debs, "partial"), 0o755); err != nil {
		return err
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	args := []string{"-o", "Debug::NoLocking=true", "-o", "Dir::Cache::archives=" + debs,
		"--download-only", "--no-install-recommends", "-y", "-q", "install"}
	if err := command(ctx, log, "apt-get", append(args, packages...)...); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(debs, "*.deb"))
	if err != nil {
		return err
	}
	for _, deb := range files {
		if err := command(ctx, log, "dpkg-deb", "-x", deb, root); err != nil {
			return err
		}
	}
	libs, err := filepath.Glob(filepath.Join(root, "usr/lib/*-linux-gnu*"))
	if err != nil {
		return err
	}
	bins, err := filepath.Glob(filepath.Join(root, "usr/lib/postgresql/*/bin"))
	if err != nil {
		return err
	}
	prepend("LD_LIBRARY_PATH", libs)
	prepend("PATH", append(bins, filepath.Join(root, "usr/bin")))
	return nil
}

// prepend puts folders before those of an environment variable.
func prepend(variable string, dirs []string) {
	if old := os.Getenv(variable); old != "" {
		dirs = append(dirs, old)
	}
	_ = os.Setenv(variable, strings.Join(dirs, string(filepath.ListSeparator))) // fails for no name of ours
}

func command(ctx context.Context, log io.Writer, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
