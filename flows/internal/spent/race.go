//go:build race

package spent

const slower = 10
