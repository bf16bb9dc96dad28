package flows

// Partial gives what was answered so far, without the checks of Finish: of an
// interview that its respondent left. Required questions may have no answer.
func (in *Instance) Partial() *Submission {
	in.budget = budgetStart
	s := &Submission{
		ID: in.id, FormID: in.form.ID, Version: in.form.Version, Hash: in.form.Hash,
		Language: in.form.Languages[in.lang].Name, Started: in.started, Finished: in.now(),
	}
	if in.form.name != nil {
		s.InstanceName = in.compute(in.form.name, in.form.Root, in.root)
	}
	s.Data = in.record(in.form.Root, in.root)
	return s
}
