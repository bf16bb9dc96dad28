//go:build race

package chart_test

// raceEnabled: the race detector makes drawing several times slower.
const raceEnabled = true
