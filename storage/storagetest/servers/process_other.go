//go:build !linux

package servers

import (
	"os"
	"os/exec"
)

func unprivileged(*exec.Cmd) {}

func dataDir(name string) (string, error) { return os.MkdirTemp("", "fieldbot-"+name+"-") }

func kill(p *os.Process) { _ = p.Kill() }
