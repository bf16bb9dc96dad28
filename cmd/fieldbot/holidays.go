package main

import (
	"fmt"
	"os"

	"example.org/fieldbot/bot/calendar"
)

// hours are when people may be reminded: in working hours, not on holidays.
func (c *config) hours() (calendar.Hours, error) {
	var h calendar.Hours
	if c.Holidays == "" {
		return h, nil
	}
	f, err := os.Open(c.Holidays)
	if err != nil {
		return h, usage("HOLIDAYS: %w", err)
	}
	defer f.Close()
	if h.Holidays, err = calendar.ReadHolidays(f); err != nil {
		return h, usageError{fmt.Errorf("HOLIDAYS: %s: %w", c.Holidays, err)}
	}
	return h, nil
}
