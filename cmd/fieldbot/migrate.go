package main

// migrateCmd brings the schema up to date, which opening the stores does.
type migrateCmd struct{ config }

func (c *migrateCmd) Run(t *console) error {
	s, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.close()
	t.printf("the schema is up to date\n")
	return nil
}
