// Package bench measures what a turn costs, beside a handler written by hand.
//
// Both run as processes of their own against the same Redis and Postgres, and
// against a Bot API that only counts (api.go). The load (load.go) is a crowd of
// respondents who answer whatever question comes, through the webhook. The
// floor (floor.go) is the least that such a bot can do: one Redis round trip an
// update, one row at the end, the same calls to the Bot API.
package bench
