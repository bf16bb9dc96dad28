// Package xpath is the expression language of XLSForm: XPath 1.0 with the
// functions of ODK XForms (https://getodk.github.io/xforms-spec/) and the ${name}
// references of XLSForm. An expression is parsed once and evaluated many times,
// by many goroutines if need be; what it may ask of the world is an Env.
package xpath
