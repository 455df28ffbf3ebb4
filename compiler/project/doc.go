// Package project reads a project's YAML into a Project, in which every value knows its place. It resolves no name and parses
// no expression; it is the only importer of yaml.v3.
//
//	files ── parse ─▶ yaml.Node ── decoder, one read_ file for each kind of declaration ─▶ Project
//
// A document is walked as pairs of nodes (pairs) and never decoded into Go's maps, so that order and places are kept. For each mapping
// a read_ file lists its keys with a function that reads the value and stores it with its place (decode, values); a key that is not
// listed is refused, with the nearest that is. What one file says twice or against itself is found here (duplicates, check_experiment);
// what takes another file to see is for package model.
//
// Places are bytes of the file: source finds a node's, scalar each byte of a scalar's value, whatever way YAML quotes or folds it, and
// yamlerror where a file that is no YAML goes wrong. Jinja's var and env_var are filled in before anything else reads a value (render).
//
// Beside the YAML of a project stand its catalog of columns (catalog) and the profiles of connections (profiles), whose secrets print
// as nothing (secret).
package project
