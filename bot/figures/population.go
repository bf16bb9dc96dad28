package figures

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
)

func stratum(district, sex string) string { return district + "/" + sex }

// Population reads the table that a form's setting "population" names: an
// attached csv file with the columns district, sex and people, the first two as
// the choices of the form are named. Nil if the form names none.
func Population(f *flows.Form, files map[string][]byte) (tally.Population, error) {
	name := f.Settings.Extra["population"]
	if name == "" {
		return nil, nil
	}
	data, ok := files[name]
	if !ok {
		return nil, fmt.Errorf("form %s: the population table %s is not attached", f.ID, name)
	}
	return ReadPopulation(name, data)
}

// ReadPopulation reads a population table.
func ReadPopulation(name string, data []byte) (tally.Population, error) {
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff")))).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s is empty; it needs the columns district, sex and people", name)
	}
	column := func(key string) int {
		return slices.IndexFunc(rows[0], func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), key) })
	}
	district, sex, people := column("district"), column("sex"), column("people")
	if district < 0 || sex < 0 || people < 0 {
		return nil, fmt.Errorf("%s:1: there must be the columns district, sex and people", name)
	}
	pop := tally.Population{}
	for i, row := range rows[1:] {
		n, err := strconv.ParseFloat(strings.TrimSpace(row[people]), 64)
		if err != nil || !(n >= 0 && n < 1e12) {
			return nil, fmt.Errorf("%s:%d: people cannot be %q", name, i+2, row[people])
		}
		pop[stratum(strings.TrimSpace(row[district]), strings.TrimSpace(row[sex]))] += n
	}
	return pop, nil
}
