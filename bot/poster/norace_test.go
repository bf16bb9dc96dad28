//go:build !race

package poster_test

const raceEnabled = false
