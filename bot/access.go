package bot

// mayGoOn reports whether the person may still fill in the form of an interview
// that is open: who was suspended, or left the post, may not finish a draft.
// Then that is said; the draft stays, for a successor.
func (t *turn) mayGoOn(iv *interview) (bool, error) {
	audience := iv.form.Settings.Audience
	if mayUse("form", audience, Roles[0]) {
		return true, nil // anybody may: nobody need be looked up
	}
	who, err := t.who()
	if err != nil {
		return false, err
	}
	if mayFill(audience, who.Role) {
		return true, nil
	}
	t.say("form.unknown", nil)
	return false, nil
}
