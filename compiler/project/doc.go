// Package project reads a project's YAML into a Project, in which every value knows its place. It resolves no name and parses
// no expression; it is the only importer of yaml.v3.
package project
