// Package flows turns a form into submissions, without network, database, clock
// or Telegram.
//
// A workbook is read by package xlsform into a Definition; Compile makes an
// immutable Form of it, or lists all its Problems. Form.Start begins an
// Instance, which is only answers and a cursor: Prompt says what to ask, Answer
// takes an Input, Finish gives the Submission. Encode and Form.Resume keep it
// between two messages.
//
// What the engine has to say it says with data (Prompt, AnswerError,
// Submission); words belong to the form and to package locales.
package flows
