package flows

// Limits that keep any form, message or answer from hurting others. They are
// far above what real forms use (docs/xlsform.md has the figures).
const (
	MaxNodes       = 20_000  // rows of the survey sheet
	MaxChoices     = 500_000 // rows of all lists and attached tables
	MaxDepth       = 40      // groups within groups
	MaxInstances   = 1_000   // containers of one repeat
	MaxContainers  = 5_000   // containers of all repeats of an instance
	MaxAnswer      = 20_000  // bytes of one answer
	MaxEncoded     = 1 << 20 // bytes of an encoded instance
	MaxExpression  = 64 << 10
	MaxExpressions = 2 << 20 // bytes of all expressions of a form
	maxHeld        = 3 << 18 // bytes that answers of an instance take, so that it can be encoded
	maxPasses      = 40      // evaluations of one property in one recalculation
	maxTriggerHops = 50
	budgetTurn     = 5_000_000 // evaluation steps one answer may cost
	budgetStart    = 5_000_000
)
