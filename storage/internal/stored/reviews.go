package stored

import "example.org/fieldbot/storage"

// States sorts steps by their submission.
func States(list []storage.Step) map[string]storage.Step {
	m := make(map[string]storage.Step, len(list))
	for _, s := range list {
		m[s.Submission] = s
	}
	return m
}
