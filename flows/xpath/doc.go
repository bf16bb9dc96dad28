// Package xpath is the expression language of XLSForm: XPath 1.0 with the
// functions of ODK XForms (https://getodk.github.io/xforms-spec/) and the ${name}
// references of XLSForm. An expression is parsed once and evaluated many times,
// by many goroutines if need be; what it may ask of the world is an Env.
//
// Where the engines of ODK disagree, this one does what an author would expect
// of an interview:
//
//   - An unanswered question is the empty text. A bare ${n} is true if its value
//     is: a number other than 0, a boolean calculation that is true, any other
//     text that is not blank.
//   - A set of nodes compared with a value is true if one of its nodes is.
//   - sum, min and max leave blanks out.
//   - regex must match the whole text. Patterns are those of package regexp.
//   - A date counts as days since 1970-01-01 on the calendar of the respondent,
//     so that it is a whole number in every time zone; so does a text in the
//     form of a date where a number is needed. Only decimal-date-time counts
//     from midnight UTC.
//   - Halves are rounded away from zero.
//
// Every step of an evaluation is taken off a budget, and so is every long text
// it handles, so that no expression can hang the program or fill its memory.
package xpath
