//go:build race

package poster_test

// raceEnabled: the race detector makes drawing several times slower.
const raceEnabled = true
