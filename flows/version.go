package flows

// ShortHash is how many letters of a hash are enough for a person to tell one
// version of a form from another.
const ShortHash = 8

// VersionName is what a version of a form is called: as its author does; by the
// beginning of its hash if the author gave no name; by both if another version is
// a twin, called the same.
func VersionName(version, hash string, twin bool) string {
	hash = hash[:min(ShortHash, len(hash))]
	switch {
	case version == "":
		return hash
	case twin:
		return version + " (" + hash + ")"
	}
	return version
}
