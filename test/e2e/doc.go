// Package e2e runs the real programs and plays with clients that know nothing of
// their code.
package e2e
